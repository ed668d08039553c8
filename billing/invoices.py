"""Drafts and invoices: what will be, and what has been, put in front of a customer."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from billing.jobs import Discount, Line, PriceMode, TaxCase, Terms
from billing.parties import Customer
from billing.vat import Totals


class Channel(StrEnum):
    """How documents reach the customer. `NONE`: the document is made and archived, a person hands it over."""

    MAIL = "mail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice before it has a number: everything but what the accounting system decides.

    `marker` is our key inside the document; `order_number` BT-14; `performed_*` BT-72 to BT-74; `issue_date` BT-2.
    """

    marker: str
    customer: Customer
    lines: tuple[Line, ...]
    totals: Totals
    terms: Terms
    issue_date: date
    performed_from: date
    performed_until: date
    channel: Channel = Channel.MAIL
    price_mode: PriceMode = PriceMode.NET
    tax_case: TaxCase = TaxCase.STANDARD
    discount: Discount = field(default_factory=Discount)
    source_id: str = ""
    order_id: str = ""
    order_number: str = ""
    title: str = ""
    introduction: str = ""
    remark: str = ""
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Invoice:
    """An issued invoice (BT-3 code 380): the draft with the number (BT-1) and due date (BT-9) it was given."""

    number: str
    due_date: date
    draft: Draft
