"""Tables for people: no letter of a number or a state is lost, however narrow the screen."""

from collections.abc import Iterator

import pytest

from desk.console import out, table

ROWS = [("RE-2026-1003", "Immobilien- und Hausverwaltung am Markt GmbH", "teilbezahlt", "Offen sind 30,00 EUR. " * 9)]


@pytest.fixture(params=[40, 80, 110])
def width(request: pytest.FixtureRequest) -> Iterator[int]:
    """How wide the screen is."""
    before, out.width = out.width, request.param
    yield request.param
    out.width = before


def test_numbers_and_states_stay_whole(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A name is cut and an explanation is broken into lines of some width; everything else is there in full."""
    table("Vorschau", ("Rechnung", "Kunde", "Stand", "Warum"), ROWS, free=("Warum",), cut=("Kunde",))
    told = capsys.readouterr().out
    assert "RE-2026-1003" in told
    assert "teilbezahlt" in told
    assert "Offen sind 30,00 EUR." in told
    assert max(map(len, told.splitlines())) <= max(width, 80)


def test_a_hash_stays_whole(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A table that fits no screen becomes wider than it."""
    table("Belege", ("Art", "SHA-256"), [("invoice-pdf", "7" * 64)])
    assert "7" * 64 in capsys.readouterr().out, width
