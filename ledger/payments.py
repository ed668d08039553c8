"""Payment facts: kept as they came, never overwritten; the invoice repeats the latest one."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.payments import PaymentFact
from ledger.invoices import SENT
from ledger.journal import record
from ledger.tables import AllocationRow, InvoiceRow, PaymentRow

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
    others: list[PaymentFact | PaymentRow] = [each for source, each in before.items() if source != fact.source]
    on_costs = _paid_on_costs(session, row.id)
    row.open_amount = min(_open_by(each, on_costs) for each in [fact, *others])
    row.is_voided = fact.is_voided or any(each.is_voided for each in others)
    row.payment_version = fact.version
    _look_again(row)
    facts = {"open_amount": str(fact.open_amount), "voided": fact.is_voided, "source": fact.source}
    record(session, fact.read_at, row.client, "payment state changed", row.id, **facts)
    return True


def _open_by(said: PaymentFact | PaymentRow, on_costs: Decimal) -> Decimal:
    """What is open of the claim by one source; the lowest counts, since to remind of money that came would be worse.

    The accounting system books all of a payment on the invoice; what of it went on costs and interest first (§ 367 BGB)
    is still open. An invoice that is closed over there stays closed.
    """
    return said.open_amount if said.source == BOOKED or said.open_amount <= 0 else said.open_amount + on_costs


def _paid_on_costs(session: Session, invoice_id: int) -> Decimal:
    query = select(func.sum(AllocationRow.costs), func.sum(AllocationRow.interest)).where(
        AllocationRow.invoice_id == invoice_id
    )
    return sum((Decimal(part or 0) for part in session.execute(query).one()), Decimal("0.00"))


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


def checks(session: Session, client: str) -> list[tuple[date, int]]:
    """On which days how many sent, open invoices of a client are looked at next."""
    query = (
        select(InvoiceRow.check_on, func.count())
        .where(InvoiceRow.client == client, InvoiceRow.stage == SENT, InvoiceRow.check_on.is_not(None))
        .group_by(InvoiceRow.check_on)
        .order_by(InvoiceRow.check_on)
    )
    return [(day, number) for day, number in session.execute(query) if day]


def to_be_checked(session: Session, clients: Sequence[str]) -> list[InvoiceRow]:
    """All sent, open invoices that have a day for their next check, the next one first."""
    query = (
        select(InvoiceRow)
        .where(InvoiceRow.client.in_(clients), InvoiceRow.stage == SENT, InvoiceRow.check_on.is_not(None))
        .order_by(InvoiceRow.check_on, InvoiceRow.id)
    )
    return list(session.scalars(query))


def to_check(session: Session, client: str, today: date, customer_key: str | None = None) -> list[int]:
    """Ids of sent, open invoices whose check is due, oldest check first; all, or those of one customer."""
    query = select(InvoiceRow.id).where(
        InvoiceRow.client == client,
        InvoiceRow.stage == SENT,
        InvoiceRow.check_on <= today,
    )
    if customer_key is not None:
        query = query.where(InvoiceRow.customer_key == customer_key)
    return list(session.scalars(query.order_by(InvoiceRow.check_on, InvoiceRow.id)))
