"""Messages to a client's own programs: written down with the journal entry they tell of, then delivered in order.

They are no effects: an effect must not happen twice, a message may. Its id stays the same over all attempts, and who
gets it twice recognises it (at least once, Standard Webhooks).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from billing.dunning_facts import NONE
from ledger.invoices import SENT
from ledger.tables import EndpointRow, InvoiceRow, JournalRow, MessageRow

HEARD_AT_ONCE = 500


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Queue:
    """How an endpoint is doing: messages by state, and what holds the first of them up."""

    client: str
    name: str
    waiting: int
    delivered: int
    given_up: int
    attempts: int
    next_try: datetime | None
    error: str


def message_body(kind: str, at: datetime, data: dict[str, str]) -> str:
    """The JSON of a message (Standard Webhooks)."""
    told = {"type": kind, "timestamp": at.astimezone(UTC).isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def listen(session: Session, client: str, name: str, today: date) -> EndpointRow:
    """The endpoint of that name; a new one hears of what happens from now on."""
    row = session.get(EndpointRow, (client, name))
    if row is None:
        last = session.scalar(select(func.max(JournalRow.id))) or 0
        row = EndpointRow(client=client, name=name, since=today, heard_until=last, owner="", lease_until=None)
        session.add(row)
        session.flush()
    return row


def hear(session: Session, endpoint: EndpointRow) -> list[JournalRow]:
    """The next entries about the client's invoices, oldest first, and the endpoint has heard them; none: it knows all.

    Writers queue up, so no entry with a smaller number can appear behind one that was read.
    """
    last = session.scalar(select(func.max(JournalRow.id))) or 0
    query = (
        select(JournalRow)
        .where(
            JournalRow.id > endpoint.heard_until,
            JournalRow.client == endpoint.client,
            JournalRow.invoice_id.is_not(None),
        )
        .order_by(JournalRow.id)
        .limit(HEARD_AT_ONCE)
    )
    found = list(session.scalars(query))
    endpoint.heard_until = found[-1].id if len(found) == HEARD_AT_ONCE else last
    return found


def newly_due(session: Session, endpoint: EndpointRow, today: date) -> list[InvoiceRow]:
    """Sent, open invoices whose due date has passed since the endpoint exists and of which it was not told yet."""
    told = exists().where(
        MessageRow.client == InvoiceRow.client,
        MessageRow.endpoint == endpoint.name,
        MessageRow.key == "overdue/" + InvoiceRow.marker,
    )
    query = (
        select(InvoiceRow)
        .where(
            InvoiceRow.client == endpoint.client,
            InvoiceRow.stage == SENT,
            InvoiceRow.is_voided.is_(False),
            InvoiceRow.open_amount > NONE,
            InvoiceRow.due_date >= endpoint.since,
            InvoiceRow.due_date < today,
            ~told,
        )
        .order_by(InvoiceRow.due_date, InvoiceRow.id)
    )
    return list(session.scalars(query))


def queue(session: Session, endpoint: EndpointRow, key: str, event: str, body: str, now: datetime) -> None:
    """Write a message down; `key` is the fact it tells of, and makes its id."""
    digest = hashlib.sha256("\x1f".join((endpoint.client, endpoint.name, key)).encode()).hexdigest()
    session.add(
        MessageRow(
            client=endpoint.client,
            endpoint=endpoint.name,
            key=key,
            message_id=f"msg_{digest[:32]}",
            event=event,
            body=body,
            state=State.WAITING,
            attempts=0,
            not_before=now,
            error="",
            created_at=now,
            ended_at=None,
        )
    )


def claim(session: Session, client: str, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
    """Become, or stay, the one who delivers to an endpoint; False while somebody else does."""
    claimed = session.scalar(
        update(EndpointRow)
        .where(
            EndpointRow.client == client,
            EndpointRow.name == name,
            or_(EndpointRow.owner == owner, EndpointRow.lease_until.is_(None), EndpointRow.lease_until <= now),
        )
        .values(owner=owner, lease_until=now + lease)
        .returning(EndpointRow.name)
    )
    return claimed is not None


def release(session: Session, client: str, name: str, owner: str) -> None:
    """Let others deliver."""
    session.execute(
        update(EndpointRow)
        .where(and_(EndpointRow.client == client, EndpointRow.name == name, EndpointRow.owner == owner))
        .values(owner="", lease_until=None)
    )


def first(session: Session, client: str, name: str) -> MessageRow | None:
    """The oldest message that waits: none may overtake it."""
    query = (
        select(MessageRow)
        .where(MessageRow.client == client, MessageRow.endpoint == name, MessageRow.state == State.WAITING)
        .order_by(MessageRow.id)
        .limit(1)
    )
    return session.scalar(query)


def end(session: Session, message_id: int, state: State, error: str, now: datetime) -> None:
    """The message was delivered or is given up."""
    row = session.get_one(MessageRow, message_id)
    row.state, row.error, row.attempts, row.ended_at = state, error, row.attempts + 1, now


def put_off(session: Session, message_id: int, error: str, not_before: datetime) -> None:
    """The message was not taken; try again at `not_before`."""
    row = session.get_one(MessageRow, message_id)
    row.error, row.attempts, row.not_before = error, row.attempts + 1, not_before


def queues(session: Session, clients: Sequence[str]) -> list[Queue]:
    """Every endpoint that was ever listened for, with its messages."""
    query = (
        select(MessageRow.client, MessageRow.endpoint, MessageRow.state, func.count())
        .where(MessageRow.client.in_(clients))
        .group_by(MessageRow.client, MessageRow.endpoint, MessageRow.state)
    )
    counts = {(client, name, state): number for client, name, state, number in session.execute(query)}
    rows = session.scalars(select(EndpointRow).where(EndpointRow.client.in_(clients)).order_by(EndpointRow.client))
    return [_queue(session, row, counts) for row in rows]


def _queue(session: Session, row: EndpointRow, counts: dict[tuple[str, str, str], int]) -> Queue:
    waiting, delivered, given_up = (counts.get((row.client, row.name, state), 0) for state in State)
    head = first(session, row.client, row.name)
    return Queue(
        row.client,
        row.name,
        waiting,
        delivered,
        given_up,
        attempts=head.attempts if head else 0,
        next_try=head.not_before if head and head.attempts else None,
        error=head.error if head else "",
    )
