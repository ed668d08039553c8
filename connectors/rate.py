"""Never faster than a foreign account allows: one token bucket per account, shared by all who draw from it.

Within a process all clients of an account share one bucket. Once `share` has named a folder, all processes of the
installation do: the bucket's state stands in a small file there, read and written under a file lock.
"""

import fcntl
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from billing.calendar import berlin_day

SLOWEST = 0.1
RECOVERY = 1.05
DAYS_KEPT = 31

Counts = dict[str, dict[str, int]]


class State(BaseModel):
    """What processes share about an account: `filled_at` on the machine's steady clock, `counts` by day and purpose."""

    tokens: float
    rate: float
    filled_at: float
    system: str = ""
    counts: Counts = {}


@dataclass(frozen=True, slots=True)
class Usage:
    """How many requests were made on an account on each day in Germany, by purpose, and its present rate per second."""

    account: str
    system: str
    rate: float
    counts: Counts

    def on(self, day: date) -> Counter[str]:
        """The requests of one day by purpose."""
        return Counter(self.counts.get(day.isoformat(), {}))


class Bucket:
    """Tokens come at `rate` per second up to `burst`, each request takes one; safe for threads, by file for processes.

    `reserve` hands out places in the queue instead of sleeping under a lock, so nobody is overtaken. `counts` says how
    many requests this process has made for which purpose.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        file: Path | None = None,
        system: str = "",
    ) -> None:
        self.full_rate = rate
        self.burst = burst
        self.account = file.stem if file else ""
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._file = file
        self._system = system
        self._lock = threading.Lock()
        self._state = State(tokens=burst, rate=rate, filled_at=clock())

    @property
    def rate(self) -> float:
        """Requests per second at present: less than allowed while the account complains."""
        with self._turn() as state:
            return state.rate

    def reserve(self, purpose: str) -> float:
        """Take the next token; the seconds to wait before using it."""
        with self._turn() as state:
            state.tokens -= 1
            self.counts[purpose] += 1
            today = state.counts.setdefault(berlin_day(datetime.now(UTC)).isoformat(), {})
            today[purpose] = today.get(purpose, 0) + 1
            return max(0.0, -state.tokens / state.rate)

    def slow_down(self) -> None:
        """The account answered 429: somebody else draws from it too. Halve the rate and start with no tokens."""
        with self._turn() as state:
            state.rate = max(state.rate / 2, SLOWEST)
            state.tokens = min(state.tokens, 0.0)

    def speed_up(self) -> None:
        """A request went through: recover towards the full rate."""
        with self._turn() as state:
            state.rate = min(state.rate * RECOVERY, self.full_rate)

    def seconds_for(self, requests: int) -> float:
        """How long so many requests take at least, at the present rate."""
        return max(0.0, requests - self.burst) / self.rate

    def limit(self, rate: float, burst: float) -> None:
        """Another client of the account asks for these limits; the lower ones hold for both."""
        with self._turn() as state:
            self.full_rate = min(self.full_rate, rate)
            self.burst = min(self.burst, burst)
            state.rate = min(state.rate, self.full_rate)

    @contextmanager
    def _turn(self) -> Iterator[State]:
        """The state, filled up to now, for one change at a time."""
        with self._lock:
            if self._file is None:
                self._fill()
                yield self._state
                return
            self._file.touch()
            with self._file.open("r+", encoding="utf-8") as shared:
                fcntl.flock(shared, fcntl.LOCK_EX)
                self._state = self._read(shared.read())
                self._fill()
                yield self._state
                # Overwritten before it is cut, so that a crash leaves an unreadable file and never an empty one.
                shared.seek(0)
                shared.write(self._state.model_dump_json())
                shared.truncate()

    def _read(self, text: str) -> State:
        """The state in the file. Whoever cannot know how much was drawn starts with nothing in hand."""
        found = _state_in(text) or State(tokens=0 if text else self.burst, rate=self.full_rate, filled_at=self._clock())
        found.system = self._system
        return found

    def _fill(self) -> None:
        state, now = self._state, self._clock()
        state.rate = min(state.rate, self.full_rate)
        # The steady clock starts anew when the machine does.
        state.tokens = min(self.burst, state.tokens + max(0.0, now - state.filled_at) * state.rate)
        state.filled_at = now
        for day in sorted(state.counts)[:-DAYS_KEPT]:
            del state.counts[day]


_buckets: dict[str, Bucket] = {}
_buckets_lock = threading.Lock()
_folder: Path | None = None


def share(folder: Path | None) -> None:
    """New buckets share their state with other processes through files in `folder`; with None they do not."""
    global _folder
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with _buckets_lock:
        _folder = folder
        _buckets.clear()


def account_key(*parts: str) -> str:
    """A name for an account that does not give its secret away."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def bucket_for(account: str, rate: float, burst: float, system: str = "") -> Bucket:
    """The one bucket of an account in this process."""
    with _buckets_lock:
        file = _folder / f"{account}.json" if _folder else None
        bucket = _buckets.setdefault(account, Bucket(rate, burst, file=file, system=system))
    bucket.limit(rate, burst)
    return bucket


def usage(folder: Path) -> list[Usage]:
    """What the processes that share `folder` have asked of each account."""
    found = []
    for file in sorted(folder.glob("*.json")):
        with file.open(encoding="utf-8") as shared:
            fcntl.flock(shared, fcntl.LOCK_SH)
            state = _state_in(shared.read())
        if state:
            found.append(Usage(file.stem, state.system, state.rate, state.counts))
    return found


def _state_in(text: str) -> State | None:
    """The state in a file; None where it is new or was cut."""
    try:
        return State.model_validate_json(text)
    except ValidationError:
        return None
