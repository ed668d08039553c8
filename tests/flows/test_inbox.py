"""What comes back changes the right thing once: bounces stop reminders and try another way, answers pause them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from billing.envelopes import return_address
from flows.chain.steps import MAILBOX, REMIND, TRANSMIT
from flows.report import Report, Result
from ledger import bounces, journal, overview
from ledger.overrides import NothingToDecide, Word
from ledger.tables import TaskRow
from tests.flows.business import CLIENT, TODAY, Business
from tests.flows.test_chain import FIRST_REMINDER

NEXT = "2026-11-03T09:00:00+01:00"
LATER = "2026-11-03T10:00:00+01:00"
MENDED = "2026-11-05T09:00:00+01:00"
NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
WORD = Word("Frau Sommer", "am Telefon erfragt")
IMAP = """
  post:
    module: imap
    host: {host}
    port: {port}
    username: {username}
    password: {{file: smtp}}
    ca_file: {ca_file}
"""
SECTION = "mailbox: {system: post}\n"


def with_mailbox(business: Business, section: str = SECTION, sender: str = "") -> None:
    """The client's file says where answers arrive, and how his mails can be told apart."""
    text = business.client_file.read_text("utf-8")
    facts = business.stage.ready["imap"]
    text = text.replace("systems:\n", "systems:\n" + IMAP.strip("\n").format(**facts) + "\n")
    if sender:
        business.keep_secret("rueck", "geheim-4711")
        text = text.replace("    security: starttls\n", f"    security: starttls\n{sender}")
    business.client_file.write_text(text + section, "utf-8")


@pytest.fixture
def sent(business: Business) -> Business:
    """A business that has mailed one invoice and reads its mailbox."""
    with_mailbox(business)
    business.finished_job()
    business.run()
    return business


def comes_back(business: Business, **wish: Any) -> Report:
    """Something comes back about the first mail, and the mailbox is read."""
    business.stage.control("inbox", {"mail": 1, **wish})
    return business.run(MAILBOX, at=NEXT)["mailbox"]


def tasks(business: Business) -> list[TaskRow]:
    """What people have to do."""
    with business.house() as house, house.ledger.reading() as session:
        return overview.open_tasks(session, [CLIENT])


def on_ledger(business: Business, act: Callable[..., Any], *arguments: Any) -> Any:
    """A person's word about the one invoice."""
    (invoice,) = business.invoices()
    with business.house() as house, house.ledger.writing() as session:
        return act(session, invoice, *arguments)


def test_a_bounce_stops_reminders_and_asks(sent: Business) -> None:
    """A hard bounce is a case with its diagnosis, becomes a task, and nobody is reminded of what he never got."""
    report = comes_back(sent, words="550 5.1.1 No such user")
    assert report.count(Result.HELD) == 2
    (case,) = sent.cases()
    assert (case.state, "5.1.1" in case.evidence) == ("bounced", True)
    (task,) = tasks(sent)
    assert "als Brief" in task.title
    assert "bounce forward RE1001" in task.body
    sent.run(at=FIRST_REMINDER)
    assert len(sent.mails()) == 1


def test_reading_twice_changes_nothing(sent: Business) -> None:
    """The same mail, read again after the server numbered anew, is known by its bytes."""
    comes_back(sent)
    sent.stage.control("inbox/renumber", {})
    assert sent.run(MAILBOX, at=NEXT)["mailbox"].entries == ()
    assert len(tasks(sent)) == len(sent.cases()) == 1


def test_the_other_contact_gets_the_same_documents(business: Business) -> None:
    """Where the client knows a second address, the archived PDF goes there, and later reminders, too."""
    contact = business.customer()
    number = business.stage.read(f"contacts/{contact}")["roles"]["customer"]["number"]
    with_mailbox(business, f'mailbox: {{system: post, other_contacts: {{"{number}": chefin@baeckerei.example}}}}\n')
    business.finished_job(contact)
    business.run()
    comes_back(business)
    business.run(at=LATER)
    first, second = business.mails()
    assert second["envelope"]["recipients"] == ["chefin@baeckerei.example"]
    assert first["attachments"] == second["attachments"]
    assert first["message_id"] != second["message_id"]
    assert (business.cases(), tasks(business)) == ([], [])
    business.run(at=FIRST_REMINDER)
    assert business.mails()[2]["envelope"]["recipients"] == ["chefin@baeckerei.example"]


def test_an_address_mended_in_the_directory_is_used(business: Business) -> None:
    """Once somebody mends the customer's address in the accounting system, the documents go there by themselves."""
    with_mailbox(business)
    contact = business.customer()
    business.finished_job(contact)
    business.run()
    comes_back(business)
    (task,) = tasks(business)
    assert "in der Buchhaltung eintragen" in task.body
    business.run(MAILBOX, TRANSMIT, at=LATER)
    assert len(business.mails()) == 1, "nothing was mended yet"
    kept = business.stage.read(f"contacts/{contact}")
    kept["emailAddresses"]["business"] = ["neu@baeckerei.example"]
    business.stage.http.put(f"/v1/contacts/{contact}", json=kept).raise_for_status()
    for _ in range(2):
        business.run(MAILBOX, TRANSMIT, at=MENDED)
    assert [mail["envelope"]["recipients"] for mail in business.mails()][1:] == [["neu@baeckerei.example"]]
    assert (business.cases(), tasks(business)) == ([], [])


def test_a_person_names_another_address(sent: Business) -> None:
    """`bounce forward` sends the same documents to the address that a person found out, once."""
    comes_back(sent)
    on_ledger(sent, bounces.forward, "neu@baeckerei.example", WORD, NOW)
    for _ in range(2):
        sent.run(MAILBOX, TRANSMIT, at=NEXT)
    assert [mail["envelope"]["recipients"] for mail in sent.mails()][1:] == [["neu@baeckerei.example"]]
    assert sent.cases() == []
    with pytest.raises(NothingToDecide):
        on_ledger(sent, bounces.forward, "noch@baeckerei.example", WORD, NOW)


def test_a_letter_settles_it(sent: Business) -> None:
    """Once a person says that the customer has it, the case is closed and reminders go on; a second word is refused."""
    comes_back(sent)
    on_ledger(sent, bounces.arrived, WORD, NOW)
    assert sent.cases() == []
    with pytest.raises(NothingToDecide):
        on_ledger(sent, bounces.arrived, WORD, NOW)
    sent.run(at=FIRST_REMINDER)
    assert len(sent.mails()) == 2


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "delayed", "status": "4.4.1"},
        {"kind": "delivered", "status": "2.0.0"},
        {"kind": "away", "words": "Bin im Urlaub und nicht einverstanden."},
    ],
)
def test_machines_change_nothing(sent: Business, wish: dict[str, str]) -> None:
    """Delays, receipts and automatic replies are noted; the reminder comes in its time and nobody is answered."""
    report = comes_back(sent, **wish)
    assert (report.failures, tasks(sent), sent.cases()) == ((), [], [])
    sent.run(at=FIRST_REMINDER)
    assert len(sent.mails()) == 2


@pytest.mark.parametrize(
    ("words", "proposal"),
    [
        ("Wir haben gestern bezahlt.", "es sei bezahlt"),
        ("Ich überweise am 20.11.2026.", "sagt Zahlung zu"),
        ("Position 2 ist zu hoch, so nicht.", "bestreitet die Forderung"),
        ("Wer sind Sie eigentlich?", "Antwort von Bäckerei Özdemir GmbH lesen"),
    ],
)
def test_an_answer_pauses_and_proposes(sent: Business, words: str, proposal: str) -> None:
    """What the customer writes becomes a task that says what it means; until it is decided nobody is reminded."""
    comes_back(sent, kind="answer", words=words)
    (task,) = tasks(sent)
    assert proposal in task.title
    assert words in task.body
    sent.run(at=FIRST_REMINDER)
    assert len(sent.mails()) == 1


def test_complaints_and_given_up_mails_are_for_people(sent: Business) -> None:
    """A spam complaint and a mail that servers gave up on make a task each and pause the reminders."""
    comes_back(sent, kind="complaint")
    comes_back(sent, kind="failed", status="4.4.7", words="421 timeout")
    assert len(tasks(sent)) == 2
    sent.run(at=FIRST_REMINDER)
    assert len(sent.mails()) == 1


def test_a_reply_settles_a_mail_of_unknown_fate(business: Business) -> None:
    """Who answers a mail has got it: what was unknown is done, and nothing is sent again."""
    with_mailbox(business)
    business.finished_job()
    business.fault(smtp="disconnect-after-dot-lost")
    business.run()
    assert [case.state for case in business.cases()] == ["unknown"]
    comes_back(business, kind="away", words="Danke, Ihre Mail ist eingegangen.")
    assert business.cases() == []
    assert [item.stage for item in business.receivables("2026-11-03")] == ["sent"]


def test_a_forged_bounce_changes_nothing(business: Business) -> None:
    """Where return addresses carry a proof, a report without it is for a person; with it, it counts."""
    pattern = "rueck+{token}@malerbetrieb-sommer.example"
    with_mailbox(business, sender=f'    envelope_sender: "{pattern}"\n    return_key: {{file: rueck}}\n')
    business.finished_job()
    business.run()
    (mail,) = business.mails()
    proven = mail["envelope"]["sender"]
    assert proven == return_address(pattern, mail["message_id"], b"geheim-4711")
    comes_back(business, to=proven.replace(".invoice.", ".invoice-9."))
    assert business.cases() == []
    assert "unklarer Rückläufer" in tasks(business)[0].title
    comes_back(business)
    assert [case.state for case in business.cases()] == ["bounced"]


def test_a_mail_about_nothing_of_ours_leaves_nothing(sent: Business) -> None:
    """Other people's mails in the same mailbox are passed over, and neither kept nor told."""
    before = sorted(path.name for path in (sent.folder / "var" / "archive").rglob("*"))
    sent.stage.control("inbox", {"text": "From: a@b.example\nSubject: Angebot RE1001\n\nIch habe nicht bezahlt."})
    assert sent.run(MAILBOX, at=NEXT)["mailbox"].entries == ()
    assert sorted(path.name for path in (sent.folder / "var" / "archive").rglob("*")) == before
    assert tasks(sent) == []


def test_a_broken_mail_stops_nobody(sent: Business) -> None:
    """A mail that cannot be read is passed over; the bounce behind it still counts."""
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(2000))
    sent.stage.control("inbox", {"text": deep})
    comes_back(sent)
    assert [case.state for case in sent.cases()] == ["bounced"]


def test_an_unreachable_mailbox_is_told_and_read_later(business: Business) -> None:
    """A wrong password is one line of the run; everything else goes on, and nothing is lost."""
    with_mailbox(business)
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(text.replace("username: stage", "username: wer", 1), "utf-8")
    business.finished_job()
    reports = business.run()
    assert "Anmeldung" in reports["mailbox"].failures[0].text
    assert len(business.mails()) == 1


def test_files_are_read_like_a_mailbox(business: Business, tmp_path: Path) -> None:
    """A folder of .eml files beside the client's file does the same as IMAP; the journal names no address."""
    with_mailbox(business, "mailbox: {folder: eingang}\n")
    folder = business.client_file.parent / "eingang"
    folder.mkdir()
    business.finished_job()
    business.run()
    business.stage.control("inbox", {"mail": 1, "kind": "answer", "words": "Ich zahle am 20.11.2026."})
    (letter,) = business.stage.control("inbox")["letters"]
    (folder / "antwort.eml").write_text(letter["text"], "utf-8")
    for _ in range(2):
        business.run(MAILBOX, at=NEXT)
    assert len(tasks(business)) == 1
    with business.house() as house, house.ledger.reading() as session:
        entries = journal.entries(session, business.invoices()[0].id)
    (came,) = (entry for entry in entries if entry.event == "mail came: answer")
    assert came.facts["claim"] == "promise"
    assert "baeckerei" not in json.dumps(came.facts)


def test_a_written_reminder_is_withdrawn_by_a_bounce(sent: Business) -> None:
    """A reminder that waits to leave does not leave once the invoice has come back."""
    sent.fault(smtp="rcpt-450", times=None)
    sent.run(at=FIRST_REMINDER)
    sent.stage.http.delete("/_control/faults")
    sent.stage.control("inbox", {"mail": 1})
    sent.run(MAILBOX, REMIND, at="2026-11-24T12:00:00+01:00")
    assert len(sent.mails()) == 1


def test_today_is_not_needed(business: Business) -> None:
    """Without a mailbox in the client's file the step does nothing at all."""
    assert business.run(MAILBOX, at=TODAY)["mailbox"].entries == ()
