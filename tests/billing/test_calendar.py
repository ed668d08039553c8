"""Working days and holidays in Germany, and § 193 BGB."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calendar import LAENDER, berlin_day, easter, holidays, is_working_day, last_day_to_pay

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
LANDS = st.sampled_from(["", *sorted(LAENDER)])

# Published Easter dates, the earliest and latest possible ones (22 March, 25 April) among them.
EASTERS = [
    date(1818, 3, 22),
    date(1900, 4, 15),
    date(1943, 4, 25),
    date(1954, 4, 18),
    date(1981, 4, 19),
    date(2000, 4, 23),
    date(2008, 3, 23),
    date(2011, 4, 24),
    date(2016, 3, 27),
    date(2019, 4, 21),
    date(2020, 4, 12),
    date(2021, 4, 4),
    date(2022, 4, 17),
    date(2023, 4, 9),
    date(2024, 3, 31),
    date(2025, 4, 20),
    date(2026, 4, 5),
    date(2027, 3, 28),
    date(2028, 4, 16),
    date(2029, 4, 1),
    date(2030, 4, 21),
    date(2038, 4, 25),
    date(2049, 4, 18),
    date(2076, 4, 19),
    date(2285, 3, 22),
]

NATIONWIDE_2026 = {
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 5, 1),
    date(2026, 5, 14),
    date(2026, 5, 25),
    date(2026, 10, 3),
    date(2026, 12, 25),
    date(2026, 12, 26),
}
EPIPHANY, WOMEN, CORPUS_CHRISTI = date(2026, 1, 6), date(2026, 3, 8), date(2026, 6, 4)
ASSUMPTION, CHILDREN, REFORMATION = date(2026, 8, 15), date(2026, 9, 20), date(2026, 10, 31)
ALL_SAINTS, PRAYER = date(2026, 11, 1), date(2026, 11, 18)

OF_LAND_2026 = {
    "BB": {REFORMATION},
    "BE": {WOMEN},
    "BW": {EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS},
    "BY": {EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS},
    "HB": {REFORMATION},
    "HE": {CORPUS_CHRISTI},
    "HH": {REFORMATION},
    "MV": {WOMEN, REFORMATION},
    "NI": {REFORMATION},
    "NW": {CORPUS_CHRISTI, ALL_SAINTS},
    "RP": {CORPUS_CHRISTI, ALL_SAINTS},
    "SH": {REFORMATION},
    "SL": {CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS},
    "SN": {REFORMATION, PRAYER},
    "ST": {EPIPHANY, REFORMATION},
    "TH": {CHILDREN, REFORMATION},
}


@pytest.mark.parametrize("sunday", EASTERS, ids=str)
def test_easter_falls_where_the_church_says(sunday: date) -> None:
    """Computed Easter is the published one."""
    assert easter(sunday.year) == sunday


@given(st.integers(1583, 4099))
def test_easter_is_a_spring_sunday(year: int) -> None:
    """Easter is a Sunday from 22 March to 25 April."""
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_every_land_is_known() -> None:
    """There are sixteen Länder, and this table has each."""
    assert set(OF_LAND_2026) == LAENDER
    assert len(LAENDER) == 16


@pytest.mark.parametrize("land", ["", *sorted(LAENDER)])
def test_holidays_of_2026(land: str) -> None:
    """Each Land has the nationwide holidays and its own, and no other."""
    assert holidays(2026, land) == NATIONWIDE_2026 | OF_LAND_2026.get(land, set())


@pytest.mark.parametrize(
    ("year", "day"), [(2022, 16), (2023, 22), (2024, 20), (2025, 19), (2026, 18), (2027, 17), (2028, 22), (2033, 16)]
)
def test_the_day_of_prayer_is_the_wednesday_before_23_november(year: int, day: int) -> None:
    """Buß- und Bettag lies between 16 and 22 November."""
    assert date(year, 11, day) in holidays(year, "SN")
    assert date(year, 11, day).weekday() == 2


@pytest.mark.parametrize(("land", "first"), [("BE", 2019), ("MV", 2023)])
def test_womens_day_is_a_holiday_since_its_law(land: str, first: int) -> None:
    """8 March is free since 2019 in Berlin and since 2023 in Mecklenburg-Vorpommern."""
    assert date(first, 3, 8) in holidays(first, land)
    assert date(first - 1, 3, 8) not in holidays(first - 1, land)


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2026, 12, 31)])
def test_christmas_eve_and_new_years_eve_are_working_days(day: date) -> None:
    """24 and 31 December are no public holidays."""
    assert is_working_day(day)


@pytest.mark.parametrize(
    ("end", "last"),
    [
        # The examples of the domain facts, 4.2.
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 3, 1), date(2026, 3, 2)),
        (date(2026, 4, 3), date(2026, 4, 7)),
        # Saturday before Whit Sunday and Monday; Christmas on Friday and Saturday; New Year's Day on a Friday.
        (date(2026, 5, 23), date(2026, 5, 26)),
        (date(2026, 12, 25), date(2026, 12, 28)),
        (date(2027, 1, 1), date(2027, 1, 4)),
    ],
)
def test_a_period_ends_on_a_working_day(end: date, last: date) -> None:
    """§ 193 BGB: Saturday, Sunday or holiday moves the last day to the next working day."""
    assert last_day_to_pay(end) == last


def test_a_holiday_of_the_land_moves_the_last_day_there_only() -> None:
    """Corpus Christi is a Thursday like any other in Berlin."""
    assert last_day_to_pay(CORPUS_CHRISTI, "BY") == date(2026, 6, 5)
    assert last_day_to_pay(CORPUS_CHRISTI, "BE") == CORPUS_CHRISTI


@given(DAYS, LANDS)
def test_the_last_day_is_the_first_working_day_from_the_end(day: date, land: str) -> None:
    """Never earlier, always a working day, none skipped, and moving twice moves no further."""
    last = last_day_to_pay(day, land)
    assert is_working_day(last, land)
    between = [day + timedelta(offset) for offset in range((last - day).days)]
    assert not any(is_working_day(skipped, land) for skipped in between)
    assert last_day_to_pay(last, land) == last
    assert (last - day).days <= 5


@given(DAYS, st.sampled_from(sorted(LAENDER)))
def test_a_land_only_adds_holidays(day: date, land: str) -> None:
    """A working day in a Land is a working day nationwide."""
    assert is_working_day(day) or not is_working_day(day, land)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_the_day_changes_at_midnight_in_berlin(instant: datetime, day: date) -> None:
    """Summer time moves the change of day by an hour, also on the days the clock changes."""
    assert berlin_day(instant) == day


def test_an_instant_without_zone_has_no_day() -> None:
    """A naive datetime is refused."""
    with pytest.raises(ValueError, match="time zone"):
        berlin_day(datetime(2026, 1, 1))  # noqa: DTZ001
