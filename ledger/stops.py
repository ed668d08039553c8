"""Stops: what nobody may send at present, for a client or for all, of one kind or of every kind; and why.

A person pulls one as a brake. The program pulls one itself when the clock has jumped or an old ledger was restored:
then it knows too little to let anything out, and a person has to look. Reading goes on in any case.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.calendar import BERLIN
from ledger.effects import Kind
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.tables import PulseRow, StopRow

ALL = ""
"""Every client, or every kind."""

PROGRAM = "Rechnungsbote"
"""Who pulls the brake when no person does."""

SKEW = timedelta(minutes=5)
"""So far the clocks of several machines may differ without one of them having jumped."""

BEAT = timedelta(minutes=1)
"""The pulse is not written more often than that."""


class Cause(StrEnum):
    """Who or what stopped."""

    PERSON = "person"
    CLOCK = "clock"
    RESTORE = "restore"
    REHEARSAL = "rehearsal"


def stop(session: Session, client: str, kind: str, word: Word, now: datetime, cause: Cause = Cause.PERSON) -> StopRow:
    """Let nothing of that kind leave. Raises `NothingToDecide` when that is so already for the same cause."""
    for row in in_force(session):
        if (row.client, row.kind, row.cause) == (client, kind, cause):
            raise NothingToDecide("Das ist schon angehalten.")
    row = StopRow(
        client=client,
        kind=kind,
        cause=cause,
        reason=word.reason,
        made_by=word.by,
        made_at=now,
        lifted_at=None,
        lifted_by="",
    )
    session.add(row)
    session.flush()
    record(session, now, client, "stopped", kind=kind or "alles", by=word.by, reason=word.reason)
    return row


def lift(session: Session, client: str, kind: str, causes: Sequence[Cause], word: Word, now: datetime) -> list[StopRow]:
    """Let it go on. Raises `NothingToDecide` when nothing of the kind is stopped for one of the causes."""
    rows = [row for row in in_force(session) if (row.client, row.kind) == (client, kind) and row.cause in causes]
    if not rows:
        raise NothingToDecide("Hier ist nichts angehalten.")
    for row in rows:
        row.lifted_at, row.lifted_by = now, word.by
        record(session, now, client, "started", kind=kind or "alles", by=word.by, reason=word.reason)
        if row.cause == Cause.CLOCK:
            session.merge(PulseRow(client=client, seen_at=now))
    return rows


def in_force(session: Session) -> list[StopRow]:
    """All stops that nobody has lifted, oldest first."""
    return list(session.scalars(select(StopRow).where(StopRow.lifted_at.is_(None)).order_by(StopRow.id)))


def barrier(session: Session, client: str, kind: Kind) -> StopRow | None:
    """What stands in the way of an effect at present; None when it may leave."""
    query = (
        select(StopRow)
        .where(StopRow.lifted_at.is_(None), StopRow.client.in_((ALL, client)), StopRow.kind.in_((ALL, kind)))
        .order_by(StopRow.id)
        .limit(1)
    )
    return session.scalar(query)


def rehearses(session: Session) -> bool:
    """Whether this ledger is a copy on which a run is only rehearsed."""
    query = select(StopRow.id).where(StopRow.lifted_at.is_(None), StopRow.cause == Cause.REHEARSAL)
    return session.scalar(query.limit(1)) is not None


def beat(session: Session, client: str, now: datetime, longest: timedelta) -> StopRow | None:
    """Note that work is done at `now`; the stop that follows when that is too far from the last time, or before it."""
    row = session.get(PulseRow, client)
    if row and not row.seen_at - SKEW <= now <= row.seen_at + longest:
        return _stop_for_clock(session, client, row.seen_at, now)
    if row is None or now >= row.seen_at + BEAT:
        session.merge(PulseRow(client=client, seen_at=now))
    return None


def _stop_for_clock(session: Session, client: str, last: datetime, now: datetime) -> StopRow | None:
    then, today = last.astimezone(BERLIN), now.astimezone(BERLIN)
    how = "steht vor" if now < last else "ist weit hinter"
    reason = (
        f"Die Uhr ({today:%d.%m.%Y %H:%M}) {how} dem letzten Lauf ({then:%d.%m.%Y %H:%M})."
        f" Stimmt sie, geht es weiter mit  rechnungsbote go --client {client}"
    )
    try:
        return stop(session, client, ALL, Word(PROGRAM, reason), now, Cause.CLOCK)
    except NothingToDecide:
        return None
