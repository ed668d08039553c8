"""Failures report themselves: once, with customer, invoice, reason, cure and what to type; a flood is one mail."""

import email
import email.policy
from datetime import datetime, timedelta
from typing import Any

import pytest

from flows.chain.alarm import MOST_IN_FULL
from flows.chain.steps import ALARM
from flows.report import CURES, WANTS_A_LOOK
from ledger import alerts, journal
from ledger.alerts import State
from ledger.database import Clash, Ledger
from ledger.effects import LeaseLost
from ledger.tables import MessageRow
from tests.flows.business import CLIENT, TODAY, Business
from tests.sandbox.running import line

OPERATOR = "betrieb@agentur.example"
OFFICE = "buero@malerbetrieb-sommer.example"
LATER = "2026-11-02T15:00:00+01:00"
TOMORROW = "2026-11-03T09:00:00+01:00"
NOW = datetime.fromisoformat(TODAY)
MINUTE = timedelta(minutes=1)


def with_alerts(business: Business, section: str = f"alerts: {{mail: {OPERATOR}, daily: false}}\n") -> None:
    """The client's file says who is told."""
    business.client_file.write_text(business.client_file.read_text("utf-8") + section, "utf-8")


def told(business: Business, address: str = OPERATOR) -> list[str]:
    """The texts that an address got, oldest first."""
    folder = business.stage.folder / "mails"
    found = []
    for mail in business.mails():
        if mail["envelope"]["recipients"] == [address]:
            raw = (folder / f"{mail['n']:04d}.eml").read_bytes()
            body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
            assert body is not None
            found.append(" ".join(body.get_content().split()))
    return found


def test_a_refused_mail_is_told_once(business: Business) -> None:
    """One mail names customer, invoice, reason, cure and the command; the cycles after it tell nothing new."""
    with_alerts(business)
    business.finished_job()
    business.fault(smtp="rcpt-550", recipient_regex="baeckerei")
    for at in (TODAY, TODAY, LATER):
        business.run(at=at)
    (text,) = told(business)
    for fact in ("Bäckerei Özdemir GmbH", "Rechnung RE1001", "No such user", "rechnungsbote retry RE1001 --reason"):
        assert fact in text
    assert "Die genannte Ursache beheben" in text


def test_a_flood_is_one_mail(business: Business) -> None:
    """Many new cases come in one mail, some in full and the rest as a number."""
    with_alerts(business)
    contact = business.customer()
    for _ in range(MOST_IN_FULL + 3):
        business.finished_job(contact, lineItems=[line(1, 0)])
    business.run()
    (text,) = told(business)
    assert (text.count("Grund:"), "und 3 weitere" in text) == (MOST_IN_FULL, True)


def test_the_day_begins_with_what_is_open(business: Business) -> None:
    """Once a day a summary names what was told before and is still open, with the head of the journal; then silence."""
    with_alerts(business, f"alerts: {{mail: {OPERATOR}}}\n")
    business.finished_job(lineItems=[line(1, 0)])
    for at in (TODAY, TOMORROW, TOMORROW):
        business.run(at=at)
    first, second = told(business)
    assert "1 neue Fälle" in first
    assert "Früher gemeldet und noch offen (1)" in second
    with business.house() as house, house.ledger.reading() as session:
        assert len(journal.head(session)) == len(second.rpartition("Kopf des Journals: ")[2].split()[0])


def test_owners_get_their_tasks(business: Business) -> None:
    """A new task is mailed to its owner once; tasks of others only stand on the list."""
    business.write_client(channel="none")
    with_alerts(business, f"alerts: {{task_owners: {{Büro: {OFFICE}}}}}\n")
    business.finished_job()
    for _ in range(2):
        business.run(at=LATER)
    (text,) = told(business, OFFICE)
    assert "Rechnung RE1001 an Bäckerei Özdemir GmbH übergeben" in text
    assert "rechnungsbote done 1" in text
    assert told(business) == []


def test_a_message_of_unknown_fate_is_not_repeated(business: Business) -> None:
    """When the line breaks after the final dot, the message may have arrived: the same words are not sent again."""
    with_alerts(business)
    business.finished_job(lineItems=[line(1, 0)])
    business.fault(smtp="disconnect-after-dot-lost", recipient_regex="agentur")
    for at in (TODAY, LATER):
        business.run(at=at)
    assert len(told(business)) == 1
    assert counts(business) == {"unknown": 1}


def test_a_message_put_off_comes_later(business: Business) -> None:
    """A mail server that says "later" gets the same bytes later, and then once."""
    with_alerts(business)
    business.finished_job(lineItems=[line(1, 0)])
    business.fault(smtp="rcpt-450", recipient_regex="agentur")
    business.run()
    assert (told(business), counts(business)) == ([], {"failed": 1})
    for at in (LATER, LATER):
        business.run(at=at)
    assert (len(told(business)), counts(business)) == (1, {"sent": 1})


def test_programs_hear_of_cases_where_they_asked(business: Business) -> None:
    """A webhook with the event `case` gets each case once, with number, reason, cure and command."""
    business.keep_secret("hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    hook = "webhooks: {erp: {url: 'http://127.0.0.1:9/', secret: {file: hook}, events: [case]}}\n"
    with_alerts(business, hook)
    business.finished_job()
    business.fault(smtp="rcpt-550")
    for _ in range(2):
        business.run()
    with business.house() as house, house.ledger.reading() as session:
        (message,) = session.query(MessageRow).all()
    assert message.event == "case.opened"
    for fact in ('"number":"RE1001"', '"customer":"Bäckerei Özdemir GmbH"', "rechnungsbote retry RE1001"):
        assert fact in message.body


def test_nobody_is_told_without_an_address(business: Business) -> None:
    """Without the section nothing is sent nor called told: who gives an address later hears of what is still open."""
    business.finished_job(lineItems=[line(1, 0)])
    business.run()
    assert (business.mails(), counts(business)) == ([], {})
    with_alerts(business)
    business.run(ALARM)
    assert len(told(business)) == 1


def test_every_result_that_wants_a_look_names_a_cure() -> None:
    """Whatever makes a run red says what to do about it."""
    assert set(CURES) == WANTS_A_LOOK


def test_a_case_is_told_by_one_worker(ledger: Ledger) -> None:
    """Two workers that tell the same case at the same moment: one of them keeps nothing."""
    with ledger.writing() as session:
        alerts.tell(session, CLIENT, ["effect/1/refused/1"], NOW)
    with pytest.raises(Clash):
        tell_once_more(ledger)
    with ledger.reading() as session:
        assert alerts.untold(session, CLIENT, ["effect/1/refused/1", "bounce/1"]) == ["bounce/1"]
        assert alerts.due(session, CLIENT, NOW) == []


def tell_once_more(ledger: Ledger) -> None:
    """What a worker writes that has not seen the other."""
    with ledger.writing() as session:
        alerts.plan(session, CLIENT, "zweiter", OPERATOR, "0" * 64, NOW)
        alerts.tell(session, CLIENT, ["effect/1/refused/1"], NOW)


@pytest.mark.parametrize(("has_left", "after"), [(False, State.FAILED), (True, State.UNKNOWN)])
def test_a_dead_worker_leaves_no_doubt_about_itself(ledger: Ledger, has_left: bool, after: State) -> None:
    """A message whose sender died goes again if it had provably not left, and never again otherwise."""
    with ledger.writing() as session:
        alerts.plan(session, CLIENT, "eine", OPERATOR, "0" * 64, NOW)
        (alert_id,) = alerts.due(session, CLIENT, NOW)
        turn = alerts.take(session, alert_id, NOW, MINUTE)
        assert turn is not None
        assert alerts.take(session, alert_id, NOW, MINUTE) is None
        if has_left:
            alerts.leave(session, turn, NOW)
        alerts.recover(session, CLIENT, NOW)
        assert alerts.due(session, CLIENT, NOW) == []
        alerts.recover(session, CLIENT, NOW + 2 * MINUTE)
    with ledger.reading() as session:
        assert alerts.counts(session, CLIENT) == {after: 1}
    with pytest.raises(LeaseLost), ledger.writing() as session:
        alerts.settle(session, turn, State.SENT, "", NOW, NOW)


def counts(business: Business) -> dict[str, Any]:
    """The messages to the operator by state."""
    with business.house() as house, house.ledger.reading() as session:
        return {str(state): number for state, number in alerts.counts(session, CLIENT).items()}
