"""What the operator was told: each case once and for all; a message's bytes are archived, sent once, never repeated.

The law of effects on a smaller table: written down first, claimed by one conditional update, `leaving` committed before
the point of no return. What was interrupted there is `unknown` and not sent again: the case stays in `status`, and the
daily summary names it once more.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ledger.effects import LeaseLost
from ledger.post_tables import AlertCaseRow, AlertRow


class State(StrEnum):
    """Where a message stands."""

    PLANNED = "planned"
    SENDING = "sending"
    LEAVING = "leaving"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to send a message now."""

    alert_id: int
    token: str
    attempt: int
    target: str
    sha256: str
    planned_at: datetime


def untold(session: Session, client: str, keys: Sequence[str]) -> list[str]:
    """Those of the keys of which nobody has been told yet, in their order."""
    query = select(AlertCaseRow.key).where(AlertCaseRow.client == client, AlertCaseRow.key.in_(keys))
    told = set(session.scalars(query))
    return [key for key in dict.fromkeys(keys) if key not in told]


def tell(session: Session, client: str, keys: Iterable[str], now: datetime) -> None:
    """These cases are told from now on. A second worker that tells one of them at the same moment fails as a whole."""
    session.add_all(AlertCaseRow(client=client, key=key, told_at=now) for key in keys)
    session.flush()


def plan(session: Session, client: str, key: str, target: str, sha256: str, now: datetime) -> None:
    """Write down that the archived message goes to an address."""
    session.add(
        AlertRow(
            client=client,
            key=key,
            channel="mail",
            target=target,
            sha256=sha256,
            state=State.PLANNED,
            token="",
            lease_until=None,
            attempts=0,
            not_before=now,
            error="",
            created_at=now,
            changed_at=now,
        )
    )
    session.flush()


def due(session: Session, client: str, now: datetime) -> list[int]:
    """Ids of the messages that may leave now, oldest first."""
    query = (
        select(AlertRow.id)
        .where(AlertRow.client == client, AlertRow.state.in_((State.PLANNED, State.FAILED)), AlertRow.not_before <= now)
        .order_by(AlertRow.id)
    )
    return list(session.scalars(query))


def recover(session: Session, client: str, now: datetime) -> None:
    """What dead workers left behind: what had provably not left goes again, the rest is unknown and stays so."""
    for state, after in ((State.SENDING, State.FAILED), (State.LEAVING, State.UNKNOWN)):
        session.execute(
            update(AlertRow)
            .where(AlertRow.client == client, AlertRow.state == state, AlertRow.lease_until <= now)
            .values(state=after, token="", changed_at=now)
        )


def take(session: Session, alert_id: int, now: datetime, lease: timedelta) -> Turn | None:
    """Claim a message; None when another worker was faster."""
    token = secrets.token_hex(16)
    claimed = session.execute(
        update(AlertRow)
        .where(AlertRow.id == alert_id, AlertRow.state.in_((State.PLANNED, State.FAILED)), AlertRow.not_before <= now)
        .values(
            state=State.SENDING,
            token=token,
            lease_until=now + lease,
            attempts=AlertRow.attempts + 1,
            changed_at=now,
        )
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        return None
    row = session.get_one(AlertRow, alert_id)
    return Turn(row.id, token, row.attempts, row.target, row.sha256, row.created_at)


def leave(session: Session, turn: Turn, now: datetime) -> None:
    """The point of no return comes next. Raises `LeaseLost` when the right to go on is gone."""
    _move(session, turn, (State.SENDING,), State.LEAVING, "", now, now)


def settle(session: Session, turn: Turn, state: State, error: str, not_before: datetime, now: datetime) -> None:
    """How it ended. Raises `LeaseLost` when somebody else has decided meanwhile."""
    _move(session, turn, (State.SENDING, State.LEAVING), state, error, not_before, now)


def counts(session: Session, client: str) -> dict[str, int]:
    """Messages by state."""
    found: dict[str, int] = {}
    for state in session.scalars(select(AlertRow.state).where(AlertRow.client == client)):
        found[state] = found.get(state, 0) + 1
    return found


def _move(
    session: Session,
    turn: Turn,
    before: tuple[State, ...],
    state: State,
    error: str,
    not_before: datetime,
    now: datetime,
) -> None:
    moved = session.execute(
        update(AlertRow)
        .where(AlertRow.id == turn.alert_id, AlertRow.token == turn.token, AlertRow.state.in_(before))
        .values(state=state, error=error, not_before=not_before, changed_at=now)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(str(turn.alert_id))
