"""Payment facts: kept as they came, never overwritten; the invoice repeats the latest one."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.payments import PaymentFact
from ledger.invoices import SENT
from ledger.journal import record
from ledger.tables import InvoiceRow, PaymentRow

BOOKED = "booked"
"""The source of what we booked ourselves: bank lines and entries by hand."""


def note(session: Session, row: InvoiceRow, fact: PaymentFact) -> bool:
    """Take in what a source says; True when it is news. A fact older than the latest one changes nothing."""
    if row.payment_read_at and fact.read_at < row.payment_read_at and fact.source != BOOKED:
        return False
    if fact.source != BOOKED:
        row.payment_read_at = fact.read_at
    before = latest(session, row.id)
    same = before.get(fact.source) or (None if before else _unpaid(row, fact))
    if same and (same.open_amount, same.is_voided) == (fact.open_amount, fact.is_voided):
        return False
    session.add(
        PaymentRow(
            client=row.client,
            invoice_id=row.id,
            source=fact.source,
            open_amount=fact.open_amount,
            is_voided=fact.is_voided,
            version=fact.version,
            read_at=fact.read_at,
        )
    )
    # What any source has received is paid: a reminder for money that is there would be the worse mistake.
    others = [each for source, each in before.items() if source != fact.source]
    row.open_amount = min([fact.open_amount, *(each.open_amount for each in others)])
    row.is_voided = fact.is_voided or any(each.is_voided for each in others)
    row.payment_version = fact.version
    _look_again(row)
    facts = {"open_amount": str(fact.open_amount), "voided": fact.is_voided, "source": fact.source}
    record(session, fact.read_at, row.client, "payment state changed", row.id, **facts)
    return True


def latest(session: Session, invoice_id: int) -> dict[str, PaymentRow]:
    """What each source said last about an invoice."""
    return {row.source: row for row in history(session, invoice_id)}


def _unpaid(row: InvoiceRow, fact: PaymentFact) -> PaymentFact:
    return PaymentFact(fact.source, row.open_amount, row.is_voided, "", fact.read_at)


def _look_again(row: InvoiceRow) -> None:
    if row.is_voided or row.open_amount <= 0:
        row.check_on = None
    elif row.check_on is None:
        # Open again, by a returned debit for instance: it has to be looked at once more.
        row.check_on = row.due_date


def fact_of(row: InvoiceRow) -> PaymentFact | None:
    """The latest payment fact of an invoice, None before the first reading."""
    if row.payment_read_at is None:
        return None
    return PaymentFact("ledger", row.open_amount, row.is_voided, row.payment_version, row.payment_read_at)


def history(session: Session, invoice_id: int) -> list[PaymentRow]:
    """All payment facts of an invoice, oldest first."""
    return list(session.scalars(select(PaymentRow).where(PaymentRow.invoice_id == invoice_id).order_by(PaymentRow.id)))


def to_check(session: Session, client: str, today: date) -> list[int]:
    """Ids of sent, open invoices whose check is due, oldest check first."""
    query = (
        select(InvoiceRow.id)
        .where(
            InvoiceRow.client == client,
            InvoiceRow.stage == SENT,
            InvoiceRow.check_on <= today,
        )
        .order_by(InvoiceRow.check_on, InvoiceRow.id)
    )
    return list(session.scalars(query))
