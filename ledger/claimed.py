"""An invoice as a claim: only the columns that its facts are gathered from."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ledger.tables import InvoiceRow, Json


@dataclass(frozen=True, slots=True)
class Claimed:
    """These columns of an invoice: reading thousands of whole ones, drafts and all, takes ten times as long.

    `draft` has the customer's kind and nothing else.
    """

    id: int
    client: str
    marker: str
    number: str | None
    customer_key: str
    stage: str
    issue_date: date
    due_date: date | None
    gross: Decimal
    open_amount: Decimal
    is_voided: bool
    payment_read_at: datetime | None
    sent_at: datetime | None
    draft: Json


Claim = InvoiceRow | Claimed
