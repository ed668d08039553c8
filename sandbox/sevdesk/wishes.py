"""The bodies of control requests about sevDesk."""

import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewPayment(_Wish):
    """A transfer booked by hand; without `amount` all that is open, without `date` today."""

    invoice_id: int
    amount: Decimal | None = Field(default=None, gt=0)
    date: datetime.date | None = None


class BankLine(_Wish):
    """A line the bank feed brings, not booked; without `check_account_id` on the first online account."""

    amount: Decimal
    purpose: str = ""
    payer: str = ""
    date: datetime.date | None = None
    check_account_id: int | None = None


class Deed(_Wish):
    """What a person does in the app to the record with this id."""

    id: int
    change: dict[str, Any] = {}


class SettingsChange(_Wish):
    """Changes of what is not established about the real API, or differs between accounts."""

    bookkeeping_version: Literal["1.0", "2.0"] = "2.0"
    specified_answers: bool = False
    total_as_number: bool = False
    missing_status: Literal[400, 404] = 404
    map_old_tax_types: bool = False
    delivery_date_rule: Literal["not-later", "later", "none"] = "not-later"
    number_on_send: bool = True
    refuse_second_invoice: bool = False
    origin_marks_order: bool = False
    cancelled_becomes_paid: bool = True
    partial_stays_open: bool = False
    tagging_touches: bool = False
    ignored_filters: tuple[str, ...] = ()
