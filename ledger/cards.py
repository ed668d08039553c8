"""Tasks on a board outside: what hangs there, and what has to be put up or changed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from ledger.tables import CardRow, TaskRow

OPEN, DONE = "open", "done"


def due(session: Session, client: str, owners: Sequence[str], now: datetime) -> list[TaskRow]:
    """Open tasks that do not hang there yet and closed ones that still hang there as open, oldest first."""
    query = (
        select(TaskRow)
        .outerjoin(CardRow, CardRow.task_id == TaskRow.id)
        .where(
            TaskRow.client == client,
            or_(
                TaskRow.closed_at.is_(None) & (CardRow.task_id.is_(None) | (CardRow.shown == "")),
                TaskRow.closed_at.is_not(None) & (CardRow.shown == OPEN),
            ),
            or_(CardRow.task_id.is_(None), CardRow.not_before <= now),
        )
        .order_by(TaskRow.id)
    )
    return list(session.scalars(query.where(TaskRow.owner.in_(owners)) if owners else query))


def hanging(session: Session, client: str) -> dict[str, int]:
    """The open tasks that hang there, by the name of their card."""
    return {uid_of(task): task.id for task in session.scalars(_hanging(client))}


def uid_of(task: TaskRow) -> str:
    """The name of a task's card: it follows from what the task is about, so a restored ledger gives it again."""
    return "rb-" + hashlib.sha256("\x1f".join((task.client, task.key)).encode()).hexdigest()[:32]


def shown(session: Session, task: TaskRow, now: datetime) -> None:
    """It hangs there as the task is now."""
    row = _card(session, task, now)
    row.shown = DONE if task.closed_at else OPEN
    row.attempts, row.error, row.changed_at = 0, "", now


def put_off(session: Session, task: TaskRow, error: str, not_before: datetime, now: datetime) -> None:
    """It could not be put up; again at `not_before`."""
    row = _card(session, task, now)
    row.attempts, row.error, row.not_before, row.changed_at = row.attempts + 1, error, not_before, now


def attempts(session: Session, task: TaskRow) -> int:
    """How often in a row it could not be put up."""
    row = session.get(CardRow, task.id)
    return row.attempts if row else 0


def _hanging(client: str) -> Select[tuple[TaskRow]]:
    query = select(TaskRow).join(CardRow, CardRow.task_id == TaskRow.id)
    return query.where(TaskRow.client == client, TaskRow.closed_at.is_(None), CardRow.shown == OPEN)


def _card(session: Session, task: TaskRow, now: datetime) -> CardRow:
    row = session.get(CardRow, task.id)
    if row is None:
        row = CardRow(
            task_id=task.id, client=task.client, shown="", attempts=0, not_before=now, error="", changed_at=now
        )
        session.add(row)
    return row
