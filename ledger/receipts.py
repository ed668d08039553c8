"""Money that came in: kept once by the bank's identity, booked on invoices by certain matching or a person's word."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.allocation import Share
from billing.bank import BankLine
from billing.calendar import berlin_day
from billing.matching import Kind, Match
from billing.payments import PaymentFact
from ledger.bodies import pack
from ledger.journal import record
from ledger.overrides import FARTHEST_YEARS, NothingToDecide, Word
from ledger.payments import BOOKED, note
from ledger.tables import AllocationRow, IncomingRow, InvoiceRow

LINE: TypeAdapter[BankLine] = TypeAdapter(BankLine)
SHARE: TypeAdapter[Share] = TypeAdapter(Share)
BANK = "bank"
HAND = "hand"
TAKEN_BACK = "/zurück"
"""How the key of the movement ends that undoes another."""
WAITING = ("proposed", "open")
"""The states of money that waits for a person."""
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
    reasons: Sequence[str], by: str, now: datetime, once: str = "",
) -> None:  # fmt: skip
    """Book what a person entered; what comes with the same `once` is the same payment, pressed twice.

    Raises `NothingToDecide` for money of a day to come or of long ago, and for what is booked already.
    """
    # Browsers make the year 26, or 1126, of a date typed in haste.
    if on.year < berlin_day(now).year - FARTHEST_YEARS:
        raise NothingToDecide(
            f"Ein Eingang im Jahr {on.year} liegt zu lange zurück; höchstens {FARTHEST_YEARS} Jahre gehen."
        )
    if on > berlin_day(now):
        raise NothingToDecide(f"Der {on:%d.%m.%Y} liegt in der Zukunft; gebucht wird, was eingegangen ist.")
    key = f"{invoice.marker}/{once or now.isoformat()}"
    query = select(IncomingRow.id).where(IncomingRow.client == invoice.client, IncomingRow.key == key)
    if session.scalar(query):
        raise NothingToDecide("Diese Zahlung ist schon gebucht.")
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
        _note_open(session, invoice, row.key, now)
    row.state, row.decided_by = "booked", by


def last_by_hand(session: Session, invoice_id: int) -> IncomingRow | None:
    """The last payment that a person entered on an invoice and nobody has taken back; None if there is none."""
    query = (
        select(IncomingRow)
        .join(AllocationRow, AllocationRow.incoming_id == IncomingRow.id)
        .where(AllocationRow.invoice_id == invoice_id, IncomingRow.source == HAND)
        .order_by(IncomingRow.id.desc())
    )
    rows = session.scalars(query).unique().all()
    undone = {row.key.removesuffix(TAKEN_BACK) for row in rows if row.key.endswith(TAKEN_BACK)}
    return next((row for row in rows if row.key not in undone and not row.key.endswith(TAKEN_BACK)), None)


def take_back(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> Decimal:
    """Undo the last payment entered by hand with its counter-booking on the same day; its amount in euro.

    Nothing is deleted: both stay, as with a returned debit. Raises `NothingToDecide` where there is none.
    """
    entered = last_by_hand(session, invoice.id)
    if entered is None:
        raise NothingToDecide("Auf dieser Rechnung ist keine von Hand eingetragene Zahlung, die zurückzunehmen wäre.")
    found = Match(Kind.CERTAIN, (), reasons=(f"Zurückgenommen: {word.reason}",))
    key = f"{entered.key}{TAKEN_BACK}"
    row = _row(entered.client, HAND, key, entered.received_on, -entered.amount, found, now)
    row.state, row.decided_by = "booked", word.by
    session.add(row)
    session.flush()
    for part in session.scalars(select(AllocationRow).where(AllocationRow.incoming_id == entered.id)).all():
        session.add(_counterpart(part, row.id, word.by, now))
    session.flush()
    facts = {"amount": str(entered.amount), "by": word.by, "reason": word.reason}
    record(session, now, row.client, "decided: payment taken back", invoice.id, **facts)
    _note_open(session, invoice, row.key, now)
    return entered.amount


def reject(session: Session, row: IncomingRow, word: Word, now: datetime, *, is_foreign: bool) -> None:
    """Drop what matching proposed; `is_foreign`: the money is for none of the invoices."""
    row.state, row.shares, row.decided_by = "ignored" if is_foreign else "open", [], word.by
    row.reasons = [{"code": "rejected", "text": f"Vorschlag abgelehnt von {word.by}: {word.reason}"}]
    facts = {"amount": str(row.amount), "by": word.by, "reason": word.reason}
    record(session, now, row.client, "decided: payment rejected", None, payment=row.id, **facts)


def unassigned(session: Session, clients: Sequence[str]) -> list[IncomingRow]:
    """Money that waits for a person, oldest first."""
    query = select(IncomingRow).where(IncomingRow.client.in_(clients), IncomingRow.state.in_(WAITING))
    return list(session.scalars(query.order_by(IncomingRow.id)))


def find(session: Session, client: str, payment_id: int) -> IncomingRow | None:
    """Money that came in for a client, whatever has become of it."""
    return session.scalar(select(IncomingRow).where(IncomingRow.id == payment_id, IncomingRow.client == client))


def proposed_for(session: Session, client: str) -> dict[str, list[IncomingRow]]:
    """Money that seems to be meant for an invoice, by its number, and that nobody has confirmed yet."""
    query = select(IncomingRow).where(IncomingRow.client == client, IncomingRow.state == "proposed")
    found: dict[str, list[IncomingRow]] = defaultdict(list)
    for row in session.scalars(query.order_by(IncomingRow.id)):
        for share in row.shares:
            found[share["number"]].append(row)
    return found


def _note_open(session: Session, invoice: InvoiceRow, key: str, now: datetime) -> None:
    """What is open by our own booking; `key` is the movement's."""
    open_now = max(invoice.gross - _settled(session, invoice.id), Decimal("0.00"))
    note(session, invoice, PaymentFact(BOOKED, open_now, invoice.is_voided, key[:200], now))


def _counterpart(part: AllocationRow, incoming_id: int, by: str, now: datetime) -> AllocationRow:
    return AllocationRow(
        client=part.client,
        incoming_id=incoming_id,
        invoice_id=part.invoice_id,
        received_on=part.received_on,
        principal=-part.principal,
        costs=-part.costs,
        interest=-part.interest,
        given_up=-part.given_up,
        made_by=by,
        made_at=now,
    )


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
