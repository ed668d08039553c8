"""What people ask the ledger: how many of what, what needs a hand, and what became of one invoice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.payments import Standing, standing
from ledger import effects, jobs
from ledger.effects import State
from ledger.invoices import DRAFTED, ISSUED
from ledger.payments import fact_of
from ledger.tables import DocumentRow, EffectRow, InvoiceRow, JobRow, NoticeRow, TaskRow

WANTS_A_LOOK = (State.FAILED, State.REFUSED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Case:
    """Something that does not go on by itself, or only later: what, why, and the evidence.

    `kind` is `job`, `invoice` or the kind of the effect.
    """

    client: str
    kind: str
    state: str
    subject: str
    reason: str
    evidence: str
    since: datetime
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receivable:
    """An issued invoice as the board shows it; money in euro, `notices` counts reminders that left."""

    client: str
    number: str
    customer: str
    issue_date: date
    due_date: date
    gross: Decimal
    open_amount: Decimal
    standing: Standing
    stage: str
    notices: int
    tasks: int


def cases(session: Session, clients: Sequence[str]) -> list[Case]:
    """Everything that is held, failed, refused or unknown, oldest first."""
    found = [*_held_jobs(session, clients), *_held_invoices(session, clients), *_effects(session, clients)]
    return sorted(found, key=lambda case: case.since)


def receivables(session: Session, clients: Sequence[str], today: date) -> list[Receivable]:
    """All issued invoices with their standing as of today, by client and number."""
    reminded = _count_by_invoice(session, NoticeRow.effect_id.is_not(None))
    tasked = _count_by_invoice(session, NoticeRow.task_id.is_not(None))
    query = (
        select(InvoiceRow)
        .where(InvoiceRow.client.in_(clients), InvoiceRow.number.is_not(None))
        .order_by(InvoiceRow.client, InvoiceRow.number)
    )
    return [_receivable(row, reminded, tasked, today) for row in session.scalars(query)]


def counts(session: Session, client: str, today: date) -> dict[str, dict[str, int]]:
    """How many: jobs by state, invoices on their way by stage, receivables by standing, effects by kind and state."""
    job_states = select(JobRow.state, func.count()).where(JobRow.client == client).group_by(JobRow.state)
    stages = select(InvoiceRow.stage, func.count()).where(InvoiceRow.client == client).group_by(InvoiceRow.stage)
    standings: dict[str, int] = {}
    for item in receivables(session, [client], today):
        standings[item.standing] = standings.get(item.standing, 0) + 1
    return {
        "jobs": {state: number for state, number in session.execute(job_states)},  # noqa: C416 mypy cannot see dict(rows)
        "invoices": {stage: number for stage, number in session.execute(stages)},  # noqa: C416
        "receivables": standings,
        **effects.counts(session, client),
    }


def open_tasks(session: Session, clients: Sequence[str]) -> list[TaskRow]:
    """What people have to do, oldest first."""
    query = select(TaskRow).where(TaskRow.client.in_(clients), TaskRow.closed_at.is_(None)).order_by(TaskRow.id)
    return list(session.scalars(query))


def markers(session: Session, client: str) -> list[str]:
    """Our markers of all invoices ever drafted, oldest first."""
    return list(session.scalars(select(InvoiceRow.marker).where(InvoiceRow.client == client).order_by(InvoiceRow.id)))


def archived(session: Session, client: str | None = None) -> list[DocumentRow]:
    """All documents in the archive."""
    query = select(DocumentRow).order_by(DocumentRow.id)
    return list(session.scalars(query.where(DocumentRow.client == client) if client else query))


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
        )
        for row in session.scalars(query)
    ]


def _held_invoices(session: Session, clients: Sequence[str]) -> list[Case]:
    query = select(InvoiceRow).where(InvoiceRow.client.in_(clients), InvoiceRow.stage.in_((DRAFTED, ISSUED)))
    return [
        Case(row.client, "invoice", "held", _name(row), _messages(row.problems), _codes(row.problems), row.created_at)
        for row in session.scalars(query)
        if row.problems
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
        )
        for effect, invoice in session.execute(query)
    ]


def _receivable(row: InvoiceRow, reminded: dict[int, int], tasked: dict[int, int], today: date) -> Receivable:
    due_date = row.due_date or row.issue_date
    return Receivable(
        row.client,
        row.number or "",
        row.customer_name,
        row.issue_date,
        due_date,
        row.gross,
        row.open_amount,
        standing(row.gross, fact_of(row), due_date, today),
        row.stage,
        reminded.get(row.id, 0),
        tasked.get(row.id, 0),
    )


def _count_by_invoice(session: Session, condition: object) -> dict[int, int]:
    query = (
        select(NoticeRow.invoice_id, func.count())
        .where(condition, NoticeRow.withdrawn_at.is_(None))  # type: ignore[arg-type]
        .group_by(NoticeRow.invoice_id)
    )
    return {invoice_id: number for invoice_id, number in session.execute(query)}  # noqa: C416


def _name(row: InvoiceRow) -> str:
    return f"Rechnung {row.number}" if row.number else f"Rechnung an {row.customer_name} ({row.marker})"


def _messages(problems: list[dict[str, str]]) -> str:
    return " ".join(problem["message"] for problem in problems)


def _codes(problems: list[dict[str, str]]) -> str:
    return ", ".join(problem["code"] for problem in problems)
