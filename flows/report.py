"""What a step did, item by item, and the error in which a run with failures ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How one item fared. `WAITING` is tried again by itself; `STILL` was told before and is not told again."""

    DONE = "erledigt"
    NOTHING = "nichts zu tun"
    WAITING = "wartet"
    STILL = "wartet auf Abhilfe"
    HELD = "angehalten"
    REFUSED = "abgelehnt"
    UNKNOWN = "unbekannt"
    BROKEN = "Fehler"


WANTS_A_LOOK = frozenset({Result.WAITING, Result.HELD, Result.REFUSED, Result.UNKNOWN, Result.BROKEN})


@dataclass(frozen=True, slots=True)
class Entry:
    """One item: `subject` names it for people, `text` says what happened and what to do.

    `is_channel_down` means that the whole channel failed, so the items after it need not be tried now.
    """

    result: Result
    subject: str
    text: str = ""
    is_channel_down: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """All entries of one step of one client."""

    client: str
    step: str
    entries: tuple[Entry, ...]

    @property
    def failures(self) -> tuple[Entry, ...]:
        """The entries that want a look."""
        return tuple(entry for entry in self.entries if entry.result in WANTS_A_LOOK)

    @property
    def is_unreachable(self) -> bool:
        """Whether a foreign system could not be reached at all."""
        return any(entry.is_channel_down for entry in self.entries)

    def count(self, result: Result) -> int:
        """How many items fared so."""
        return sum(entry.result is result for entry in self.entries)

    def __str__(self) -> str:
        counts = [f"{self.count(result)} {result}" for result in Result if self.count(result)]
        return f"{self.client}, {self.step}: {', '.join(counts) or 'nichts zu tun'}"


class SomethingFailed(Exception):
    """The end of a run that tried everything and could not finish all of it; the message names each case."""

    def __init__(self, failures: Iterable[Entry]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(f"{entry.subject}: {entry.text}" for entry in self.failures))
