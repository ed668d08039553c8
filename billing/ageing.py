"""How old what is owed has become: open amounts by days since the due date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.bills import Bill
from billing.punctuality import open_sum

LIMITS = (0, 30, 60, 90)
"""The last day of each age but the oldest; up to day 0 nothing is late."""


@dataclass(frozen=True, slots=True)
class Age:
    """One age: open invoices from `first` to `last` days overdue, both included; None has no end on that side."""

    first: int | None
    last: int | None
    count: int
    amount: Decimal

    @property
    def name(self) -> str:
        """The age in German."""
        if self.first is None:
            return "nicht fällig"
        if self.last is None:
            return f"über {self.first - 1} Tage"
        return f"{self.first} bis {self.last} Tage"


def ageing(bills: Iterable[Bill], today: date) -> list[Age]:
    """All ages from "not due" to the oldest, also empty ones; each open bill is in exactly one."""
    owed = [bill for bill in bills if bill.is_open]
    bounds = zip((None, *(limit + 1 for limit in LIMITS)), (*LIMITS, None), strict=True)
    return [_age(first, last, owed, today) for first, last in bounds]


def _age(first: int | None, last: int | None, owed: list[Bill], today: date) -> Age:
    own = [bill for bill in owed if _is_between(bill.days_overdue(today), first, last)]
    return Age(first, last, len(own), open_sum(own))


def _is_between(days: int, first: int | None, last: int | None) -> bool:
    return (first is None or days >= first) and (last is None or days <= last)
