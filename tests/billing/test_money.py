"""Money: exact, in one currency, rounded in one place."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import Money, euro, in_german, to_cent, total

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=6)
CENTS = st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents).scaleb(-2))


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.0049999", "0.00"),
        ("1.015", "1.02"),
        ("1.025", "1.03"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("-1.015", "-1.02"),
        ("7", "7.00"),
    ],
)
def test_half_a_cent_goes_away_from_zero(exact: str, rounded: str) -> None:
    """Commercial rounding (DIN 1333) and two places always."""
    assert str(to_cent(Decimal(exact))) == rounded


@given(AMOUNTS)
def test_rounding_moves_by_half_a_cent_at_most(value: Decimal) -> None:
    """The rounded amount is the nearest whole cent."""
    assert abs(Fraction(to_cent(value)) - Fraction(value)) <= Fraction(1, 200)


@given(AMOUNTS)
def test_rounding_is_symmetric(value: Decimal) -> None:
    """A cancellation rounds to the very opposite of its invoice."""
    assert to_cent(-value) == -to_cent(value)


@given(CENTS)
def test_whole_cents_stay(value: Decimal) -> None:
    """What has two places already is not moved."""
    assert to_cent(value) == value


@given(AMOUNTS)
def test_nothing_is_ever_minus_nothing(value: Decimal) -> None:
    """No paper ever shows -0.00."""
    assert str(to_cent(value)) != "-0.00"


@pytest.mark.parametrize("value", [1.5, 3, "1.50", None])
def test_money_is_made_of_decimals_only(value: object) -> None:
    """A float, an int or a text is no amount."""
    with pytest.raises(TypeError, match="Decimal"):
        Money(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_money_is_finite(value: str) -> None:
    """What is no number is no amount."""
    with pytest.raises(ValueError, match="no amount"):
        Money(Decimal(value))


def test_two_currencies_cannot_be_reckoned_together() -> None:
    """Adding, subtracting and comparing francs and euros are errors, not sums."""
    franc = Money(Decimal(1), "CHF")
    for reckon in (lambda: euro(1) + franc, lambda: euro(1) - franc, lambda: euro(1) < franc, lambda: euro(1) <= franc):
        with pytest.raises(TypeError, match="EUR and CHF"):
            reckon()
    with pytest.raises(TypeError):
        total([euro(1), franc])


@given(st.lists(CENTS, max_size=20))
def test_a_total_is_the_exact_sum(amounts: list[Decimal]) -> None:
    """Adding up loses nothing; nothing adds up to zero."""
    assert total(Money(amount) for amount in amounts).amount == sum(amounts, Decimal(0))
    assert not total([])


@given(CENTS, CENTS)
def test_money_reckons_like_numbers(one: Decimal, other: Decimal) -> None:
    """Sum, difference, negation, order and truth follow the amounts."""
    a, b = Money(one), Money(other)
    assert (a + b).amount == one + other
    assert a - b == a + -b
    assert (a < b) == (one < other)
    assert (a <= b) == (one <= other)
    assert bool(a) == (one != 0)


def test_money_shows_two_places_and_its_currency() -> None:
    """As text an amount has two places and the code of its currency."""
    assert str(euro("12.3")) == "12.30 EUR"


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1256.4", "1.256,40 EUR"), ("0", "0,00 EUR"), ("-1234567.89", "-1.234.567,89 EUR"), ("999.99", "999,99 EUR")],
)
def test_people_in_germany_read_their_own_notation(amount: str, text: str) -> None:
    """Dots between thousands, a comma before the cents."""
    assert in_german(Decimal(amount)) == text
