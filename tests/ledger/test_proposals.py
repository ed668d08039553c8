"""Answers propose, people decide: until then nobody is dunned, and then the lever is the person's own word."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.dunning_facts import Facts
from ledger import claims, invoices, levers, notices, proposals
from ledger.claims import Circumstances
from ledger.database import Ledger
from ledger.levers import Kind
from ledger.overrides import NothingToDecide, Word
from ledger.proposals import Proposal
from tests.ledger.samples import NOW
from tests.ledger.test_receivables import sent

ANNA = Word("Anna", "glaubhaft")
FRIDAY = date(2026, 12, 4)
PROMISE = Proposal(Kind.PROMISE, "Ich zahle 100 Euro am 4.12.", "erika@example.org", Decimal("100.00"), FRIDAY)


@pytest.fixture
def owed(ledger: Ledger) -> int:
    """An invoice over 220.01 that was sent, due on 16.11.2026."""
    with ledger.writing() as session:
        return sent(session)


def propose(ledger: Ledger, invoice_id: int, proposal: Proposal, key: str = "mail/1") -> int:
    """The id of the task that asks about an answer."""
    with ledger.writing() as session:
        return proposals.propose(session, invoices.get(session, invoice_id), proposal, key, "Büro", NOW).id


def facts(ledger: Ledger, invoice_id: int) -> Facts:
    """What dunning knows on the day of the answer."""
    with ledger.reading() as session:
        rows = [invoices.get(session, invoice_id)]
        return claims.facts_of(session, rows, Circumstances(), NOW.date())[invoice_id]


def test_an_undecided_answer_stops_dunning(ledger: Ledger, owed: int) -> None:
    """The block names the customer's sentence and the task; closing the task ends it, and nothing was changed."""
    task = propose(ledger, owed, PROMISE)
    assert "Ich zahle 100 Euro am 4.12." in facts(ledger, owed).block
    assert f"Aufgabe {task}" in facts(ledger, owed).block
    with ledger.writing() as session:
        notices.close(session, task, "Anna", NOW)
    after = facts(ledger, owed)
    assert (after.block, after.promises) == ("", ())


def test_accepting_pulls_the_lever(ledger: Ledger, owed: int) -> None:
    """A promise is kept under the person's name with the customer's words, and the task is done; only once."""
    task = propose(ledger, owed, PROMISE)
    with ledger.writing() as session:
        lever = proposals.accept(session, task, ANNA, NOW)
        assert "glaubhaft" in lever.reason
        assert PROMISE.said in lever.reason
    after = facts(ledger, owed)
    assert after.block == ""
    assert [(each.amount, each.due_on, each.said_by) for each in after.promises] == [
        (Decimal("100.00"), FRIDAY, "Anna")
    ]
    with ledger.writing() as session, pytest.raises(NothingToDecide):
        proposals.accept(session, task, ANNA, NOW)


def test_a_person_corrects_what_was_read(ledger: Ledger, owed: int) -> None:
    """Day and amount of the person go before those of the answer."""
    task = propose(ledger, owed, PROMISE)
    with ledger.writing() as session:
        proposals.accept(session, task, ANNA, NOW, Decimal("50.00"), FRIDAY + timedelta(7))
    (promise,) = facts(ledger, owed).promises
    assert (promise.amount, promise.due_on) == (Decimal("50.00"), FRIDAY + timedelta(7))


def test_the_same_mail_asks_once(ledger: Ledger, owed: int) -> None:
    """Read again, an answer gives the same task and stops once."""
    assert propose(ledger, owed, PROMISE) == propose(ledger, owed, PROMISE)
    with ledger.reading() as session:
        assert len(proposals.undecided(session, [owed])[owed]) == 1


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        (Proposal(None, "Schon bezahlt!", "erika@example.org"), "Zahlung suchen"),
        (Proposal(Kind.PROMISE, "Ich zahle bald.", "erika@example.org"), "Tag nennen"),
        (Proposal(Kind.PROMISE, "Am 1.11.", "erika@example.org", until=date(2026, 11, 1)), "schon vorbei"),
        (Proposal(Kind.DISPUTE, "500 Euro zu viel", "erika@example.org", Decimal("500.00")), "Offen sind 220,01"),
        (Proposal(Kind.EXTENSION, "Bis 10.11.?", "erika@example.org", until=date(2026, 11, 10)), "ohnehin erst"),
    ],
)
def test_what_cannot_be_meant_is_refused(ledger: Ledger, owed: int, proposal: Proposal, why: str) -> None:
    """The refusal says what is missing, and the answer goes on waiting."""
    task = propose(ledger, owed, proposal)
    with pytest.raises(NothingToDecide, match=why), ledger.writing() as session:
        proposals.accept(session, task, ANNA, NOW)
    assert facts(ledger, owed).block


def test_a_lever_on_a_paid_invoice_is_refused(ledger: Ledger, owed: int) -> None:
    """What is paid can be neither promised nor disputed."""
    with ledger.writing() as session:
        row = invoices.get(session, owed)
        row.open_amount = Decimal("0.00")
        with pytest.raises(NothingToDecide, match="nicht offen"):
            levers.pull(session, Kind.DISPUTE, row, ANNA, NOW)
