"""Sharing: runs of the same step, in one process or on many machines, take different chunks of one big batch."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from flows.performing import MOST_SILENT
from flows.report import Entry
from flows.work import Work
from ledger import chunks

Take = Callable[[str, Sequence[int]], Iterator[list[int]]]
"""Chunk after chunk of a batch, by its title, out of the items that are pending."""


@contextmanager
def sharing(work: Work) -> Iterator[Take]:
    """While this run lasts, what it has taken on is left alone by the others."""
    run = secrets.token_hex(8)
    try:
        yield lambda title, pending: _chunks(work, run, title, pending)
    finally:
        with work.ledger.writing() as session:
            chunks.give_back(session, run, work.clock.now())


def is_out_of_reach(entries: Sequence[Entry]) -> bool:
    """Whether the last few items all met a channel that is down: the rest is left for the next run."""
    return len(entries) >= MOST_SILENT and all(entry.is_channel_down for entry in entries[-MOST_SILENT:])


def _chunks(work: Work, run: str, title: str, pending: Sequence[int]) -> Iterator[list[int]]:
    size = work.config.running.chunk or work.settings.chunk_size
    rest = list(pending)
    while rest:
        with work.ledger.writing() as session:
            now = work.clock.now()
            chunk = chunks.take(session, work.client, title, run, work.owner, rest, size, now, work.lease)
        if not chunk:
            return
        taken = set(chunk)
        rest = [item for item in rest if item not in taken]
        yield chunk
