"""Numbers, dates and foreign text as German readers see them."""

from datetime import date
from decimal import Decimal

import pytest

from documents import german
from documents.letter import address_lines
from documents.samples import AUSTRIAN, CONSUMER


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1256.4", "1.256,40\xa0€"),
        ("-203.94", "\u2212203,94\xa0€"),
        ("0", "0,00\xa0€"),
        ("1234567.895", "1.234.567,90\xa0€"),
    ],
)
def test_amounts(value: str, text: str) -> None:
    """Amounts have two places, points between thousands and a real minus."""
    assert german.amount(Decimal(value)) == text


def test_prices_keep_their_places() -> None:
    """A unit price shows all of its places, so that quantity times price can be checked."""
    assert german.price(Decimal("1.0625")) == "1,0625\xa0€"
    assert german.price(Decimal("1.5000")) == "1,50\xa0€"


def test_quantities_have_no_needless_zeros() -> None:
    """Quantities drop zeros at the end and never show an exponent."""
    assert [german.quantity(Decimal(text)) for text in ("2.500", "1E+3", "0.001")] == ["2,5", "1.000", "0,001"]


def test_days_and_accounts() -> None:
    """Days are day, month, year; accounts stand in groups of four."""
    assert german.day(date(2026, 11, 2)) == "02.11.2026"
    assert german.iban_groups("de02120300000000202051") == "DE02 1203 0000 0000 2020 51"


def test_foreign_text_is_cleaned() -> None:
    """Control characters and marks of direction vanish, letters are composed, line feeds stay."""
    assert german.clean("a\u0308\x00b\r\n\u202ec\td\u200b") == "äb\nc d"


def test_country_is_for_mail_abroad() -> None:
    """The country stands last, in capitals, and only abroad."""
    assert address_lines(AUSTRIAN)[-1] == "ÖSTERREICH"
    assert address_lines(CONSUMER)[-1] == "50674 Köln"
