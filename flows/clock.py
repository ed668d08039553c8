"""The time that a run goes by: the real one, or a rehearsed one that starts elsewhere and then goes on like it."""

import time
from datetime import UTC, date, datetime, timedelta

from billing.calendar import berlin_day


class Clock:
    """`at` is the instant at which a rehearsal starts; without it the clock shows real time."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at
        self._started = time.monotonic()

    @property
    def is_rehearsed(self) -> bool:
        """Whether somebody has said what time it is to be."""
        return self._at is not None

    def now(self) -> datetime:
        """The aware instant in UTC."""
        if self._at is None:
            return datetime.now(UTC)
        return self._at.astimezone(UTC) + timedelta(seconds=time.monotonic() - self._started)

    def today(self) -> date:
        """The calendar day in Europe/Berlin, by which everything legal is reckoned."""
        return berlin_day(self.now())
