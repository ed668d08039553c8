"""The spool: facts from outside that were learnt but could not be recorded, one fsynced line each.

A receiver has said 250 and then the database goes away, or this process dies: the line lets the next start know that
the message was accepted, instead of calling its fate unknown.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from ledger.archive import sync_folder
from ledger.effects import Flight, LeaseLost, Settlement, State, adopt, flight_of, settle
from ledger.owners import is_dead
from ledger.tables import EffectRow


class Spool:
    """The file of one process below a common folder."""

    _writing = Lock()

    def __init__(self, folder: Path, owner: str) -> None:
        self.folder = folder
        self._file = folder / f"{owner.replace('/', '_')}.jsonl"

    def prepare(self) -> None:
        """Create the file durably before anything leaves, so that a fact needs only one more write."""
        with self._writing:
            self._create()

    def note(self, flight: Flight, result: dict[str, Any]) -> None:
        """Write down durably that an effect is done, before the ledger learns of it."""
        line = json.dumps({"effect": flight.effect_id, "attempt": flight.attempt, "result": result})
        with self._writing:
            self._create()
            # A line that a full disk cut off must not spoil the next one.
            cut = self._file.read_bytes()[-1:] not in (b"", b"\n")
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n" if cut else f"{line}\n")
                file.flush()
                os.fsync(file.fileno())

    def _create(self) -> None:
        if not self._file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file.touch()
            sync_folder(self.folder)

    def clear(self, flight: Flight | None = None) -> None:
        """Forget the line of that flight, or all lines of this process: the ledger knows them."""
        with self._writing:
            lines = _lines(self._file) if flight else []
            kept = [line for line in lines if flight and line["effect"] != flight.effect_id]
            if not kept:
                os.truncate(self._file, 0)
                return
            fresh = self._file.with_suffix(".new")
            with fresh.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in kept)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._file)
            sync_folder(self.folder)

    def left_behind(self) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
        """The files of processes that are no more, with their lines; a line that the crash cut is passed over."""
        for path in sorted(self.folder.glob("*.jsonl")):
            if not is_dead("/".join(path.stem.rsplit("_", 2))):
                continue
            try:
                lines = _lines(path)
            except FileNotFoundError:
                continue  # another process has taken it in meanwhile
            yield path, lines


def _lines(path: Path) -> list[dict[str, Any]]:
    lines = []
    for line in path.read_text("utf-8").splitlines(keepends=True):
        with suppress(json.JSONDecodeError):
            if line.endswith("\n"):
                lines.append(json.loads(line))
    return lines


def replay(session: Session, line: dict[str, Any], now: datetime) -> EffectRow | None:
    """Tell the ledger what a dead process learnt; the effect that is thereby done, None if that was known."""
    effect = session.get(EffectRow, line["effect"])
    if effect is None or effect.attempts != line["attempt"]:
        return None
    if effect.state == State.UNKNOWN:
        return effect if adopt(session, effect, line["result"], now) else None
    try:
        settle(session, flight_of(effect), Settlement(State.DONE, result=line["result"]), now)
    except LeaseLost:
        return None
    return effect
