"""The witness: a small file beside the ledger that remembers how far the ledger had come before each effect.

A ledger that was put back from a backup knows less than the world outside. It would do again what it does not know to
be done; but the witness knows that there was more, and then nothing leaves until a person has taken the ledger over.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.archive import sync_folder
from ledger.database import Ledger
from ledger.tables import AttemptRow, JournalRow, MetaRow

INSTANCE = "instance"
EPOCH = "epoch"
"""The key under which a ledger counts how often it was put back and taken over; absent before the first time."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a ledger had come: its last attempt at an effect and the last entry of its journal with its seal."""

    instance: str
    epoch: int
    attempt: int
    entry: int
    seal: str


class Witness:
    """The file of one installation; several processes may share it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, now: Sight) -> None:
        """Remember durably how far the ledger has come; called before each effect, after its intent is committed."""
        with self._turn():
            before = self._read()
            if before and before.instance == now.instance and (before.epoch, before.attempt) > (now.epoch, now.attempt):
                return
            self._write(now)

    def contradiction(self, ledger: Ledger) -> str:
        """A German sentence when the ledger is not the one that was seen here last, or is older; else nothing."""
        # The file first: whatever the ledger learns between the two readings can only put it ahead.
        seen = self._read()
        if seen is None:
            return ""
        with ledger.reading() as session:
            now = sight_of(session)
            seal = session.scalar(select(JournalRow.seal).where(JournalRow.id == seen.entry))
        if now.epoch > seen.epoch:
            return ""
        if now.instance != seen.instance:
            return "Dieses Hauptbuch ist ein anderes als das, mit dem hier zuletzt gearbeitet wurde."
        if now.attempt < seen.attempt or (seen.entry and seal != seen.seal):
            return "Das Hauptbuch ist älter als das, was hier schon geschehen ist: Es wurde zurückgespielt."
        return ""

    def _read(self) -> Sight | None:
        try:
            return Sight(**json.loads(self._file.read_text("utf-8")))
        except FileNotFoundError:
            return None

    def _write(self, sight: Sight) -> None:
        fresh = self._file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(sight), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)
        sync_folder(self._file.parent)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def sight_of(session: Session) -> Sight:
    """How far a ledger has come."""
    instance, epoch = (select(MetaRow.value).where(MetaRow.key == key).scalar_subquery() for key in (INSTANCE, EPOCH))
    attempt, last = (select(func.max(row.id)).scalar_subquery() for row in (AttemptRow, JournalRow))
    seal = select(JournalRow.seal).where(JournalRow.id == last).scalar_subquery()
    found = session.execute(select(instance, epoch, attempt, last, seal)).one()
    return Sight(found[0] or "", int(found[1] or "0"), found[2] or 0, found[3] or 0, found[4] or "")
