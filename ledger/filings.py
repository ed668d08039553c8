"""What of the documents that were sent has not been planned for the filing yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.effects import REMINDERS, Kind, State
from ledger.invoices import SENT
from ledger.tables import DocumentRow, EffectRow, InvoiceRow

AT_ONCE = 500
"""So many are planned in one run; the rest follows in the next."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A document that left the house, or stands in the customer's hands, and the invoice it belongs to."""

    invoice_id: int
    kind: str
    sha256: str
    key: str
    number: str
    customer: str
    issued_on: date
    kept_on: date


def unplanned(session: Session, client: str, kinds: Sequence[str], since: date | None, reminders: bool) -> list[Sent]:
    """Documents of those kinds of sent invoices, and the mails and letters of reminders that left, oldest first."""
    planned, mailed = aliased(EffectRow), aliased(EffectRow)
    key = InvoiceRow.marker + "/" + DocumentRow.kind
    is_mailed = exists().where(
        mailed.client == client, mailed.kind.in_(REMINDERS), mailed.key == key, mailed.state == State.DONE
    )
    wanted = [and_(DocumentRow.kind.in_(kinds), InvoiceRow.stage == SENT)]
    if reminders:
        wanted.append(and_(DocumentRow.kind.startswith("reminder-"), is_mailed))
    query = (
        select(DocumentRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == DocumentRow.invoice_id)
        .where(
            DocumentRow.client == client,
            or_(*wanted),
            ~exists().where(planned.client == client, planned.kind == Kind.FILE_DOCUMENT, planned.key == key),
        )
        .order_by(DocumentRow.id)
        .limit(AT_ONCE)
    )
    if since:
        query = query.where(InvoiceRow.issue_date >= since)
    return [_sent(document, invoice) for document, invoice in session.execute(query)]


def _sent(document: DocumentRow, invoice: InvoiceRow) -> Sent:
    return Sent(
        invoice.id,
        document.kind,
        document.sha256,
        f"{invoice.marker}/{document.kind}",
        invoice.number or invoice.marker,
        invoice.customer_name,
        invoice.issue_date,
        document.created_at.date(),
    )
