"""Callbacks of foreign systems: hints that something changed there, kept before they are answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ledger.tables import CallbackRow


@dataclass(frozen=True, slots=True)
class Callback:
    """What a callback said: `system` is the client's name for the connection, `key` the identity of the event."""

    system: str
    key: str
    name: str
    topic: str
    external_id: str
    occurred_at: datetime


def keep(session: Session, client: str, callback: Callback, now: datetime) -> bool:
    """Keep a callback; False when the same event had come before."""
    known = select(CallbackRow.id).where(
        CallbackRow.client == client, CallbackRow.system == callback.system, CallbackRow.key == callback.key
    )
    if session.scalar(known) is not None:
        return False
    session.add(
        CallbackRow(
            client=client,
            system=callback.system,
            key=callback.key,
            name=callback.name,
            topic=callback.topic,
            external_id=callback.external_id,
            occurred_at=callback.occurred_at,
            received_at=now,
            handled_at=None,
        )
    )
    return True


def waiting(session: Session, client: str) -> list[CallbackRow]:
    """The callbacks of a client that nobody has looked at yet, in the order they came."""
    query = select(CallbackRow).where(CallbackRow.client == client, CallbackRow.handled_at.is_(None))
    return list(session.scalars(query.order_by(CallbackRow.id)))


def waiting_by_client(session: Session) -> dict[str, int]:
    """How many callbacks wait for each client that has any."""
    query = select(CallbackRow.client, func.count()).where(CallbackRow.handled_at.is_(None))
    return dict(session.execute(query.group_by(CallbackRow.client)).tuples().all())


def settle(session: Session, ids: Collection[int], now: datetime) -> None:
    """Note that these callbacks have been looked at."""
    session.execute(update(CallbackRow).where(CallbackRow.id.in_(list(ids))).values(handled_at=now))


def forget(session: Session, before: datetime) -> None:
    """Delete callbacks that came before an instant: what they pointed at has long been read by the lists."""
    session.execute(delete(CallbackRow).where(CallbackRow.received_at < before))
