"""The vendor's published samples go through our translations; they lie beside the repository and are never copied."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from billing.jobs import EarlyPayment, PriceMode, TaxCase, Terms
from billing.parties import CustomerKind
from connectors import lexoffice, strict_json
from connectors.errors import CannotExpress, NotAuthorised, Rejected, UnexpectedAnswer
from connectors.fields import Item, item
from connectors.lexoffice_invoices import booked_from, payment_fact_from, payment_from
from connectors.lexoffice_jobs import customer_from, job_from, signal_from
from tests.connectors.drafts import draft_for, one_time

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "apis" / "lexoffice"
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published samples are not beside the repository")


TRANSLATIONS: dict[str, Callable[[Item], object]] = {
    "job": lambda found: job_from(found, found, None, order_id="", is_small_business=False),
    "customer": lambda found: customer_from(found, found),
    "invoice": booked_from,
    "payment": lambda found: payment_fact_from(found, NOW),
    "list row": lambda found: payment_from(found, NOW),
    "signal": signal_from,
}


def sample(name: str) -> Item:
    """A published payload."""
    return item(strict_json.loads((FOLDER / "payloads" / f"{name}.json").read_bytes()), "Beleg")


def office_that_gets(name: str) -> lexoffice.Lexoffice:
    """A connection that gets a recorded answer to everything."""
    recorded = json.loads((FOLDER / "recorded" / f"{name}.json").read_text(encoding="utf-8"))["response"]

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(recorded["status"], json=recorded["body"])

    settings = lexoffice.Settings.model_validate({"api_key": name, "rate": 1000})
    return lexoffice.connect(settings, httpx.MockTransport(handle), sleep=lambda seconds: None)


def test_order_confirmation_is_a_job() -> None:
    """All four kinds of lines, Skonto and a one-time address are understood."""
    order = sample("order-confirmation.get.draft")
    job = job_from(order, order, None, order_id=order.text("id"), is_small_business=False)
    assert (job.number, job.order_id, job.price_mode) == ("AB1019", order.text("id"), PriceMode.NET)
    assert job.terms == Terms(30, EarlyPayment(Decimal(3), 10))
    assert [line.is_text for line in job.lines] == [False, False, False, True]
    assert job.lines[0].discount_percent == 50
    assert job.customer is not None
    assert job.customer.address.is_complete


def test_delivery_note_is_a_job() -> None:
    """A note on its own has lines with prices but neither terms nor discount nor shipping date."""
    note = sample("delivery-note.get.draft")
    job = job_from(note, note, None, order_id="", is_small_business=False)
    assert (job.terms, job.order_id, len(job.lines)) == (None, "", 2)
    assert job.performed_from.isoformat() == "2023-02-22"


def test_quotation_with_alternatives_is_refused() -> None:
    """A choice that is still open cannot become an invoice."""
    quotation = sample("quotation.get.open")
    with pytest.raises(CannotExpress, match="Alternative"):
        job_from(quotation, quotation, None, order_id="", is_small_business=False)


@pytest.mark.parametrize("name", ["invoice.get.draft", "invoice.get.variant"])
def test_invoice_is_read(name: str) -> None:
    """Sums, VAT per rate and the draft status are understood, with and without null fields."""
    booked = booked_from(sample(name))
    assert (booked.net, booked.vat, booked.gross) == (Decimal("26.72"), Decimal("3.13"), Decimal("29.85"))
    assert booked.vat_by_rate == {Decimal(0): 0, Decimal(7): Decimal("0.58"), Decimal(19): Decimal("2.55")}
    assert (booked.is_issued, booked.due_date, booked.line_count) == (False, None, 4)


def test_company_contact_is_a_customer() -> None:
    """The first business mail address, the first billing address and the buyer reference count."""
    contact = sample("contact.get.company")
    customer = customer_from(item({"address": {"name": "x"}}, "Beleg"), contact)
    assert customer is not None
    assert (customer.name, customer.email, customer.number) == ("Testfirma", "business@lexoffice.de", "10307")
    assert (customer.kind, customer.buyer_reference) == (CustomerKind.PUBLIC, "04011000-1234512345-35")
    assert customer.address.street == "Hauptstr. 5"


def test_persons_are_consumers() -> None:
    """A contact without a company is a consumer, with first name before last name."""
    names = []
    for contact in sample("contacts.page").parts("content"):
        customer = customer_from(item({"address": {"name": "x"}}, "Beleg"), contact)
        assert customer is not None
        assert customer.kind is CustomerKind.CONSUMER
        names.append(customer.name)
    assert names == ["Inge Musterfrau", "Max Mustermann"]


@pytest.mark.parametrize(
    ("name", "open_amount"),
    [
        ("payments.invoice-open", "200"),
        ("payments.invoice-paid-with-cash-discount", "0"),
        ("payments.purchaseinvoice-partly-paid", "39.9"),
    ],
)
def test_payments_are_read(name: str, open_amount: str) -> None:
    """The open amount is what the sample says."""
    fact = payment_fact_from(sample(name), NOW)
    assert fact.open_amount == Decimal(open_amount)
    assert not fact.is_voided


def test_voucher_list_rows_are_read() -> None:
    """Each row of the list is a payment state and could be a signal."""
    rows = sample("voucherlist.content").parts("content")
    payments = [payment_from(row, NOW) for row in rows]
    assert [payment.fact.open_amount for payment in payments if payment] == [
        Decimal("80.04"),
        Decimal("74.8"),
        Decimal("498.8"),
    ]
    assert [signal_from(row).external_id for row in rows] == [row.text("id") for row in rows]


def test_recorded_create_gives_the_id() -> None:
    """The recorded answer to a create is understood."""
    recorded: Any = json.loads((FOLDER / "recorded" / "invoice-create.201.json").read_text(encoding="utf-8"))
    created = office_that_gets("invoice-create.201").create(draft_for(one_time()), lambda phase: None)
    assert created == recorded["response"]["body"]["id"]


def test_recorded_refusals() -> None:
    """The recorded 401 of the gateway and the recorded 406 keep their meaning."""
    with pytest.raises(NotAuthorised):
        office_that_gets("any-endpoint.401").read("x")
    with pytest.raises(Rejected, match="state draft"):
        office_that_gets("invoice-document.406-draft").read("x")


def test_documents_that_are_no_invoices_are_not_read_as_such() -> None:
    """A dunning has no number and no sums; it is an unexpected answer, not an invoice of nothing."""
    with pytest.raises(UnexpectedAnswer):
        booked_from(sample("dunning.get"))


def test_live_shapes_have_what_we_read() -> None:
    """Every field that we must find stands among those seen on a live account."""
    path = FOLDER / "shapes" / "response-shapes-2026-09-14.json"
    shapes = json.loads(path.read_text(encoding="utf-8"))["endpoints"]
    needed = {
        "GET /v1/invoices/{id}": "id voucherNumber voucherStatus voucherDate updatedDate totalPrice.totalNetAmount "
        "totalPrice.totalTaxAmount totalPrice.totalGrossAmount totalPrice.currency taxAmounts[].taxAmount",
        "GET /v1/order-confirmations/{id}": "id voucherNumber voucherStatus updatedDate taxConditions.taxType "
        "lineItems[].type lineItems[].unitPrice.netAmount lineItems[].unitPrice.taxRatePercentage lineItems[].quantity",
        "GET /v1/voucherlist": "content[].id content[].updatedDate content[].voucherStatus content[].totalAmount "
        "totalPages",
        "GET /v1/payments/{id}": "openAmount voucherStatus currency",
    }
    for endpoint, names in needed.items():
        assert set(names.split()) <= set(shapes[endpoint])


def test_tax_types_of_the_vendor_are_known() -> None:
    """Every tax type in the documentation is translated or refused on purpose, none by surprise."""
    documented = (
        "net gross vatfree intraCommunitySupply constructionService13b externalService13b thirdPartyCountryService "
        "thirdPartyCountryDelivery photovoltaicEquipment"
    )
    for name in documented.split():
        order = dict(sample("order-confirmation.get.draft").data) | {"taxConditions": {"taxType": name}}
        try:
            job = job_from(item(order, "A"), item(order, "A"), None, order_id="", is_small_business=False)
        except CannotExpress:
            continue
        assert isinstance(job.tax_case, TaxCase)


@pytest.mark.parametrize("translation", TRANSLATIONS)
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.json")), ids=lambda path: path.stem)
def test_every_sample_is_understood_or_refused_in_words(path: Path, translation: str) -> None:
    """Whatever published answer a translation meets, it understands it or refuses it with a sentence; none breaks."""
    content = strict_json.loads(path.read_bytes())
    rows = content if isinstance(content, list) else content.get("content", [content])
    for row in rows:
        with contextlib.suppress(CannotExpress, UnexpectedAnswer):
            TRANSLATIONS[translation](item(row, "Beleg"))
