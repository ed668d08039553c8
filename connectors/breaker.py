"""A breaker per account: a system that is down is left alone for a while instead of being asked by everybody.

It opens after several failures in a row. When its pause is over one request may try (half open): if that goes well it
closes, else the pause doubles. Once `share` has named a folder, all processes of the installation share one state in a
small file there; without a folder nobody is held up, because then there is nobody to spare the system from.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from connectors.errors import ChannelDown

FAILURES = 5
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 900.0
PROBE = 120.0
"""So long a probe may take before another request may try in its place; seconds, as the pauses above."""


class State(BaseModel):
    """What processes share: failures in a row, the present pause, and the wall-clock time from which one may try."""

    system: str = ""
    failures: int = 0
    pause: float = 0.0
    closed_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A breaker that is open: of which system, after how many failures, until when (seconds since the epoch)."""

    system: str
    failures: int
    until: float


class Breaker:
    """Asked before each request and told afterwards how it went."""

    def __init__(self, system: str, file: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._system, self._file, self._clock = system, file, clock

    def check(self) -> None:
        """Raise `ChannelDown` while the system is left alone; whoever comes first after the pause may try."""
        if self._file is None or not self._file.exists():
            return
        with self._turn() as state:
            left = min(state.closed_until - self._clock(), LONGEST_PAUSE)
            if state.failures < FAILURES or left <= 0:
                if state.failures >= FAILURES:
                    state.closed_until = self._clock() + PROBE
                return
        message = f"{self._system} antwortet seit {state.failures} Anfragen nicht und wird {left:.0f} s lang geschont."
        raise ChannelDown(message, f"breaker: {state.failures} failures", retry_after=left)

    def went_well(self) -> None:
        """The system has answered."""
        if self._file is not None and self._file.exists():
            with self._turn() as state:
                state.failures, state.pause, state.closed_until = 0, 0.0, 0.0

    def failed(self) -> None:
        """The system did not answer, or said that it is broken."""
        if self._file is None:
            return
        self._file.touch()
        with self._turn() as state:
            state.system = self._system
            state.failures += 1
            if state.failures >= FAILURES:
                state.pause = min(state.pause * 2 or FIRST_PAUSE, LONGEST_PAUSE)
                state.closed_until = self._clock() + state.pause

    @contextmanager
    def _turn(self) -> Iterator[State]:
        if self._file is None:
            raise RuntimeError("a breaker without a file has no state")
        with self._file.open("r+", encoding="utf-8") as shared:
            fcntl.flock(shared, fcntl.LOCK_EX)
            state = _state_in(shared.read())
            yield state
            shared.seek(0)
            shared.write(state.model_dump_json())
            shared.truncate()


_folder: Path | None = None


def share(folder: Path | None) -> None:
    """New breakers share their state with other processes through files in `folder`; with None they never open."""
    global _folder
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    _folder = folder


def breaker_for(account: str, system: str) -> Breaker:
    """The breaker of an account."""
    return Breaker(system, _folder / f"{account}.json" if _folder else None)


def standings(folder: Path, now: float) -> list[Standing]:
    """The breakers that are open at `now` (seconds since the epoch)."""
    states = [_state_in(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    return [
        Standing(state.system, state.failures, state.closed_until)
        for state in states
        if state.failures >= FAILURES and state.closed_until > now
    ]


def _state_in(text: str) -> State:
    """The state in a file; closed where it is new or was cut."""
    try:
        return State.model_validate_json(text)
    except ValidationError:
        return State()
