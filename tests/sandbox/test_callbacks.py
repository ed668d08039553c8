"""Callbacks of the Lexware stand-in: signed, told to subscribers only, and repeated as the vendor repeats them."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.sandbox.running import Json, Stage, eventually, line

NOTE = {
    "voucherDate": "2026-11-02T00:00:00.000+01:00",
    "address": {"name": "Käthe Weiß", "countryCode": "DE"},
    "lineItems": [line(1, 80)],
    "taxConditions": {"taxType": "net"},
    "shippingConditions": {"shippingType": "none"},
}
QUICK = 1000


class Ear:
    """Somebody who is called: what came, and the statuses to answer with (the last one for ever)."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.statuses = [204]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/rueckruf"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = ear.statuses.pop(0) if len(ear.statuses) > 1 else ear.statuses[0]
                ear.heard.append((body, self.headers["X-Lxo-Signature"]))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Somebody who listens on this machine."""
    ear = Ear()
    yield ear
    ear.close()


@pytest.fixture
def subscribe(stage: Stage, ear: Ear) -> Callable[[str], str]:
    """Subscribes the ear to an event; the subscription's id."""
    stage.control("settings", {"https_callbacks_only": False})
    stage.control("callbacks", {"pace": QUICK})

    def subscribe(event: str) -> str:
        return str(stage.post("event-subscriptions", {"eventType": event, "callbackUrl": ear.url}).json()["id"])

    return subscribe


def subscriptions(stage: Stage) -> list[Json]:
    """All subscriptions there are."""
    found: list[Json] = stage.read("event-subscriptions")["content"]
    return found


def test_a_callback_is_a_signed_pointer(stage: Stage, ear: Ear, subscribe: Callable[[str], str]) -> None:
    """The four documented fields as compact JSON, signed with RSA and SHA-512 over exactly those bytes."""
    subscribe("delivery-note.created")
    note = stage.made("delivery-notes", NOTE)
    stage.made("quotations", {**NOTE, "expirationDate": NOTE["voucherDate"], "totalPrice": {"currency": "EUR"}})
    assert eventually(lambda: ear.heard)
    raw, signature = ear.heard[0]
    key = load_pem_public_key(stage.control("callbacks")["public_key"].encode())
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(signature), raw, PKCS1v15(), SHA512())
    told = json.loads(raw)
    assert raw == json.dumps(told, separators=(",", ":")).encode()
    assert (told["eventType"], told["resourceId"], len(told)) == ("delivery-note.created", note["id"], 4)
    assert len(ear.heard) == 1


def test_changes_of_status_and_payment_are_told(stage: Stage, ear: Ear, subscribe: Callable[[str], str]) -> None:
    """A payment is told as change, change of status and payment; deleting a draft as deletion."""
    for event in ("invoice.changed", "invoice.status.changed", "payment.changed", "delivery-note.deleted"):
        subscribe(event)
    body = {**NOTE, "totalPrice": {"currency": "EUR"}}
    invoice = stage.made("invoices", body, finalize="true")
    stage.control("payments", {"voucherId": invoice["id"]})
    stage.control("actions/delete-draft", {"id": stage.made("delivery-notes", NOTE)["id"]})
    assert eventually(lambda: len(ear.heard) == 4)
    assert {json.loads(raw)["eventType"] for raw, _ in ear.heard} == {
        "invoice.changed",
        "invoice.status.changed",
        "payment.changed",
        "delivery-note.deleted",
    }


@pytest.mark.parametrize(
    ("statuses", "tries", "is_left"),
    [([503, 401, 204], 3, True), ([400], 1, True), ([410], 1, False), ([404], 6, False), ([302, 204], 1, True)],
)
def test_every_answer_has_its_consequence(
    stage: Stage, ear: Ear, subscribe: Callable[[str], str], statuses: list[int], tries: int, is_left: bool
) -> None:
    """5xx and 401 are tried again, another 4xx is not; 410 ends the subscription at once, 404 after five retries."""
    ear.statuses = statuses
    subscribe("delivery-note.created")
    stage.made("delivery-notes", NOTE)
    assert eventually(lambda: len(stage.control("callbacks")["deliveries"]) == tries)
    assert eventually(lambda: bool(subscriptions(stage)) is is_left)
    assert len(stage.control("callbacks")["deliveries"]) == tries


def test_callbacks_get_lost_and_come_twice(stage: Stage, ear: Ear, subscribe: Callable[[str], str]) -> None:
    """As many as ordered never leave; each that leaves comes as often as ordered."""
    subscribe("delivery-note.created")
    stage.control("callbacks", {"lose": 1, "copies": 2})
    lost, told = (stage.made("delivery-notes", NOTE)["id"] for _ in range(2))
    assert eventually(lambda: len(ear.heard) == 2)
    assert [json.loads(raw)["resourceId"] for raw, _ in ear.heard] == [told, told] != [lost, lost]


def test_an_event_can_be_told_by_hand(stage: Stage, ear: Ear, subscribe: Callable[[str], str]) -> None:
    """What no document causes, such as a revoked key, is sent through the control interface."""
    subscribe("token.revoked")
    stage.control("callbacks/tell", {"eventType": "token.revoked", "resourceId": "einerlei"})
    assert eventually(lambda: ear.heard)
