"""The receiver: genuine calls are kept once and wake their client, everything else stays outside."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.testclient import TestClient

from desk.receiver import LARGEST, receiver
from flows.chain.steps import RESPOND
from flows.doors import Doors
from flows.wiring import House
from ledger import callbacks
from tests.flows.business import CLIENT, Business

PATH = f"/callbacks/{CLIENT}/lexware"


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    """A key pair in place of the vendor's."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def called(business: Business, private_key: rsa.RSAPrivateKey, tmp_path: Path) -> Business:
    """A business that knows the key of its callers."""
    pem = tmp_path / "lexware.pem"
    pem.write_bytes(private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(text.replace("    signal:", f"    webhook_public_key: {pem}\n    signal:"), "utf-8")
    return business


class Caller:
    """Somebody who calls the receiver as Lexware Office does; `woken` are the clients that were woken."""

    def __init__(self, house: House, key: rsa.RSAPrivateKey, organisation: str) -> None:
        self.woken: list[str] = []
        self.doors = Doors(house)
        self.http = TestClient(receiver(self.doors, house.ledger, self.woken.append))
        self._key, self._organisation = key, organisation

    def body(self, **changes: Any) -> bytes:
        """The raw body of a callback."""
        told = {
            "organizationId": self._organisation,
            "eventType": "delivery-note.created",
            "resourceId": "e9066f04-8cc7-4616-93f8-ac9ecc8479c8",
            "eventDate": "2026-11-02T08:00:00.123+01:00",
        }
        return json.dumps(told | changes, separators=(",", ":")).encode()

    def call(self, body: bytes, path: str = PATH) -> int:
        """The status of a signed call."""
        signature = base64.b64encode(self._key.sign(body, PKCS1v15(), SHA512())).decode()
        return int(self.http.post(path, content=body, headers={"X-Lxo-Signature": signature}).status_code)


@pytest.fixture
def house(called: Business) -> Iterator[House]:
    """The installation, opened."""
    with called.house() as house:
        yield house


@pytest.fixture
def caller(called: Business, house: House, private_key: rsa.RSAPrivateKey) -> Iterator[Caller]:
    """A genuine caller."""
    caller = Caller(house, private_key, called.stage.read("profile")["organizationId"])
    yield caller
    caller.doors.close()


def waiting(house: House) -> int:
    """How many callbacks the ledger keeps unanswered."""
    with house.ledger.reading() as session:
        return len(callbacks.waiting(session, CLIENT))


def test_a_call_is_kept_once_however_often_it_comes(caller: Caller, house: House) -> None:
    """Every repetition is acknowledged; the pointer is written down once and wakes its client once."""
    body = caller.body()
    assert [caller.call(body) for _ in range(3)] == [204, 204, 204]
    assert (waiting(house), caller.woken) == (1, [CLIENT])
    assert caller.call(caller.body(eventDate="2026-11-02T08:00:00.124+01:00")) == 204
    assert waiting(house) == 2


def test_a_foreign_call_leaves_nothing_behind(caller: Caller, house: House) -> None:
    """No signature, another firm, a huge body, nonsense: refused with a status that never ends a subscription."""
    assert caller.http.post(PATH, content=caller.body()).status_code == 401
    assert caller.call(caller.body(organizationId="00000000-2aa3-470b-b914-caad8a255dd8")) == 401
    assert caller.call(b"x" * (LARGEST + 1)) == 413
    assert caller.call(b'{"organizationId":') == 400
    assert (waiting(house), caller.woken) == (0, [])


def test_an_address_is_only_unknown_where_nobody_lives(caller: Caller) -> None:
    """The probe finds our door; only an address of no client answers 404, which ends a subscription."""
    assert caller.http.head(PATH).status_code == 204
    assert caller.call(caller.body(), "/callbacks/niemand/lexware") == 404
    assert caller.call(caller.body(), f"/callbacks/{CLIENT}/frueher") == 503


def test_a_client_with_a_broken_file_is_asked_to_wait(called: Business, private_key: rsa.RSAPrivateKey) -> None:
    """A mistake in the client's file means "later": the subscription must outlive it."""
    called.client_file.write_text("name: [", "utf-8")
    with called.house() as house:
        caller = Caller(house, private_key, "irgendwer")
        assert caller.call(caller.body()) == 503


def test_a_call_waits_while_its_firm_cannot_be_known(caller: Caller, called: Business, house: House) -> None:
    """Without an answer about our organisation nothing is let in and nothing refused for good; later it passes."""
    called.fault(kind="503", method="GET", path_regex="/v1/profile", times=1)
    body = caller.body()
    assert [caller.call(body), waiting(house), caller.call(body), waiting(house)] == [503, 0, 204, 1]


def test_health_tells_how_many_wait(caller: Caller) -> None:
    """The health page counts what is written down and not answered yet."""
    caller.call(caller.body())
    answer = caller.http.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "waiting": 1})


def test_a_call_about_a_finished_job_ends_in_the_mailbox(caller: Caller, called: Business) -> None:
    """The document is read by its id, not by the lagging list, and billed and sent; the list brings it no second time.

    Callbacks that point at a draft, at nothing, or at an invoice of somebody else change nothing.
    """
    called.stage.control("index-lag", {"seconds": 3600})
    note = called.finished_job()
    draft = called.stage.made("delivery-notes", {**_request(note)})
    for resource in (note["id"], draft["id"], "e9066f04-8cc7-4616-93f8-ac9ecc8479c8"):
        caller.call(caller.body(resourceId=resource))
    caller.call(caller.body(resourceId=note["id"], eventType="delivery-note.status.changed"))
    caller.call(caller.body(eventType="payment.changed"))
    called.run(RESPOND)
    assert len(called.mails()) == 1
    assert called.cases() == []
    called.stage.control("index-lag", {"seconds": 0})
    called.run()
    assert len(called.mails()) == len(called.upstream()) == 1


def test_a_payment_call_reads_only_that_invoice(caller: Caller, called: Business) -> None:
    """A payment is known seconds after its callback, for one request and no list."""
    called.finished_job()
    called.run()
    invoice = called.upstream()[0]
    called.stage.control("payments", {"voucherId": invoice["id"], "amount": str(called.invoices()[0].gross)})
    caller.call(caller.body(eventType="payment.changed", resourceId=invoice["id"]))
    before = len(called.requests())
    called.run(RESPOND, at="2026-11-02T11:00:00+01:00")
    assert [entry["purpose"] for entry in called.requests(before)] == ["read payment"]
    assert called.invoices()[0].open_amount == 0


def _request(note: dict[str, Any]) -> dict[str, Any]:
    names = ("voucherDate", "address", "lineItems", "taxConditions", "shippingConditions")
    return {name: note[name] for name in names}
