"""Ways to foreign systems that are shut: a task for a person as long as a step does not get through."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.calendar import BERLIN
from ledger import notices
from ledger.link_tables import OutageRow

PATIENCE = timedelta(hours=1)
"""A system that does not answer is nobody's business before."""


def is_known(session: Session, client: str, step: str) -> bool:
    """Whether the step did not get through last time."""
    return session.get(OutageRow, (client, step)) is not None


def met(session: Session, client: str, step: str, reason: str, owner: str, now: datetime, *, is_shut: bool) -> None:
    """The step did not get through: one task for all steps, at once if the key is refused, else after an hour."""
    row = session.get(OutageRow, (client, step))
    if row is None:
        row = OutageRow(client=client, step=step, since=now, task_id=None)
        session.add(row)
    row.reason = reason
    if row.task_id is None and (is_shut or now - row.since >= PATIENCE):
        row.task_id = _task_of(session, client, reason) or _ask(session, row, owner, now)


def over(session: Session, client: str, step: str, now: datetime) -> None:
    """The step got through; its task is done as soon as no other step needs it."""
    row = session.get(OutageRow, (client, step))
    if row is None:
        return
    session.delete(row)
    session.flush()
    query = select(func.count()).where(OutageRow.task_id == row.task_id)
    if row.task_id is not None and session.scalars(query).one() == 0:
        notices.close(session, row.task_id, notices.PROGRAM, now)


def _task_of(session: Session, client: str, reason: str) -> int | None:
    query = select(OutageRow.task_id).where(OutageRow.client == client, OutageRow.reason == reason)
    return session.scalar(query.where(OutageRow.task_id.is_not(None)).limit(1))


def _ask(session: Session, row: OutageRow, owner: str, now: datetime) -> int:
    since = row.since.astimezone(BERLIN)
    body = (
        f"Seit {since:%d.%m.%Y, %H:%M} Uhr geht es hier nicht weiter. Es wird von selbst wieder versucht, und diese"
        " Aufgabe schließt sich, sobald es gelingt."
    )
    key = f"outage/{row.step}/{since.isoformat()}"
    return notices.ask(session, row.client, key, row.reason[:200], body, owner, None, now).id
