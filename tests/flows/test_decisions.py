"""People decide: each word works once, is kept with name and reason, and is safe to press twice."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from config.client import policy_of
from desk import deciding
from flows.wiring import House
from ledger import journal
from ledger.overrides import NothingToDecide, Word
from tests.flows.business import CLIENT, Business
from tests.flows.test_chain import FIRST_REMINDER

WORD = Word("Frau Sommer", "am Telefon geklärt")
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
NEXT_DAY = "2026-11-03T09:00:00+01:00"


@pytest.mark.parametrize("fault", ["disconnect-after-dot-lost", "disconnect-after-dot-not-stored"])
def test_arrived_closes_an_unknown_mail(business: Business, fault: str) -> None:
    """After `arrived` the invoice counts as sent, and a reminder may follow in its time."""
    _with_fault(business, fault)
    assert "gilt als angekommen" in _decide(business, "arrived")
    with pytest.raises(NothingToDecide):
        _decide(business, "arrived")
    assert business.cases() == []
    before = len(business.mails())
    business.run(at=FIRST_REMINDER)
    assert len(business.mails()) == before + 1


def test_resend_sends_the_same_bytes_once(business: Business) -> None:
    """`resend` lets the archived bytes leave once more, and a second press changes nothing."""
    _with_fault(business, "disconnect-after-dot-lost")
    _decide(business, "resend")
    with pytest.raises(NothingToDecide):
        _decide(business, "resend")
    for at in (NEXT_DAY, NEXT_DAY):
        business.run(at=at)
    first, second = business.mails()
    assert first["sha256"] == second["sha256"]
    assert business.cases() == []


def test_retry_after_a_refusal(business: Business) -> None:
    """What was refused leaves after `retry`, without waiting for a back-off."""
    _with_fault(business, "rcpt-550")
    _decide(business, "retry")
    business.run(at=NEXT_DAY)
    assert len(business.mails()) == 1


def test_give_up_ends_a_case(business: Business) -> None:
    """What was given up is on no list any more and is never sent."""
    _with_fault(business, "rcpt-550")
    _decide(business, "give-up")
    business.run(at=NEXT_DAY)
    assert (business.mails(), business.cases()) == ([], [])


def test_nothing_open_nothing_decided(business: Business) -> None:
    """On an invoice without an open case every decision is refused with a German sentence."""
    business.finished_job()
    business.run()
    for verb in deciding.DECISIONS:
        with pytest.raises(NothingToDecide, match="Es gibt"):
            _decide(business, verb)
    assert len(business.mails()) == 1


def test_hold_stops_reminders_until_its_day(business: Business) -> None:
    """Held until a day, an invoice is not reminded of before; the reason stands in the decision."""
    business.finished_job()
    business.run()
    _on_house(business, lambda house, id_: deciding.hold(house.ledger, id_, date(2026, 11, 24), WORD, NOW))
    business.run(at=FIRST_REMINDER)
    assert len(business.mails()) == 1
    business.run(at="2026-11-25T09:00:00+01:00")
    assert len(business.mails()) == 2


def test_release_lifts_a_hold(business: Business) -> None:
    """A hold keeps the mail in the house until it is lifted; neither is possible twice."""
    _with_fault(business, "rcpt-450")
    _on_house(business, lambda house, id_: deciding.hold(house.ledger, id_, None, WORD, NOW))
    with pytest.raises(NothingToDecide):
        _on_house(business, lambda house, id_: deciding.hold(house.ledger, id_, None, WORD, NOW))
    business.run(at=NEXT_DAY)
    assert business.mails() == []
    _on_house(business, lambda house, id_: deciding.release(house.ledger, id_, WORD, NOW))
    with pytest.raises(NothingToDecide):
        _on_house(business, lambda house, id_: deciding.release(house.ledger, id_, WORD, NOW))
    business.run(at=NEXT_DAY)
    assert len(business.mails()) == 1


def test_every_word_stands_in_the_journal(business: Business) -> None:
    """Who decided what, and why, is sealed in the journal."""
    _with_fault(business, "rcpt-550")
    _decide(business, "give-up")
    with business.house() as house, house.ledger.reading() as session:
        last = journal.entries(session, business.invoices()[0].id)[-1]
    assert last.event == "decided: give-up"
    assert (last.facts["by"], last.facts["reason"]) == (WORD.by, WORD.reason)


def _with_fault(business: Business, fault: str) -> None:
    business.finished_job()
    business.fault(smtp=fault)
    business.run()


def _decide(business: Business, verb: str) -> str:
    def act(house: House, invoice_id: int) -> str:
        policy = policy_of(house.client(CLIENT).config)
        return deciding.decide(house.ledger, invoice_id, verb, policy, WORD, NOW)

    return _on_house(business, act)


def _on_house(business: Business, act: Callable[[House, int], str]) -> str:
    (invoice,) = business.invoices()
    with business.house() as house:
        return act(house, invoice.id)
