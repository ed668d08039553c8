"""A rehearsal: a copy of the ledger from which nothing can leave, and an archive that only reads from the real one."""

from datetime import datetime
from pathlib import Path

from ledger import dump, stops
from ledger.archive import Archive
from ledger.database import Ledger, upgrade
from ledger.overrides import Word
from ledger.stops import ALL, PROGRAM, Cause


class Overlay(Archive):
    """What is put lies in a folder of its own; what is not found there is read from the archive below."""

    def __init__(self, root: Path, below: Archive) -> None:
        super().__init__(root)
        self._below = below

    def _read(self, name: str) -> bytes:
        try:
            return super()._read(name)
        except FileNotFoundError:
            return self._below.get(name)


def copy(source: Ledger, file: Path, now: datetime) -> Ledger:
    """A copy in a SQLite file, with everything stopped that would leave the house."""
    target = Ledger(f"sqlite:///{file}")
    upgrade(target)
    with source.reading() as session, target.engine.begin() as connection:
        dump.empty(connection)
        reader = session.connection()
        for table in dump.tables_of(reader):
            dump.fill(connection, table, dump.lines_of(reader, table))
    with target.writing() as session:
        word = Word(PROGRAM, "Probelauf: Nichts geht hinaus.")
        stops.stop(session, ALL, ALL, word, now, Cause.REHEARSAL)
    return target
