"""What Lexware Office cannot say exactly is refused before the first request."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.jobs import Discount, EarlyPayment, Line, TaxCase, Terms
from billing.parties import Address, Customer
from connectors import strict_json
from connectors.errors import CannotExpress
from connectors.lexoffice_invoices import complaint_in, payload_for, preceding_id, terms_label
from tests.connectors.drafts import MARKER, draft_for, one_time

UUID = "e9066f04-8cc7-4616-93f8-ac9ecc8479c8"
LINE = Line("Arbeit", Decimal(1), "Stunde", Decimal(80), Decimal(19))
CONTACT = Customer(UUID, "Testfirma", Address("Weg 1", "79100", "Freiburg"))

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"currency": "CHF"}, "CHF"),
    ({"lines": (LINE,) * 301}, "301 Positionen"),
    ({"lines": (replace(LINE, unit_price=Decimal("0.00001")),)}, "vier Nachkommastellen"),
    ({"lines": (replace(LINE, quantity=Decimal("1.00001")),)}, "vier Nachkommastellen"),
    ({"lines": (replace(LINE, unit=""),)}, "Einheit"),
    ({"lines": (replace(LINE, name="x" * 256),)}, "255"),
    ({"lines": (replace(LINE, name=""),)}, "Bezeichnung fehlt"),
    ({"lines": (LINE, Line("", is_text=True))}, "Position 2"),
    ({"lines": (replace(LINE, description="x" * 2001),)}, "2000"),
    ({"lines": (replace(LINE, discount_percent=Decimal("100.01")),)}, "Rabatt"),
    ({"lines": (replace(LINE, discount_percent=Decimal("0.125")),)}, "Rabatt"),
    ({"discount": Discount(Decimal(1), Decimal(1))}, "nur einen Rabatt"),
    ({"discount": Discount(amount=Decimal("0.001"))}, "zwei Nachkommastellen"),
    ({"introduction": "x" * 2001}, "Einleitung"),
    ({"remark": "x" * 1990}, "Schlusstext"),
    ({"title": "x" * 26}, "Titel"),
    ({"customer": replace(one_time(), language="fr")}, "fr"),
    ({"customer": Customer("mite-17", "Fremd GmbH", Address())}, "Kontakt"),
    ({"tax_case": TaxCase.INTRA_COMMUNITY}, "brauchen einen Kontakt"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_inexpressible_draft_is_refused(changes: dict[str, Any], reason: str) -> None:
    """The refusal says in German what to change."""
    with pytest.raises(CannotExpress, match=reason):
        payload_for(replace(draft_for(one_time()), **changes))


def test_refusal_names_every_reason() -> None:
    """Nobody has to try again to learn the next mistake."""
    drafted = draft_for(one_time(), currency="CHF", lines=(replace(LINE, unit=""),), title="x" * 26)
    with pytest.raises(CannotExpress, match="CHF.*Titel.*Einheit"):
        payload_for(drafted)


@pytest.mark.parametrize("price", ["80", "80.0000", "80.1234", "1E+2", "80.12340000"])
def test_price_is_written_digit_by_digit(price: str) -> None:
    """Trailing zeros and exponents are no reason to refuse, and no digit is lost."""
    payload = payload_for(draft_for(one_time(), lines=(replace(LINE, unit_price=Decimal(price)),)))
    sent = strict_json.loads(strict_json.dumps(payload))["lineItems"][0]["unitPrice"]["netAmount"]
    assert Decimal(sent) == Decimal(price)


def test_dates_are_midnight_in_berlin() -> None:
    """Summer and winter time have their own offset, with three digits of milliseconds."""
    winter = payload_for(draft_for(one_time(), issue_date=date(2026, 12, 1), performed_from=date(2026, 7, 1)))
    assert winter["voucherDate"] == "2026-12-01T00:00:00.000+01:00"
    assert winter["shippingConditions"]["shippingType"] == "serviceperiod"
    assert winter["shippingConditions"]["shippingDate"] == "2026-07-01T00:00:00.000+02:00"


def test_marker_stands_in_the_remark() -> None:
    """Our marker is in the document, after the client's own words."""
    assert payload_for(draft_for(one_time(), remark="Danke!"))["remark"] == f"Danke!\n\nVorgang {MARKER}"
    english = draft_for(replace(one_time(), language="en"))
    assert payload_for(english)["remark"] == f"Reference {MARKER}"


@pytest.mark.parametrize(
    ("case", "country", "tax_type"),
    [
        (TaxCase.SMALL_BUSINESS, "DE", "vatfree"),
        (TaxCase.EXEMPT, "DE", "vatfree"),
        (TaxCase.REVERSE_CHARGE, "DE", "constructionService13b"),
        (TaxCase.REVERSE_CHARGE, "AT", "externalService13b"),
        (TaxCase.INTRA_COMMUNITY, "AT", "intraCommunitySupply"),
        (TaxCase.EXPORT, "CH", "thirdPartyCountryDelivery"),
    ],
)
def test_tax_case_becomes_tax_type(case: TaxCase, country: str, tax_type: str) -> None:
    """Each reason for charging no VAT has its word at Lexware."""
    customer = replace(CONTACT, address=replace(CONTACT.address, country_code=country))
    lines = (replace(LINE, vat_rate=Decimal(0)),)
    payload = payload_for(draft_for(customer, tax_case=case, lines=lines))
    assert payload["taxConditions"] == {"taxType": tax_type}
    assert payload["address"] == {"contactId": UUID}


def test_terms_in_words() -> None:
    """The label says what duration and Skonto mean, in the customer's language."""
    skonto = Terms(30, EarlyPayment(Decimal("2.50"), 10))
    assert terms_label(Terms(0), "de") == "Zahlbar sofort ohne Abzug."
    assert terms_label(skonto, "de").startswith("2,5 % Skonto bei Zahlung innerhalb von 10 Tagen.")
    assert terms_label(skonto, "en").startswith("2.5 % discount for payment within 10 days.")


def test_invoice_follows_only_documents_of_lexware() -> None:
    """The order comes first, then the signal's document; ids of other systems are left out."""
    drafted = draft_for(one_time(), order_id=UUID, source_id="x")
    assert preceding_id(drafted) == UUID
    assert preceding_id(replace(drafted, order_id="")) == ""
    assert preceding_id(replace(drafted, order_id="", source_id=UUID)) == UUID


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"message": "Unauthorized"}, "Unauthorized"),
        ({"message": None}, ""),
        (
            {"message": "Ungültig", "details": [{"field": "title", "message": "zu lang", "violation": "SIZE"}]},
            "Ungültig; title zu lang",
        ),
        ({"IssueList": [{"source": "company.name", "i18nKey": "missing_entity"}]}, "company.name missing_entity"),
        ({"details": "?", "IssueList": [3]}, ""),
        (["?"], ""),
    ],
)
def test_complaint_is_found_in_every_form(body: Any, complaint: str) -> None:
    """Gateway, regular and legacy error bodies are understood; nonsense gives no complaint and no crash."""
    assert complaint_in(body) == complaint
