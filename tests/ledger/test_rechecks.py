"""When what is held is looked at again, and that clocks which differ a little cost no requests."""

from datetime import datetime, timedelta

import pytest

from ledger import rechecks
from ledger.database import Ledger
from ledger.rechecks import LEAST, MOST
from tests.ledger.samples import CLIENT, NOW

SUBJECT = rechecks.of_invoice(1)


def look(ledger: Ledger, *instants: datetime) -> None:
    """Look at the subject at each of the instants, in vain."""
    for instant in instants:
        with ledger.writing() as session:
            rechecks.looked(session, CLIENT, SUBJECT, instant)


def due(ledger: Ledger, at: datetime, changed_at: datetime | None = None) -> bool:
    """Whether the subject is to be looked at."""
    with ledger.reading() as session:
        return rechecks.is_due(session, CLIENT, SUBJECT, at, changed_at)


def test_what_was_never_looked_at_is_due(ledger: Ledger) -> None:
    """And so is everything of a client whose owner asks for it."""
    assert due(ledger, NOW)
    look(ledger, NOW)
    assert not due(ledger, NOW)
    with ledger.writing() as session:
        rechecks.hurry(session, CLIENT)
    assert due(ledger, NOW)


def test_the_pause_grows_with_what_was_in_vain(ledger: Ledger) -> None:
    """A quarter of an hour at first, then as long as it has gone on so far, at most six hours."""
    look(ledger, NOW)
    assert not due(ledger, NOW + LEAST - timedelta(seconds=1))
    assert due(ledger, NOW + LEAST)
    look(ledger, NOW + 2 * LEAST)
    assert not due(ledger, NOW + 4 * LEAST - timedelta(seconds=1))
    assert due(ledger, NOW + 4 * LEAST)
    late = NOW + 2 * LEAST + MOST
    look(ledger, late)
    assert not due(ledger, late + MOST - timedelta(seconds=1))
    assert due(ledger, late + MOST)


def test_changed_settings_are_tried_at_once(ledger: Ledger) -> None:
    """Only settings that changed since the last look are news."""
    look(ledger, NOW)
    soon = NOW + timedelta(minutes=1)
    assert not due(ledger, soon, changed_at=NOW)
    assert due(ledger, soon, changed_at=NOW + timedelta(seconds=1))


@pytest.mark.parametrize("behind", [timedelta(milliseconds=2), timedelta(minutes=5), LEAST])
def test_a_clock_that_lags_a_little_is_no_reason_to_look(ledger: Ledger, behind: timedelta) -> None:
    """Two machines' clocks never agree to the millisecond."""
    look(ledger, NOW)
    assert not due(ledger, NOW - behind)


def test_a_clock_that_was_set_back_begins_anew(ledger: Ledger) -> None:
    """Otherwise what was noted in a future that never came would rest until then."""
    look(ledger, NOW, NOW + MOST)
    before = NOW - timedelta(days=1)
    assert due(ledger, before)
    look(ledger, before)
    assert not due(ledger, before + timedelta(minutes=1))
    assert due(ledger, before + LEAST)


def test_what_was_left_alone_for_long_is_a_new_case(ledger: Ledger) -> None:
    """It has short pauses again."""
    anew = NOW + 3 * MOST
    look(ledger, NOW, anew)
    assert due(ledger, anew + LEAST)
