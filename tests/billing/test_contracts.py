"""Contracts: every paid day is billed once, at its share of the price, whenever and however often somebody looks."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contracts import (
    DAY,
    Agreed,
    Bill,
    Billed,
    Contract,
    NotPossible,
    Phase,
    Plan,
    Stage,
    Terms,
    When,
    amount_of,
    changed,
    due,
    later,
    monthly_value,
    must_be_sound,
    next_on,
    parts,
    parts_between,
    periods,
    phase,
)
from billing.vat import line_amount

EVER, SINCE = date(2026, 1, 1), date(2026, 1, 1)
BASIC = Plan("basis", "Wartung Basis", 1, ((EVER, Decimal("49.00")),), setup_title="Einrichtung")
PRO = Plan("profi", "Wartung Profi", 1, ((EVER, Decimal("79.00")), (date(2027, 1, 1), Decimal("89.00"))))
YEARLY = Plan("jahr", "Lizenz", 12, ((EVER, Decimal("480.00")),), unit="Platz")
TERMS = Terms({plan.name: plan for plan in (BASIC, PRO, YEARLY)}, SINCE)


def contract(begins_on: date, plan: Plan = BASIC, ends_on: date | None = None, **agreed: Any) -> Contract:
    """A contract about one piece of a plan."""
    stage = Stage(begins_on, plan.name, plan.cycle_months)
    return Contract("V-1", (stage,), replace(Agreed(), **agreed), ends_on)


def figures(bill: Bill | None) -> list[tuple[str, Decimal]]:
    """The lines of a bill as name and amount."""
    assert bill is not None
    return [(line.name, line_amount(line)) for line in bill.lines]


def by_day(made: Contract, days: int, terms: Terms = TERMS) -> list[Bill]:
    """All bills of somebody who looks every day."""
    billed, found = Billed(), []
    for day in (made.begins_on + timedelta(number) for number in range(-40, days)):
        bill = due(made, billed, terms, day)
        if bill:
            billed = Billed(bill.last, owes_setup=False)
            found.append(bill)
    return found


def test_a_month_is_billed_on_its_first_day_or_after_its_last() -> None:
    """In advance the first day of a period counts, in arrears the day after its last one."""
    early, late = contract(date(2026, 3, 15)), contract(date(2026, 3, 15), when=When.ARREARS)
    assert next_on(early, Billed(), TERMS) == date(2026, 3, 15)
    assert due(early, Billed(), TERMS, date(2026, 3, 14)) is None
    assert next_on(late, Billed(), TERMS) == date(2026, 4, 15)
    bill = due(late, Billed(), TERMS, date(2026, 4, 15))
    assert bill is not None
    assert (bill.first, bill.last) == (date(2026, 3, 15), date(2026, 4, 14))
    assert bill.lines[0].description == "15.03.2026 – 14.04.2026"
    assert next_on(early, Billed(), replace(TERMS, days_before=14)) == date(2026, 3, 1)


def test_the_last_day_of_a_month_does_not_wander() -> None:
    """After a short month the period begins on the 31st again."""
    firsts = [period.first for period in islice(periods(contract(date(2027, 1, 31))), 4)]
    assert firsts == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


def test_calendar_months_begin_with_a_share() -> None:
    """Whoever begins on the 17th of November pays 14 of 30 days, then whole months."""
    bill = due(contract(date(2026, 11, 17), is_calendar=True), Billed(), TERMS, date(2026, 12, 1))
    assert figures(bill) == [("Wartung Basis", Decimal("22.87")), ("Wartung Basis", Decimal("49.00"))]
    assert bill is not None
    assert "anteilig 14 von 30 Tagen" in bill.lines[0].description


def test_the_share_of_many_pieces_is_rounded_once() -> None:
    """A day of a thousand places at one euro is 33.33, not a thousand times three cents; so is a supplement."""
    place = Plan("platz", "Platz", 1, ((EVER, Decimal("1.00")),), unit="Platz")
    terms, many = replace(TERMS, plans={"platz": place}), Stage(date(2026, 11, 30), "platz", 1, Decimal(1000))
    made = replace(contract(date(2026, 11, 30), place, is_calendar=True), stages=(many,))
    bill = due(made, Billed(), terms, date(2026, 12, 1))
    assert figures(bill) == [("1000 × Platz", Decimal("33.33")), ("Platz", Decimal("1000.00"))]
    assert bill is not None
    assert [line.unit for line in bill.lines] == ["Pauschale", "Platz"]
    more = replace(many, since=date(2026, 12, 31), quantity=Decimal(2000))
    _, supplement = changed(made, more, Billed(date(2026, 12, 31)), terms)
    assert figures(supplement) == [("Wechsel auf 2000 × Platz", Decimal("32.26"))]


def test_the_trial_is_free_and_the_setup_fee_comes_with_the_first_bill() -> None:
    """Nothing is billed during the trial, not even early; the set-up fee once."""
    made = contract(date(2026, 3, 1), trial_days=30, setup_fee=Decimal("99.00"))
    eager = replace(TERMS, days_before=14)
    assert due(made, Billed(), eager, date(2026, 3, 30)) is None
    bill = due(made, Billed(), eager, date(2026, 3, 31))
    assert figures(bill) == [("Einrichtung", Decimal("99.00")), ("Wartung Basis", Decimal("49.00"))]
    bill = due(made, Billed(date(2026, 4, 29), owes_setup=False), eager, date(2026, 4, 30))
    assert figures(bill) == [("Wartung Basis", Decimal("49.00"))]


def test_whoever_leaves_in_the_trial_pays_nothing() -> None:
    """A contract that ends before its first paid day is never due."""
    made = contract(date(2026, 3, 1), ends_on=date(2026, 3, 30), trial_days=30)
    assert next_on(made, Billed(), TERMS) is None
    assert by_day(made, 100) == []


def test_what_began_before_the_program_was_billed_elsewhere() -> None:
    """Of an old contract the first period that begins from `since` on is billed; in arrears the one that runs then."""
    terms = replace(TERMS, since=date(2026, 11, 1))
    yearly = contract(date(2024, 4, 1), YEARLY)
    assert next_on(yearly, Billed(), terms) == date(2027, 4, 1)
    late = contract(date(2024, 4, 15), when=When.ARREARS)
    bill = due(late, Billed(), terms, date(2026, 11, 20))
    assert bill is not None
    assert (bill.first, bill.last) == (date(2026, 10, 15), date(2026, 11, 14))
    new = contract(date(2026, 11, 20), is_calendar=True)
    assert next_on(new, Billed(), replace(TERMS, since=date(2026, 11, 10))) == date(2026, 11, 20)


def test_prices_rise_with_the_period() -> None:
    """A period has the price of its first day; a customer's own price stays."""
    made = contract(date(2026, 12, 15), PRO)
    bill = due(made, Billed(), TERMS, date(2027, 1, 15))
    assert figures(bill) == [("Wartung Profi", Decimal("79.00")), ("Wartung Profi", Decimal("89.00"))]
    own = replace(made, stages=(replace(made.stages[0], price=Decimal("70.00"), quantity=Decimal(2)),))
    assert [amount for _, amount in figures(due(own, Billed(), TERMS, date(2027, 1, 15)))] == [Decimal("140.00")] * 2


def test_an_upgrade_within_a_billed_period_costs_the_difference() -> None:
    """From 49 to 79 for 14 of 30 days: 36.87 less 22.87."""
    made, billed = contract(date(2026, 11, 1)), Billed(date(2026, 11, 30), owes_setup=False)
    after, bill = changed(made, Stage(date(2026, 11, 17), "profi", 1), billed, TERMS)
    assert figures(bill) == [("Wechsel auf 1 × Wartung Profi", Decimal("14.00"))]
    assert bill is not None
    assert bill.lines[0].description == "17.11.2026 – 30.11.2026, statt Wartung Basis"
    assert figures(due(after, billed, TERMS, date(2026, 12, 1))) == [("Wartung Profi", Decimal("79.00"))]


def test_a_change_that_is_not_billed_yet_needs_no_supplement() -> None:
    """The period has two lines then."""
    late = contract(date(2026, 11, 1), when=When.ARREARS)
    after, bill = changed(late, Stage(date(2026, 11, 17), "profi", 1), Billed(), TERMS)
    assert bill is None
    amounts = figures(due(after, Billed(), TERMS, date(2026, 12, 1)))
    assert amounts == [("Wartung Basis", Decimal("26.13")), ("Wartung Profi", Decimal("36.87"))]


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage(date(2026, 11, 17), "basis", 1), "weniger zu zahlen ist ab dem 01.12.2026 möglich"),
        (Stage(date(2026, 10, 31), "profi", 1), "ab dem 01.11.2026 bis 30.06.2027"),
        (Stage(date(2027, 7, 1), "profi", 1), "ab dem 01.11.2026 bis 30.06.2027"),
        (Stage(date(2026, 11, 17), "jahr", 12), "frühestens am 01.12.2026"),
        (Stage(date(2026, 12, 2), "jahr", 12), "frühestens am 01.01.2027"),
    ],
)
def test_what_a_contract_does_not_allow_is_said(stage: Stage, words: str) -> None:
    """Less money for billed days, days outside, another cycle within a period: with the day on which it is possible."""
    made = contract(date(2026, 11, 1), PRO, ends_on=date(2027, 6, 30))
    with pytest.raises(NotPossible, match=words):
        changed(made, stage, Billed(date(2026, 11, 30)), TERMS)


def test_another_vat_rate_begins_with_unbilled_days() -> None:
    """A supplement is the difference of two prices: it cannot have two rates."""
    plans = {**TERMS.plans, "buch": replace(PRO, name="buch", vat_rate=Decimal(7))}
    with pytest.raises(NotPossible, match=r"ein anderer Steuersatz ist ab dem 01\.12\.2026 möglich"):
        changed(
            contract(date(2026, 11, 1)),
            Stage(date(2026, 11, 17), "buch", 1),
            Billed(date(2026, 11, 30)),
            replace(TERMS, plans=plans),
        )


def test_from_months_to_years() -> None:
    """The first yearly period begins where a month would have, and has its own rhythm from then on."""
    made = contract(date(2026, 11, 10))
    after, bill = changed(made, Stage(date(2026, 12, 10), "jahr", 12), Billed(date(2026, 12, 9)), TERMS)
    assert bill is None
    assert [period.first for period in islice(periods(after), 4)] == [
        date(2026, 11, 10), date(2026, 12, 10), date(2027, 12, 10), date(2028, 12, 10)
    ]  # fmt: skip
    assert next_on(after, Billed(date(2026, 12, 9)), TERMS) == date(2026, 12, 10)


def test_another_cycle_in_the_trial_of_a_calendar_contract() -> None:
    """Whoever turns to years in his trial pays the share of a year, not a year's price for the share of a month."""
    made = contract(date(2026, 11, 10), is_calendar=True, trial_days=30)
    after, more = changed(made, Stage(date(2026, 12, 5), "jahr", 12), Billed(), TERMS)
    bill = due(after, Billed(), TERMS, date(2026, 12, 10))
    assert more is None
    assert bill is not None
    assert (bill.first, bill.last) == (date(2026, 12, 10), date(2027, 11, 30))
    assert figures(bill) == [("Lizenz", Decimal("468.16"))]


def test_a_notice_taken_back_bills_the_rest_of_the_period_only() -> None:
    """The days up to the former end are billed already."""
    made = contract(date(2026, 11, 1), when=When.ARREARS)
    bill = due(made, Billed(date(2026, 11, 10), owes_setup=False), TERMS, date(2026, 12, 1))
    assert bill is not None
    assert (bill.first, bill.last) == (date(2026, 11, 11), date(2026, 11, 30))


def test_the_monthly_value() -> None:
    """A year of 480 for three places is 120 a month, nothing before and after."""
    made = contract(date(2026, 3, 1), YEARLY, ends_on=date(2028, 2, 29), trial_days=10)
    made = replace(made, stages=(replace(made.stages[0], quantity=Decimal(3)),))
    days = (date(2026, 3, 10), date(2026, 3, 11), date(2028, 2, 29), date(2028, 3, 1))
    assert [monthly_value(made, TERMS, day) for day in days] == [0, Decimal("120.00"), Decimal("120.00"), 0]


def test_where_a_contract_stands() -> None:
    """Ahead, in its trial, running; a last day goes before all of them."""
    made = contract(date(2026, 3, 1), trial_days=30)
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 30), date(2026, 3, 31))
    assert [phase(made, day) for day in days] == [Phase.AHEAD, Phase.TRIAL, Phase.TRIAL, Phase.RUNNING]
    ended = replace(made, ends_on=date(2026, 3, 30))
    assert [phase(ended, day) for day in days] == [Phase.ENDING, Phase.ENDING, Phase.ENDING, Phase.ENDED]


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ({"since": date(202, 3, 1)}, "von 2000 bis 2100"),
        ({"quantity": Decimal(0)}, "größer als 0"),
        ({"quantity": Decimal(2_000_000)}, "höchstens eine Million"),
        ({"quantity": Decimal("0.001")}, "zwei Nachkommastellen"),
        ({"price": Decimal("-1.00")}, "ab 0"),
        ({"price": Decimal("9.999")}, "zwei Nachkommastellen"),
    ],
)
def test_slips_are_refused(slip: dict[str, Any], words: str) -> None:
    """Whether a contract is made so or changed."""
    made = contract(date(2026, 3, 1))
    slipped = replace(made.stages[0], **slip)
    with pytest.raises(NotPossible, match=words):
        must_be_sound(slipped)
    with pytest.raises(NotPossible, match=words):
        changed(made, slipped, Billed(), TERMS)


DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """Contracts of all kinds, some of which end."""
    begins_on = draw(DAYS)
    plan = draw(st.sampled_from((replace(BASIC, cycle_months=3), PRO, YEARLY)))
    agreed = Agreed(draw(st.sampled_from(When)), draw(st.booleans()), draw(st.sampled_from((0, 14, 30))))
    ends_on = draw(st.none() | st.integers(0, 500).map(lambda days: begins_on + timedelta(days)))
    stages = [Stage(begins_on, plan.name, plan.cycle_months)]
    for gap in draw(st.lists(st.integers(1, 90), max_size=3)):
        stages.append(replace(stages[-1], since=stages[-1].since + timedelta(gap), quantity=Decimal(len(stages) + 1)))
    return Contract("V-1", tuple(stages), agreed, ends_on)


@given(contracts(), st.integers(0, 30))
def test_every_paid_day_is_billed_once(made: Contract, days_before: int) -> None:
    """Bills follow each other without gap or overlap, from the first paid day to the last one."""
    bills = by_day(made, 450, replace(TERMS, days_before=days_before))
    if made.ends_on and made.ends_on < made.paid_from:
        assert bills == []
        return
    for before, after in pairwise(bills):
        assert after.first == before.last + DAY
    if bills:
        assert bills[0].first == made.paid_from
    assert all(made.ends_on is None or bill.last <= made.ends_on for bill in bills)


@given(contracts())
def test_looking_late_costs_the_same(made: Contract) -> None:
    """Whoever looks after months bills what somebody who looks every day has billed by then."""
    bills = by_day(made, 400)
    at_once = due(made, Billed(), TERMS, made.begins_on + timedelta(399))
    assert [line for bill in bills for line in bill.lines] == list(at_once.lines if at_once else ())


@given(contracts(), st.lists(st.tuples(st.integers(0, 40), st.sampled_from((BASIC, YEARLY))), max_size=4))
def test_each_period_has_the_cycle_of_its_price(made: Contract, wishes: list[tuple[int, Plan]]) -> None:
    """Whatever changes a contract allows, no price of a year meets the days of a month."""
    for gap, plan in wishes:
        with suppress(NotPossible):
            since = made.stages[-1].since + timedelta(gap)
            made, _ = changed(made, Stage(since, plan.name, plan.cycle_months), Billed(), TERMS)
    for period in islice(periods(made), 20):
        for part in parts(made, period):
            assert round(period.days / 30.4) == part.stage.cycle_months


@given(contracts(), st.integers(1, 60))
def test_the_next_day_is_the_first_with_a_bill(made: Contract, days_before: int) -> None:
    """The day that is kept with a contract is the one on which it becomes due."""
    terms = replace(TERMS, days_before=days_before)
    day = next_on(made, Billed(), terms)
    if day is None:
        assert due(made, Billed(), terms, made.begins_on + timedelta(2000)) is None
        return
    assert due(made, Billed(), terms, day) is not None
    assert due(made, Billed(), terms, day - DAY) is None


@given(
    contracts(),
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(-40, 40), st.sampled_from((BASIC, PRO, YEARLY)), st.integers(1, 9)),
        max_size=6,
    ),
    st.integers(0, 30),
)
def test_what_was_billed_is_what_the_days_cost(
    made: Contract, wishes: list[tuple[int, int, Plan, int]], days_before: int
) -> None:
    """However often a contract changes while it is billed, bills and supplements come to what its days cost now."""
    terms, billed, net, roundings = replace(TERMS, days_before=days_before), Billed(), Decimal(0), 0
    made = replace(made, agreed=replace(made.agreed, setup_fee=Decimal("0.00")))
    today = made.begins_on
    for wait, back, plan, quantity in wishes:
        today += timedelta(wait)
        found = due(made, billed, terms, today)
        if found:
            net, roundings, billed = net + found.net, roundings + len(found.lines), Billed(found.last)
        stage = Stage(today + timedelta(back), plan.name, plan.cycle_months, Decimal(quantity))
        with suppress(NotPossible):
            made, more = changed(made, stage, billed, terms)
            net, roundings = net + (more.net if more else 0), roundings + 2 * len(made.stages)
    if billed.until:
        cost = amount_of(parts_between(made, made.paid_from, billed.until), terms)
        assert abs(net - cost) <= Decimal("0.01") * (roundings + 2)


@given(contracts(), st.integers(0, 11))
def test_shares_of_a_period_add_up(made: Contract, number: int) -> None:
    """The parts of a period cost its price, but for a cent of rounding each, and none if the contract is over."""
    made = replace(made, ends_on=None, stages=made.stages[:1])
    period = next(islice(periods(made), number + 1, None))
    cut = period.first + (period.last - period.first) // 2
    before, after = (amount_of(parts(replace(made, ends_on=day), period), TERMS) for day in (cut, period.last))
    rest = replace(made, stages=(*made.stages, replace(made.stages[0], since=cut + DAY)))
    assert before <= after
    assert abs(amount_of(parts(rest, period), TERMS) - after) <= Decimal("0.01")


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_months_are_not_lost(day: date, one: int, other: int) -> None:
    """More months are never earlier, and a date comes back in its month."""
    assert later(day, one).replace(day=1) <= later(day, one + other).replace(day=1)
    assert later(later(day.replace(day=1), one), other) == later(day.replace(day=1), one + other)
