"""The client's own programs learn what becomes of invoices: every turn once, in order, however bad the line is."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.payments import PaymentFact
from config.problems import ConfigError
from flows.chain.announce import announce, deliver
from flows.chain.steps import ANNOUNCE, CYCLE
from flows.wiring import at_work
from ledger import invoices, notices, payments, webhooks
from tests.connectors.listener import Listener, listening
from tests.connectors.test_webhook_post import SECRET
from tests.flows.business import CLIENT, TODAY, Business
from tests.flows.test_chain import FIRST_REMINDER
from tests.sandbox.running import Stage

BEFORE = CYCLE[:-1]
START = datetime.fromisoformat(TODAY)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A program of the client that listens."""
    with listening() as found:
        yield found


@pytest.fixture
def told(business: Business, listener: Listener) -> Business:
    """A business whose program is told everything; it has been listening since before the first job."""
    subscribe(business, listener)
    business.run(ANNOUNCE)
    return business


def subscribe(business: Business, *listeners: Listener, events: str = "") -> None:
    """Write the listeners into the client's file."""
    business.keep_secret("hook", SECRET)
    lines = ["webhooks:"]
    for number, listener in enumerate(listeners):
        wanted = f", events: [{events}]" if events else ""
        lines.append(f"  erp{number}: {{url: '{listener.url}', secret: {{file: hook}}{wanted}}}")
    with business.client_file.open("a", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))


def types(listener: Listener) -> list[str]:
    """What was told, in order."""
    return [message(each.body)["type"] for each in listener.heard]


def message(body: bytes) -> Any:
    """A message as it was read."""
    return json.loads(body)


def test_an_invoice_tells_its_life(told: Business, listener: Listener) -> None:
    """Issued, sent, overdue, reminded, paid: each once and in order, with what is open and without the name."""
    told.finished_job()
    for at in (TODAY, TODAY, FIRST_REMINDER, FIRST_REMINDER):
        told.run(at=at)
    told.stage.control("clock", {"now": "2026-11-24T08:00:00+01:00"})
    told.stage.control("payments", {"voucherId": told.upstream()[0]["id"]})
    told.run(at="2026-11-24T09:00:00+01:00")
    assert types(listener) == [f"invoice.{each}" for each in ("issued", "sent", "overdue", "reminded", "paid")]
    data = message(listener.heard[-1].body)["data"]
    assert (data["client"], data["number"], data["gross"], data["open_amount"]) == (CLIENT, "RE1001", "214.08", "0.00")
    assert "Özdemir" not in listener.heard[-1].body.decode()


def test_only_what_was_asked_for_is_told(business: Business, listener: Listener) -> None:
    """An address with a choice of events hears of nothing else."""
    subscribe(business, listener, events="sent")
    business.run(ANNOUNCE)
    business.finished_job()
    business.run()
    assert types(listener) == ["invoice.sent"]


def test_the_past_is_not_told_to_a_newcomer(business: Business, listener: Listener) -> None:
    """An address that is added later hears of nothing before, not even that old invoices are late."""
    business.finished_job()
    business.run()
    subscribe(business, listener)
    business.run(ANNOUNCE, at="2026-11-18T09:00:00+01:00")
    business.run(ANNOUNCE, at="2026-11-19T09:00:00+01:00")
    assert listener.heard == []


def test_a_bad_line_delays_and_keeps_the_order(told: Business, listener: Listener) -> None:
    """What was not taken comes again with the same id and body, before anything newer, and not at once."""
    told.finished_job()
    listener.answers = [500, 500]
    report = told.run()["announce"]
    assert [entry.subject for entry in report.failures] == ["Meldung invoice.issued an erp0"]
    told.run(ANNOUNCE)
    assert len(listener.heard) == 1, "it is not time yet"
    for minutes in (10, 60):
        told.run(ANNOUNCE, at=(START + timedelta(minutes=minutes)).isoformat())
    first, second, third, fourth = listener.heard
    assert first.body == second.body == third.body
    assert len({*listener.ids()[:3]}) == 1
    assert len({each.headers["webhook-signature"] for each in (first, second, third)}) == 3, "signed for each attempt"
    assert message(fourth.body)["type"] == "invoice.sent"


def test_one_address_that_is_down_holds_up_no_other(business: Business, listener: Listener) -> None:
    """Each address has its own queue."""
    with listening() as broken:
        subscribe(business, broken, listener)
        business.run(ANNOUNCE)
        broken.answers = [503] * 9
        business.finished_job()
        business.run()
        assert types(listener) == ["invoice.issued", "invoice.sent"]
        assert types(broken) == ["invoice.issued"]


@pytest.mark.parametrize(("answer", "days"), [(410, 0), (500, 5)])
def test_what_cannot_be_delivered_becomes_a_task(told: Business, listener: Listener, answer: int, days: int) -> None:
    """An address that is gone, or silent for days, is given up message by message, and one task says so."""
    told.finished_job()
    told.run(*BEFORE)
    listener.answers = [answer, answer]
    with told.house() as house, at_work(house, house.client(CLIENT), START) as work:
        announce(work)
    told.run(ANNOUNCE, at=(START + timedelta(days, minutes=1)).isoformat())
    with told.house() as house, house.ledger.reading() as session:
        (queue,) = webhooks.queues(session, [CLIENT])
        titles = [task.title for task in notices.tasks(session, CLIENT)]
    assert (queue.waiting, queue.given_up) == (0, 2)
    assert titles == ["Meldungen an erp0 kommen nicht an"]


def test_two_workers_deliver_each_message_once(told: Business, listener: Listener) -> None:
    """While one delivers to an address nobody else does."""
    told.finished_job()
    told.run(*BEFORE)
    with told.house() as house, at_work(house, house.client(CLIENT), START) as work:
        announce(work)
        with house.ledger.writing() as session:
            assert webhooks.claim(session, CLIENT, "erp0", "another", work.clock.now(), timedelta(minutes=2))
        assert deliver(work) == []
        with house.ledger.writing() as session:
            webhooks.release(session, CLIENT, "erp0", "another")
        assert len(deliver(work)) == 2
    assert types(listener) == ["invoice.issued", "invoice.sent"]


def test_a_second_source_that_says_paid_is_no_news(told: Business, listener: Listener) -> None:
    """Paid by the bank and then by the books is paid once; a returned debit and a second payment are told again."""
    told.finished_job()
    told.run()
    del listener.heard[:]
    with told.house() as house, house.ledger.writing() as session:
        (row,) = invoices.find(session, "RE1001")
        for source, rest, hours in (("a", 0, 1), ("b", 0, 2), ("a", 9, 3), ("b", 9, 4), ("b", 0, 5)):
            fact = PaymentFact(source, Decimal(rest), False, str(hours), START + timedelta(hours=hours))
            payments.note(session, row, fact)
    told.run(ANNOUNCE)
    assert types(listener) == ["invoice.paid", "invoice.paid"]


def test_a_cancelled_invoice_is_told(told: Business, listener: Listener) -> None:
    """Cancelled in the books is cancelled here, and not paid."""
    told.finished_job()
    told.run()
    with told.house() as house, house.ledger.writing() as session:
        (row,) = invoices.find(session, "RE1001")
        payments.note(session, row, PaymentFact("a", Decimal(0), True, "2", START + timedelta(hours=1)))
    told.run(ANNOUNCE)
    assert types(listener)[2:] == ["invoice.cancelled"]


def test_a_refused_mail_is_told_with_its_reason(told: Business, listener: Listener) -> None:
    """A mailbox that does not exist is told as failed, in the words of the ledger."""
    told.finished_job()
    told.fault(smtp="rcpt-550")
    told.run()
    assert types(listener) == ["invoice.issued", "invoice.failed"]
    assert message(listener.heard[1].body)["reason"]


def test_a_missing_key_is_told_with_its_place(business: Business, listener: Listener) -> None:
    """Without the key nothing runs, and the complaint names file and entry."""
    subscribe(business, listener)
    (business.folder / "secrets" / "hook").unlink()
    with pytest.raises(ConfigError, match=r"webhooks\.erp0\.secret"):
        business.run(ANNOUNCE)


@pytest.mark.postgres
def test_messages_on_postgresql(
    flow_stage: Stage, business: Business, listener: Listener, tmp_path: Path, postgresql_url: str
) -> None:
    """The queue works alike on PostgreSQL."""
    on_server = Business(flow_stage, tmp_path, database_url=postgresql_url)
    subscribe(on_server, listener)
    on_server.run(ANNOUNCE)
    on_server.finished_job()
    on_server.run()
    on_server.run(ANNOUNCE, at="2026-11-18T09:00:00+01:00")
    assert types(listener) == ["invoice.issued", "invoice.sent", "invoice.overdue"]
