"""The clock of the stage: it runs with real time and can be set or moved by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def real_now() -> datetime:
    """The instant of the machine, aware, in UTC."""
    return datetime.now(UTC)


class Clock:
    """An aware clock in Europe/Berlin, `offset` away from real time."""

    def __init__(self, start: datetime | None = None, real: Callable[[], datetime] = real_now) -> None:
        self._real = real
        self._offset = timedelta()
        if start is not None:
            self.set(start)

    def set(self, instant: datetime) -> None:
        """Show `instant` (aware) from now on."""
        self._offset = instant.astimezone(UTC) - self._real()

    def now(self) -> datetime:
        """The stage's present instant in Europe/Berlin."""
        return (self._real() + self._offset).astimezone(BERLIN)

    def today(self) -> date:
        """The calendar day in Europe/Berlin."""
        return self.now().date()


def moved(instant: datetime, days: int = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    """`instant` later by calendar days in Europe/Berlin (same wall time) and then by elapsed time."""
    wall = instant.astimezone(BERLIN) + timedelta(days=days)
    return (wall.astimezone(UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds)).astimezone(BERLIN)


def at(day: date, wall_time: time) -> datetime:
    """The instant of a wall time on a calendar day in Europe/Berlin."""
    return datetime.combine(day, wall_time, BERLIN)
