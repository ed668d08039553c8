"""Chunks: several runs share one big batch by telling each other what they have taken on.

Nothing rests on them: what an item may do is decided by its own row. A run that forgets its chunks only costs time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from ledger.owners import is_dead
from ledger.tables import ChunkRow

Item = TypeVar("Item", int, str)


def take(
    session: Session,
    client: str,
    batch: str,
    run: str,
    owner: str,
    wanted: Sequence[Item],
    size: int,
    now: datetime,
    lease: timedelta,
) -> list[Item]:
    """The first `size` of the wanted items that no other living run has taken; empty when all are in good hands."""
    taken: set[int | str] = set()
    query = select(ChunkRow).where(ChunkRow.client == client, ChunkRow.batch == batch, ChunkRow.run != run)
    for row in session.scalars(query):
        if row.until <= now or is_dead(row.owner):
            session.delete(row)
        else:
            taken.update(row.items)
    items = [item for item in wanted if item not in taken][:size]
    if items:
        until = now + lease
        session.add(ChunkRow(client=client, batch=batch, run=run, owner=owner, until=until, items=items))
    return items


def give_back(session: Session, run: str, now: datetime) -> None:
    """A run has come to its end: what it did not finish is open to others. Clears up after the long dead, too."""
    session.execute(delete(ChunkRow).where(or_(ChunkRow.run == run, ChunkRow.until <= now)))
