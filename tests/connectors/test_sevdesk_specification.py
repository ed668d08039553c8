"""Every body we send to sevDesk against its official specification, whose own mistakes are listed here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # publishes no annotations
from ruamel.yaml import YAML

from billing.invoices import Draft
from billing.jobs import Discount, EarlyPayment, Line, PriceMode, TaxCase, Terms
from billing.parties import Address, Customer
from billing.vat import totals
from connectors import strict_json
from connectors.fields import item
from connectors.sevdesk import ISSUED_BY_HAND
from connectors.sevdesk_invoices import Choices, payload_for
from connectors.sevdesk_payments import booking_for
from tests.connectors.drafts import TODAY, draft_for

FILE = Path(__file__).resolve().parents[3] / "shared" / "apis" / "sevdesk" / "openapi"
SPECIFICATION = FILE / "sevdesk-openapi-2026-07-28.yaml"
pytestmark = pytest.mark.skipif(not SPECIFICATION.is_file(), reason="the specification is not beside the repository")

Fault = tuple[str, str]
MISTAKES: dict[Fault, str] = {
    ("", "required"): "asks for invoicePos, while it describes and every client sends invoicePosSave",
    ("discountSave", "type"): "wants a list, while its text says to send null where there is no discount",
    ("discountDelete", "type"): "wants an object, while its own example is null",
    ("invoice.taxType", "enum"): "lacks ss, the fifth type of its own description",
}
GERMAN = Customer("1009", "Hansen Bau GmbH", Address("Rheinallee 4", "55116", "Mainz"))
AUSTRIAN = replace(GERMAN, address=Address("Ring 1", "1010", "Wien", "AT"))
CHOICES = Choices("77", "1", {"Stunde": "9", "Eimer": "3"})
FREE_LINES = (Line("Anstrich", Decimal("12.125"), "Stunde", Decimal("59.5"), Decimal(0), Decimal("2.5"), "zweimal"),)


@pytest.fixture(scope="module")
def specification() -> dict[str, Any]:
    """The official specification."""
    found: dict[str, Any] = YAML(typ="safe").load(SPECIFICATION.read_text(encoding="utf-8"))
    return found


def _resolved(value: Any, schemas: dict[str, Any]) -> Any:
    """A schema with every reference in place and `nullable` as JSON Schema says it."""
    if isinstance(value, list):
        return [_resolved(entry, schemas) for entry in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _resolved(schemas[value["$ref"].rpartition("/")[2]], schemas)
    found = {name: _resolved(inner, schemas) for name, inner in value.items()}
    if found.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def faults(specification: dict[str, Any], path: str, method: str, body: Any) -> set[Fault]:
    """Where a body breaks the specification, as it goes over the wire."""
    content = specification["paths"][path][method]["requestBody"]["content"]["application/json"]
    schema = _resolved(content["schema"], specification["components"]["schemas"])
    sent = strict_json.loads(strict_json.dumps(body))
    found = Draft7Validator(schema).iter_errors(_floats(sent))
    return {(".".join(map(str, error.path)), str(error.validator)) for error in found}


def _floats(value: Any) -> Any:
    """JSON Schema knows floats only; no amount is judged here."""
    if isinstance(value, dict):
        return {name: _floats(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_floats(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def drafts() -> Iterator[tuple[Draft, Choices]]:
    """Drafts that between them use every field we know to send."""
    plain = draft_for(GERMAN, order_id="4711")
    discounts = (Discount(percent=Decimal("7.5")), Discount(amount=Decimal("12.34")))
    yield plain, CHOICES
    yield replace(plain, order_id="", introduction="Guten Tag", remark="Danke"), replace(CHOICES, number="RE-1")
    yield replace(plain, performed_from=date(2026, 10, 1)), CHOICES
    yield replace(plain, price_mode=PriceMode.GROSS), replace(CHOICES, dates_in_text=True)
    yield replace(plain, terms=Terms(30, EarlyPayment(Decimal(2), 10))), CHOICES
    yield plain, replace(CHOICES, is_einvoice=True, payment_method=21919)
    for discount in discounts:
        yield replace(plain, discount=discount, totals=totals(plain.lines, PriceMode.NET, discount)), CHOICES
    for case in TaxCase:
        if case is not TaxCase.STANDARD:
            yield replace(plain, tax_case=case, lines=FREE_LINES), CHOICES
    yield replace(plain, customer=AUSTRIAN, tax_case=TaxCase.REVERSE_CHARGE, lines=FREE_LINES), CHOICES


def test_bodies_keep_to_the_specification(specification: dict[str, Any]) -> None:
    """Nothing is wrong with any invoice we write but the listed mistakes, and each of them still stands."""
    found: set[Fault] = set()
    for drafted, choices in drafts():
        found |= faults(specification, "/Invoice/Factory/saveInvoice", "post", payload_for(drafted, choices))
    assert found == set(MISTAKES)


def test_marking_as_sent_keeps_to_the_specification(specification: dict[str, Any]) -> None:
    """The body that issues a draft is as documented, without any exception."""
    assert faults(specification, "/Invoice/{invoiceId}/sendBy", "put", ISSUED_BY_HAND) == set()


def test_bookings_keep_to_the_specification(specification: dict[str, Any]) -> None:
    """The body that books a payment is as documented, without any exception."""
    invoice = item({"status": "200", "sumGross": "119", "paidAmount": 0}, "Rechnung")
    for amount in (Decimal("19"), Decimal("119")):
        body = booking_for(invoice, amount, TODAY, 5135)
        assert faults(specification, "/Invoice/{invoiceId}/bookAmount", "put", body) == set()


def test_last_keys_stand_in_their_order() -> None:
    """The four last keys of an invoice are all there, in the order that the specification calls relevant."""
    keys = list(payload_for(draft_for(GERMAN), CHOICES))
    assert keys == [
        "invoice",
        "invoicePosSave",
        "invoicePosDelete",
        "discountSave",
        "discountDelete",
        "takeDefaultAddress",
    ]
