"""Documents at Lexware Office and drafts of ours for tests against the stage."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from billing.invoices import Draft
from billing.jobs import Discount, Line, PriceMode, Terms
from billing.parties import Address, Customer
from billing.vat import totals
from tests.sandbox.running import Json, Stage

TODAY = date(2026, 11, 2)
MIDNIGHT = "2026-11-02T00:00:00.000+01:00"
MARKER = "RB-2345-6789-ABCD"
ADDRESS = {"street": "Am Bächle 3", "zip": "79100", "city": "Freiburg", "countryCode": "DE"}


def draft_for(customer: Customer, **changes: Any) -> Draft:
    """Two hours at 80 EUR and a bucket of paint for 49.99 EUR, net, 19 %."""
    lines = (
        Line("Malerarbeiten", Decimal(2), "Stunde", Decimal("80.00"), Decimal(19)),
        Line("Farbe", Decimal(1), "Eimer", Decimal("49.99"), Decimal(19)),
    )
    drafted = Draft(
        marker=MARKER,
        customer=customer,
        lines=lines,
        totals=totals(lines, PriceMode.NET, Discount()),
        terms=Terms(14),
        issue_date=TODAY,
        performed_from=TODAY,
        performed_until=TODAY,
    )
    return replace(drafted, **changes)


def one_time(name: str = "Inge Musterfrau") -> Customer:
    """A customer that is no contact."""
    return Customer("", name, Address("Am Bächle 3", "79100", "Freiburg"))


def contact_at(stage: Stage, **changes: Any) -> Customer:
    """A new contact of the stage as our customer; a change to None leaves that part out."""
    body = {
        "version": 0,
        "roles": {"customer": {}},
        "person": {"firstName": "Inge", "lastName": "Musterfrau"},
        "addresses": {"billing": [ADDRESS]},
        "emailAddresses": {"private": ["inge@musterfrau.example"]},
    }
    given = {name: value for name, value in (body | changes).items() if value is not None}
    answer = stage.post("contacts", given)
    assert answer.status_code == 200, answer.text
    return Customer(answer.json()["id"], "Inge Musterfrau", Address("Am Bächle 3", "79100", "Freiburg"))


def order_body(contact_id: str, **changes: Any) -> Json:
    """The request for an order confirmation of the same contents as `draft_for`."""
    lines = [("Malerarbeiten", 2, "Stunde", 80), ("Farbe", 1, "Eimer", 49.99)]
    return {
        "voucherDate": MIDNIGHT,
        "address": {"contactId": contact_id},
        "lineItems": [
            {
                "type": "custom",
                "name": name,
                "quantity": quantity,
                "unitName": unit,
                "unitPrice": {"currency": "EUR", "netAmount": price, "taxRatePercentage": 19},
            }
            for name, quantity, unit, price in lines
        ],
        "totalPrice": {"currency": "EUR"},
        "taxConditions": {"taxType": "net"},
        "paymentConditions": {"paymentTermDuration": 14},
        "shippingConditions": {"shippingType": "service", "shippingDate": MIDNIGHT},
    } | changes


def finished_order(stage: Stage) -> tuple[str, str]:
    """Ids of an order confirmation and its delivery note, both open."""
    body = order_body(contact_at(stage).external_id)
    order = stage.made("order-confirmations", body, finalize="true")
    note = stage.made("delivery-notes", body, finalize="true", precedingSalesVoucherId=order["id"])
    return order["id"], note["id"]
