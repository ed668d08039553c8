"""Paused clients: nothing is done for them, by nobody, until somebody resumes them."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.tables import PauseRow, PulseRow


def pause(session: Session, client: str, word: Word, now: datetime) -> PauseRow:
    """Stop all work for a client. Raises `NothingToDecide` when it is paused already."""
    if session.get(PauseRow, client):
        raise NothingToDecide(f"{client} ruht schon.")
    row = PauseRow(client=client, reason=word.reason, made_by=word.by, made_at=now)
    session.add(row)
    record(session, now, client, "client paused", by=word.by, reason=word.reason)
    return row


def resume(session: Session, client: str, word: Word, now: datetime) -> None:
    """Let a client go on. Raises `NothingToDecide` when it is not paused."""
    row = session.get(PauseRow, client)
    if row is None:
        raise NothingToDecide(f"{client} ruht nicht.")
    session.delete(row)
    # The person who resumes vouches for the time: the gap is a pause and not a jump of the clock.
    session.execute(delete(PulseRow).where(PulseRow.client == client))
    record(session, now, client, "client resumed", by=word.by, reason=word.reason)


def of(session: Session, client: str) -> PauseRow | None:
    """The pause that is in force for a client."""
    return session.get(PauseRow, client)


def paused(session: Session) -> dict[str, PauseRow]:
    """All clients that are paused, with who stopped them and why."""
    return {row.client: row for row in session.scalars(select(PauseRow))}
