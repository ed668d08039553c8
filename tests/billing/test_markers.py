"""Our key in every document: the same fact, the same marker, for ever."""

import re

from hypothesis import given
from hypothesis import strategies as st

from billing.markers import ALPHABET, marker

FORM = re.compile(f"RB-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
KEYS = st.tuples(*[st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]))] * 3)


def test_a_marker_never_changes() -> None:
    """Golden values: with another algorithm no invoice made before would be found again."""
    assert marker("sommer", "lexware", "0f0b2c9e-5d7a-4c5b-9d3e-2b1a8f6c7d10") == "RB-83SS-QGDW-GA8X"
    assert marker("müller", "sevdesk", "4711") == "RB-K5DT-WWKW-CRR3"


def test_nobody_mistakes_a_letter() -> None:
    """Neither 0 and O nor 1, I and L nor U and V can be confused, and no letter stands twice."""
    assert not set(ALPHABET) & set("01ILOU")
    assert len(set(ALPHABET)) == len(ALPHABET) == 30


@given(KEYS)
def test_every_marker_has_the_form(key: tuple[str, str, str]) -> None:
    """RB and three groups of four letters, whatever the fact is called."""
    assert FORM.fullmatch(marker(*key))


@given(KEYS, KEYS)
def test_other_facts_have_other_markers(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Two facts share a marker only if they are one; moving a letter to the next part is another fact."""
    assert (marker(*one) == marker(*other)) == (one == other)


def test_a_hundred_thousand_markers_are_all_different() -> None:
    """No two of 100,000 jobs share a marker."""
    assert len({marker("sommer", "lexware", str(number)) for number in range(100_000)}) == 100_000
