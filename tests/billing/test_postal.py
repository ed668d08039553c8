"""Whether a letter service has read the address that stands on our paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.parties import Address, Customer
from billing.postal import is_addressed_to, postal_lines

LINES = ("Bäckerei Özdemir GmbH", "Frau Anna-Lena Groß", "Markt 3 a", "79098 Freiburg")


@pytest.mark.parametrize(
    "read",
    [
        "\n".join(LINES), ", ".join(LINES), " ".join(LINES).upper(), "\n\n".join(LINES).replace("-", ""),
        "Sommer GmbH, Gerberau 12, 79098 Freiburg\n" + "\n".join(LINES), "\n".join(LINES).replace("ö", "o\u0308"),
    ],
)  # fmt: skip
def test_the_same_address_in_other_clothes(read: str) -> None:
    """Breaks, capitals, hyphens, blanks and a line above it make no other address."""
    assert is_addressed_to(LINES, read)


@pytest.mark.parametrize(
    "read",
    ["", " \n", "Bäckerei Özdemir GmbH", "\n".join(LINES).replace("79098", "79099"), "\n".join(LINES[1:]), "- - -"],
)
def test_another_address(read: str) -> None:
    """A missing line, another postcode or an empty window is not our customer."""
    assert not is_addressed_to(LINES, read)


def test_what_a_letter_needs() -> None:
    """Name, street, postcode and town; a supplement may be skipped by whoever reads."""
    address = Address("Markt 3", "79098", "Freiburg", supplement="2. OG links")
    assert postal_lines(Customer("1", "Inge Test", address)) == ("Inge Test", "Markt 3", "79098 Freiburg")


@given(st.lists(st.text(min_size=1).filter(lambda text: any(map(str.isalnum, text))), min_size=1, max_size=6))
def test_what_stands_there_is_read(lines: list[str]) -> None:
    """An address that is read letter by letter is always the right one."""
    assert is_addressed_to(lines, "\n".join(lines))
