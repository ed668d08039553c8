"""Invoices and reminders as letters: given up once, compared with what was read, followed, and told when they fail."""

import hashlib
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from flows.around import around_all
from flows.chain import rehearse
from flows.chain.steps import MAILBOX, REMIND, TRACK, TRANSMIT
from flows.report import Result
from ledger import bounces, claims, invoices, journal, overrides
from ledger.effects import Kind, State
from ledger.overrides import NothingToDecide, Word
from ledger.tables import EffectRow, InvoiceRow
from tests.desk.commands import invoked
from tests.flows.business import CLIENT, TODAY, Business
from tests.flows.letters import letters, with_letters
from tests.flows.test_inbox import tasks, with_mailbox
from tests.flows.test_money import decisions, rewrite

LATER = "2026-11-02T09:40:00+01:00"
NEXT_DAY = "2026-11-03T09:00:00+01:00"
FIRST = "2026-11-24T09:00:00+01:00"
WORD = Word("Frau Sommer", "unbekannt verzogen")


@pytest.fixture
def posting(business: Business) -> Business:
    """A client who sends letters, with one finished job."""
    with_letters(business)
    business.finished_job()
    return business


def pass_time(business: Business, **step: Any) -> None:
    """Move the stage's clock."""
    business.stage.control("clock", {"advance": step})


def effect(business: Business, kind: Kind = Kind.POST_INVOICE) -> EffectRow:
    """The one effect of a kind."""
    with business.house() as house, house.ledger.reading() as session:
        return session.scalars(select(EffectRow).where(EffectRow.kind == kind)).one()


def events(business: Business) -> list[str]:
    """The history of the first invoice."""
    with business.house() as house, house.ledger.reading() as session:
        return [entry.event for entry in journal.entries(session, business.invoices()[0].id)]


def test_an_invoice_goes_by_post(posting: Business) -> None:
    """The archived PDF is given up once, no mail leaves, and the way to the post is followed."""
    posting.run()
    (letter,) = letters(posting)
    (row,) = posting.invoices()
    with posting.house() as house, house.ledger.reading() as session:
        paper = invoices.documents(session, row.id)["invoice-pdf"]
    assert (letter["sha256"], letter["notice"]) == (paper.sha256, f"{row.marker}/invoice-letter")
    assert letter["address"].split("\n") == ["Bäckerei Özdemir GmbH", "Markt 3", "79098 Freiburg"]
    assert (posting.mails(), row.stage) == ([], "sent")
    pass_time(posting, minutes=20)
    reports = posting.run(at=LATER)
    assert "Der Brief ist in der Post." in [entry.text for entry in reports["transmit"].entries]
    assert (len(letters(posting)), letters(posting)[0]["posted"]) == (1, True)
    assert "letter posted" in events(posting)
    before = len(posting.requests())
    posting.run(at=NEXT_DAY)
    assert [each for each in posting.requests(before) if each["system"] == "letterxpress"] == []


def test_default_counts_from_the_letterbox(posting: Business) -> None:
    """A letter is taken to arrive on the third working day, a mail at once."""
    posting.run()
    with posting.house() as house, house.ledger.reading() as session:
        row = session.get_one(InvoiceRow, posting.invoices()[0].id)
        around = around_all(house.clients)[CLIENT]
        facts = claims.facts_of(session, [row], around, datetime.fromisoformat(TODAY).date())[row.id]
    assert str(facts.received_on) == "2026-11-05"


@pytest.mark.parametrize("kind", ["reset-before", "reset-after-effect", "late-effect", "html"])
def test_a_cut_line_is_looked_up(posting: Business, kind: str) -> None:
    """Whether the order came is looked up by our key; nothing is posted twice, and nothing is lost."""
    posting.fault(kind=kind, method="POST", path_regex="^/v3/printjobs")
    posting.run()
    assert effect(posting).state == State.UNKNOWN
    for minute in range(2, 20, 2):
        posting.run(at=f"2026-11-02T09:{minute:02}:00+01:00")
    assert (effect(posting).state, len(letters(posting))) == (State.DONE, 1)
    assert posting.invoices()[0].stage == "sent"


def test_a_wrong_address_is_taken_back(posting: Business) -> None:
    """What the service reads in the window is not the customer: the order is cancelled in time, a person is asked."""
    posting.stage.control("letters/misread", {"address": "Jemand anders\nWeg 1\n10115 Berlin"})
    posting.run()
    (letter,) = letters(posting)
    assert letter["status"] == "canceled"
    pass_time(posting, minutes=30)
    posting.run(at=LATER)
    assert not letters(posting)[0]["posted"]
    (task,) = tasks(posting)
    assert "Brief an Bäckerei Özdemir GmbH ist unzustellbar" in task.title
    assert "Jemand anders" in task.body
    (case,) = posting.cases()
    assert (case.kind, case.evidence.startswith("Der Briefdienst hat im Anschriftfeld")) == ("bounce", True)


def test_a_rehearsal_recalls_nothing(posting: Business) -> None:
    """A dry run leaves even a letter alone that goes to the wrong address; the next real one takes it back."""
    posting.stage.control("letters/misread", {"address": "Jemand anders\nWeg 1\n10115 Berlin"})
    posting.fault(kind="503", method="GET", path_regex="^/v3/printjobs/")
    posting.run()
    assert invoked(posting, "run", "--dry-run", "--at", "2026-11-02T09:05:00").exit_code == 0
    assert letters(posting)[0]["status"] == "queue"
    posting.run(at="2026-11-02T09:06:00+01:00")
    assert letters(posting)[0]["status"] == "canceled"


def test_a_letter_that_lies_there_is_told_once(posting: Business) -> None:
    """Without money the order is held: one task; once it is printed after all, it goes on by itself."""
    posting.stage.control("letters/balance", {"balance": "0"})
    posting.run()
    assert [task.title for task in tasks(posting)] == [
        "Brief zu Rechnung RE1001 an Bäckerei Özdemir GmbH liegt beim Briefdienst fest"
    ]
    posting.stage.control(f"letters/{letters(posting)[0]['id']}", {"status": "queue"})
    pass_time(posting, minutes=20)
    posting.run(at="2026-11-02T16:00:00+01:00")
    assert "letter posted" in events(posting)
    assert len(tasks(posting)) == 1


def test_withdrawn_by_hand_is_not_reminded_of(posting: Business) -> None:
    """Somebody cancels the order at the service: the customer has nothing, so a person is asked and nobody dunned."""
    posting.run()
    posting.stage.control(f"letters/{letters(posting)[0]['id']}", {"status": "canceled"})
    posting.run(at=LATER)
    posting.run(MAILBOX, at=LATER)
    assert "letter returned" in events(posting)
    posting.run(TRACK, REMIND, at=FIRST)
    assert any("bounced" in against for _, _, against in decisions(posting))


def test_what_the_post_brings_back(posting: Business) -> None:
    """A person reports a letter that came back; a second word finds nothing, and it counts as not arrived."""
    posting.run()
    pass_time(posting, minutes=20)
    posting.run(at=LATER)
    with posting.house() as house, house.ledger.writing() as session:
        row = invoices.get(session, posting.invoices()[0].id)
        bounces.letter_returned(session, row, WORD, datetime.fromisoformat(NEXT_DAY))
        with pytest.raises(NothingToDecide):
            bounces.letter_returned(session, row, WORD, datetime.fromisoformat(NEXT_DAY))
    posting.run(MAILBOX, at=NEXT_DAY)
    assert "unbekannt verzogen" in tasks(posting)[0].body


def test_a_second_copy_goes_the_same_way(posting: Business) -> None:
    """The same letter once more on a person's word, once per word, and no time begins anew."""
    posting.run()
    (before,) = posting.invoices()
    with posting.house() as house, house.ledger.writing() as session:
        row = invoices.get(session, before.id)
        overrides.duplicate(session, row, WORD, datetime.fromisoformat(NEXT_DAY))
        with pytest.raises(NothingToDecide):
            overrides.duplicate(session, row, WORD, datetime.fromisoformat(NEXT_DAY))
    for _ in "12":
        posting.run(at=NEXT_DAY)
    first, second = letters(posting)
    assert (first["sha256"], first["notice"] == second["notice"]) == (second["sha256"], False)
    (after,) = posting.invoices()
    assert (after.sent_at, after.check_on) == (before.sent_at, before.check_on)


def test_the_last_notice_goes_registered(business: Business) -> None:
    """A level by post prints the notice itself, registered where the client wants it, and is not repeated."""
    with_letters(business, channel="mail")
    rewrite(business, "{days: 5, action: reminder}", "{days: 5, action: notice, channel: post, registered: true}")
    business.finished_job()
    business.run()
    business.run(TRACK, REMIND, at=FIRST)
    (letter,) = letters(business)
    assert (letter["registered"], len(business.mails())) == ("r1", 1)
    with business.house() as house, house.ledger.reading() as session:
        kept = invoices.documents(session, business.invoices()[0].id)
    assert kept["reminder-1-letter"].sha256 == letter["sha256"]
    business.run(TRACK, REMIND, at=FIRST)
    assert len(letters(business)) == 1
    pass_time(business, days=2)
    business.run(TRANSMIT, at="2026-11-26T16:00:00+01:00")
    assert "letter posted" in events(business)


def test_whoever_gets_letters_is_reminded_by_letter(business: Business) -> None:
    """A customer on paper needs no mail address: an ordinary reminder of his invoice goes by post, too."""
    with_letters(business)
    business.finished_job(business.customer(emailAddresses=None))
    business.run()
    business.run(TRACK, REMIND, at=FIRST)
    kinds = [each["notice"].rpartition("/")[2] for each in letters(business)]
    assert (kinds, business.mails()) == (["invoice-letter", "reminder-1-letter"], [])


def test_the_preview_shows_the_letter(business: Business) -> None:
    """What would go by post tomorrow is shown as the letter that it is, byte for byte the one that goes then."""
    with_letters(business, channel="mail")
    rewrite(business, "{days: 5, action: reminder}", "{days: 5, action: notice, channel: post}")
    business.finished_job()
    business.run()
    at = datetime.fromisoformat(FIRST)
    with business.house() as house:
        found = rehearse.reminder(house, house.client(CLIENT), business.invoices()[0], at.date(), at)
    assert (found.mail, letters(business)) == (None, [])
    business.run(TRACK, REMIND, at=FIRST)
    assert found.letter is not None
    assert hashlib.sha256(found.letter).hexdigest() == letters(business)[0]["sha256"]


def test_what_no_mail_reaches_goes_by_post(business: Business) -> None:
    """A dead address and no other: the same PDF goes as a letter, and so does the reminder."""
    with_letters(business, channel="mail")
    with_mailbox(business)
    business.finished_job()
    business.run()
    business.stage.control("inbox", {"mail": 1, "words": "550 5.1.1 No such user"})
    business.run(MAILBOX, TRANSMIT, at=LATER)
    (letter,) = letters(business)
    assert letter["notice"].endswith("/invoice-letter-1")
    assert business.cases() == []
    business.run(TRACK, REMIND, at=FIRST)
    assert [each["notice"].rpartition("/")[2] for each in letters(business)] == [
        "invoice-letter-1",
        "reminder-1-letter",
    ]
    assert len(business.mails()) == 1


def test_a_public_customer_gets_no_letter(posting: Business) -> None:
    """Whoever must get an e-invoice is not written to on paper: the job is held and says why."""
    leitweg = {"buyerReference": "04011000-1234512345-06", "vendorNumberAtCustomer": "70123456"}
    posting.finished_job(posting.customer(xRechnung=leitweg))
    reports = posting.run()
    told = [entry.text for entry in reports["issue"].entries if entry.result is Result.HELD]
    assert any("muss eine E-Rechnung bekommen, keinen Brief" in text for text in told)
    assert len(letters(posting)) == 1


def test_the_cap_counts_letters(posting: Business) -> None:
    """No more letters leave on a day than the client allows; the rest waits, and somebody is told."""
    rewrite(posting, "dunning:\n", "limits: {letters_per_day: 1}\ndunning:\n")
    posting.finished_job()
    posting.run()
    assert len(letters(posting)) == 1
    assert [task.title for task in tasks(posting)] == ["Tagesgrenze erreicht: 1 Briefe warten"]
    posting.run(at="2026-11-03T09:30:00+01:00")
    assert len(letters(posting)) == 2


def test_a_wrong_login_stops_the_channel_and_no_invoice(posting: Business) -> None:
    """The key is refused: the letter waits without harm and leaves once it is mended."""
    posting.keep_secret("briefe", "falsch")
    posting.run()
    assert effect(posting).state == State.FAILED
    posting.keep_secret("briefe", posting.stage.ready["letterxpress"]["api_key"])
    posting.run(at=LATER)
    assert (effect(posting).state, len(letters(posting))) == (State.DONE, 1)
