"""Money and time in columns: exact or refused, on either database."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select
from sqlalchemy.exc import StatementError

from ledger.columns import Cents, Instant
from ledger.database import Ledger

ONCE = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def amount_back(ledger: Ledger, value: Decimal | None) -> Decimal | None:
    """An amount, sent to the database and back."""
    with ledger.reading() as session:
        return session.scalar(select(literal(value, Cents())))


def instant_back(ledger: Ledger, value: datetime) -> datetime | None:
    """An instant, sent to the database and back."""
    with ledger.reading() as session:
        return session.scalar(select(literal(value, Instant())))


@ONCE
@given(cents=st.integers(-(10**15), 10**15))
def test_amounts_survive_to_the_cent(ledger: Ledger, cents: int) -> None:
    """What comes back is the same amount with two places."""
    value = Decimal(cents).scaleb(-2)
    back = amount_back(ledger, value)
    assert str(back) == str(value)


@pytest.mark.parametrize("value", ["0.001", "12.345", "-0.005", "1E-30", "0.0100000000000000000000000000000000001"])
def test_fractions_of_a_cent_are_refused(ledger: Ledger, value: str) -> None:
    """Nothing is rounded on its way into the ledger, however small the rest."""
    with pytest.raises(StatementError, match="fractions of a cent"):
        amount_back(ledger, Decimal(value))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(ledger: Ledger, value: str) -> None:
    """No column holds what is no number."""
    with pytest.raises(StatementError, match="fractions of a cent"):
        amount_back(ledger, Decimal(value))


@pytest.mark.parametrize("value", ["12", "12.3", "12.30", "12.3000", "1E+2", "-0.00"])
def test_whole_cents_are_taken_however_written(ledger: Ledger, value: str) -> None:
    """Trailing zeros and exponents change no amount."""
    back = amount_back(ledger, Decimal(value))
    assert back == Decimal(value)
    assert back is not None
    assert back.as_tuple().exponent == -2


@ONCE
@given(
    value=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    offset=st.integers(-14 * 60, 14 * 60),
)
def test_instants_survive_to_the_microsecond(ledger: Ledger, value: datetime, offset: int) -> None:
    """What comes back is the same instant, in UTC."""
    moment = value.replace(tzinfo=timezone(timedelta(minutes=offset)))
    back = instant_back(ledger, moment)
    assert back == moment
    assert back is not None
    assert back.tzinfo is UTC


def test_an_instant_without_zone_is_refused(ledger: Ledger) -> None:
    """A naive datetime never reaches the ledger."""
    with pytest.raises(StatementError, match="time zone"):
        instant_back(ledger, datetime(2026, 11, 2))  # noqa: DTZ001


def test_nothing_stays_nothing(ledger: Ledger) -> None:
    """An amount that is not known is not zero."""
    assert amount_back(ledger, None) is None
