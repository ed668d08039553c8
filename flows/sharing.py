"""Sharing: runs of the same step, in one process or on many machines, take different chunks of one big batch."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from flows.performing import MOST_SILENT
from flows.report import Entry
from flows.work import Work
from ledger import chunks
from ledger.chunks import Item

SMALLEST = 5
"""So few items a chunk has at least, where several runs share what is left."""
PARTS = 4
"""Into so many chunks the rest is cut where it is shared: nobody works long after the others have ended."""


class Share:
    """What one run takes on of the batches that others may be working on as well."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._run = secrets.token_hex(8)
        self._shared: set[str] = set()

    def chunk(self, title: str, pending: Sequence[Item]) -> list[Item]:
        """The next few of the items of a batch, by its title; none when all are in good hands."""
        if not pending:
            return []
        work, size = self._work, self._work.config.running.chunk or self._work.settings.chunk_size
        if title in self._shared:
            size = min(size, max(SMALLEST, len(pending) // PARTS))
        with work.ledger.writing() as session:
            now = work.clock.now()
            chunk = chunks.take(session, work.client, title, self._run, work.owner, pending, size, now, work.lease)
        if chunk != pending[:size]:
            self._shared.add(title)
        return chunk

    def chunks(self, title: str, pending: Sequence[Item], again: Callable[[], Iterable[Item]]) -> Iterator[list[Item]]:
        """Chunk after chunk until nothing is left; `again` lists anew what is pending."""
        rest = list(pending)
        while chunk := self.chunk(title, rest):
            yield chunk
            # What others have finished and given back need not be gone through once more.
            left = set(again() if title in self._shared else rest).difference(chunk)
            rest = [item for item in rest if item in left]

    def give_back(self) -> None:
        """All that was taken on is open to others again."""
        with self._work.ledger.writing() as session:
            chunks.give_back(session, self._run, self._work.clock.now())


@contextmanager
def sharing(work: Work) -> Iterator[Share]:
    """While this run lasts, what it has taken on is left alone by the others."""
    share = Share(work)
    try:
        yield share
    finally:
        share.give_back()


def is_out_of_reach(entries: Sequence[Entry]) -> bool:
    """Whether the last few items all met a channel that is down: the rest is left for the next run."""
    return len(entries) >= MOST_SILENT and all(entry.is_channel_down for entry in entries[-MOST_SILENT:])
