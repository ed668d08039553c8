"""Default interest: the published vectors, our own, and what must hold for every amount and date."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.base_rates import KNOWN, BaseRate, BaseRates, UnknownBaseRate, base_rate
from billing.default import last_working_day
from billing.interest import PartPayment, default_interest, margin, recovery_compensation
from billing.money import Money, euro
from billing.parties import CustomerKind

DOMAIN = Path(__file__).resolve().parents[2] / ".." / "shared" / "domain"
DAY = timedelta(1)
CONSUMER, BUSINESS, PUBLIC = CustomerKind.CONSUMER, CustomerKind.BUSINESS, CustomerKind.PUBLIC

amounts = st.decimals(Decimal("0.01"), Decimal("1000000"), places=2).map(Money)
days = st.dates(KNOWN.first_day, KNOWN.last_day)
kinds = st.sampled_from(CustomerKind)


def rows(name: str) -> list[dict[str, str]]:
    """A published table, or a skip where it is not at hand."""
    path = DOMAIN / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this repository")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_published_vectors() -> None:
    """All published cases give the same day count, interest and lump sum, to the cent."""
    cases = rows("interest_vectors.csv")

    assert len(cases) >= 22
    for case in cases:
        kind = CustomerKind(case["debtor_type"])
        last_day, paid_on = (date.fromisoformat(case[name]) for name in ("last_day_to_pay", "payment_date"))
        statement = default_interest(euro(case["principal"]), kind, last_day + DAY, paid_on)

        assert last_working_day(date.fromisoformat(case["due_date"])) == last_day, case["id"]
        assert statement.days == int(case["interest_days"]), case["id"]
        assert statement.total == euro(case["expected_interest"]), case["id"]
        assert recovery_compensation(kind, last_day + DAY, paid_on) == euro(case["lump_sum_40"]), case["id"]


def test_published_derivations() -> None:
    """Every period of a published case has the same days, rate and amount before rounding, to six places."""
    for case in rows("interest_vectors.csv"):
        statement = default_interest(
            euro(case["principal"]),
            CustomerKind(case["debtor_type"]),
            date.fromisoformat(case["interest_from"]),
            date.fromisoformat(case["payment_date"]),
        )
        derived = "; ".join(
            f"{each.first}..{each.last}: {each.principal.amount} x {each.rate} % x {each.days}/{each.days_of_year}"
            f" = {each.amount:.6f}"
            for each in statement.periods
        )
        assert derived == ("" if "paid in time" in case["derivation"] else case["derivation"]), case["id"]


def test_base_rates_agree_with_the_published_table() -> None:
    """Our history holds the published half-years, no more and no fewer."""
    table = {row["valid_from"]: row["rate_percent"] for row in rows("basiszinssatz.csv")}

    assert {rate.valid_from.isoformat(): str(rate.percent) for rate in KNOWN.rates} == table


@pytest.mark.parametrize(
    ("principal", "kind", "since", "until", "expected"),
    [
        ("1000.00", CONSUMER, "2026-08-01", "2026-08-30", "5.36"),
        ("1000.00", PUBLIC, "2026-08-01", "2026-08-30", "8.65"),
        ("1256.40", CONSUMER, "2026-06-16", "2026-07-15", "6.60"),
        ("10000.00", BUSINESS, "2024-01-01", "2024-12-31", "1249.43"),
        ("3333.33", BUSINESS, "2022-12-01", "2023-08-31", "267.16"),
        ("118.99", CONSUMER, "2026-03-17", "2026-03-16", "0.00"),
    ],
)
def test_own_vectors(principal: str, kind: CustomerKind, since: str, until: str, expected: str) -> None:
    """Worked cases over changes of rate, leap years and negative base rates come out to the cent."""
    statement = default_interest(euro(principal), kind, date.fromisoformat(since), date.fromisoformat(until))

    assert statement.total == euro(expected)


def test_sum_is_rounded_once() -> None:
    """Two periods of 3.2374 and 3.3665 make 6.60, not the 6.61 of their rounded parts."""
    statement = default_interest(euro("1256.40"), CONSUMER, date(2026, 6, 16), date(2026, 7, 15))

    assert [f"{period.amount:.6f}" for period in statement.periods] == ["3.237381", "3.366464"]
    assert statement.total == euro("6.60")


def test_part_payment_lowers_the_principal_from_the_next_day() -> None:
    """The day of a part payment still bears interest on the old principal, the day after on the rest."""
    paid = (PartPayment(date(2026, 8, 30), euro("493.14")),)
    statement = default_interest(euro(1000), CONSUMER, date(2026, 8, 1), date(2026, 9, 9), paid)

    assert [(period.last, period.principal) for period in statement.periods] == [
        (date(2026, 8, 30), euro(1000)),
        (date(2026, 9, 9), euro("506.86")),
    ]
    assert statement.exact == Fraction(652, 10000) * (1000 * 30 + Fraction("506.86") * 10) / 365


def test_payment_before_default_never_bears_interest() -> None:
    """What was paid before default began is no longer owed on its first day."""
    paid = (PartPayment(date(2026, 7, 20), euro(400)),)
    statement = default_interest(euro(1000), CONSUMER, date(2026, 8, 1), date(2026, 8, 30), paid)

    assert {period.principal for period in statement.periods} == {euro(600)}


def test_nothing_runs_after_the_principal_is_paid() -> None:
    """Interest ends on the day on which the principal is paid off."""
    paid = (PartPayment(date(2026, 8, 10), euro(1000)),)

    assert default_interest(euro(1000), CONSUMER, date(2026, 8, 1), date(2026, 12, 31), paid).days == 10


def test_paying_off_more_than_owed_is_refused() -> None:
    """Part payments beyond the principal are a mistake, not negative interest."""
    with pytest.raises(ValueError, match="mehr angerechnet"):
        default_interest(
            euro(10), CONSUMER, date(2026, 8, 1), date(2026, 8, 2), (PartPayment(date(2026, 8, 1), euro(11)),)
        )


def test_late_saturday_due_date() -> None:
    """An agreed Saturday moves to Monday: paid on Monday no interest day, on Tuesday one."""
    since = last_working_day(date(2026, 3, 14)) + DAY

    assert default_interest(euro("118.99"), CONSUMER, since, date(2026, 3, 16)).days == 0
    assert default_interest(euro("118.99"), CONSUMER, since, date(2026, 3, 17)).days == 1


def test_margins() -> None:
    """Consumers owe five points above the base rate, everybody else nine."""
    assert [margin(kind) for kind in (CONSUMER, BUSINESS, PUBLIC)] == [5, 9, 9]


@pytest.mark.parametrize("day", [date(2012, 12, 31), date(2027, 1, 1)])
def test_unknown_base_rate_is_refused(day: date) -> None:
    """Outside the known half-years there is a German sentence with a cure instead of a guess."""
    with pytest.raises(UnknownBaseRate, match="Bitte"):
        base_rate(day)


def test_interest_beyond_the_known_rates_is_refused() -> None:
    """One day past the last known half-year stops the whole reckoning."""
    with pytest.raises(UnknownBaseRate):
        default_interest(euro(100), CONSUMER, date(2026, 12, 1), date(2027, 1, 1))


def test_history_grows_by_the_next_half_year_only() -> None:
    """A newly announced rate continues the history, a corrected one replaces it; a gap or another day is refused."""
    longer = KNOWN.extended(BaseRate(date(2027, 1, 1), Decimal("1.60"), "Bundesbank"))

    assert longer.on(date(2027, 6, 30)).percent == Decimal("1.60")
    corrected = KNOWN.extended(BaseRate(date(2026, 7, 1), Decimal("1.62"), "Bundesbank"))
    assert (corrected.on(date(2026, 8, 1)).percent, corrected.last_day) == (Decimal("1.62"), KNOWN.last_day)
    with pytest.raises(ValueError, match="folgt nicht"):
        KNOWN.extended(BaseRate(date(2027, 7, 1), Decimal(1), "Bundesbank"))
    with pytest.raises(ValueError, match="1. Januar"):
        BaseRate(date(2027, 2, 1), Decimal(1), "Bundesbank")
    with pytest.raises(ValueError, match="kein Basiszinssatz"):
        BaseRates(())


def test_lump_sum() -> None:
    """Forty euro per late invoice for everybody but consumers, from the first day of default, less fees charged."""
    since = date(2026, 8, 1)

    assert recovery_compensation(BUSINESS, since, since) == euro(40)
    assert recovery_compensation(PUBLIC, since, since, euro("2.50")) == euro("37.50")
    assert recovery_compensation(BUSINESS, since, since, euro(50)) == euro(0)
    assert recovery_compensation(BUSINESS, since, since - DAY) == euro(0)
    assert recovery_compensation(BUSINESS, None, since) == euro(0)
    assert recovery_compensation(CONSUMER, since, since) == euro(0)


@given(day=days)
def test_every_known_day_has_the_rate_of_its_half_year(day: date) -> None:
    """The rate found for a day covers that day."""
    rate = KNOWN.on(day)

    assert rate.valid_from <= day <= rate.valid_until


@given(principal=amounts, kind=kinds, ends=st.lists(days, min_size=3, max_size=3))
def test_interest_adds_up_over_time(principal: Money, kind: CustomerKind, ends: list[date]) -> None:
    """Before rounding, the interest of two adjoining spans is exactly that of both together."""
    first, middle, last = sorted(ends)
    whole = default_interest(principal, kind, first, last)
    parts = default_interest(principal, kind, first, middle), default_interest(principal, kind, middle + DAY, last)

    assert whole.exact == sum(part.exact for part in parts)
    assert whole.days == sum(part.days for part in parts)


@given(one=amounts, other=amounts, kind=kinds, ends=st.tuples(days, days))
def test_interest_adds_up_over_amounts(one: Money, other: Money, kind: CustomerKind, ends: tuple[date, date]) -> None:
    """Before rounding, two claims together bear the sum of what each bears."""
    first, last = sorted(ends)
    both = default_interest(one + other, kind, first, last)

    assert both.exact == sum(default_interest(each, kind, first, last).exact for each in (one, other))


@given(principal=amounts, kind=kinds, ends=st.tuples(days, days))
def test_interest_never_shrinks(principal: Money, kind: CustomerKind, ends: tuple[date, date]) -> None:
    """A day more, or a business instead of a consumer, never costs less; a full year never exceeds its rate."""
    first, last = sorted(ends)
    shorter = default_interest(principal, kind, first, last - DAY)
    longer = default_interest(principal, kind, first, last)

    assert shorter.exact < longer.exact
    assert longer.exact <= default_interest(principal, BUSINESS, first, last).exact


@given(principal=amounts, kind=kinds, day=days)
def test_no_days_no_interest(principal: Money, kind: CustomerKind, day: date) -> None:
    """Paid on the last day in time, there is neither a period nor a cent."""
    statement = default_interest(principal, kind, day + DAY, day)

    assert (statement.periods, statement.total) == ((), euro(0))


@given(principal=amounts, kind=kinds, ends=st.tuples(days, days), cuts=st.lists(days, max_size=4))
def test_splitting_a_payment_of_nothing_changes_nothing(
    principal: Money, kind: CustomerKind, ends: tuple[date, date], cuts: list[date]
) -> None:
    """Periods are only a way of writing: cutting them further leaves the sum exactly the same."""
    first, last = sorted(ends)
    nothing = [PartPayment(cut, euro(0)) for cut in cuts]

    assert (
        default_interest(principal, kind, first, last, nothing).exact
        == default_interest(principal, kind, first, last).exact
    )
