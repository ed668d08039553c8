"""The seller's inbox: what came back, with the numbers that IMAP gives (RFC 3501 2.3.1)."""

from dataclasses import dataclass, field
from datetime import date

from sandbox.clock import Clock


@dataclass(frozen=True)
class Letter:
    """One mail in the inbox."""

    uid: int
    day: date
    raw: bytes


@dataclass
class Inbox:
    """One folder; `validity` changes when all numbers lose their meaning."""

    clock: Clock
    validity: int = 1
    letters: list[Letter] = field(default_factory=list)
    next_uid: int = 1

    def put(self, raw: bytes) -> Letter:
        """A mail arrives."""
        letter = Letter(self.next_uid, self.clock.today(), raw)
        self.next_uid += 1
        self.letters.append(letter)
        return letter

    def renumber(self) -> None:
        """The server gives new numbers to all, as after a restored backup."""
        self.validity += 1
        self.letters = [Letter(place, letter.day, letter.raw) for place, letter in enumerate(self.letters, 1)]
        self.next_uid = len(self.letters) + 1
