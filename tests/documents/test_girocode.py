"""The GiroCode: EPC069-12 to the letter, and readable."""

import io
from dataclasses import replace
from decimal import Decimal

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from documents.girocode import payload, png
from documents.samples import SELLER

SELLER_WITHOUT_BIC = replace(SELLER, bic="")


def test_payload_is_the_published_example() -> None:
    """The text is line by line what the European Payments Council wants; trailing empty lines are left out."""
    assert payload(SELLER_WITHOUT_BIC, Decimal("1256.40"), "RE-2026-0147") == (
        "BCD\n002\n1\nSCT\n\nMalerbetrieb Sommer GmbH\nDE02120300000000202051\nEUR1256.40\n\n\nRE-2026-0147"
    )


@pytest.mark.parametrize("amount", ["0", "-1.00", "1000000000.00"])
def test_nothing_payable_gives_no_code(amount: str) -> None:
    """Amounts that cannot be transferred have no code."""
    assert payload(SELLER, Decimal(amount), "RE-1") == ""


def test_line_feeds_cannot_add_fields() -> None:
    """A name with a line feed cannot move the account number."""
    lines = payload(replace(SELLER, name="A\nDE00\nEUR1.00"), Decimal(5), "RE\n1").split("\n")
    assert lines[5:8] == ["A DE00 EUR1.00", "DE02120300000000202051", "EUR5.00"]
    assert len(lines) == 11


@settings(deadline=None, max_examples=25)
@given(
    st.decimals("0.01", "999999.99", places=2),
    st.text("ABCdefÄÖüß&-./ 0123456789", min_size=1, max_size=70).filter(str.strip),
)
def test_code_is_read_back(amount: Decimal, name: str) -> None:
    """Whatever name and amount: the picture decodes to the very text."""
    text = payload(replace(SELLER, name=name), amount, "RE-2026-0042")
    assert zxingcpp.read_barcode(Image.open(io.BytesIO(png(text)))).text == text  # type: ignore[union-attr]
