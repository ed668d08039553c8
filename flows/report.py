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


CURES = {
    Result.WAITING: "Es wird von selbst wiederholt.",
    Result.HELD: "Abhilfe: die Ursache beheben; von selbst wird neu geprüft.",
    Result.REFUSED: "Abhilfe: die Ursache beheben, dann  rechnungsbote retry NUMMER --reason …",
    Result.UNKNOWN: "Abhilfe: nachsehen, dann  rechnungsbote arrived  oder  rechnungsbote resend.",
    Result.BROKEN: "Abhilfe:  rechnungsbote status  zeigt, wo es steht.",
}
"""What to do, for the message in which a run ends."""

WANTS_A_LOOK = frozenset({Result.WAITING, Result.HELD, Result.REFUSED, Result.UNKNOWN, Result.BROKEN})


class Channel(StrEnum):
    """The way to the foreign system that an item took. SHUT: it lets us in no more; DOWN: it does not answer."""

    OPEN = "open"
    SHUT = "shut"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item: `subject` names it for people, `text` says what happened and what to do.

    With a `channel` that is not open the items after it need not be tried now.
    """

    result: Result
    subject: str
    text: str = ""
    channel: Channel = Channel.OPEN

    @property
    def is_channel_down(self) -> bool:
        """Whether the whole channel failed."""
        return self.channel is not Channel.OPEN


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

    @property
    def summary(self) -> str:
        """How many items fared how, such as `12 erledigt, 1 angehalten`."""
        counts = [f"{self.count(result)} {result}" for result in Result if self.count(result)]
        return ", ".join(counts) or str(Result.NOTHING)

    def __str__(self) -> str:
        return f"{self.client}, {self.step}: {self.summary}"


class SomethingFailed(Exception):
    """The end of a run that tried everything and could not finish all of it.

    The message names each case: customer and invoice, the reason, the cure.
    """

    def __init__(self, failures: Iterable[Entry]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(f"{each.subject}: {each.text} {CURES[each.result]}" for each in self.failures))
