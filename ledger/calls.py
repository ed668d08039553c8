"""Calls that change something are carried out once: the same key of the same caller gives the same answer again.

Key, work and answer are one transaction, and writers queue up; so of two calls at the same moment one does the work and
the other finds its answer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.database import Ledger
from ledger.tables import CallRow, Json


class KeyReused(Exception):
    """The key came with another request before: one of the two is a mistake."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered: an HTTP status and JSON; `is_repeated` if it was done before."""

    status: int
    content: Json
    is_repeated: bool = False


class Joined(Ledger):
    """A ledger inside a transaction that is open already: whatever writes to it becomes part of that transaction."""

    def __init__(self, ledger: Ledger, session: Session) -> None:
        self.url, self.engine = ledger.url, ledger.engine
        self._session = session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """The open transaction; it commits, or not, where it began."""
        yield self._session
        self._session.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The open transaction, which sees what it has written."""
        yield self._session

    def close(self) -> None:
        """The connections belong to somebody else."""


def once(
    ledger: Ledger, caller: str, key: str, fingerprint: str, now: datetime, work: Callable[[Ledger], Answer]
) -> Answer:
    """Carry out `work` unless this key has its answer already. Raises `KeyReused`; an error of `work` keeps nothing."""
    with ledger.writing() as session:
        known = session.scalar(select(CallRow).where(CallRow.caller == caller, CallRow.key == key)) if key else None
        if known:
            if known.fingerprint != fingerprint:
                raise KeyReused(key)
            return Answer(known.status, known.answer, is_repeated=True)
        answer = work(Joined(ledger, session))
        if key:
            session.add(
                CallRow(
                    caller=caller,
                    key=key,
                    fingerprint=fingerprint,
                    status=answer.status,
                    answer=answer.content,
                    at=now,
                )
            )
    return answer
