"""Lexware Office over a real connection to the stage: what we write is what we read, whatever goes wrong between."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from billing.comparing import differences
from billing.drafting import draft
from billing.invoices import Channel
from billing.jobs import Line, Terms
from billing.parties import CustomerKind
from connectors import lexoffice
from connectors.errors import CannotExpress, Conflict, NotAuthorised, OutcomeUnknown, Rejected, Unavailable
from tests.connectors.conftest import lexoffice_settings
from tests.connectors.drafts import MARKER, TODAY, contact_at, draft_for, finished_order, one_time, order_body
from tests.sandbox.running import Stage, eventually

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
Office = lexoffice.Lexoffice


def nowhere(phase: str) -> None:
    """A reach that commits nothing."""


def connect(stage: Stage, **changes: object) -> Office:
    """Another connection to the stage."""
    return lexoffice.connect(lexoffice_settings(stage, **changes), sleep=lambda seconds: None)


def test_invoice_for_a_one_time_recipient(office: Office) -> None:
    """Somebody who is no contact gets an equal invoice too."""
    drafted = draft_for(one_time())
    assert differences(drafted, office.read(office.create(drafted, nowhere))) == []


def test_text_lines_survive(stage: Stage, office: Office) -> None:
    """A line without a price is a text line there too."""
    lines = (*draft_for(one_time()).lines, Line("Hinweis", description="Material wird gestellt.", is_text=True))
    drafted = draft_for(contact_at(stage), lines=lines)
    assert differences(drafted, office.read(office.create(drafted, nowhere))) == []


def test_credit_note_lowers_what_is_open(stage: Stage, office: Office) -> None:
    """A credit note written to our invoice shows up in the list of changes as less that is open."""
    contact = contact_at(stage)
    invoice = office.create(draft_for(contact), nowhere)
    stage.control("clock", {"advance": {"minutes": 5}})
    body = order_body(contact.external_id)
    body["lineItems"] = body["lineItems"][:1]
    stage.made("credit-notes", body, precedingSalesVoucherId=invoice, finalize="true")
    (payment,) = office.changes(TODAY, NOW)
    assert payment.external_id == invoice
    assert payment.fact.open_amount == Decimal("249.89") - Decimal("190.40")
    assert office.state(invoice, NOW).open_amount == payment.fact.open_amount


def test_accepted_quotation_becomes_its_invoice(stage: Stage) -> None:
    """From an accepted quotation, never before, to an equal invoice that follows it."""
    office = connect(stage, signal="quotation_accepted")
    body = order_body(contact_at(stage).external_id, expirationDate="2026-12-01T00:00:00.000+01:00")
    quotation = stage.made("quotations", body, finalize="true")
    with pytest.raises(CannotExpress, match="open"):
        office.job(quotation["id"])
    stage.control("actions/accept", {"id": quotation["id"]})
    drafted = draft(office.job(quotation["id"]), Terms(14), Channel.MAIL, TODAY, MARKER)
    invoice_id = office.create(drafted, nowhere)
    assert differences(drafted, office.read(invoice_id)) == []
    assert stage.read(f"invoices/{invoice_id}")["relatedVouchers"][0]["id"] == quotation["id"]
    stage.control("actions/reject", {"id": stage.made("quotations", body, finalize="true")["id"]})
    assert [signal.external_id for signal in office.signals(TODAY)] == [quotation["id"]]
    office.close()


def test_public_customer_gets_an_xrechnung(stage: Stage, office: Office) -> None:
    """A contact with a Leitweg-ID is a public customer, and Lexware makes an XRechnung of the invoice."""
    address = {"street": "Rathausplatz 2", "zip": "79098", "city": "Freiburg", "countryCode": "DE"}
    changes = {
        "company": {"name": "Stadt Freiburg"},
        "person": None,
        "addresses": {"billing": [address]},
        "xRechnung": {"buyerReference": "04011000-1234512345-35", "vendorNumberAtCustomer": "70123"},
    }
    contact = contact_at(stage, **changes)
    order = stage.made("order-confirmations", order_body(contact.external_id), finalize="true")
    stage.made("delivery-notes", order_body(contact.external_id), finalize="true", precedingSalesVoucherId=order["id"])
    (signal,) = office.signals(TODAY)
    job = office.job(signal.external_id)
    assert job.customer is not None
    assert (job.customer.kind, job.customer.buyer_reference) == (CustomerKind.PUBLIC, "04011000-1234512345-35")
    assert job.references.delivery_note
    invoice_id = office.create(draft(job, Terms(14), Channel.NONE, TODAY, MARKER), nowhere)
    assert stage.read(f"invoices/{invoice_id}")["electronicDocumentProfile"] == "XRechnung"
    assert office.pdf(invoice_id).startswith(b"%PDF")


def test_done_job_becomes_its_invoice(stage: Stage, office: Office) -> None:
    """From delivery note over order and contact to an equal invoice that follows the order."""
    order_id, note_id = finished_order(stage)
    (signal,) = office.signals(TODAY)
    job = office.job(signal.external_id)
    assert (job.external_id, job.order_id) == (note_id, order_id)
    assert job.version == signal.version
    drafted = draft(job, Terms(99), Channel.MAIL, TODAY, MARKER)
    assert drafted.terms == Terms(14)
    invoice_id = office.create(drafted, nowhere)
    assert differences(drafted, office.read(invoice_id)) == []
    assert stage.read(f"invoices/{invoice_id}")["relatedVouchers"][0]["id"] == order_id
    assert office.job(note_id).invoiced_as == (office.read(invoice_id).number,)


SIGNAL_STEPS = {
    "order_confirmation": ("order-confirmations", None),
    "order_archived": ("order-confirmations", "archive"),
    "quotation_accepted": ("quotations", "accept"),
}


@pytest.mark.parametrize("signal", SIGNAL_STEPS)
def test_signals_of_every_kind(stage: Stage, signal: str) -> None:
    """An order confirmed, an order archived, a quotation accepted: each is seen once and gives a job."""
    resource, action = SIGNAL_STEPS[signal]
    office = connect(stage, signal=signal)
    body = order_body(contact_at(stage).external_id, expirationDate="2026-12-01T00:00:00.000+01:00")
    document = stage.made(resource, body, finalize="true")
    if action:
        assert list(office.signals(TODAY)) == []
        stage.control(f"actions/{action}", {"id": document["id"]})
    (found,) = office.signals(TODAY)
    assert found.external_id == document["id"]
    assert office.job(found.external_id).number == document["voucherNumber"]
    office.close()


def test_changed_signal_has_a_new_version(stage: Stage, office: Office) -> None:
    """A document changed later in the day is seen again, with another version."""
    _, note_id = finished_order(stage)
    (before,) = office.signals(TODAY)
    stage.control("clock", {"advance": {"minutes": 5}})
    stage.control("actions/edit", {"id": note_id, "change": {"remark": "neu"}})
    (after,) = office.signals(TODAY)
    assert after.version > before.version


def test_silence_after_a_create_is_unknown(stage: Stage) -> None:
    """No answer at all within the time-out leaves the outcome unknown; the invoice is found."""
    office = connect(stage, timeouts={"read": 1})
    drafted = draft_for(contact_at(stage))
    stage.control("faults", {"kind": "silence", "method": "POST", "path_regex": "invoices", "effect": True, "delay": 3})
    with pytest.raises(OutcomeUnknown):
        office.create(drafted, nowhere)
    assert len(office.find(drafted, TODAY)) == 1
    office.close()


def test_list_lags_behind_a_write(stage: Stage, office: Office) -> None:
    """A search right after a write can miss it, which is why two searches a quiet period apart are needed."""
    stage.control("index-lag", {"seconds": 3})
    drafted = draft_for(contact_at(stage))
    office.create(drafted, nowhere)
    assert office.find(drafted, TODAY) == []
    assert eventually(lambda: len(office.find(drafted, TODAY)) == 1)


@pytest.mark.parametrize("make_customer", [contact_at, lambda stage: one_time()], ids=["contact", "one-time"])
def test_search_finds_only_our_marker(stage: Stage, office: Office, make_customer: Callable[[Stage], object]) -> None:
    """Invoices of the same customer and amount with another marker are not ours."""
    drafted = draft_for(make_customer(stage))  # type: ignore[arg-type]
    mine = office.create(drafted, nowhere)
    office.create(replace(drafted, marker="RB-ZZZZ-ZZZZ-ZZZZ"), nowhere)
    assert office.find(drafted, TODAY) == [mine]


def test_idle_poll_takes_one_request(stage: Stage, office: Office) -> None:
    """Asking for news costs one request for jobs and one for payments."""
    before = office.requests
    assert list(office.signals(TODAY)) == []
    assert list(office.changes(TODAY, NOW)) == []
    assert office.requests - before == {"signals": 1, "changes": 1}
    assert len(stage.control("requests")) == 2


def test_contact_is_read_once_per_run(stage: Stage, office: Office) -> None:
    """Two jobs of one customer cost two notes, two orders and one contact."""
    contact = contact_at(stage)
    for _ in range(2):
        stage.made("order-confirmations", order_body(contact.external_id), finalize="true")
    shared = connect(stage, signal="order_confirmation")
    before = shared.requests
    for signal in shared.signals(TODAY):
        shared.job(signal.external_id)
    assert shared.requests - before == {"signals": 1, "job": 2, "contact": 1}
    shared.close()


def test_overdue_invoice_is_still_open(stage: Stage, office: Office) -> None:
    """The list's transient status `overdue` changes nothing about the open amount."""
    invoice = office.create(draft_for(contact_at(stage)), nowhere)
    stage.control("clock", {"advance": {"days": 30}})
    (payment,) = office.changes(TODAY, NOW)
    assert payment.external_id == invoice
    assert payment.fact.open_amount == Decimal("249.89")


def test_open_amount_may_be_text(stage: Stage, office: Office) -> None:
    """The open amount is read although it comes as a string."""
    invoice = office.create(draft_for(contact_at(stage)), nowhere)
    stage.control("settings", {"open_amount_as_string": True})
    assert office.state(invoice, NOW).open_amount == Decimal("249.89")


def test_invoice_put_back_to_draft(stage: Stage, office: Office) -> None:
    """A draft is no payment state, no PDF, and no issued invoice."""
    invoice = office.create(draft_for(contact_at(stage)), nowhere)
    stage.control("actions/to-draft", {"id": invoice})
    assert not office.read(invoice).is_issued
    assert list(office.changes(TODAY, NOW)) == []
    for ask in (lambda: office.state(invoice, NOW), lambda: office.pdf(invoice)):
        with pytest.raises(Conflict):
            ask()


def test_refused_invoice_names_the_field(stage: Stage, office: Office) -> None:
    """What Lexware objects to reaches the person, with the field."""
    vendor = contact_at(stage, roles={"vendor": {}})
    with pytest.raises(Rejected, match=r"address\.contactId"):
        office.create(draft_for(vendor), nowhere)


def test_wrong_key(stage: Stage) -> None:
    """A wrong key is a matter for a person and shows up in no message."""
    office = connect(stage, api_key="falscher-schluessel")
    with pytest.raises(NotAuthorised) as caught:
        list(office.signals(TODAY))
    assert "falscher" not in caught.value.message + caught.value.evidence + repr(caught.value)
    office.close()


@pytest.mark.parametrize("kind", ["500", "503", "gateway-timeout-before-effect", "reset-before", "429"])
def test_read_survives_two_faults(stage: Stage, office: Office, kind: str) -> None:
    """A read gets its answer after two faults that pass."""
    stage.control("faults", {"kind": kind, "method": "GET", "times": 2})
    assert list(office.signals(TODAY)) == []


def test_bucket_stays_below_the_limit(stage: Stage) -> None:
    """Two connections that read as fast as they may never meet the stage's limit of two a second."""
    stage.control("rate", {"rate": 8, "burst": 4})
    settings = lexoffice_settings(stage, rate=7.6, burst=3, base_url=stage.ready["http"] + "/")
    first, second = lexoffice.connect(settings), lexoffice.connect(settings)
    start = time.monotonic()
    for _ in range(8):
        list(first.changes(TODAY, NOW))
        list(second.signals(TODAY))
    assert time.monotonic() - start > 1.5
    assert {entry["status"] for entry in stage.control("requests")} == {200}
    first.close()
    second.close()


def test_unavailable_when_nobody_answers(stage: Stage) -> None:
    """Without a server the create was provably not done."""
    office = connect(stage, base_url="http://127.0.0.1:9", timeouts={"connect": 0.3})
    with pytest.raises(Unavailable):
        office.create(draft_for(one_time()), nowhere)
    office.close()


def test_odd_invoice_of_somebody_else_hides_nothing() -> None:
    """An invoice without number or sums is searched for our marker like any other."""
    row = {"id": "a", "createdDate": "2026-11-02T10:00:00.000+01:00"}

    def handle(request: httpx.Request) -> httpx.Response:
        is_list = request.url.path == "/v1/voucherlist"
        return httpx.Response(200, json={"content": [row], "totalPages": 1} if is_list else {"remark": MARKER})

    settings = lexoffice.Settings.model_validate({"api_key": "odd", "rate": 1000})
    assert lexoffice.connect(settings, httpx.MockTransport(handle)).find(draft_for(one_time()), TODAY) == ["a"]
