"""Figures about paying: medians, trends, ages, turnover and days of sales outstanding."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.ageing import ageing
from billing.bills import Bill
from billing.punctuality import Trend, days_to_pay, fastest, open_sum, payers, punctuality, slowest
from billing.sales import days_outstanding, months_until, simple_days_outstanding, turnover

TODAY = date(2026, 11, 20)
DAY = timedelta(1)
few = settings(max_examples=40)


def bill(
    age: int = 30, gross: str = "119.00", open_amount: str = "119.00", paid_after: int | None = None, who: str = "A"
) -> Bill:
    """A bill that is `age` days old and due after 14; paid in full `paid_after` days if that is given."""
    issued = TODAY - age * DAY
    total = Decimal(gross)
    if paid_after is not None:
        paid_on = issued + paid_after * DAY
        return Bill(who, issued, issued + 14 * DAY, total, total, Decimal("0.00"), paid_on)
    return Bill(who, issued, issued + 14 * DAY, total, total, Decimal(open_amount))


@st.composite
def bills(draw: st.DrawFn) -> list[Bill]:
    """Up to thirty bills of a few customers within two years, open, partly paid, paid, or credit notes."""
    found = []
    for _ in range(draw(st.integers(0, 30))):
        issued = TODAY - draw(st.integers(0, 700)) * DAY
        gross = Decimal(draw(st.integers(-50_000, 900_000))).scaleb(-2)
        paid_on = draw(st.none() | st.dates(issued, TODAY))
        rest = Decimal(0) if paid_on or gross <= 0 else Decimal(draw(st.integers(0, int(gross * 100)))).scaleb(-2)
        due = issued + draw(st.integers(0, 60)) * DAY
        found.append(Bill(draw(st.sampled_from("ABC")), issued, due, gross, gross, rest, paid_on))
    return found


def test_days_are_counted_from_the_invoice_date() -> None:
    """Paid after twelve days is twelve, paid in advance is zero, open and credit notes say nothing."""
    assert days_to_pay(bill(paid_after=12)) == 12
    assert days_to_pay(bill(paid_after=-3)) == 0
    assert days_to_pay(bill()) is None
    assert days_to_pay(bill(gross="-10.00", paid_after=2)) is None


@pytest.mark.parametrize(
    ("recent", "before", "trend"),
    [
        ([10, 11, 12], [30, 31, 32], Trend.FASTER),
        ([30, 31, 32], [10, 11, 12], Trend.SLOWER),
        ([10, 11, 12], [11, 12, 13], Trend.STEADY),
        ([10, 11], [30, 31, 32], Trend.UNKNOWN),
        ([], [], Trend.UNKNOWN),
    ],
)
def test_the_trend_compares_the_last_half_year_with_before(
    recent: Sequence[int], before: Sequence[int], trend: Trend
) -> None:
    """It needs three payments on each side and a change of three days."""
    found = [bill(100, paid_after=days) for days in recent] + [bill(400, paid_after=days) for days in before]
    assert punctuality(found, TODAY).trend is trend


def test_one_invoice_that_lay_for_a_year_does_not_move_the_median() -> None:
    """The median is a number of days that really occurred."""
    found = [bill(400, paid_after=days) for days in (9, 10, 11, 380)]
    assert punctuality(found, TODAY).days == 10
    assert punctuality(found, TODAY).late == -4


def test_best_and_slowest_payers_are_judged_by_more_than_one_payment() -> None:
    """Who has paid once or never is on neither list, but what he owes is known."""
    found = [bill(paid_after=days, who=who) for who, days in (("A", 5), ("A", 7), ("B", 20), ("B", 25), ("C", 1))]
    found.append(bill(age=60, who="D"))
    known = payers(found, TODAY)
    assert [payer.customer for payer in fastest(known, 5)] == ["A", "B"]
    assert [payer.customer for payer in slowest(known, 1)] == ["B"]
    assert [(each.open_amount, each.overdue) for each in known if each.customer == "D"] == [
        (Decimal("119.00"), Decimal("119.00"))
    ]


@pytest.mark.parametrize(
    ("overdue", "place"), [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4)]
)
def test_every_age_begins_on_its_day(overdue: int, place: int) -> None:
    """On the due date itself nothing is late; thirty days late is still the first age."""
    ages = ageing([bill(age=14 + overdue)], TODAY)
    assert [age.count for age in ages].index(1) == place


def test_ages_are_named_in_german() -> None:
    """The words that stand on the page."""
    names = [age.name for age in ageing([], TODAY)]
    assert names == ["nicht fällig", "1 bis 30 Tage", "31 bis 60 Tage", "61 bis 90 Tage", "über 90 Tage"]


@few
@given(bills())
def test_ages_add_up_to_what_is_open(found: list[Bill]) -> None:
    """Each open bill is in exactly one age, and no amount is lost or counted twice."""
    ages = ageing(found, TODAY)
    assert sum(age.count for age in ages) == sum(each.is_open for each in found)
    assert sum((age.amount for age in ages), Decimal(0)) == open_sum(found)


@few
@given(bills())
def test_customers_add_up_to_everything(found: list[Bill]) -> None:
    """What all customers owe and have paid is what the bills say, each customer once."""
    known = payers(found, TODAY)
    assert sum((payer.open_amount for payer in known), Decimal(0)) == open_sum(found)
    assert sum(payer.punctuality.paid for payer in known) == punctuality(found, TODAY).paid
    assert len({payer.customer for payer in known}) == len(known)


@few
@given(bills())
def test_the_median_is_one_of_the_days(found: list[Bill]) -> None:
    """At least half of all payments took no longer than the median, and at least half no shorter."""
    days = [each for each in map(days_to_pay, found) if each is not None]
    middle = punctuality(found, TODAY).days
    if not days:
        assert middle is None
        return
    assert middle in days
    assert 2 * sum(each <= middle for each in days) >= len(days)
    assert 2 * sum(each >= middle for each in days) >= len(days)


@few
@given(bills(), st.integers(1, 36))
def test_turnover_counts_each_bill_of_the_window_once(found: list[Bill], count: int) -> None:
    """The months follow each other without a gap and add up to the net of all bills since the first of them."""
    months = months_until(TODAY, count)
    sold = turnover(found, months)
    assert len(months) == count
    assert all((after - before).days in (28, 29, 30, 31) for before, after in zip(months, months[1:], strict=False))
    wanted = sum((each.net for each in found if each.issue_date >= months[0]), Decimal(0))
    assert sum((month.net for month in sold), Decimal(0)) == wanted


def test_credit_notes_are_deducted_from_turnover() -> None:
    """A credit note lowers the month it is written in."""
    (month,) = turnover([bill(3, "500.00"), bill(2, "-100.00")], [date(2026, 11, 1)])
    assert (month.count, month.net) == (2, Decimal("400.00"))


def test_days_outstanding_are_counted_back_through_the_months() -> None:
    """20 days of November hold 2,000, October's 31 days 3,100: 2,500 open are 20 days and 500/3,100 of 31."""
    found = [
        bill(5, "2000.00", "1500.00"),
        bill(30, "3100.00", "1000.00"),
        bill(70, "9000.00", "0.00", paid_after=20),
    ]
    assert days_outstanding(found, TODAY) == 25
    assert simple_days_outstanding(found, TODAY) == 16


def test_days_outstanding_at_the_edges() -> None:
    """Nothing open is zero days, all of this month's sales open is this month, no sales says nothing."""
    assert days_outstanding([], TODAY) == 0
    assert days_outstanding([bill(paid_after=3)], TODAY) == 0
    assert days_outstanding([bill(5)], TODAY) == 20
    assert simple_days_outstanding([], TODAY) is None
    assert days_outstanding([bill(50, "100.00", "100.00"), bill(40, "-60.00", "0.00")], TODAY) is None


@few
@given(bills())
def test_more_open_never_means_fewer_days(found: list[Bill]) -> None:
    """If every open bill were paid half, the days of sales outstanding would not grow."""
    halved = [
        Bill(each.customer, each.issue_date, each.due_date, each.net, each.gross, each.open_amount / 2, each.paid_on)
        for each in found
    ]
    more, less = days_outstanding(found, TODAY), days_outstanding(halved, TODAY)
    assert less is not None or more is None
    assert more is None or less is None or less <= more
