"""Short ways to talk to the stage's sevDesk account over real HTTP, and bodies for it."""

from typing import Any

import httpx

from tests.sandbox.running import Json, Stage

USER, BANK, CASH, FEED = 240501, 5133, 5134, 5136
"""Ids of the empty account: a user, the file import account, the cash register and the connected bank."""


class Desk:
    """The sevDesk account of a running stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        facts = stage.ready["sevdesk"]
        self.http = httpx.Client(base_url=facts["base_url"], headers={"Authorization": facts["api_key"]}, timeout=60)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def get(self, path: str, **query: Any) -> httpx.Response:
        """GET below /api/v1; bracketed names come in `query` as a dict by `**`."""
        return self.http.get(f"/{path}", params=query or None)

    def put(self, path: str, body: Any = None) -> httpx.Response:
        """PUT JSON."""
        return self.http.put(f"/{path}", json=body)

    def post(self, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """POST JSON."""
        return self.http.post(f"/{path}", json=body, params=query)

    def delete(self, path: str) -> httpx.Response:
        """DELETE."""
        return self.http.delete(f"/{path}")

    def rows(self, path: str, **query: Any) -> list[Json]:
        """The objects of a list that must succeed."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["objects"]
        return found

    def one(self, path: str) -> Json:
        """The only object of GET by id."""
        (found,) = self.rows(path)
        return found

    def made(self, path: str, body: Any, **query: Any) -> Any:
        """The objects of a POST that must succeed."""
        answer = self.post(path, body, **query)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["objects"]

    def changed(self, path: str, body: Any = None) -> Any:
        """The objects of a PUT that must succeed."""
        answer = self.put(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()["objects"]

    def control(self, path: str, body: Json | None = None) -> Any:
        """The control interface below /_control/sevdesk/."""
        return self.stage.control(f"sevdesk/{path}", body)

    def contact(self, **fields: Any) -> Json:
        """A new organisation."""
        body = {"name": "Weingut Hübner e. K.", "category": ref(3, "Category"), **fields}
        found: Json = self.made("Contact", body)
        return found

    def invoice(self, **fields: Any) -> Json:
        """A saved draft: two hours at 80 EUR net, 19 %."""
        found: Json = self.made("Invoice/Factory/saveInvoice", self.invoice_body(**fields))["invoice"]
        return found

    def invoice_body(self, **fields: Any) -> Json:
        """The body of saveInvoice for a new contact."""
        return {
            "invoice": head(self.contact()["id"]) | INVOICE | fields,
            "invoicePosSave": [position("InvoicePos")],
            "takeDefaultAddress": True,
        }

    def order(self, *positions: Json, **fields: Any) -> Json:
        """A saved order confirmation: two hours at 80 EUR net, 19 %, or other positions."""
        body = {
            "order": head(self.contact()["id"]) | ORDER | fields,
            "orderPosSave": list(positions) or [position("OrderPos")],
        }
        found: Json = self.made("Order/Factory/saveOrder", body)["order"]
        return found

    def opened(self, **fields: Any) -> Json:
        """An invoice that counts as sent."""
        return self.sent(self.invoice(**fields)["id"])

    def sent(self, invoice_id: str) -> Json:
        """An invoice after sendBy."""
        found: Json = self.changed(f"Invoice/{invoice_id}/sendBy", SENT)
        return found


SENT = {"sendType": "VPR", "sendDraft": False}
ORDER = {
    "objectName": "Order",
    "orderNumber": "AB-77",
    "orderType": "AB",
    "orderDate": "02.11.2026",
    "header": "Auftragsbestätigung AB-77",
    "version": 0,
}
INVOICE = {"objectName": "Invoice", "invoiceDate": "02.11.2026", "discount": 0, "timeToPay": 14, "invoiceType": "RE"}


def ref(id_: int | str, name: str) -> Json:
    """A reference."""
    return {"id": int(id_), "objectName": name}


def head(contact_id: str) -> Json:
    """What orders and invoices share."""
    return {
        "mapAll": True,
        "contact": ref(contact_id, "Contact"),
        "contactPerson": ref(USER, "SevUser"),
        "addressCountry": ref(1, "StaticCountry"),
        "status": 100,
        "taxRate": 0,
        "taxRule": ref(1, "TaxRule"),
        "taxText": "Umsatzsteuer 19%",
        "taxType": "default",
        "currency": "EUR",
        "showNet": True,
    }


def position(name: str, quantity: float = 2, price: float = 80, rate: float = 19, **more: Any) -> Json:
    """A position in hours."""
    return {
        "objectName": name,
        "mapAll": True,
        "name": "Gestaltung",
        "quantity": quantity,
        "price": price,
        "taxRate": rate,
        "unity": ref(9, "Unity"),
    } | more


def by(name: str, id_: int | str, kind: str) -> dict[str, Any]:
    """A bracketed filter, e.g. contact[id] and contact[objectName]."""
    return {f"{name}[id]": id_, f"{name}[objectName]": kind}


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and message of a refusal in the API's form."""
    body = answer.json()
    assert body["objects"] is None
    return answer.status_code, body["error"]["message"]
