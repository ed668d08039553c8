"""What people ask the ledger: how many of what, what needs a hand, and what became of one invoice."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger import approvals, effects, jobs, stops
from ledger.effects import State
from ledger.invoices import DRAFTED, FILED, ISSUED
from ledger.post_tables import BounceRow
from ledger.receivables import Receivable
from ledger.stops import ALL, Cause
from ledger.tables import DocumentRow, EffectRow, HoldRow, InvoiceRow, JobRow, TaskRow

KEEPS_FAILING = 3
"""After so many attempts somebody is told of what is still tried again by itself."""

WANTS_A_LOOK = (State.FAILED, State.REFUSED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Case:
    """Something that does not go on by itself, or only later: what, why, and the evidence.

    `kind` is `stop`, `job`, `invoice`, `hold`, `bounce` or the kind of the effect; `number` and `customer` are the
    invoice's. `key` is the case's own while it lasts, empty for what nobody needs to be called for.
    """

    client: str
    kind: str
    state: str
    subject: str
    reason: str
    evidence: str
    since: datetime
    next_try: datetime | None = None
    number: str = ""
    customer: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Departure:
    """An effect that leaves as soon as it may."""

    client: str
    kind: str
    subject: str
    recipient: str
    gross: Decimal


def cases(session: Session, clients: Sequence[str]) -> list[Case]:
    """Everything that is held, failed, refused or unknown, oldest first."""
    held = [*_held_jobs(session, clients), *_held_invoices(session, clients), *_approvals(session, clients)]
    found = [*_stops(session, clients), *_held_by_people(session, clients), *held, *_effects(session, clients)]
    found += _bounced(session, clients)
    return sorted(found, key=lambda case: case.since)


def counts(session: Session, client: str, receivables: Iterable[Receivable]) -> dict[str, dict[str, int]]:
    """How many: jobs by state, invoices on their way by stage, receivables by standing, effects by kind and state."""
    job_states = select(JobRow.state, func.count()).where(JobRow.client == client).group_by(JobRow.state)
    stages = select(InvoiceRow.stage, func.count()).where(InvoiceRow.client == client).group_by(InvoiceRow.stage)
    return {
        "jobs": {state: number for state, number in session.execute(job_states)},  # noqa: C416 mypy cannot see dict(rows)
        "invoices": {stage: number for stage, number in session.execute(stages)},  # noqa: C416
        "receivables": dict(Counter(item.standing.value for item in receivables if item.client == client)),
        **effects.counts(session, client),
    }


def open_tasks(session: Session, clients: Sequence[str]) -> list[TaskRow]:
    """What people have to do, oldest first."""
    query = select(TaskRow).where(TaskRow.client.in_(clients), TaskRow.closed_at.is_(None)).order_by(TaskRow.id)
    return list(session.scalars(query))


def about_to_leave(session: Session, clients: Sequence[str]) -> list[Departure]:
    """What is written down and waits to leave, oldest first."""
    query = (
        select(EffectRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == EffectRow.invoice_id)
        .where(EffectRow.client.in_(clients), EffectRow.state.in_(effects.TAKEABLE))
        .order_by(EffectRow.id)
    )
    return [
        Departure(effect.client, effect.kind, _name(invoice), effect.payload.get("recipient", ""), invoice.gross)
        for effect, invoice in session.execute(query)
    ]


def markers(session: Session, client: str) -> list[str]:
    """Our markers of all invoices ever drafted, oldest first."""
    return list(session.scalars(select(InvoiceRow.marker).where(InvoiceRow.client == client).order_by(InvoiceRow.id)))


def archived(session: Session, client: str | None = None) -> list[DocumentRow]:
    """All documents in the archive."""
    query = select(DocumentRow).order_by(DocumentRow.id)
    return list(session.scalars(query.where(DocumentRow.client == client) if client else query))


def _stops(session: Session, clients: Sequence[str]) -> list[Case]:
    return [
        Case(
            row.client or "alle",
            "stop",
            "held",
            row.kind or "alles",
            row.reason,
            f"von {row.made_by}",
            row.made_at,
            key=f"stop/{row.id}",
        )
        for row in stops.in_force(session)
        if row.client in (ALL, *clients) and row.cause != Cause.REHEARSAL
    ]


def _held_by_people(session: Session, clients: Sequence[str]) -> list[Case]:
    query = (
        select(HoldRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == HoldRow.invoice_id)
        # A hold with a last day ends by itself.
        .where(HoldRow.client.in_(clients), HoldRow.lifted_at.is_(None), HoldRow.until.is_(None))
    )
    return [
        Case(hold.client, "hold", "held", _name(row), hold.reason, f"von {hold.made_by}", hold.made_at)
        for hold, row in session.execute(query)
    ]


def _held_jobs(session: Session, clients: Sequence[str]) -> list[Case]:
    query = select(JobRow).where(JobRow.client.in_(clients), JobRow.state == jobs.HELD)
    return [
        Case(
            row.client,
            "job",
            "held",
            f"Auftrag {row.number}",
            _messages(row.problems),
            _codes(row.problems),
            row.seen_at,
            key=f"job/{row.id}/{_codes(row.problems)}"[:200],
        )
        for row in session.scalars(query)
    ]


def _held_invoices(session: Session, clients: Sequence[str]) -> list[Case]:
    query = select(InvoiceRow).where(InvoiceRow.client.in_(clients), InvoiceRow.stage.in_((DRAFTED, ISSUED, FILED)))
    return [
        Case(
            row.client,
            "invoice",
            "held",
            _name(row),
            _messages(row.problems),
            _codes(row.problems),
            row.created_at,
            number=row.number or row.marker,
            customer=row.customer_name,
            key=f"invoice/{row.id}/{_codes(row.problems)}"[:200],
        )
        for row in session.scalars(query)
        if row.problems
    ]


def _approvals(session: Session, clients: Sequence[str]) -> list[Case]:
    return [
        Case(row.client, "invoice", row.state, _name(invoice), row.reason, f"Freigabe: {row.approver}", row.asked_at)
        for row, invoice in approvals.waiting(session, clients)
    ]


def _effects(session: Session, clients: Sequence[str]) -> list[Case]:
    query = (
        select(EffectRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == EffectRow.invoice_id)
        .where(EffectRow.client.in_(clients), EffectRow.state.in_(WANTS_A_LOOK))
    )
    return [
        Case(
            effect.client,
            effect.kind,
            effect.state,
            _name(invoice),
            effect.error,
            effect.evidence,
            effect.changed_at,
            effect.not_before if effect.state == State.FAILED else None,
            number=invoice.number or invoice.marker,
            customer=invoice.customer_name,
            key=_key_of(effect),
        )
        for effect, invoice in session.execute(query)
    ]


def _key_of(effect: EffectRow) -> str:
    """A case lasts until something is tried again; what fails is called for only when it keeps failing."""
    if effect.state == State.FAILED:
        return f"effect/{effect.id}/failed" if effect.attempts >= KEEPS_FAILING else ""
    return f"effect/{effect.id}/{effect.state}/{effect.attempts}"


def _bounced(session: Session, clients: Sequence[str]) -> list[Case]:
    query = (
        select(BounceRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == BounceRow.invoice_id)
        .where(BounceRow.client.in_(clients), BounceRow.settled_at.is_(None))
    )
    return [
        Case(
            row.client,
            "bounce",
            "bounced",
            _name(invoice),
            f"{_what(row)} an {row.recipient} ist unzustellbar; erinnert wird nicht.",
            f"{row.status} {row.diagnostic}".strip(),
            row.bounced_at,
            number=invoice.number or invoice.marker,
            customer=invoice.customer_name,
            key=f"bounce/{row.id}",
        )
        for row, invoice in session.execute(query)
    ]


def _what(row: BounceRow) -> str:
    return "Die Mail" if row.incoming_id else "Der Brief"


def _name(row: InvoiceRow) -> str:
    return f"Rechnung {row.number}" if row.number else f"Rechnung an {row.customer_name} ({row.marker})"


def _messages(problems: list[dict[str, str]]) -> str:
    return " ".join(problem["message"] for problem in problems)


def _codes(problems: list[dict[str, str]]) -> str:
    return ", ".join(problem["code"] for problem in problems)
