"""Turnover by month, and how many days of sales are still unpaid (days sales outstanding, DSO).

Turnover counts invoices by their date, net, credit notes deducted, cancelled invoices left out. DSO is told twice:

* `days_outstanding`, the count-back method: what is open today is taken off the gross sales of this month, then of the
  month before, and so on; the days that are used up are the answer. Seasons do not distort it.
* `simple_days_outstanding`: open amount divided by the gross sales of the last 90 days, times 90. Easy to check, but a
  good last week looks like good payers.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from billing.bills import Bill
from billing.punctuality import NOTHING, open_sum

SIMPLE_DAYS = 90


@dataclass(frozen=True, slots=True)
class MonthSales:
    """One month: how many bills, and their sums in euro, credit notes deducted."""

    month: date
    count: int
    net: Decimal
    gross: Decimal


def months_until(today: date, count: int) -> list[date]:
    """The first days of the last `count` months, this one included, oldest first."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(1)).replace(day=1))
    return found[::-1]


def turnover(bills: Iterable[Bill], months: Iterable[date]) -> list[MonthSales]:
    """The sums of each month; a month without bills is there with zero."""
    by_month: dict[date, list[Bill]] = defaultdict(list)
    for bill in bills:
        by_month[bill.issue_date.replace(day=1)].append(bill)
    return [_sales(month, by_month[month]) for month in months]


def days_outstanding(bills: Iterable[Bill], today: date) -> int | None:
    """DSO by the count-back method in whole days; None when more is open than was ever sold."""
    known = [bill for bill in bills if bill.issue_date <= today]
    rest = open_sum(known)
    if not known or rest == 0:
        return 0
    days = Decimal(0)
    first = min(bill.issue_date for bill in known)
    span = (today.year - first.year) * 12 + today.month - first.month + 1
    for sold in reversed(turnover(known, months_until(today, span))):
        length = _length(sold.month, today)
        if rest <= sold.gross:
            return _whole(days + length * rest / sold.gross)
        rest -= max(sold.gross, NOTHING)
        days += length
    return None


def simple_days_outstanding(bills: Iterable[Bill], today: date) -> int | None:
    """DSO as open amount over the gross sales of the last 90 days, times 90; None without sales in them."""
    known = list(bills)
    start = today - timedelta(SIMPLE_DAYS)
    sold = sum((bill.gross for bill in known if start < bill.issue_date <= today), NOTHING)
    return _whole(open_sum(known) / sold * SIMPLE_DAYS) if sold > 0 else None


def _sales(month: date, bills: list[Bill]) -> MonthSales:
    net, gross = sum((bill.net for bill in bills), NOTHING), sum((bill.gross for bill in bills), NOTHING)
    return MonthSales(month, len(bills), net, gross)


def _length(month: date, today: date) -> int:
    """Days of a month; of the current one those that have begun."""
    following = (month.replace(day=28) + timedelta(4)).replace(day=1)
    return (min(following - timedelta(1), today) - month).days + 1


def _whole(days: Decimal) -> int:
    return int(days.to_integral_value(ROUND_HALF_UP))
