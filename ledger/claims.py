"""The facts about open claims, gathered for many invoices at once: a few queries however many there are."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.allocation import is_withheld
from billing.calendar import berlin_day, working_day_before
from billing.contracts import LAST_DAY
from billing.default import letter_received, mail_received
from billing.dunning_facts import NONE, Arrival, Facts, PastNotice, Promise, Receipt, Source
from billing.invoices import PaymentMeans
from billing.money import in_german
from billing.parties import CustomerKind
from ledger import bounces, jobs, levers, notices, proposals
from ledger import receipts as receipts_of
from ledger.claimed import Claim
from ledger.effects import Kind as Deed
from ledger.effects import State
from ledger.invoices import SENT
from ledger.levers import Kind
from ledger.payments import BOOKED
from ledger.proposal_tables import ProposalRow
from ledger.tables import AllocationRow, EffectRow, HoldRow, IncomingRow, InvoiceRow, LeverRow, PaymentRow, TaskRow

CHUNK = 200
LOOKED_BACK = timedelta(days=100)
WITHHOLDING = "withholding/"
"""How the keys of the tasks begin that ask about the 15 % of § 48 EStG."""
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


def facts_of(session: Session, rows: Sequence[Claim], around: Circumstances, today: date) -> dict[int, Facts]:
    """All that is known about invoices of one client and bears on reminding, by invoice."""
    ids = [row.id for row in rows]
    past = notices.past_of(session, ids)
    pulled = _by_invoice(rows, levers.of_invoices(session, rows))
    held = _holds(session, ids, today)
    receipts = _receipts(session, ids)
    said = _said(session, ids)
    asked = proposals.undecided(session, ids)
    returned = bounces.of_invoices(session, ids)
    posted = _posted(session, ids)
    unconfirmed = receipts_of.proposed_for(session, rows[0].client) if rows else {}
    cleared = _cleared(session, ids)
    sources = _sources(session, rows[0].client) if around.has_bank and rows else ()
    found = {}
    for row in rows:
        known = _Known(
            past=past.get(row.id, ()),
            pulled=pulled[row.id],
            hold=held.get(row.id),
            receipts=receipts[row.id],
            said=said[row.id],
            sources=sources,
            asked=asked.get(row.id, []),
            unconfirmed=unconfirmed.get(row.number or "", []),
            is_cleared=row.id in cleared,
            is_returned=row.id in returned,
            is_posted=row.id in posted,
        )
        found[row.id] = _facts(row, known, around, today)
    return found


def contradictions(session: Session, client: str, before: datetime) -> Iterator[tuple[InvoiceRow, str]]:
    """Invoices of which the accounting system, read since, still does not know what we booked before an instant."""
    booked = (
        select(PaymentRow.invoice_id)
        .where(PaymentRow.client == client, PaymentRow.source == BOOKED)
        .where(PaymentRow.read_at <= before, PaymentRow.read_at > before - LOOKED_BACK)
    )
    rows = list(session.scalars(select(InvoiceRow).where(InvoiceRow.id.in_(booked)).order_by(InvoiceRow.id)))
    said = _said(session, [row.id for row in rows])
    for row in rows:
        if text := _contradiction(row, said[row.id]):
            yield row, text


@dataclass(frozen=True, slots=True)
class _Known:
    """What the tables beside the invoice say about it."""

    past: tuple[PastNotice, ...]
    pulled: list[LeverRow]
    hold: HoldRow | None
    receipts: list[Receipt]
    said: dict[str, PaymentRow]
    sources: tuple[Source, ...]
    asked: list[ProposalRow]
    unconfirmed: list[IncomingRow]
    is_cleared: bool
    is_returned: bool
    is_posted: bool


def _facts(row: Claim, known: _Known, around: Circumstances, today: date) -> Facts:
    kind = CustomerKind(row.draft["customer"]["kind"])
    facts = Facts(
        number=row.number or row.marker,
        gross=row.gross,
        due_date=row.due_date or row.issue_date,
        arrival=Arrival.BOUNCED if known.is_returned else Arrival.SENT if row.stage == SENT else Arrival.WAITING,
        open_amount=row.open_amount if row.payment_read_at else None,
        is_voided=row.is_voided,
        read_at=row.payment_read_at,
        notices=known.past,
        kind=kind,
        received_on=_received_on(row, around.land, by_post=known.is_posted),
        due_agreed=around.due_agreed,
        # Consumers' invoices in our own layout carry the note; the accounting system's PDF may not.
        note_printed=kind is CustomerKind.CONSUMER and around.has_note,
        receipts=tuple(known.receipts),
        sources=known.sources,
        contradiction=_contradiction(row, known.said),
        unconfirmed=", ".join(_in_words(each) for each in known.unconfirmed),
        is_tax_withheld=_is_tax_withheld(row, known, kind),
        is_collected=_means(row) == PaymentMeans.DIRECT_DEBIT,
        paid_on=_paid_on(row, known.receipts, known.said),
        voided_on=max((berlin_day(each.read_at) for each in known.said.values() if each.is_voided), default=None),
    )
    if not (known.pulled or known.hold or known.asked):
        return facts
    return replace(facts, **_stops(known, today), **_words(known.pulled, around.land))


def _received_on(row: Claim, land: str, *, by_post: bool) -> date | None:
    if row.sent_at is None:
        return None
    laender = (land,) if land else ()
    return letter_received(berlin_day(row.sent_at), laender) if by_post else mail_received(row.sent_at, laender)


def _stops(known: _Known, today: date) -> dict[str, Any]:
    """What keeps reminders here, and until when: blocks, a hold, an answer that nobody has decided about."""
    blocks = [each for each in known.pulled if each.kind == Kind.BLOCK and (each.until is None or each.until >= today)]
    stops = [
        *((each.reason, each.until) for each in blocks),
        *([(known.hold.reason, known.hold.until)] if known.hold else []),
        *((proposals.in_words(each), None) for each in known.asked),
    ]
    reasons = "; ".join(reason for reason, _ in stops)
    return {"block": reasons, "blocked_until": _common_end([until for _, until in stops])}


def _words(pulled: list[LeverRow], land: str) -> dict[str, Any]:
    """What people said about the claim itself."""
    promises, disputes, extensions, offs = (
        [each for each in pulled if each.kind == kind]
        for kind in (Kind.PROMISE, Kind.DISPUTE, Kind.EXTENSION, Kind.WRITE_OFF)
    )
    amounts = [each.amount for each in disputes]
    return {
        "dispute": "; ".join(each.reason for each in disputes),
        "disputed_amount": None if None in amounts or not amounts else sum(filter(None, amounts), NONE),
        "promises": tuple(map(_promise, promises)),
        "extended_until": max((_granted_until(each, land) for each in extensions), default=None),
        "written_off": "; ".join(each.reason for each in offs),
        "disputed_on": _first_day(disputes),
        "extended_on": _first_day(extensions),
        "written_off_on": _first_day(offs),
    }


def _is_tax_withheld(row: Claim, known: _Known, kind: CustomerKind) -> bool:
    is_asked = kind is not CustomerKind.CONSUMER and not known.is_cleared
    return is_asked and is_withheld(row.gross, row.open_amount)


def _means(row: Claim) -> str:
    """How the money is to come; drafts of older programs, and claims without their draft, do not say."""
    payment = row.draft.get("payment")
    return str(payment["means"]) if payment else PaymentMeans.TRANSFER


def _common_end(ends: list[date | None]) -> date | None:
    days = [day for day in ends if day]
    return min(max(days), LAST_DAY) if days and len(days) == len(ends) else None


def _in_words(row: IncomingRow) -> str:
    return f"{in_german(row.amount)} vom {row.received_on:%d.%m.%Y} (Zahlung {row.id})"


def _cleared(session: Session, ids: Sequence[int]) -> set[int]:
    """The invoices of which a person has asked whether tax was withheld: closing that task lets dunning go on."""
    query = select(TaskRow.invoice_id).where(
        TaskRow.invoice_id.in_(ids), TaskRow.key.startswith(WITHHOLDING), TaskRow.closed_at.is_not(None)
    )
    return {each for each in session.scalars(query) if each}


def _posted(session: Session, ids: Sequence[int]) -> frozenset[int]:
    """Those that went out as letters."""
    query = select(EffectRow.invoice_id).where(
        EffectRow.invoice_id.in_(ids), EffectRow.kind == Deed.POST_INVOICE, EffectRow.state == State.DONE
    )
    return frozenset(session.scalars(query))


def _granted_until(extension: LeverRow, land: str) -> date:
    """The last day of an extension; one that was lifted ends before that day, not as if it had never been granted."""
    granted = _until(extension)
    if extension.ended_at is None:
        return granted
    return min(granted, working_day_before(berlin_day(extension.ended_at), land))


def _until(row: LeverRow) -> date:
    """Its last day, as far ahead as days can be reckoned with: older programs took the year 9999."""
    return min(row.until or berlin_day(row.made_at), LAST_DAY)


def _first_day(pulled: Sequence[LeverRow]) -> date | None:
    return min((berlin_day(each.made_at) for each in pulled), default=None)


def _paid_on(invoice: Claim, receipts: list[Receipt], said: dict[str, PaymentRow]) -> date | None:
    """The day of the last payment; where only the accounting system knows of it, the day on which we learned it."""
    known = [receipt.received_on for receipt in receipts if receipt.principal > 0]
    told = [berlin_day(row.read_at) for row in said.values() if row.open_amount < invoice.gross]
    return max(known or told, default=None)


def _promise(row: LeverRow) -> Promise:
    open_then = row.open_then or row.amount or 0
    return Promise(row.amount or row.open_then or 0, _until(row), open_then, row.made_by)  # type: ignore[arg-type]


def _contradiction(invoice: Claim, said: dict[str, PaymentRow]) -> str:
    """Money that we know and the accounting system does not: it must be booked there before anybody is reminded."""
    own = said.get(BOOKED)
    theirs = [row.open_amount for source, row in said.items() if source != BOOKED] or [invoice.gross]
    if own is None or invoice.is_voided or theirs[-1] <= own.open_amount:
        return ""
    return (
        f"laut Buchhaltung sind {in_german(theirs[-1])} offen,"
        f" nach den Zahlungseingängen nur {in_german(own.open_amount)}"
    )


def _by_invoice(rows: Sequence[Claim], pulled: list[LeverRow]) -> dict[int, list[LeverRow]]:
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
