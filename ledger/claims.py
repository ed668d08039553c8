"""The facts about open claims, gathered for many invoices at once: a few queries however many there are."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.default import mail_received
from billing.dunning_facts import NONE, Arrival, Facts, PastNotice, Promise, Receipt, Source
from billing.money import in_german
from billing.parties import CustomerKind
from ledger import jobs, levers, notices
from ledger.invoices import SENT
from ledger.levers import Kind
from ledger.payments import BOOKED
from ledger.tables import AllocationRow, HoldRow, InvoiceRow, LeverRow, PaymentRow

CHUNK = 200
BANK = "bank/"
"""How the cursors begin that say until when a bank account is complete."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for all claims of a client: does a bank report, is the due date agreed and the note printed."""

    has_bank: bool = False
    due_agreed: bool = False
    has_note: bool = False
    land: str = ""


def open_ones(session: Session, client: str) -> Iterator[Sequence[InvoiceRow]]:
    """All sent and open invoices in chunks, so that memory does not grow with their number."""
    query = (
        select(InvoiceRow)
        .where(InvoiceRow.client == client, InvoiceRow.stage == SENT, InvoiceRow.open_amount > NONE)
        .order_by(InvoiceRow.id)
    )
    last = 0
    while rows := list(session.scalars(query.where(InvoiceRow.id > last).limit(CHUNK))):
        yield rows
        last = rows[-1].id
        session.expunge_all()


def facts_of(session: Session, rows: Sequence[InvoiceRow], around: Circumstances, today: date) -> dict[int, Facts]:
    """All that is known about invoices of one client and bears on reminding, by invoice."""
    ids = [row.id for row in rows]
    past = notices.past_of(session, ids)
    pulled = _by_invoice(rows, levers.of_invoices(session, rows))
    held = _holds(session, ids, today)
    receipts = _receipts(session, ids)
    said = _said(session, ids)
    sources = _sources(session, rows[0].client) if around.has_bank and rows else ()
    return {
        row.id: _facts(
            row, past.get(row.id, ()), pulled[row.id], held.get(row.id), receipts[row.id], said[row.id], sources,
            around, today,
        )
        for row in rows
    }  # fmt: skip


def _facts(
    row: InvoiceRow, past: tuple[PastNotice, ...], pulled: list[LeverRow], hold: HoldRow | None,
    receipts: list[Receipt], said: dict[str, PaymentRow], sources: tuple[Source, ...],
    around: Circumstances, today: date,
) -> Facts:  # fmt: skip
    customer = row.draft["customer"]
    blocks = [each for each in pulled if each.kind == Kind.BLOCK and (each.until is None or each.until >= today)]
    disputes = [each for each in pulled if each.kind == Kind.DISPUTE]
    amounts = [each.amount for each in disputes]
    offs = [each.reason for each in pulled if each.kind == Kind.WRITE_OFF]
    kind = CustomerKind(customer["kind"])
    return Facts(
        number=row.number or row.marker,
        gross=row.gross,
        due_date=row.due_date or row.issue_date,
        arrival=Arrival.SENT if row.stage == SENT else Arrival.WAITING,
        open_amount=row.open_amount if row.payment_read_at else None,
        is_voided=row.is_voided,
        read_at=row.payment_read_at,
        notices=past,
        block="; ".join([*(each.reason for each in blocks), *([hold.reason] if hold else [])]),
        blocked_until=_common_end([*(each.until for each in blocks), *([hold.until] if hold else [])]),
        dispute="; ".join(each.reason for each in disputes),
        disputed_amount=None if None in amounts or not amounts else sum(filter(None, amounts), NONE),
        kind=kind,
        received_on=mail_received(row.sent_at, (around.land,) if around.land else ()) if row.sent_at else None,
        due_agreed=around.due_agreed,
        # Consumers' invoices in our own layout carry the note; the accounting system's PDF may not.
        note_printed=kind is CustomerKind.CONSUMER and around.has_note,
        receipts=tuple(receipts),
        sources=sources,
        contradiction=_contradiction(row, said),
        promises=tuple(_promise(each) for each in pulled if each.kind == Kind.PROMISE),
        extended_until=max((each.until for each in pulled if each.kind == Kind.EXTENSION and each.until), default=None),
        written_off="; ".join(offs),
    )


def _common_end(ends: list[date | None]) -> date | None:
    days = [day for day in ends if day]
    return max(days) if days and len(days) == len(ends) else None


def _promise(row: LeverRow) -> Promise:
    open_then = row.open_then or row.amount or 0
    return Promise(row.amount or row.open_then or 0, row.until or row.made_at.date(), open_then, row.made_by)  # type: ignore[arg-type]


def _contradiction(invoice: InvoiceRow, said: dict[str, PaymentRow]) -> str:
    """Money that we know and the accounting system does not: it must be booked there before anybody is reminded."""
    own = said.get(BOOKED)
    theirs = [row.open_amount for source, row in said.items() if source != BOOKED] or [invoice.gross]
    if own is None or invoice.is_voided or theirs[-1] <= own.open_amount:
        return ""
    return (
        f"laut Buchhaltung sind {in_german(theirs[-1])} offen,"
        f" nach den Zahlungseingängen nur {in_german(own.open_amount)}"
    )


def _by_invoice(rows: Sequence[InvoiceRow], pulled: list[LeverRow]) -> dict[int, list[LeverRow]]:
    by_customer: dict[tuple[str, str], list[LeverRow]] = defaultdict(list)
    found: dict[int, list[LeverRow]] = defaultdict(list)
    for lever in pulled:
        if lever.invoice_id is None:
            by_customer[lever.client, lever.customer].append(lever)
        else:
            found[lever.invoice_id].append(lever)
    for row in rows:
        found[row.id] += by_customer.get((row.client, levers.customer_of(row)), [])
    return found


def _holds(session: Session, ids: Sequence[int], today: date) -> dict[int, HoldRow]:
    query = select(HoldRow).where(HoldRow.invoice_id.in_(ids), HoldRow.lifted_at.is_(None)).order_by(HoldRow.id)
    return {row.invoice_id: row for row in session.scalars(query) if row.until is None or row.until >= today}


def _receipts(session: Session, ids: Sequence[int]) -> dict[int, list[Receipt]]:
    query = select(AllocationRow).where(AllocationRow.invoice_id.in_(ids)).order_by(AllocationRow.id)
    found: dict[int, list[Receipt]] = defaultdict(list)
    for row in session.scalars(query):
        settled = row.principal + row.given_up
        found[row.invoice_id].append(Receipt(row.received_on, settled, row.costs, row.interest))
    return found


def _said(session: Session, ids: Sequence[int]) -> dict[int, dict[str, PaymentRow]]:
    query = select(PaymentRow).where(PaymentRow.invoice_id.in_(ids)).order_by(PaymentRow.id)
    found: dict[int, dict[str, PaymentRow]] = defaultdict(dict)
    for row in session.scalars(query):
        found[row.invoice_id][row.source] = row
    return found


def _sources(session: Session, client: str) -> tuple[Source, ...]:
    known = jobs.cursors(session, client, BANK)
    accounts = [Source(f"Bankkonto …{name[-4:]}", day) for name, day in sorted(known.items())]
    return tuple(accounts) or (Source("Bankdateien", None),)
