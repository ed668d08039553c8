"""Who pays how fast: days from the invoice date to the payment, their median and where it is heading.

The median is the lower one, a whole number of days that really occurred: one invoice that lay for a year moves a mean
by weeks and the median not at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from statistics import median_low

from billing.bills import Bill

RECENT = timedelta(days=180)
"""Payments of the last half year are compared with all before them."""

ENOUGH = 3
"""So many payments are needed on each side before a difference between them means anything."""

NOTICEABLE = 3
"""A median that moved by fewer days than this has not moved."""

LEAST_PAYMENTS = 2
"""One payment makes nobody a fast or a slow payer."""

NOTHING = Decimal("0.00")


class Trend(StrEnum):
    """Where a customer's time to pay is heading."""

    FASTER = "schneller"
    SLOWER = "langsamer"
    STEADY = "gleich"
    UNKNOWN = "noch offen"


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How one or many pay: `paid` invoices, medians in days (None without any), `late` counted from the due date."""

    paid: int
    days: int | None
    late: int | None
    recent: int | None
    before: int | None
    trend: Trend


@dataclass(frozen=True, slots=True)
class Payer:
    """One customer: how he pays, and what he owes now in euro."""

    customer: str
    punctuality: Punctuality
    open_amount: Decimal
    overdue: Decimal


def days_to_pay(bill: Bill) -> int | None:
    """Days from the invoice date to the payment, None while open or for a credit note; paid in advance is 0 days."""
    if bill.paid_on is None or bill.is_credit:
        return None
    return max(0, (bill.paid_on - bill.issue_date).days)


def punctuality(bills: Iterable[Bill], today: date) -> Punctuality:
    """How the bills were paid, and the last half year against the time before it."""
    paid = [(bill, days) for bill in bills if (days := days_to_pay(bill)) is not None]
    recent = [days for bill, days in paid if _is_recent(bill, today)]
    before = [days for bill, days in paid if not _is_recent(bill, today)]
    return Punctuality(
        paid=len(paid),
        days=_median([days for _, days in paid]),
        late=_median([bill.days_overdue(bill.paid_on) for bill, _ in paid if bill.paid_on]),
        recent=_median(recent),
        before=_median(before),
        trend=_trend(recent, before),
    )


def payers(bills: Iterable[Bill], today: date) -> list[Payer]:
    """Every customer with his punctuality and his debt, by name or number."""
    by_customer: dict[str, list[Bill]] = defaultdict(list)
    for bill in bills:
        by_customer[bill.customer].append(bill)
    return [
        Payer(customer, punctuality(own, today), open_sum(own), open_sum(_overdue(own, today)))
        for customer, own in sorted(by_customer.items())
    ]


def fastest(found: Iterable[Payer], limit: int) -> list[Payer]:
    """The customers with the shortest median, of those who have paid often enough to judge."""
    return sorted(_judged(found), key=lambda payer: (payer.punctuality.days or 0, payer.customer))[:limit]


def slowest(found: Iterable[Payer], limit: int) -> list[Payer]:
    """The customers with the longest median, of those who have paid often enough to judge."""
    return sorted(_judged(found), key=lambda payer: (-(payer.punctuality.days or 0), payer.customer))[:limit]


def open_sum(bills: Iterable[Bill]) -> Decimal:
    """What is still owed on the bills, in euro."""
    return sum((bill.open_amount for bill in bills if bill.is_open), NOTHING)


def _overdue(bills: Iterable[Bill], today: date) -> list[Bill]:
    return [bill for bill in bills if bill.is_open and bill.days_overdue(today) > 0]


def _is_recent(bill: Bill, today: date) -> bool:
    return bill.paid_on is not None and bill.paid_on > today - RECENT


def _judged(found: Iterable[Payer]) -> list[Payer]:
    return [payer for payer in found if payer.punctuality.paid >= LEAST_PAYMENTS]


def _median(days: Sequence[int]) -> int | None:
    return median_low(days) if days else None


def _trend(recent: Sequence[int], before: Sequence[int]) -> Trend:
    if min(len(recent), len(before)) < ENOUGH:
        return Trend.UNKNOWN
    change = median_low(recent) - median_low(before)
    if abs(change) < NOTICEABLE:
        return Trend.STEADY
    return Trend.SLOWER if change > 0 else Trend.FASTER
