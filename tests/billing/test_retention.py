"""How long papers have to be kept, to the day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.retention import Keeping, kept_from, kept_until, may_go


@pytest.mark.parametrize(
    ("written_on", "keeping", "last_day"),
    [
        (date(2026, 1, 1), Keeping.VOUCHER, date(2034, 12, 31)),
        (date(2026, 12, 31), Keeping.VOUCHER, date(2034, 12, 31)),
        (date(2026, 11, 21), Keeping.LETTER, date(2032, 12, 31)),
    ],
)
def test_years_count_from_the_end_of_the_year(written_on: date, keeping: Keeping, last_day: date) -> None:
    """§ 147 Abs. 4 AO: the time begins with the end of the calendar year."""
    assert kept_until(written_on, keeping) == last_day


@given(
    written_on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    keeping=st.sampled_from(Keeping),
    days=st.integers(0, 366 * 12),
)
def test_nothing_goes_before_its_last_day(written_on: date, keeping: Keeping, days: int) -> None:
    """Until its last day, that day included, a paper stays; from the day after on it may go."""
    day = written_on + timedelta(days)
    assert may_go(written_on, keeping, day) == (day > kept_until(written_on, keeping))


@given(
    written_on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    keeping=st.sampled_from(Keeping),
    today=st.dates(date(2000, 1, 1), date(2112, 1, 1)),
)
def test_the_years_that_cannot_go_hide_none_that_may(written_on: date, keeping: Keeping, today: date) -> None:
    """A paper from `kept_from` on never may go; the day before it, some paper may."""
    if written_on >= kept_from(today):
        assert not may_go(written_on, keeping, today)
    assert may_go(kept_from(today) - timedelta(days=1), Keeping.LETTER, today)
