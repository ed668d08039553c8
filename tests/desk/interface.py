"""The interface as another program uses it: in this process, over ASGI, with tokens of every role."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.testclient import TestClient

from desk.web.access import Role, hashed
from desk.web.app import create_app
from flows.clock import Clock
from flows.wiring import House
from ledger import tokens
from tests.flows.business import CLIENT, TODAY, Business

OTHER = "winter"
BASE = "http://127.0.0.1"
JOB: dict[str, Any] = {
    "external_id": "crm-1",
    "number": "A-2026-1",
    "customer": {
        "external_id": "c-7",
        "name": "Bäckerei Özdemir GmbH",
        "number": "10307",
        "kind": "business",
        "email": "rechnung@baeckerei.example",
        "address": {"street": "Markt 3", "postcode": "79098", "city": "Freiburg"},
    },
    "lines": [{"name": "Arbeitszeit", "quantity": "2", "unit": "Stunde", "unit_price": "80.00", "vat_rate": "19"}],
    "performed_from": "2026-10-29",
    "performed_until": "2026-10-30",
}


@dataclass
class Interface:
    """The opened interface of an installation with two clients."""

    house: House
    client: TestClient

    def token(self, name: str, roles: Mapping[str, Role]) -> dict[str, str]:
        """The header of a new program with these roles."""
        secret = f"rb_{name}"
        with self.house.ledger.writing() as session:
            tokens.add(session, name, hashed(secret), roles, "Test", Clock().now())
        return {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, token: Mapping[str, str]) -> Any:
        """The JSON of a read that must succeed."""
        answer = self.client.get(f"/api/v1/{path}", headers=dict(token))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, token: Mapping[str, str], body: Any = None, key: str = "") -> Any:
        """The answer to a change."""
        headers = {**token, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(f"/api/v1/{path}", headers=headers, json=body)


@contextmanager
def opened(business: Business) -> Iterator[Interface]:
    """The interface of a business and of another client beside it."""
    add_client(business)
    with business.house() as house, TestClient(create_app(house, Clock(datetime.fromisoformat(TODAY))), BASE) as client:
        yield Interface(house, client)


def add_client(business: Business) -> None:
    """Another client with the same systems, under its own name."""
    text = business.client_file.read_text("utf-8").replace(f"name: {CLIENT}", f"name: {OTHER}", 1)
    (business.folder / "clients" / f"{OTHER}.yaml").write_text(text, "utf-8")


def job(**changes: Any) -> dict[str, Any]:
    """A finished job as another program hands it in."""
    found: dict[str, Any] = json.loads(json.dumps(JOB))
    return found | changes
