"""Recorded work becomes lines: every minute once, at its price, whatever order it comes in."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.collective import Grouping, Month, Rules, closed_month, collected
from billing.hourly_prices import Mode, Prices, Tier, portions
from billing.jobs import Line
from billing.vat import line_amount
from billing.work_entries import Direction, Rounding, WorkEntry, in_hours
from tests.billing.work import entry, prices, roundings, travel, works

OCTOBER = Month(2026, 10)
TIERS = (Tier(600, Decimal("85.00")), Tier(2400, Decimal("78.00")))
FLAT = Prices(Decimal("95.00"))


def rules(prices: Prices = FLAT, grouping: Grouping = Grouping.TICKET, minutes: int = 15) -> Rules:
    """The rules of a client who bills quarters of an hour."""
    return Rules(prices, Rounding(minutes), grouping)


def net(lines: tuple[Line, ...]) -> Decimal:
    """The sum of the lines."""
    return sum((line_amount(line) for line in lines), Decimal(0))


@pytest.mark.parametrize(
    ("recorded", "step", "direction", "billed"),
    [
        (1, 15, Direction.UP, 15), (15, 15, Direction.UP, 15), (16, 15, Direction.UP, 30), (61, 60, Direction.UP, 120),
        (7, 15, Direction.NEAREST, 15), (22, 15, Direction.NEAREST, 15), (23, 15, Direction.NEAREST, 30),
        (37, 1, Direction.UP, 37), (0, 15, Direction.UP, 0),
    ],
)  # fmt: skip
def test_rounding(recorded: int, step: int, direction: Direction, billed: int) -> None:
    """Whole steps, up or to the nearest; work that took no time stays nothing, any other counts a step at least."""
    assert Rounding(step, direction).billed(recorded) == billed


@pytest.mark.parametrize(("minutes", "hours"), [(60, "1"), (15, "0.25"), (600, "10"), (20, "0.3333"), (6000, "100")])
def test_hours(minutes: int, hours: str) -> None:
    """Hours are exact wherever four places can say them, and written without needless zeros."""
    assert str(in_hours(minutes)) == hours


@pytest.mark.parametrize(
    ("mode", "hours", "amount"),
    [
        (Mode.GRADUATED, 10, "950.00"), (Mode.GRADUATED, 12, "1120.00"), (Mode.GRADUATED, 50, "4280.00"),
        (Mode.VOLUME, 10, "950.00"), (Mode.VOLUME, 12, "1020.00"), (Mode.VOLUME, 50, "3900.00"),
    ],
)  # fmt: skip
def test_tiers(mode: Mode, hours: int, amount: str) -> None:
    """Graduated: 10 h at 95, the next at 85, above 40 h at 78. By volume: all of them at the price that was reached."""
    work = [entry(number, minutes=60) for number in range(hours)]
    assert net(collected(work, OCTOBER, rules(Prices(Decimal(95), tiers=TIERS, mode=mode))).lines) == Decimal(amount)


def test_a_tier_may_begin_within_an_entry() -> None:
    """An entry across the border stands on two lines and once, whole, on the timesheet."""
    found = collected([entry(minutes=720)], OCTOBER, rules(Prices(Decimal(95), tiers=TIERS)))
    assert [f"{line.quantity} x {line.unit_price}" for line in found.lines] == ["10 x 95", "2 x 85.00"]
    assert [row.quantity for row in found.timesheet] == [12]


def test_own_rates_go_first() -> None:
    """The entry's own rate beats the activity's, that one the person's; none of them counts for the tiers."""
    price = Prices(Decimal(95), {"Beratung": Decimal(120)}, {"Jana Sommer": Decimal(70)}, (Tier(60, Decimal(1)),))
    work = [
        entry(1, rate=Decimal(50), activity="Beratung"), entry(2, activity="Beratung"), entry(3),
        entry(4, person="Ole"), entry(5, person="Ole"),
    ]  # fmt: skip
    assert [portion.rate for portion in portions(work, price, Rounding())] == [50, 120, 70, 95, 1]


def test_included_hours_cost_nothing_and_are_shown() -> None:
    """Hours of the allowance stand on a line of their own without a price, tiers begin after them."""
    found = collected([entry(minutes=180)], OCTOBER, rules(Prices(Decimal(95), included_minutes=120)))
    assert [f"{line.name}, {line.quantity} x {line.unit_price}" for line in found.lines] == [
        "Ticket T-1: Entwicklung (im Kontingent enthalten), 2 x 0.00",
        "Ticket T-1: Entwicklung, 1 x 95",
    ]


@pytest.mark.parametrize(
    ("grouping", "names"),
    [
        (Grouping.TICKET, ["Ticket T-1: Entwicklung", "Shop: Entwicklung", "Ticket T-2: Entwicklung"]),
        (Grouping.DAY, ["05.10.2026: Entwicklung", "06.10.2026: Entwicklung"]),
        (Grouping.PROJECT, ["Shop: Entwicklung", "Ohne Projekt: Entwicklung"]),
    ],
)
def test_grouping(grouping: Grouping, names: list[str]) -> None:
    """Lines are tickets, days or projects, in the order of their first day; what they hold stands below."""
    work = [
        entry(1, 5, project="Shop"), entry(2, 5, ticket="", project="Shop"), entry(3, 6, ticket="T-2"),
    ]  # fmt: skip
    found = collected(work, OCTOBER, rules(grouping=grouping))
    assert [line.name for line in found.lines] == names
    told = "\n".join(line.description for line in found.lines)
    assert all(f"Arbeit {number}" in told for number in (1, 2, 3))
    assert "T-2" in told + "".join(names)


def test_travel_is_counted_in_its_own_unit() -> None:
    """Equal flats are one line behind the work."""
    found = collected([travel(1, 5), entry(2, 5), travel(3, 9)], OCTOBER, rules())
    assert [f"{line.name}, {line.quantity} {line.unit} x {line.unit_price}" for line in found.lines] == [
        "Ticket T-1: Entwicklung, 1 Stunde x 95.00",
        "Ticket T-1: Anfahrt, 2 Pauschale x 45.00",
    ]
    assert [f"{row.day:%d.} {row.quantity} {row.unit}" for row in found.timesheet] == [
        "05. 1 Pauschale", "05. 1 Stunde", "09. 1 Pauschale",
    ]  # fmt: skip
    assert [row.is_time for row in found.timesheet] == [False, True, False]


def test_late_work_shows_its_day() -> None:
    """What was done before the month has a line of its own that says when, and the period reaches back to it."""
    found = collected([entry(1, -2), entry(2, 5)], OCTOBER, rules())
    assert [line.name for line in found.lines] == [
        "Nachtrag 28.09.2026, Ticket T-1: Entwicklung", "Ticket T-1: Entwicklung",
    ]  # fmt: skip
    assert (found.performed_from, found.performed_until) == (date(2026, 9, 28), date(2026, 10, 31))


def test_many_texts_are_left_to_the_timesheet() -> None:
    """A line names four activities and counts the others; the timesheet has every one."""
    found = collected([entry(number) for number in range(9)], OCTOBER, rules())
    assert found.lines[0].description.splitlines()[-1] == "und 5 weitere Tätigkeiten"
    assert len(found.timesheet) == 9


@pytest.mark.parametrize(
    ("today", "month"), [((2026, 11, 2), "2026-09"), ((2026, 11, 3), "2026-10"), ((2026, 1, 5), "2025-12")]
)
def test_a_month_closes_on_the_billing_day(today: tuple[int, int, int], month: str) -> None:
    """Before the third of November, October is still open."""
    assert str(closed_month(date(*today), 3)) == month


def test_months() -> None:
    """A month knows its ends, also in February and over New Year."""
    assert (Month(2028, 2).last, Month(2026, 1).before) == (date(2028, 2, 29), Month(2025, 12))
    assert (Month.named("2026-10"), Month.named("9999-12").last) == (OCTOBER, date.max)
    with pytest.raises(ValueError, match="month"):
        Month.named("2026-13")


@given(works(), prices(), roundings(), st.sampled_from(Grouping))
def test_every_minute_is_billed_once(
    work: list[WorkEntry], price: Prices, rounding: Rounding, grouping: Grouping
) -> None:
    """Lines and timesheet hold the rounded minutes of all entries, each entry once on the timesheet."""
    found = collected(work, OCTOBER, Rules(price, rounding, grouping))
    expected = sum(rounding.billed(each.minutes) for each in work)
    assert found.minutes == expected
    assert round(sum(line.quantity for line in found.lines if line.unit == "Stunde") * 60) == expected
    assert len(found.timesheet) == len(work)
    assert sum(line.quantity for line in found.lines if line.unit == "Pauschale") == sum(
        each.item.quantity for each in work if each.item
    )


@given(works(), prices(), roundings(), st.randoms(use_true_random=False))
def test_order_does_not_matter(work: list[WorkEntry], price: Prices, rounding: Rounding, chance: Random) -> None:
    """The same work in any order is the same invoice."""
    shuffled = list(work)
    chance.shuffle(shuffled)
    setting = Rules(price, rounding)
    assert collected(shuffled, OCTOBER, setting) == collected(work, OCTOBER, setting)


@given(works(), prices(Mode.GRADUATED), st.integers(1, 300))
def test_more_work_never_costs_less(work: list[WorkEntry], price: Prices, minutes: int) -> None:
    """With graduated tiers one entry more never lowers the sum; each line's own rounding to the cent aside."""
    setting = rules(price)
    more = collected([*work, entry(99, minutes=minutes)], OCTOBER, setting).lines
    less = collected(work, OCTOBER, setting).lines
    assert net(more) >= net(less) - Decimal("0.01") * len(more)


@given(works(), prices(), roundings())
def test_grouping_does_not_change_the_price(work: list[WorkEntry], price: Prices, rounding: Rounding) -> None:
    """Minutes at each price are the same however the lines are cut."""
    by_price = []
    for grouping in Grouping:
        sums: dict[Decimal, Decimal] = {}
        for line in collected(work, OCTOBER, Rules(price, rounding, grouping)).lines:
            sums[line.unit_price] = sums.get(line.unit_price, Decimal(0)) + line.quantity
        by_price.append({rate: round(hours * 60) for rate, hours in sums.items()})
    assert by_price[0] == by_price[1] == by_price[2]


def test_volume_price_holds_for_all_hours() -> None:
    """Whatever tier is reached, there is one hourly price."""
    price = Prices(Decimal(95), tiers=TIERS, mode=Mode.VOLUME)
    for hours in (9, 10, 11, 41):
        assert len({each.rate for each in portions([entry(minutes=60 * hours)], price, Rounding())}) == 1


def test_english_words() -> None:
    """An English customer reads English words around what was written."""
    found = collected([entry(1, -2, ticket="")], OCTOBER, replace(rules(), language="en"))
    assert found.lines[0].name == "Late entry 28/09/2026, Without ticket: Entwicklung"


def test_nothing_is_no_invoice() -> None:
    """Without work there is nothing to collect."""
    with pytest.raises(ValueError, match="nothing"):
        collected([], OCTOBER, rules())
