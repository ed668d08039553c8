"""A letter about several invoices that comes back, or whose fate is unknown, concerns every one of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from config.client import policies_of
from desk import deciding
from flows.chain.steps import MAILBOX, REMIND, TRACK, TRANSMIT
from ledger import bounces, invoices, journal, notices, story
from ledger.overrides import NothingToDecide, Word
from tests.flows.business import CLIENT, Business
from tests.flows.test_grouping import three as three  # a fixture
from tests.flows.test_inbox import tasks, with_mailbox
from tests.flows.test_money import FIRST, SECOND, decisions, rewrite

BACK = "2026-11-24T09:00:00+01:00"
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
WORD = Word("Frau Sommer", "am Telefon erfragt")


@pytest.fixture
def reminded(three: Business) -> Business:
    """RE1001 and RE1002 reminded of in one letter, the stage's fourth mail; RE1003 in one of its own."""
    with_mailbox(three)
    three.run(TRACK, REMIND, at=FIRST)
    assert len(three.mails()) == 5
    return three


def comes_back(business: Business, **wish: Any) -> None:
    """Something comes back about the letter to the first customer, and the mailbox is read."""
    business.stage.control("inbox", {"mail": 4, **wish})
    business.run(MAILBOX, at=BACK)


def obstacles(business: Business) -> list[list[str]]:
    """What stands in the way of each invoice in the run of the next level."""
    business.run(TRACK, REMIND, at=SECOND)
    return [against for _, _, against in decisions(business)]


def test_a_bounce_stops_every_invoice_of_the_letter(reminded: Business) -> None:
    """Both rest, in the history of both it is told, one task names both; the other customer is dunned."""
    comes_back(reminded, words="550 5.1.1 No such user")
    first, second, third = obstacles(reminded)
    assert ("bounced" in first, "bounced" in second, third) == (True, True, [])
    (task,) = tasks(reminded)
    assert "RE1001" in task.title
    assert "auch um RE1002" in task.body
    with reminded.house() as house, house.ledger.reading() as session:
        told = [[entry.event for entry in journal.entries(session, row.id)] for row in reminded.invoices()]
    assert ["mail bounced" in events for events in told] == [True, True, False]


def test_the_other_address_gets_every_invoice(reminded: Business) -> None:
    """Named by the second number, the new address gets both invoices, and the next letter about both."""
    comes_back(reminded)
    with reminded.house() as house, house.ledger.writing() as session:
        row = invoices.get(session, reminded.invoices()[1].id)
        bounces.forward(session, row, "neu@baeckerei.example", WORD, NOW)
    for _ in range(2):
        reminded.run(MAILBOX, TRANSMIT, at=BACK)
    sent = reminded.mails()[5:]
    assert [mail["envelope"]["recipients"] for mail in sent] == [["neu@baeckerei.example"]] * 2
    assert len({str(mail["attachments"]) for mail in sent}) == 2
    assert reminded.cases() == []
    assert [each[:1] for each in obstacles(reminded)] == [[], [], []]
    recipients = [mail["envelope"]["recipients"] for mail in reminded.mails()[7:]]
    assert sorted(recipients) == [["neu@baeckerei.example"], ["rechnung@baeckerei.example"]]


def test_arrived_after_all_by_any_number(reminded: Business) -> None:
    """A word about the second invoice settles the case of both; a second word finds nothing."""
    comes_back(reminded)
    with reminded.house() as house, house.ledger.writing() as session:
        row = invoices.get(session, reminded.invoices()[1].id)
        bounces.arrived(session, row, WORD, NOW)
        with pytest.raises(NothingToDecide):
            bounces.arrived(session, invoices.get(session, reminded.invoices()[0].id), WORD, NOW)
    assert all("bounced" not in against for against in obstacles(reminded))


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "answer", "words": "Ich überweise am 20.12.2026."},
        {"kind": "answer", "words": "Wer sind Sie eigentlich?"},
        {"kind": "complaint"},
        {"kind": "failed", "status": "4.4.7", "words": "421 timeout"},
    ],
)
def test_what_is_answered_pauses_every_invoice_of_the_letter(reminded: Business, wish: dict[str, str]) -> None:
    """Whatever a person has to read first pauses both invoices, once, and not that of the other customer."""
    comes_back(reminded, **wish)
    assert len(tasks(reminded)) == 1
    first, second, third = obstacles(reminded)
    assert ("blocked" in first, "blocked" in second, third) == (True, True, [])


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(("verb", "mails"), [("arrived", 5), ("resend", 6), ("give-up", 5)])
def test_a_letter_of_unknown_fate_is_found_by_any_number(three: Business, verb: str, place: int, mails: int) -> None:
    """arrived, resend and give-up work by each number of the letter, once, and it is on the page of each."""
    three.fault(smtp="disconnect-after-dot-lost")
    three.run(TRACK, REMIND, at=FIRST)
    assert [case.state for case in three.cases()] == ["unknown"]
    with three.house() as house:
        policy = policies_of(house.client(CLIENT).config).usual
        row = three.invoices()[place]
        with house.ledger.reading() as session:
            assert [effect.kind for effect, _ in story.of(session, row).effects][-1] == "send-reminder"
        assert "Erinnerung" in deciding.decide(house.ledger, row.id, verb, policy, WORD, NOW)
        with pytest.raises(NothingToDecide):
            deciding.decide(house.ledger, three.invoices()[1 - place].id, "arrived", policy, WORD, NOW)
    three.run(TRACK, REMIND, at=BACK)
    assert (three.cases(), len(three.mails())) == ([], mails)


def test_a_withdrawn_letter_is_not_sent_again(three: Business) -> None:
    """What a later state has withdrawn can be resent by nobody: its level has been taken by another letter."""
    rewrite(three, "dunning:\n", "limits: {mails_per_day: 0}\ndunning:\n")
    three.run(TRACK, REMIND, at=FIRST)
    paid = three.invoices()[0]
    three.stage.control("payments", {"voucherId": paid.external_id})
    rewrite(three, "limits: {mails_per_day: 0}\n", "")
    three.run(TRACK, REMIND, at="2026-11-23T10:30:00+01:00")
    with three.house() as house:
        policy = policies_of(house.client(CLIENT).config).usual
        with house.ledger.reading() as session:
            withdrawn = [step.withdrawn_at for step in notices.of_invoice(session, paid.id)]
        assert None not in withdrawn
        with pytest.raises(NothingToDecide):
            deciding.decide(house.ledger, paid.id, "resend", policy, WORD, NOW)
