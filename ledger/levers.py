"""What people said about a claim: each word with who, why and until when; it ends by its day or by another word."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from billing.money import in_german
from ledger.claimed import Claim
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word, within_reach
from ledger.tables import InvoiceRow, LeverRow


class Kind(StrEnum):
    """What a lever does to dunning."""

    BLOCK = "block"
    PROMISE = "promise"
    DISPUTE = "dispute"
    EXTENSION = "extension"
    WRITE_OFF = "write-off"


def pull(
    session: Session,
    kind: Kind,
    invoice: InvoiceRow,
    word: Word,
    now: datetime,
    amount: Decimal | None = None,
    until: date | None = None,
) -> LeverRow:
    """Note a word about one invoice; it is looked at again on the day after `until`, or at once.

    Raises `NothingToDecide` where it would mean nothing: nothing is open, or the day or the amount cannot be meant.
    """
    _check(kind, invoice, amount, until, berlin_day(now))
    row = _row(kind, invoice.client, invoice.id, "", word, now, amount, until)
    row.open_then = invoice.open_amount
    session.add(row)
    invoice.check_on = invoice.check_on and berlin_day(now)
    facts = {"by": word.by, "reason": word.reason, "until": str(until or "offen"), "amount": str(amount or "alles")}
    record(session, now, invoice.client, f"lever: {kind}", invoice.id, **facts)
    return row


def block_customer(
    session: Session, client: str, customer: str, until: date | None, word: Word, now: datetime
) -> LeverRow:
    """Dun none of a customer's invoices; `customer` is his number or, without one, his name.

    Raises `NothingToDecide` for a day that is over or too far away.
    """
    within_reach(until, berlin_day(now))
    row = _row(Kind.BLOCK, client, None, customer, word, now, None, until)
    session.add(row)
    record(session, now, client, "lever: block", None, customer=customer, by=word.by, reason=word.reason)
    return row


def lift(session: Session, kind: Kind, invoice: InvoiceRow, word: Word, now: datetime) -> int:
    """End all words of a kind about an invoice, so that dunning goes on at once. Raises `NothingToDecide`."""
    query = select(LeverRow).where(
        LeverRow.invoice_id == invoice.id, LeverRow.kind == kind, LeverRow.ended_at.is_(None)
    )
    rows = list(session.scalars(query))
    if not rows:
        raise NothingToDecide("Dazu ist für diese Rechnung nichts vermerkt.")
    for row in rows:
        row.ended_at, row.ended_by = now, word.by
    look_again(invoice, now)
    record(session, now, invoice.client, f"lever lifted: {kind}", invoice.id, by=word.by, reason=word.reason)
    return len(rows)


def look_again(invoice: InvoiceRow, now: datetime) -> None:
    """Weigh the claim anew with the next run: what stood in the way is gone."""
    invoice.check_on = berlin_day(now) if invoice.open_amount > 0 and invoice.due_date else None


def lift_customer(session: Session, client: str, customer: str, word: Word, now: datetime) -> int:
    """End the block of a customer. Raises `NothingToDecide`."""
    rows = of_customer(session, client, customer)
    if not rows:
        raise NothingToDecide("Dieser Kunde ist nicht gesperrt.")
    for row in rows:
        row.ended_at, row.ended_by = now, word.by
    record(session, now, client, "lever lifted: block", None, customer=customer, by=word.by, reason=word.reason)
    return len(rows)


def of_customer(session: Session, client: str, customer: str) -> list[LeverRow]:
    """The blocks of one customer that nobody has lifted, oldest first."""
    query = select(LeverRow).where(
        LeverRow.client == client, LeverRow.customer == customer, LeverRow.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(LeverRow.id)))


def of_invoices(session: Session, invoices: Sequence[Claim]) -> list[LeverRow]:
    """The words in force about invoices and about their customers, oldest first; a promise stays until it is lifted.

    Lifted extensions are among them: time that was granted was granted until then.
    """
    ids = [invoice.id for invoice in invoices]
    query = (
        select(LeverRow)
        .where(
            LeverRow.client.in_({invoice.client for invoice in invoices}),
            or_(LeverRow.invoice_id.in_(ids), LeverRow.customer != ""),
            or_(LeverRow.ended_at.is_(None), LeverRow.kind == Kind.EXTENSION),
        )
        .order_by(LeverRow.id)
    )
    return list(session.scalars(query))


def customer_of(invoice: Claim) -> str:
    """What a customer's levers are kept under: the number, where there is none the name."""
    return invoice.customer_key


def _check(kind: Kind, invoice: InvoiceRow, amount: Decimal | None, until: date | None, today: date) -> None:
    if invoice.is_voided or invoice.open_amount <= 0 or invoice.due_date is None:
        raise NothingToDecide("Diese Rechnung ist nicht offen.")
    if amount is not None and not 0 < amount <= invoice.open_amount:
        raise NothingToDecide(
            f"Offen sind {in_german(invoice.open_amount)}; der Betrag liegt über null und nicht darüber."
        )
    if until is None and kind in (Kind.PROMISE, Kind.EXTENSION):
        raise NothingToDecide("Bitte den Tag nennen, bis zu dem gezahlt werden soll.")
    within_reach(until, today)
    if until and kind is Kind.EXTENSION and until <= invoice.due_date:
        raise NothingToDecide(f"Die Rechnung ist ohnehin erst am {invoice.due_date:%d.%m.%Y} fällig.")


def _row(
    kind: Kind, client: str, invoice_id: int | None, customer: str, word: Word, now: datetime,
    amount: Decimal | None, until: date | None,
) -> LeverRow:  # fmt: skip
    return LeverRow(
        client=client,
        kind=kind,
        invoice_id=invoice_id,
        customer=customer,
        amount=amount,
        open_then=None,
        until=until,
        reason=word.reason,
        made_by=word.by,
        made_at=now,
        ended_at=None,
        ended_by="",
    )
