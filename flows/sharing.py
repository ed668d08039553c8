"""Sharing: runs of the same step, in one process or on many machines, take different chunks of one big batch."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from flows.performing import MOST_SILENT
from flows.report import Entry
from flows.work import Work
from ledger import chunks
from ledger.chunks import Item

SMALLEST = 5
"""So few items a chunk has at least, where several runs share what is left."""
PARTS = 4
"""Into so many chunks the rest is cut where it is shared: nobody works long after the others have ended."""


class Take(Protocol):
    """What `sharing` gives."""

    def __call__(
        self, title: str, pending: Sequence[Item], again: Callable[[], Iterable[Item]]
    ) -> Iterator[list[Item]]:
        """Chunk after chunk of a batch, by its title, out of the items that are pending; `again` lists them anew."""


@contextmanager
def sharing(work: Work) -> Iterator[Take]:
    """While this run lasts, what it has taken on is left alone by the others."""
    run = secrets.token_hex(8)
    try:
        yield partial(_chunks, work, run)
    finally:
        with work.ledger.writing() as session:
            chunks.give_back(session, run, work.clock.now())


def is_out_of_reach(entries: Sequence[Entry]) -> bool:
    """Whether the last few items all met a channel that is down: the rest is left for the next run."""
    return len(entries) >= MOST_SILENT and all(entry.is_channel_down for entry in entries[-MOST_SILENT:])


def _chunks(
    work: Work, run: str, title: str, pending: Sequence[Item], again: Callable[[], Iterable[Item]]
) -> Iterator[list[Item]]:
    size = work.config.running.chunk or work.settings.chunk_size
    rest, is_shared = list(pending), False
    while rest:
        if is_shared:
            size = min(size, max(SMALLEST, len(rest) // PARTS))
        with work.ledger.writing() as session:
            now = work.clock.now()
            chunk = chunks.take(session, work.client, title, run, work.owner, rest, size, now, work.lease)
        if not chunk:
            return
        is_shared = is_shared or chunk != rest[:size]
        yield chunk
        # What others have finished and given back need not be gone through once more.
        left = set(again() if is_shared else rest).difference(chunk)
        rest = [item for item in rest if item in left]
