"""What needs a person: approvals, unclear deliveries, what is held, money, answers, tasks, broken promises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.collective import approvable_until
from billing.dunning_facts import NONE, Promise
from ledger import approvals, jobs, journal, receipts, times
from ledger.effects import State
from ledger.invoices import DRAFTED, ISSUED
from ledger.journal import Place
from ledger.levers import Kind as Lever
from ledger.proposal_tables import ProposalRow
from ledger.tables import EffectRow, InvoiceRow, JobRow, Json, LeverRow, TaskRow

NAMED = 5
"""So many customers are named in one item."""


class Kind(StrEnum):
    """What sort of thing waits."""

    APPROVAL = "Freigabe"
    UNKNOWN = "Zustellung unklar"
    REFUSED = "Abgelehnt"
    HELD = "Angehalten"
    PAYMENT = "Zahlung zuordnen"
    ANSWER = "Antwort des Kunden"
    PROMISE = "Zusage gebrochen"
    TASK = "Aufgabe"
    TIMES = "Zeiten freigeben"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: since when, about what, and why; `marker` names its invoice, if there is one.

    `effect` is the kind of what was tried; `task` and `payment` are their ids, 0 for none.
    """

    kind: Kind
    client: str
    since: datetime
    title: str
    text: str
    evidence: str = ""
    marker: str = ""
    effect: str = ""
    task: int = 0
    payment: int = 0
    amount: Decimal | None = None
    due_on: date | None = None


def items(session: Session, clients: Sequence[str], today: date) -> list[Item]:
    """Everything that waits for a person, oldest first; each thing once, though a task was made of it as well."""
    waiting = list(_approvals(session, clients))
    money = list(_payments(session, clients))
    answers = list(_answers(session, clients))
    told = {item.task for item in (*waiting, *answers)}
    keys = {f"payment/{item.payment}" for item in money}
    rest = [item for item in _tasks(session, clients, keys) if item.task not in told]
    stopped = [*_effects(session, clients), *_held_jobs(session, clients), *_held_invoices(session, clients)]
    found = [*waiting, *money, *answers, *rest, *stopped, *_promises(session, clients, today)]
    found += _times(session, clients, today)
    return sorted(found, key=lambda item: item.since)


class Waiting:
    """How many things wait for a person, remembered until something happens or the day ends."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], tuple[tuple[Place, date], int]] = {}

    def of(self, session: Session, clients: Sequence[str], today: date) -> int:
        """How many items these clients have."""
        here, key = (journal.place(session), today), tuple(clients)
        kept = self._kept.get(key)
        if kept is None or kept[0] != here:
            kept = self._kept[key] = (here, len(items(session, clients, today)))
        return kept[1]


def task(session: Session, client: str, task_id: int) -> TaskRow | None:
    """A client's task, open or done."""
    return session.scalar(select(TaskRow).where(TaskRow.id == task_id, TaskRow.client == client))


def _approvals(session: Session, clients: Sequence[str]) -> Iterator[Item]:
    for row, invoice in approvals.waiting(session, clients):
        yield Item(
            Kind.APPROVAL, row.client, row.asked_at, invoice.customer_name, row.reason, "", invoice.marker,
            task=row.task_id, amount=invoice.gross,
        )  # fmt: skip


def _effects(session: Session, clients: Sequence[str]) -> Iterator[Item]:
    """What is unknown or refused; what failed tries again by itself."""
    query = (
        select(EffectRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == EffectRow.invoice_id)
        .where(EffectRow.client.in_(clients), EffectRow.state.in_((State.UNKNOWN, State.REFUSED)))
    )
    for effect, invoice in session.execute(query):
        kind = Kind.UNKNOWN if effect.state == State.UNKNOWN else Kind.REFUSED
        yield Item(
            kind, effect.client, effect.changed_at, _name(invoice), effect.error, effect.evidence, invoice.marker,
            effect.kind, amount=invoice.open_amount,
        )  # fmt: skip


def _held_jobs(session: Session, clients: Sequence[str]) -> Iterator[Item]:
    query = select(JobRow).where(JobRow.client.in_(clients), JobRow.state == jobs.HELD)
    for row in session.scalars(query):
        yield Item(Kind.HELD, row.client, row.seen_at, f"Auftrag {row.number}", _messages(row.problems))


def _held_invoices(session: Session, clients: Sequence[str]) -> Iterator[Item]:
    query = select(InvoiceRow).where(InvoiceRow.client.in_(clients), InvoiceRow.stage.in_((DRAFTED, ISSUED)))
    for row in session.scalars(query):
        if row.problems:
            text = _messages(row.problems)
            yield Item(Kind.HELD, row.client, row.created_at, _name(row), text, "", row.marker, amount=row.gross)


def _payments(session: Session, clients: Sequence[str]) -> Iterator[Item]:
    for row in receipts.unassigned(session, clients):
        whose = str(row.line.get("counterparty") or "unbekannt")
        numbers = ", ".join(str(share["number"]) for share in row.shares)
        title = f"{whose}: Vorschlag {numbers}" if numbers else f"{whose}: kein Vorschlag"
        text = " ".join(str(reason["text"]) for reason in row.reasons)
        yield Item(
            Kind.PAYMENT, row.client, row.seen_at, title, text, str(row.line.get("purpose") or ""), payment=row.id,
            amount=row.amount,
        )  # fmt: skip


def _answers(session: Session, clients: Sequence[str]) -> Iterator[Item]:
    query = (
        select(ProposalRow, TaskRow, InvoiceRow)
        .join(TaskRow, TaskRow.id == ProposalRow.task_id)
        .join(InvoiceRow, InvoiceRow.id == ProposalRow.invoice_id)
        .where(ProposalRow.client.in_(clients), ProposalRow.decided_at.is_(None), TaskRow.closed_at.is_(None))
    )
    for _row, asked, invoice in session.execute(query):
        yield Item(
            Kind.ANSWER, asked.client, asked.created_at, asked.title, asked.body, "", invoice.marker, task=asked.id
        )  # fmt: skip


def _tasks(session: Session, clients: Sequence[str], told: set[str]) -> Iterator[Item]:
    query = (
        select(TaskRow, InvoiceRow)
        .outerjoin(InvoiceRow, InvoiceRow.id == TaskRow.invoice_id)
        .where(TaskRow.client.in_(clients), TaskRow.closed_at.is_(None))
    )
    for row, invoice in session.execute(query):
        if row.key not in told:
            marker = invoice.marker if invoice else ""
            yield Item(
                Kind.TASK, row.client, row.created_at, row.title, row.body, row.owner, marker, task=row.id,
                due_on=row.due_on,
            )  # fmt: skip


def _promises(session: Session, clients: Sequence[str], today: date) -> Iterator[Item]:
    query = (
        select(LeverRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == LeverRow.invoice_id)
        .where(
            LeverRow.client.in_(clients),
            LeverRow.kind == Lever.PROMISE,
            LeverRow.ended_at.is_(None),
            LeverRow.until < today,
            InvoiceRow.open_amount > NONE,
            InvoiceRow.is_voided.is_(False),
        )
    )
    for row, invoice in session.execute(query):
        if not _is_kept(row, invoice):
            text = f"Zugesagt war Zahlung bis {row.until:%d.%m.%Y}; das Geld kam nicht. {row.reason}"
            yield Item(
                Kind.PROMISE, row.client, row.made_at, _name(invoice), text, row.made_by, invoice.marker,
                amount=invoice.open_amount,
            )  # fmt: skip


def _times(session: Session, clients: Sequence[str], today: date) -> Iterator[Item]:
    """Recorded work that nobody has approved and that is about to be billed; one thing for each client."""
    until = approvable_until(today)
    waiting = [
        row for row in times.rows(session, clients, until=until, states=[times.State.RECORDED]) if row.is_billable
    ]
    for client in sorted({row.client for row in waiting}):
        own = [row for row in waiting if row.client == client]
        whose = sorted({row.customer_key for row in own})
        text = f"Bis {until:%d.%m.%Y}: {', '.join(whose[:NAMED])}" + (" und andere." if len(whose) > NAMED else ".")
        since = min(row.changed_at for row in own)
        yield Item(Kind.TIMES, client, since, f"{len(own)} Zeiten warten auf Freigabe", text, due_on=until)


def _is_kept(row: LeverRow, invoice: InvoiceRow) -> bool:
    then = row.open_then or invoice.gross
    return Promise(row.amount or then, row.until or row.made_at.date(), then).is_kept(invoice.open_amount)


def _name(row: InvoiceRow) -> str:
    return f"{row.number or row.marker}, {row.customer_name}"


def _messages(problems: Sequence[Json]) -> str:
    return " ".join(str(problem["message"]) for problem in problems)
