"""The main job, whole: from a finished job on the stage to an invoice in the customer's mailbox and a reminder."""

import email
import email.policy
from decimal import Decimal
from pathlib import Path

import pytest

from flows.chain.steps import COLLECT, ISSUE, TRACK, TRANSMIT
from flows.report import Result
from ledger import journal
from tests.flows.business import TODAY, Business
from tests.sandbox.running import Stage

DUE = "2026-11-16"
FIRST_REMINDER = "2026-11-23T09:00:00+01:00"
TASK_DAY = "2026-11-30T09:00:00+01:00"


def test_a_finished_job_becomes_a_mailed_invoice(business: Business) -> None:
    """One cycle later the invoice is open upstream and its PDF is in the customer's mailbox."""
    business.finished_job()
    business.run()
    (invoice,) = business.upstream()
    (mail,) = business.mails()
    assert (invoice["voucherStatus"], invoice["grossAmount"]) == ("open", 214.08)
    assert mail["envelope"]["recipients"] == ["rechnung@baeckerei.example"]
    assert [attachment["filename"] for attachment in mail["attachments"]] == ["Rechnung_RE1001.pdf"]
    (item,) = business.receivables("2026-11-02")
    assert (item.number, item.gross, item.standing, item.due_date.isoformat()) == (
        "RE1001",
        Decimal("214.08"),
        "offen",
        DUE,
    )


def test_a_second_cycle_does_nothing_and_asks_twice(business: Business) -> None:
    """When nothing has happened a cycle sends nothing and makes at most two requests."""
    business.finished_job()
    business.run()
    before = len(business.requests())
    business.run()
    assert len(business.requests(before)) <= 2
    assert len(business.mails()) == len(business.upstream()) == 1
    assert business.cases() == []


def test_an_invoice_costs_few_requests(business: Business) -> None:
    """From list to number a job needs its note, its order, its customer, one creation and one reading."""
    business.finished_job()
    before = len(business.requests())
    business.run(COLLECT, ISSUE)
    assert len(business.requests(before)) <= 6


@pytest.mark.parametrize("step", [COLLECT, ISSUE, TRANSMIT, TRACK])
def test_every_step_may_run_twice(business: Business, step: object) -> None:
    """Repeating any single step on the way changes nothing in the end."""
    business.finished_job()
    for each in (COLLECT, ISSUE, TRANSMIT, TRACK):
        business.run(each, *([each] if each is step else []))
    assert len(business.mails()) == len(business.upstream()) == 1


def test_a_paid_invoice_is_closed(business: Business) -> None:
    """What the accounting system calls paid is paid, and nobody is reminded of it."""
    business.finished_job()
    business.run()
    business.stage.control("payments", {"voucherId": business.upstream()[0]["id"]})
    business.run(at=FIRST_REMINDER)
    assert [item.standing for item in business.receivables("2026-11-23")] == ["bezahlt"]
    assert len(business.mails()) == 1


def test_a_part_payment_lowers_what_is_asked(business: Business) -> None:
    """The reminder asks for the open rest, not for the whole amount."""
    business.finished_job()
    business.run()
    business.stage.control("payments", {"voucherId": business.upstream()[0]["id"], "amount": 100})
    business.run(at="2026-11-10T09:00:00+01:00")
    assert [item.standing for item in business.receivables("2026-11-10")] == ["teilbezahlt"]
    business.run(at=FIRST_REMINDER)
    reminder = _text(business, 1)
    assert "114,08" in reminder
    assert [item.notices for item in business.receivables("2026-11-23")] == [1]


def test_reminder_then_task(business: Business) -> None:
    """An invoice nobody pays is reminded of once, a week later it becomes a task, and then there is peace."""
    business.finished_job()
    business.run()
    business.run(at="2026-11-20T09:00:00+01:00")
    assert len(business.mails()) == 1, "the grace is not over"
    for at in (FIRST_REMINDER, FIRST_REMINDER, "2026-11-24T09:00:00+01:00", TASK_DAY, TASK_DAY):
        business.run(at=at)
    assert len(business.mails()) == 2
    (item,) = business.receivables("2026-11-30")
    assert (item.standing, item.notices, item.tasks) == ("überfällig", 1, 1)


def test_the_reminder_refers_to_the_invoice_mail(business: Business) -> None:
    """A reminder is a reply to the invoice's mail, under a Message-ID of its own, with the same PDF."""
    business.finished_job()
    business.run()
    business.run(at=FIRST_REMINDER)
    first, second = (_message(business, place) for place in (0, 1))
    assert second["References"] == first["Message-ID"] != second["Message-ID"]
    attached = [_mail["attachments"][0]["sha256"] for _mail in business.mails()]
    assert attached[0] == attached[1]


def test_a_payment_just_before_the_reminder_stops_it(business: Business) -> None:
    """The lists are a day old, but the payment is read afresh before anything is sent."""
    business.finished_job()
    business.run()
    business.fault(method="GET", path_regex="voucherlist", kind="500", times=None)
    business.stage.control("payments", {"voucherId": business.upstream()[0]["id"]})
    business.run(at=FIRST_REMINDER)
    assert len(business.mails()) == 1


def test_no_payment_state_no_reminder(business: Business) -> None:
    """Unreadable payments mean no reminder; the next run takes it up."""
    business.finished_job()
    business.run()
    business.fault(method="GET", path_regex="voucherlist|payments", kind="html", times=None)
    reports = business.run(at=FIRST_REMINDER)
    assert len(business.mails()) == 1
    assert reports["remind"].failures
    business.stage.http.delete("/_control/faults")
    business.run(at=FIRST_REMINDER)
    assert len(business.mails()) == 2


@pytest.mark.parametrize("signal", ["order_confirmation", "order_archived"])
def test_the_client_chooses_the_signal(business: Business, signal: str) -> None:
    """An order confirmation finalised, or archived, is a finished job where the client says so."""
    business.write_client(signal=signal)
    order = business.finished_job()["relatedVouchers"][0]
    if signal == "order_archived":
        business.run()
        assert business.upstream() == []
        business.stage.control("actions/archive", {"id": order["id"]})
    business.run()
    assert len(business.upstream()) == len(business.mails()) == 1


def test_the_accounting_systems_own_pdf(business: Business) -> None:
    """With pdf: accounting the customer gets Lexware's PDF, byte for byte."""
    business.write_client(pdf="accounting")
    business.finished_job()
    business.run()
    upstream = business.upstream()[0]["id"]
    original = business.stage.http.get(f"/v1/invoices/{upstream}/file", headers={"Accept": "application/pdf"}).content
    (part,) = _message(business, 0).iter_attachments()
    assert part.get_content() == original


def test_a_public_customer_gets_an_xrechnung(business: Business) -> None:
    """Who has a Leitweg-ID gets the XRechnung as XML with a readable PDF beside it; the reason is written down."""
    leitweg = {"buyerReference": "04011000-1234512345-06", "vendorNumberAtCustomer": "70123456"}
    business.finished_job(business.customer(xRechnung=leitweg))
    business.run()
    names = [attachment["filename"] for attachment in business.mails()[0]["attachments"]]
    assert names == ["Rechnung_RE1001.pdf", "xrechnung.xml"]
    with business.house() as house, house.ledger.reading() as session:
        events = {entry.event: entry.facts for entry in journal.entries(session, business.invoices()[0].id)}
    assert events["form decided"]["form"] == "xrechnung_ubl"


def test_a_customer_without_mail_gets_a_task(business: Business) -> None:
    """With channel: none the documents are made and a person is asked to hand them over."""
    business.write_client(channel="none")
    business.finished_job()
    business.run()
    assert business.mails() == []
    assert [item.stage for item in business.receivables("2026-11-02")] == ["sent"]


@pytest.mark.postgres
def test_the_whole_way_on_postgresql(
    flow_stage: Stage, business: Business, tmp_path: Path, postgresql_url: str
) -> None:
    """On PostgreSQL a job goes the same way from mail to reminder to task."""
    on_server = Business(flow_stage, tmp_path, database_url=postgresql_url)
    on_server.finished_job()
    for at in (TODAY, TODAY, FIRST_REMINDER, TASK_DAY):
        on_server.run(at=at)
    (item,) = on_server.receivables("2026-11-30")
    assert (item.notices, item.tasks, len(on_server.mails())) == (1, 1, 2)


def test_reports_say_what_happened(business: Business) -> None:
    """Each step reports its items by their German names and results."""
    business.finished_job()
    reports = business.run()
    assert str(reports["issue"]) == "sommer, Rechnungen schreiben: 2 erledigt"
    assert reports["transmit"].count(Result.DONE) == 2


def _message(business: Business, place: int) -> email.message.EmailMessage:
    file = sorted((business.stage.folder / "mails").glob("*.eml"))[place]
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def _text(business: Business, place: int) -> str:
    body = _message(business, place).get_body(("plain",))
    assert body is not None
    content: str = body.get_content()
    return content
