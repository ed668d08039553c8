"""Money that came in: kept once by the bank's identity, booked on invoices by certain matching or a person's word."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.allocation import Share
from billing.bank import BankLine
from billing.matching import Kind, Match
from billing.payments import PaymentFact
from ledger.bodies import pack
from ledger.journal import record
from ledger.payments import BOOKED, note
from ledger.tables import AllocationRow, IncomingRow, InvoiceRow

LINE: TypeAdapter[BankLine] = TypeAdapter(BankLine)
SHARE: TypeAdapter[Share] = TypeAdapter(Share)
BANK = "bank"
HAND = "hand"
STATES = {Kind.CERTAIN: "booked", Kind.NONE: "open", Kind.RETURNED_DEBIT: "returned"}


def unknown(session: Session, client: str, keys: Sequence[str]) -> set[str]:
    """Which movements have not been taken in yet."""
    query = select(IncomingRow.key).where(
        IncomingRow.client == client, IncomingRow.source == BANK, IncomingRow.key.in_(keys)
    )
    return set(keys) - set(session.scalars(query))


def take_in(
    session: Session, client: str, line: BankLine, found: Match, rows: dict[str, InvoiceRow], now: datetime
) -> IncomingRow:
    """Keep a bank line with what matching says; a certain match, or a certain return, books itself."""
    is_clear = found.kind is Kind.CERTAIN or (found.kind is Kind.RETURNED_DEBIT and bool(found.shares))
    state = "booked" if is_clear else STATES.get(found.kind, "proposed")
    row = _row(client, BANK, line.id, line.received_on, line.amount.amount, found, now)
    row.line, row.state = pack(LINE, line), "ignored" if found.kind is Kind.NONE and line.amount.amount <= 0 else state
    session.add(row)
    session.flush()
    if is_clear:
        book(session, row, found.shares, rows, "Abgleich", now)
    return row


def by_hand(
    session: Session, invoice: InvoiceRow, amount: Decimal, on: date, shares: Sequence[Share],
    reasons: Sequence[str], by: str, now: datetime,
) -> None:  # fmt: skip
    """Book what a person entered."""
    key = f"{invoice.marker}/{now.isoformat()}"
    row = _row(invoice.client, HAND, key, on, amount, Match(Kind.CERTAIN, tuple(shares), reasons=tuple(reasons)), now)
    row.state, row.decided_by = "booked", by
    session.add(row)
    session.flush()
    book(session, row, shares, {invoice.number or "": invoice}, by, now)


def book(
    session: Session, row: IncomingRow, shares: Sequence[Share], rows: dict[str, InvoiceRow], by: str, now: datetime
) -> None:
    """Assign incoming money to invoices and say of each what is open now."""
    for share in shares:
        invoice = rows[share.number]
        given_up = share.discount.amount + share.waived.amount
        session.add(
            AllocationRow(
                client=row.client,
                incoming_id=row.id,
                invoice_id=invoice.id,
                received_on=row.received_on,
                principal=share.principal.amount,
                costs=share.costs.amount,
                interest=share.interest.amount,
                given_up=given_up,
                made_by=by,
                made_at=now,
            )
        )
        session.flush()
        record(session, now, row.client, "payment booked", invoice.id, amount=str(share.received.amount), by=by)
        open_now = max(invoice.gross - _settled(session, invoice.id), Decimal("0.00"))
        note(session, invoice, PaymentFact(BOOKED, open_now, invoice.is_voided, row.key[:200], now))
    row.state, row.decided_by = "booked", by


def matchable(session: Session, client: str) -> list[InvoiceRow]:
    """All issued invoices that are not cancelled, paid ones too: a second payment must be recognised."""
    query = select(InvoiceRow).where(
        InvoiceRow.client == client, InvoiceRow.number.is_not(None), InvoiceRow.is_voided.is_(False)
    )
    return list(session.scalars(query.order_by(InvoiceRow.id)))


def unassigned(session: Session, clients: Sequence[str]) -> list[IncomingRow]:
    """Money that waits for a person, oldest first."""
    query = select(IncomingRow).where(IncomingRow.client.in_(clients), IncomingRow.state.in_(("proposed", "open")))
    return list(session.scalars(query.order_by(IncomingRow.id)))


def _settled(session: Session, invoice_id: int) -> Decimal:
    query = select(func.sum(AllocationRow.principal), func.sum(AllocationRow.given_up)).where(
        AllocationRow.invoice_id == invoice_id
    )
    return sum((Decimal(part or 0) for part in session.execute(query).one()), Decimal("0.00"))


def _row(client: str, source: str, key: str, on: date, amount: Decimal, found: Match, now: datetime) -> IncomingRow:
    return IncomingRow(
        client=client,
        source=source,
        key=key,
        received_on=on,
        amount=amount,
        line={},
        state="proposed",
        shares=[pack(SHARE, share) for share in found.shares],
        reasons=[{"text": reason} for reason in found.reasons],
        decided_by="",
        seen_at=now,
    )
