"""What people take back or ask for again: a payment entered by hand, a mail that arrived and was never seen."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy

import pytest

from billing.money import in_german
from desk import deciding, levers
from ledger import invoices
from ledger.overrides import NothingToDecide, Word
from ledger.story import Story, of
from tests.flows.business import Business
from tests.flows.test_chain import FIRST_REMINDER

WORD = Word("Anna", "falsche Rechnung")
NOW = datetime.fromisoformat("2026-11-10T10:00:00+01:00")
NEXT_DAY = "2026-11-11T09:00:00+01:00"


@pytest.fixture
def billed(business: Business) -> Business:
    """A business with one invoice, RE1001, sent and open."""
    business.finished_job()
    business.run()
    return business


def test_a_payment_by_hand_is_taken_back_by_a_counter_booking(billed: Business) -> None:
    """Both stay to be seen, what is open is open again, and reminders go on."""
    before = _story(billed).invoice.open_amount
    _pay(billed, before)
    assert _story(billed).invoice.open_amount == 0
    assert f"offen {in_german(before).removesuffix(' €')}" in _take_back(billed)
    story = _story(billed)
    assert [each.principal for each in story.allocations] == [before, -before]
    assert (story.invoice.open_amount, story.by_hand) == (before, None)
    assert story.invoice.check_on == story.invoice.due_date
    billed.run(at=FIRST_REMINDER)
    assert len(billed.mails()) == 2


def test_only_what_was_entered_by_hand_can_be_taken_back_and_each_once(billed: Business) -> None:
    """The last one first, then the one before, then nothing."""
    _pay(billed, Decimal("20.00"))
    _pay(billed, Decimal("30.00"), NOW + timedelta(minutes=5))
    assert "30,00" in _take_back(billed)
    assert "20,00" in _take_back(billed)
    with pytest.raises(NothingToDecide, match="keine von Hand eingetragene Zahlung"):
        _take_back(billed)


def test_a_second_copy_says_that_it_is_one(billed: Business) -> None:
    """The same papers go where the first mail went, once, in a mail that names the day of the first."""
    assert "Zweitschrift" in _duplicate(billed)
    with pytest.raises(NothingToDecide, match="schon unterwegs"):
        _duplicate(billed)
    for _ in range(2):
        billed.run(at=NEXT_DAY)
    first, second = billed.mails()
    assert second["subject"] == f"Zweitschrift: {first['subject']}"
    assert second["envelope"]["recipients"] == first["envelope"]["recipients"]
    raw = {paper.kind: _bytes(billed, paper.sha256) for paper in _story(billed).documents}
    assert "gingen Ihnen am 02.11.2026 schon einmal zu" in _text(raw["invoice-duplicate-1-mail"])
    assert "Zweitschrift" not in _text(raw["invoice-mail"])
    assert _attached(raw["invoice-duplicate-1-mail"]) == _attached(raw["invoice-mail"]) == [raw["invoice-pdf"]]
    assert _story(billed).invoice.sent_at
    assert billed.cases() == []


def test_nothing_that_never_arrived_is_sent_as_a_second_copy(business: Business) -> None:
    """Before the first mail has left there is nothing to repeat."""
    business.finished_job()
    business.fault(smtp="rcpt-450", times=None)
    business.run()
    with pytest.raises(NothingToDecide, match="die ankam"):
        _duplicate(business)


def _pay(business: Business, amount: Decimal, at: datetime = NOW) -> None:
    with business.house() as house:
        levers.add_payment(house.ledger, 1, amount, date(2026, 11, 9), "Anna", at)


def _take_back(business: Business) -> str:
    with business.house() as house:
        return levers.take_payment_back(house.ledger, 1, WORD, NOW)


def _duplicate(business: Business) -> str:
    with business.house() as house:
        return deciding.duplicate(house.ledger, 1, WORD, NOW)


def _story(business: Business) -> Story:
    with business.house() as house, house.ledger.reading() as session:
        return of(session, invoices.get(session, 1))


def _bytes(business: Business, sha256: str) -> bytes:
    with business.house() as house:
        return house.archive.get(sha256)


def _text(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body
    return " ".join(str(body.get_content()).split())


def _attached(raw: bytes) -> list[bytes]:
    message = message_from_bytes(raw, policy=policy.default)
    return [bytes(part.get_content()) for part in message.iter_attachments()]
