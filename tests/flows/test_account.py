"""The seller's account: another one leaves the house only after two people and a waiting time; none else ever does."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger import bank_accounts, overview
from ledger.database import Ledger
from ledger.overrides import NothingToDecide, Word
from tests.flows.business import CLIENT, TODAY, Business

OLD, NEW, THIRD = "DE02 1203 0000 0000 2020 51", "DE89 3704 0044 0532 0130 00", "DE02 5001 0517 0137 0750 30"
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA, PETER = Word("Anna Sommer", "neue Bank"), Word("Peter Sommer", "mit der Bank telefoniert")
NEXT_DAY = "2026-11-03T12:00:00+01:00"


def change_account(business: Business, iban: str = NEW) -> None:
    """Somebody changes the account in the client's file."""
    business.client_file.write_text(business.client_file.read_text("utf-8").replace(OLD, iban), "utf-8")


def say(business: Business, who: Word, at: str, *, confirm: bool = False) -> None:
    """A person speaks about the waiting account."""
    now = datetime.fromisoformat(at)
    with business.house() as house, house.ledger.writing() as session:
        if confirm:
            bank_accounts.confirm(session, CLIENT, who, DAY, now)
        else:
            bank_accounts.ask(session, CLIENT, who, now)


def test_a_changed_account_stops_what_demands_money(business: Business) -> None:
    """From the change in the file on nothing is printed or mailed; a task tells of it, once."""
    business.run()
    change_account(business)
    business.finished_job()
    for _ in range(2):
        business.run()
    assert business.mails() == []
    (case,) = business.cases()
    assert "…3000 ist noch nicht bestätigt" in case.reason
    with business.house() as house, house.ledger.reading() as session:
        (task,) = overview.open_tasks(session, [CLIENT])
    assert "…3000" in task.title


def test_two_people_and_a_day_put_it_in_force(business: Business) -> None:
    """After the second person's word the held invoice leaves by itself, with the new account."""
    business.run()
    change_account(business)
    business.finished_job()
    business.run()
    say(business, ANNA, TODAY)
    with pytest.raises(NothingToDecide, match="zweite Person"):
        say(business, Word("anna  SOMMER", ""), NEXT_DAY, confirm=True)
    with pytest.raises(NothingToDecide, match="Wartezeit"):
        say(business, PETER, "2026-11-02T12:00:00+01:00", confirm=True)
    say(business, PETER, NEXT_DAY, confirm=True)
    business.run(at=NEXT_DAY)
    assert (len(business.mails()), business.cases()) == (1, [])
    raw = (business.stage.folder / "mails" / "0001.eml").read_bytes()
    assert NEW.encode() in raw
    assert OLD.encode() not in raw


def test_a_mail_with_the_former_account_stays(business: Business) -> None:
    """A mail that was written before the change and has not left is held when the change is in force."""
    business.finished_job()
    business.fault(smtp="rcpt-450")
    business.run()
    change_account(business)
    business.run()
    say(business, ANNA, TODAY)
    say(business, PETER, NEXT_DAY, confirm=True)
    business.run(at=NEXT_DAY)
    assert business.mails() == []
    assert any("das frühere Konto …2051" in case.reason for case in business.cases())


def test_a_change_taken_back_needs_nobody(business: Business) -> None:
    """With the old account back in the file all goes on, and the waiting one is gone."""
    business.run()
    change_account(business)
    business.run()
    business.write_client()
    business.finished_job()
    business.run()
    assert len(business.mails()) == 1
    with pytest.raises(NothingToDecide, match="Kein Konto"):
        say(business, ANNA, TODAY)


def test_a_second_change_begins_anew(ledger: Ledger) -> None:
    """Who swaps the waiting account for a third one starts the clock and the words again."""
    with ledger.writing() as session:
        assert bank_accounts.see(session, CLIENT, OLD, NOW)
        assert not bank_accounts.see(session, CLIENT, NEW, NOW)
        bank_accounts.ask(session, CLIENT, ANNA, NOW)
        assert not bank_accounts.see(session, CLIENT, THIRD, NOW + DAY)
    with pytest.raises(NothingToDecide, match="anmelden"), ledger.writing() as session:
        bank_accounts.confirm(session, CLIENT, PETER, DAY, NOW + 3 * DAY)
    with ledger.reading() as session:
        assert bank_accounts.confirmed(session, CLIENT) == OLD


def test_a_foreign_account_in_a_footer_is_held(business: Business) -> None:
    """Somebody who writes another account into a footer line gets no invoice out of the house."""
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(text + f"look: {{footer: ['Neues Konto: {NEW}']}}\n", "utf-8")
    business.finished_job()
    business.run()
    assert business.mails() == []
    assert "…3000" in business.cases()[0].reason
