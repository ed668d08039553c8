"""Reading what people type: one reader for the command line and for the pages."""

from decimal import Decimal

import pytest

from desk.reading import Mistake, amount_of


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1.234,56", "1234.56"), ("1234,56", "1234.56"), ("1234.56", "1234.56"), ("1234", "1234.00"),
        ("1.234.567", "1234567.00"), ("1.234,5 €", "1234.50"), ("EUR 99", "99.00"), (" 20,01\u00a0€", "20.01"),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_typed_here(typed: str, meant: str) -> None:
    """German and plain spelling mean the same."""
    assert amount_of(typed) == Decimal(meant)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1.234", "1.234,00 € oder 1,234"), ("1,234", "1.234,00 € oder 1,234"), ("0.500", "500,00 € oder 0,500"),
        ("viel", "kein Betrag"), ("-5", "kein Betrag"), ("1,234.56", "kein Betrag"), ("12.34,5", "kein Betrag"),
        ("1e3", "kein Betrag"), ("NaN", "kein Betrag"), ("١٢", "kein Betrag"), ("9" * 20, "kein Betrag"),
    ],
)  # fmt: skip
def test_what_may_mean_two_amounts_is_refused(typed: str, said: str) -> None:
    """A factor of a thousand is not guessed, and the refusal says how to write it."""
    with pytest.raises(Mistake, match="gemeint|schreiben") as refused:
        amount_of(typed)
    assert said in str(refused.value).replace("\u00a0", " ")


def test_nothing_typed_is_no_amount() -> None:
    """An empty field and one with blanks are left out."""
    assert (amount_of(""), amount_of("  ")) == (None, None)
