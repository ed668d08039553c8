"""Contacts, orders and what people do with them in the stage's sevDesk, over its real interface."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from billing.invoices import Draft
from billing.jobs import Line
from billing.parties import Address, Customer
from tests.connectors.drafts import draft_for
from tests.sandbox.running import Json, Stage

USER = {"id": 240501, "objectName": "SevUser"}
GERMANY = {"id": 1, "objectName": "StaticCountry"}
RULE = {"id": "1", "objectName": "TaxRule"}
HOURS, PIECES = {"id": 9, "objectName": "Unity"}, {"id": 1, "objectName": "Unity"}


def ask(stage: Stage, method: str, path: str, body: Any = None, **query: Any) -> Any:
    """What sevDesk answers below `objects`; the request must succeed."""
    facts = stage.ready["sevdesk"]
    headers = {"Authorization": facts["api_key"]}
    answer = stage.http.request(method, facts["base_url"] + path, json=body, params=query, headers=headers)
    assert answer.is_success, answer.text
    content = answer.json()
    return content.get("objects", content)


def contact_in(stage: Stage, **changes: Any) -> Customer:
    """A new company with an address and a mail address for invoices, as our customer."""
    category = {"id": 3, "objectName": "Category"}
    contact = ask(stage, "POST", "/Contact", {"name": "Hansen Bau GmbH", "category": category, **changes})
    reference = {"id": int(contact["id"]), "objectName": "Contact"}
    address = {"street": "Rheinallee 4", "zip": "55116", "city": "Mainz", "country": GERMANY, "contact": reference}
    ask(stage, "POST", "/ContactAddress", address | {"category": {"id": 47, "objectName": "Category"}})
    key = {"id": 8, "objectName": "CommunicationWayKey"}
    way = {"type": "EMAIL", "value": "rechnung@hansen.example", "key": key, "main": True, "contact": reference}
    ask(stage, "POST", "/CommunicationWay", way)
    return known_contact(contact["id"])


def order_in(stage: Stage, contact_id: str, kind: str = "AB", **changes: Any) -> str:
    """A new order of the same contents as `draft_in`; its id."""
    head = {
        "objectName": "Order",
        "mapAll": True,
        "orderNumber": f"{kind}-{len(ask(stage, 'GET', '/Order', limit=1000)) + 1000}",
        "contact": {"id": int(contact_id), "objectName": "Contact"},
        "orderDate": "02.11.2026",
        "status": 100,
        "header": "Auftragsbestätigung",
        "addressCountry": GERMANY,
        "version": 0,
        "contactPerson": USER,
        "taxRate": 0,
        "taxRule": RULE,
        "taxText": "Umsatzsteuer",
        "taxType": "default",
        "orderType": kind,
        "currency": "EUR",
        "showNet": True,
    }
    positions = [("Malerarbeiten", 2, HOURS, 80), ("Farbe", 1, PIECES, 49.99)]
    saved = [
        {
            "objectName": "OrderPos",
            "mapAll": True,
            "name": name,
            "quantity": quantity,
            "unity": unity,
            "price": price,
            "taxRate": 19,
            "positionNumber": number,
        }
        for number, (name, quantity, unity, price) in enumerate(positions)
    ]
    body = {"order": head | changes, "orderPosSave": saved, "orderPosDelete": None}
    return str(ask(stage, "POST", "/Order/Factory/saveOrder", body)["order"]["id"])


def accepted_order(stage: Stage, contact_id: str) -> str:
    """An order confirmation that a person has set to accepted."""
    order_id = order_in(stage, contact_id)
    by_hand(stage, "edit-order", order_id, status=500)
    return order_id


STANDARD_LINES = (
    Line("Malerarbeiten", Decimal(2), "Std", Decimal("80.00"), Decimal(19)),
    Line("Farbe", Decimal(1), "Stk", Decimal("49.99"), Decimal(19)),
)
"""Those of `order_in`, in sevDesk's units."""


def known_contact(contact_id: str = "1009") -> Customer:
    """The customer of `contact_in`."""
    return Customer(contact_id, "Hansen Bau GmbH", Address("Rheinallee 4", "55116", "Mainz"))


def draft_in(stage: Stage, **changes: Any) -> Draft:
    """A draft for a new contact, performed the day before it is issued."""
    day = date(2026, 11, 1)
    drafted = draft_for(contact_in(stage), lines=STANDARD_LINES, performed_from=day, performed_until=day)
    return replace(drafted, **changes)


def by_hand(stage: Stage, action: str, record_id: str, **change: Any) -> None:
    """What a person does in the app."""
    stage.control(f"sevdesk/actions/{action}", {"id": int(record_id), "change": change})


def invoice_at(stage: Stage, invoice_id: str) -> Json:
    """An invoice as the stage holds it."""
    return next(row for row in stage.control("sevdesk/invoices") if row["id"] == invoice_id)
