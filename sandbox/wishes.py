"""The bodies of control requests."""

import datetime
from decimal import Decimal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Wish):
    """How far the clock is moved; days are calendar days in Europe/Berlin."""

    days: int = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0


class ClockStep(_Wish):
    """Either `now` (an aware instant) or `advance`."""

    now: AwareDatetime | None = None
    advance: Step = Step()


class NewPayment(_Wish):
    """A payment; without `amount` the whole open amount, without `date` today."""

    voucherId: str  # noqa: N815 - the API's spelling
    amount: Decimal | None = Field(default=None, gt=0)
    date: datetime.date | None = None
    type: str = "manualPayment"


class Rate(_Wish):
    """The token bucket; `retry_after` is the header sent with 429, None for no header; rate 0 is no limit."""

    rate: float = Field(default=2, ge=0)
    burst: float = Field(default=4, ge=1)
    retry_after: str | None = None


class IndexLag(_Wish):
    """How many real seconds the lists lag behind writes."""

    seconds: float = Field(ge=0)


class SettingsChange(_Wish):
    """Changes of what is not established about the real API."""

    parent_lists_children: bool = True
    refuse_second_pursue: bool = False
    open_amount_as_string: bool = False
    probe_callbacks: bool = False
    https_callbacks_only: bool = True
