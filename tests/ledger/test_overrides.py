"""What people decide: with name and reason, once, and never so that something happens twice by mistake."""

from datetime import date, timedelta

import pytest

from ledger import effects, invoices, journal, overrides
from ledger.database import Ledger
from ledger.effects import Kind, Settlement, State
from ledger.overrides import NothingToDecide, Word
from tests.ledger.samples import CLIENT, NOW, QUIET, plan, settle, state, take, taken, unknown

WORD = Word("Erika", "Kunde hat angerufen")
LATER = NOW + timedelta(hours=1)
VERBS = {
    "arrived": overrides.arrived,
    "resend": overrides.resend,
    "retry": overrides.retry,
    "give-up": overrides.give_up,
}
ALLOWED = {
    "arrived": {State.UNKNOWN: State.DONE},
    "resend": dict.fromkeys((State.UNKNOWN, State.REFUSED, State.CANCELLED), State.PLANNED),
    "retry": dict.fromkeys((State.REFUSED, State.FAILED), State.PLANNED),
    "give-up": dict.fromkeys((State.UNKNOWN, State.REFUSED, State.FAILED, State.PLANNED), State.CANCELLED),
}


def decide(ledger: Ledger, invoice_id: int, verb: str) -> None:
    """Carry out a person's word."""
    with ledger.writing() as session:
        VERBS[verb](session, invoices.get(session, invoice_id), WORD, LATER)


def end(ledger: Ledger, effect_id: int, outcome: State) -> None:
    """Bring a planned mail into a state."""
    if outcome is State.CANCELLED:
        with ledger.writing() as session:
            effects.cancel(session, effect_id, "bezahlt", NOW)
    elif outcome is not State.PLANNED:
        flight = taken(ledger, effect_id)
        if outcome is not State.IN_FLIGHT:
            settle(ledger, flight, Settlement(outcome, "so kam es", not_before=NOW + timedelta(days=1)))


@pytest.fixture
def created(ledger: Ledger, invoice_id: int) -> int:
    """An invoice that the accounting system has: only its mail is left to decide about."""
    with ledger.reading() as session:
        effect_id = invoices.effect_of(session, invoice_id, Kind.CREATE_INVOICE).id
    settle(ledger, taken(ledger, effect_id), Settlement(State.DONE))
    return invoice_id


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("outcome", State)
def test_each_word_fits_its_cases_only(ledger: Ledger, created: int, verb: str, outcome: State) -> None:
    """What is in flight or done is nobody's to decide, and a word without a case changes nothing."""
    mail = plan(ledger, created)
    end(ledger, mail, outcome)
    if outcome in ALLOWED[verb]:
        decide(ledger, created, verb)
        assert state(ledger, mail) is ALLOWED[verb][outcome]
    else:
        with pytest.raises(NothingToDecide, match=r"\.$"):
            decide(ledger, created, verb)
        assert state(ledger, mail) is outcome


@pytest.mark.parametrize("verb", ["arrived", "resend"])
def test_a_word_works_once(ledger: Ledger, created: int, verb: str) -> None:
    """Said twice, the mail is resent or adopted once."""
    mail = plan(ledger, created)
    unknown(ledger, mail)
    decide(ledger, created, verb)
    with pytest.raises(NothingToDecide):
        decide(ledger, created, verb)


@pytest.mark.parametrize(("verb", "outcome"), [("resend", State.UNKNOWN), ("retry", State.FAILED)])
def test_what_is_to_be_tried_again_may_be_taken_at_once(
    ledger: Ledger, created: int, verb: str, outcome: State
) -> None:
    """The person's word goes before the pause."""
    mail = plan(ledger, created)
    end(ledger, mail, outcome)
    decide(ledger, created, verb)
    assert take(ledger, mail, now=LATER) is not None


@pytest.mark.parametrize("verb", VERBS)
def test_a_word_is_kept_with_name_and_reason(ledger: Ledger, created: int, verb: str) -> None:
    """The journal says who decided what about which effect, and why."""
    mail = plan(ledger, created)
    end(ledger, mail, next(iter(ALLOWED[verb])))
    decide(ledger, created, verb)
    with ledger.reading() as session:
        (entry,) = [entry for entry in journal.entries(session, created) if entry.event.startswith("decided")]
    assert (entry.event, entry.at) == (f"decided: {verb}", LATER)
    assert entry.facts == {"key": "mail-1", "by": "Erika", "reason": "Kunde hat angerufen"}


@pytest.mark.parametrize("verb", ["arrived", "resend"])
def test_a_creation_is_neither_arrived_nor_resent(ledger: Ledger, invoice_id: int, verb: str) -> None:
    """What can be looked up is looked up: only mails are a person's to judge."""
    with ledger.reading() as session:
        creation = invoices.effect_of(session, invoice_id, Kind.CREATE_INVOICE).id
    unknown(ledger, creation)
    with pytest.raises(NothingToDecide):
        decide(ledger, invoice_id, verb)
    assert state(ledger, creation) is State.UNKNOWN


def test_what_was_found_twice_is_looked_up_again_not_made_again(ledger: Ledger, invoice_id: int) -> None:
    """P8: the person has voided one of two; trying again finds the other and makes no third."""
    with ledger.reading() as session:
        creation = invoices.effect_of(session, invoice_id, Kind.CREATE_INVOICE).id
    unknown(ledger, creation)
    with ledger.writing() as session:
        assert effects.refuse(session, effects.get(session, creation), "Zweimal gefunden.", "x, y", NOW + QUIET)
    decide(ledger, invoice_id, "retry")
    assert state(ledger, creation) is State.UNKNOWN
    assert take(ledger, creation, now=LATER) is None
    with ledger.reading() as session:
        assert [row.id for row in effects.unknown(session, CLIENT, Kind.CREATE_INVOICE, LATER)] == [creation]
    with ledger.writing() as session:
        assert effects.adopt(session, effects.get(session, creation), {"external_id": "y"}, LATER)
    assert state(ledger, creation) is State.DONE


def hold(ledger: Ledger, invoice_id: int, until: date | None, day: int = 0) -> None:
    """Hold an invoice, so many days after the start."""
    with ledger.writing() as session:
        overrides.hold(session, invoices.get(session, invoice_id), until, WORD, NOW + timedelta(days=day))


def release(ledger: Ledger, invoice_id: int, day: int = 0) -> None:
    """Lift the hold, so many days after the start."""
    with ledger.writing() as session:
        overrides.release(session, invoices.get(session, invoice_id), WORD, NOW + timedelta(days=day))


def is_held(ledger: Ledger, invoice_id: int, day: int = 0) -> bool:
    """Whether the invoice is held so many days after the start."""
    with ledger.reading() as session:
        return overrides.held(session, invoice_id, NOW.date() + timedelta(days=day)) is not None


def test_a_hold_lasts_until_it_is_lifted(ledger: Ledger, invoice_id: int) -> None:
    """Without a day it lasts for ever; holding twice and lifting twice are refused."""
    assert not is_held(ledger, invoice_id)
    hold(ledger, invoice_id, None)
    assert is_held(ledger, invoice_id)
    assert is_held(ledger, invoice_id, 9999)
    with pytest.raises(NothingToDecide, match="schon angehalten"):
        hold(ledger, invoice_id, None)
    release(ledger, invoice_id)
    assert not is_held(ledger, invoice_id)
    with pytest.raises(NothingToDecide, match="nicht angehalten"):
        release(ledger, invoice_id)


def test_a_hold_ends_after_its_day(ledger: Ledger, invoice_id: int) -> None:
    """Up to and including the day; afterwards it can be held anew and needs no lifting."""
    hold(ledger, invoice_id, NOW.date() + timedelta(days=3))
    assert is_held(ledger, invoice_id, 3)
    assert not is_held(ledger, invoice_id, 4)
    with pytest.raises(NothingToDecide, match="nicht angehalten"):
        release(ledger, invoice_id, 4)
    hold(ledger, invoice_id, None, 4)
    assert is_held(ledger, invoice_id, 5)
    release(ledger, invoice_id, 5)
    assert not is_held(ledger, invoice_id, 5)


def test_a_hold_is_kept_with_name_and_reason(ledger: Ledger, invoice_id: int) -> None:
    """Who stopped the invoice, until when and why stands in the journal, and who let it go."""
    hold(ledger, invoice_id, date(2026, 12, 24))
    release(ledger, invoice_id, 1)
    with ledger.reading() as session:
        held, lifted = [entry for entry in journal.entries(session, invoice_id) if entry.event.startswith("decided")]
    assert (held.event, held.facts) == (
        "decided: hold",
        {"by": "Erika", "reason": "Kunde hat angerufen", "until": "2026-12-24"},
    )
    assert (lifted.event, lifted.facts) == ("decided: release", {"by": "Erika", "reason": "Kunde hat angerufen"})
