"""Recorded work: what somebody did for a customer on a day, and how its minutes are rounded."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

HOUR = 60
_FINEST = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Item:
    """Something beside time, such as travel or material: `quantity` in `unit` at `unit_price` euro net each."""

    quantity: Decimal
    unit: str
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class WorkEntry:
    """One recorded piece of work. `external_id` names it in its source, `version` changes with its content there.

    `customer` is the customer's key: his number, without one his name. `minutes` were worked; an `item` has none.
    `rate` is what the source itself asks for an hour, in euro net; None leaves it to the client's prices.
    """

    source: str
    external_id: str
    version: str
    customer: str
    day: date
    minutes: int = 0
    person: str = ""
    activity: str = ""
    ticket: str = ""
    project: str = ""
    text: str = ""
    rate: Decimal | None = None
    item: Item | None = None
    started_at: datetime | None = None
    is_billable: bool = True

    @property
    def place(self) -> tuple[date, str, str]:
        """By day, then always in the same order."""
        return self.day, self.source, self.external_id


class Direction(StrEnum):
    """Where the rest goes that does not fill a step."""

    UP = "up"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Rounding:
    """How each entry is rounded: to whole steps of so many minutes; 1 leaves it as it was recorded."""

    minutes: int = 1
    direction: Direction = Direction.UP

    def billed(self, minutes: int) -> int:
        """The minutes to bill for recorded ones; work of less than half a step still counts one."""
        steps, rest = divmod(minutes, self.minutes)
        is_up = rest > 0 if self.direction is Direction.UP else 2 * rest >= self.minutes and rest > 0
        return max(steps + is_up, 1 if minutes else 0) * self.minutes


def in_hours(minutes: int) -> Decimal:
    """Minutes as hours with up to four places (BT-129): exact for every multiple of three minutes."""
    hours = (Decimal(minutes) / HOUR).quantize(_FINEST, rounding=ROUND_HALF_UP)
    return hours.quantize(Decimal(1)) if hours == hours.to_integral_value() else hours.normalize()
