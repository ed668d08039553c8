"""What is going to happen on the stage, in the order of the clock; all worlds share one agenda."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.clock import Clock


@dataclass(order=True)
class _Event:
    at: datetime
    n: int
    act: Callable[[], None] = field(compare=False)


@dataclass(frozen=True)
class Happening:
    """Something that has happened in a world, in German."""

    at: datetime
    world: str
    what: str


class Agenda:
    """Lets things happen as the clock is moved, and remembers what was told about them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.happened: list[Happening] = []
        self._events: list[_Event] = []
        self._count = itertools.count()

    def plan(self, instant: datetime, act: Callable[[], None]) -> None:
        """Let `act` happen at `instant` (aware)."""
        heapq.heappush(self._events, _Event(instant, next(self._count), act))

    def run_until(self, target: datetime) -> None:
        """Let everything happen that is due, each at its own time, and leave the clock at `target`."""
        while self._events and self._events[0].at <= target:
            event = heapq.heappop(self._events)
            self._clock.set(event.at)
            event.act()
        self._clock.set(target)

    def tick(self) -> None:
        """Let happen what has become due as real time went by."""
        if self._events and self._events[0].at <= self._clock.now():
            self.run_until(self._clock.now())

    def tell(self, world: str, what: str) -> None:
        """Note that something has happened now."""
        self.happened.append(Happening(self._clock.now(), world, what))
