"""Issued invoices as figures see them: few columns of many, so that twenty thousand fit into one reading."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """One issued invoice that is not cancelled. `customer` is his number, without one his name.

    `net` and `gross` are negative for a credit note. `paid_on` is the day on which it was known to be paid in full,
    None while something is open.
    """

    customer: str
    issue_date: date
    due_date: date
    net: Decimal
    gross: Decimal
    open_amount: Decimal
    paid_on: date | None = None

    @property
    def is_credit(self) -> bool:
        """Whether it gives money back; such a bill is neither paid by the customer nor overdue."""
        return self.gross < 0

    @property
    def is_open(self) -> bool:
        """Whether the customer still owes something."""
        return self.open_amount > 0 and not self.is_credit

    def days_overdue(self, today: date) -> int:
        """Calendar days since the due date; zero or less: nothing is late yet."""
        return (today - self.due_date).days
