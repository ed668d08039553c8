"""The claims of clients as people see them: each with its status word, since when, and the fact that made it so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.dunning_facts import Facts
from billing.payments import Standing
from billing.standings import expires_on, stand_of, warns_of_expiry
from ledger import claims
from ledger.claims import Circumstances
from ledger.tables import InvoiceRow, NoticeRow

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Receivable:
    """An issued invoice as the board shows it; money in euro, `notices` counts reminders that left.

    `since` is the day from which `standing` holds (None: not known), `fact` the German sentence that made it so;
    `expires_on` is set only while the claim is about to expire at the end of the year, or has expired.
    """

    client: str
    number: str
    customer: str
    issue_date: date
    due_date: date
    gross: Decimal
    open_amount: Decimal
    standing: Standing
    since: date | None
    fact: str
    stage: str
    notices: int
    tasks: int
    expires_on: date | None


def receivables(session: Session, clients: Mapping[str, Circumstances], today: date) -> list[Receivable]:
    """All issued invoices of these clients as of today, by client and in the order they were written.

    A few queries for each thousand invoices, and never more than a thousand rows in memory.
    """
    return [found for client in sorted(clients) for found in _of_client(session, client, clients[client], today)]


def receivables_of(
    session: Session, rows: Sequence[InvoiceRow], around: Circumstances, today: date
) -> list[Receivable]:
    """Some issued invoices of one client as of today, in their order; a few queries however many there are."""
    ids = [row.id for row in rows]
    facts = claims.facts_of(session, rows, around, today)
    steps = _steps(session, ids)
    return [_receivable(row, facts[row.id], steps.get(row.id, (0, 0)), around.land, today) for row in rows]


def _of_client(session: Session, client: str, around: Circumstances, today: date) -> Iterator[Receivable]:
    query = (
        select(InvoiceRow).where(InvoiceRow.client == client, InvoiceRow.number.is_not(None)).order_by(InvoiceRow.id)
    )
    last = 0
    while rows := list(session.scalars(query.where(InvoiceRow.id > last).limit(CHUNK))):
        yield from receivables_of(session, rows, around, today)
        last = rows[-1].id
        session.expunge_all()


def _receivable(row: InvoiceRow, facts: Facts, steps: tuple[int, int], land: str, today: date) -> Receivable:
    stand = stand_of(facts, today, land)
    notices, tasks = steps
    return Receivable(
        client=row.client,
        number=row.number or "",
        customer=row.customer_name,
        issue_date=row.issue_date,
        due_date=facts.due_date,
        gross=row.gross,
        open_amount=row.open_amount,
        standing=stand.word,
        since=stand.since,
        fact=stand.fact,
        stage=row.stage,
        notices=notices,
        tasks=tasks,
        expires_on=expires_on(facts.due_date) if warns_of_expiry(facts, today) else None,
    )


def _steps(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many reminders and how many tasks were made for each invoice; withdrawn ones do not count."""
    query = (
        select(NoticeRow.invoice_id, func.count(NoticeRow.effect_id), func.count(NoticeRow.task_id))
        .where(NoticeRow.invoice_id.in_(ids), NoticeRow.withdrawn_at.is_(None))
        .group_by(NoticeRow.invoice_id)
    )
    return {invoice_id: (notices, tasks) for invoice_id, notices, tasks in session.execute(query)}
