"""The published examples of sevDesk's specification go through our translations, with the errors they are known for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.comparing import Booked
from connectors import strict_json
from connectors.errors import CannotExpress, UnexpectedAnswer
from connectors.fields import Item, item
from connectors.sevdesk_answers import complaint_in, object_in, objects_in, pdf_in, unwrapped
from connectors.sevdesk_invoices import booked_from, has_sums_of
from connectors.sevdesk_jobs import Names, OrderFile, customer_from, job_from, signal_from, terms_from
from connectors.sevdesk_payments import payment_from
from connectors.sevdesk_records import ContactFile
from tests.connectors.drafts import draft_for
from tests.connectors.sevdesk_world import known_contact

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "apis" / "sevdesk" / "examples"
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
NAMES = Names({"0": "Stk"}, {"1": "DE"})
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published examples are not beside the repository")


def example(name: str) -> Any:
    """A published example."""
    return strict_json.loads((FOLDER / f"{name}.json").read_bytes())


def saved(name: str, part: str) -> Item:
    """A part of the answer to a factory call."""
    return item(unwrapped(example(f"{name}.response")), "Antwort").part(part)


def test_invoice_of_the_list_is_read() -> None:
    """A draft with number, sums as text and dates with offset is understood, as an invoice and as no payment."""
    (row,) = objects_in(example("invoice.list.response"), "Rechnung")
    booked = booked_from(row, [], is_voided=False)
    assert isinstance(booked, Booked)
    assert (booked.net, booked.vat, booked.gross) == (Decimal(100), Decimal(19), Decimal(119))
    assert (booked.is_issued, booked.due_date) == (False, date(2024, 4, 18))
    assert payment_from(row, frozenset(), NOW) is None


@pytest.mark.parametrize("status", ["200", "750", "1000"])
def test_payment_of_the_list_is_read(status: str) -> None:
    """With a status that is owed the same row is a payment state."""
    (row,) = objects_in(example("invoice.list.response"), "Rechnung")
    payment = payment_from(Item({**row.data, "status": status}, row.place), frozenset(), NOW)
    assert payment is not None
    assert payment.fact.open_amount == (0 if status == "1000" else 119)


def test_saved_invoice_is_not_taken_for_ours() -> None:
    """The answer to saveInvoice has an id, and sums that are not those of our draft."""
    invoice = saved("invoice.saveInvoice", "invoice")
    assert invoice.text("id") == "1"
    assert not has_sums_of(draft_for(known_contact()), invoice)


def test_order_without_dates_is_no_signal() -> None:
    """The example has null where the time of change must stand: an unexpected answer, not a signal of nothing."""
    (order,) = objects_in(example("order.list.response"), "Auftrag")
    with pytest.raises(UnexpectedAnswer, match="update"):
        signal_from(order)


def test_saved_order_is_a_job() -> None:
    """With a time of change the saved order of the example is a job of one line."""
    order = saved("order.saveOrder", "order")
    order = Item({**order.data, "update": "2024-04-08T00:00:00+02:00"}, order.place)
    positions = item(unwrapped(example("order.saveOrder.response")), "Antwort").parts("orderPos")
    job = job_from(order, OrderFile(order, positions, [], []), None, NAMES, date(2026, 11, 2))
    assert (job.number, job.customer, len(job.lines)) == ("Offer-1000", None, 1)
    assert (job.lines[0].name, job.lines[0].unit_price) == ("Dragonglass", Decimal(100))
    assert job.lines[0].vat_rate == 19


def test_contact_is_a_customer() -> None:
    """Placeholders such as "string" for days give no terms, and "false" for a government agency means no."""
    contact = object_in(example("contact.list.response"), "Kontakt")
    customer = customer_from(ContactFile(contact, [], []), NAMES, "")
    assert (customer.name, customer.number, customer.buyer_reference) == ("string", "Customer-1337", "string")
    assert customer.kind.value == "business"
    assert terms_from(contact) is None


def test_pdf_is_decoded() -> None:
    """The example's PDF is one, although its flag is spelt otherwise than live."""
    assert pdf_in(example("invoice.getPdf.response")).startswith(b"%PDF-1.7")
    assert pdf_in({"objects": example("invoice.getPdf.response")}).startswith(b"%PDF-1.7")


def test_complaints_are_found_in_every_form() -> None:
    """The message stands below `error`, wherever `objects` is; anything else says nothing."""
    assert complaint_in({"objects": None, "error": {"message": "no", "code": None}}) == "no"
    assert complaint_in({"error": {"message": "no", "exceptionUUID": "x"}}) == "no"
    assert complaint_in({"error": "no"}) == "no"
    silent: list[Any] = [[], {"error": {}}, {"error": None}, {"error": {"message": 7}}, "x"]
    assert {complaint_in(answer) for answer in silent} == {""}


def test_unsupported_tax_is_refused_by_name() -> None:
    """An order of the one-stop shop names its rule in the refusal."""
    order = saved("order.saveOrder", "order")
    changed = {**order.data, "update": "2024-04-08T00:00:00+02:00", "taxRule": {"id": "18", "objectName": "TaxRule"}}
    with pytest.raises(CannotExpress, match="Steuerregel 18"):
        job_from(item(changed, "A"), OrderFile(item(changed, "A"), [], [], []), None, NAMES, date(2026, 11, 2))
