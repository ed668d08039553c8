"""Lexware Office's events: subscriptions kept in order, and callbacks that are really from there."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, HashAlgorithm
from pydantic import ValidationError

from connectors import lexoffice
from connectors.errors import CannotExpress, NotAuthorised, UnexpectedAnswer
from connectors.lexoffice_events import JOBS, PAYMENTS, Gate, load_public_key
from connectors.protocols import EventSource, Topic
from tests.connectors.conftest import lexoffice_settings
from tests.sandbox.running import Stage

URL = "https://maler.example/rueckruf"
ORGANISATION = "aa93e8a8-2aa3-470b-b914-caad8a255dd8"
PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "apis" / "lexoffice"
Office = lexoffice.Lexoffice


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    """A key pair in place of the vendor's."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def gate(private_key: rsa.RSAPrivateKey) -> Gate:
    """What lets callbacks in."""
    return Gate(private_key.public_key(), ORGANISATION)


def callback(**changes: Any) -> bytes:
    """The raw body of a callback."""
    body = {
        "organizationId": ORGANISATION,
        "eventType": "delivery-note.created",
        "resourceId": "e9066f04-8cc7-4616-93f8-ac9ecc8479c8",
        "eventDate": "2026-11-02T08:00:00.123+01:00",
    }
    return json.dumps(body | changes, separators=(",", ":")).encode()


def signed(key: rsa.RSAPrivateKey, body: bytes, algorithm: HashAlgorithm | None = None) -> str:
    """The signature header for a body."""
    return base64.b64encode(key.sign(body, PKCS1v15(), algorithm or SHA512())).decode()


def pem_of(public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    """A public key as PEM."""
    return public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_signed_callback_is_an_event(gate: Gate, private_key: rsa.RSAPrivateKey) -> None:
    """A callback says what changed and when; the same one again has the same key."""
    body = callback()
    event = gate.event(body, signed(private_key, body))
    assert (event.name, event.topic) == ("delivery-note.created", Topic.JOBS)
    assert event.external_id == "e9066f04-8cc7-4616-93f8-ac9ecc8479c8"
    assert event.occurred_at.isoformat() == "2026-11-02T08:00:00.123000+01:00"
    assert gate.event(body, signed(private_key, body)).key == event.key
    later = callback(eventDate="2026-11-02T08:00:00.124+01:00")
    assert gate.event(later, signed(private_key, later)).key != event.key


def test_topics(gate: Gate, private_key: rsa.RSAPrivateKey) -> None:
    """Events of payments, of access and of documents wake different work; an unknown one wakes the jobs."""
    topics = {"payment.changed": Topic.PAYMENTS, "token.revoked": Topic.ACCESS, "quotation.exploded": Topic.JOBS}
    for name, topic in topics.items():
        body = callback(eventType=name)
        assert gate.event(body, signed(private_key, body)).topic is topic


def test_foreign_callbacks_stay_outside(gate: Gate, private_key: rsa.RSAPrivateKey) -> None:
    """Another body, another key, another algorithm, no base64, a huge body: none is let in."""
    body = callback()
    good = signed(private_key, body)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    huge = callback(resourceId="x" * 100_000)
    attempts = [
        (body.replace(b"created", b"deleted"), good),
        (json.dumps(json.loads(body)).encode(), good),
        (body, signed(stranger, body)),
        (body, signed(private_key, body, SHA256())),
        (body, "kein base64!"),
        (body, ""),
        (huge, signed(private_key, huge)),
    ]
    for raw, signature in attempts:
        with pytest.raises(NotAuthorised, match="unterschrieben"):
            gate.event(raw, signature)


def test_other_organisation_stays_outside(gate: Gate, private_key: rsa.RSAPrivateKey) -> None:
    """A genuine callback of another organisation is not ours."""
    body = callback(organizationId="00000000-2aa3-470b-b914-caad8a255dd8")
    with pytest.raises(NotAuthorised, match="andere Firma"):
        gate.event(body, signed(private_key, body))


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"organizationId": 1}', callback(eventDate="gestern")])
def test_signed_nonsense_is_unexpected(gate: Gate, private_key: rsa.RSAPrivateKey, body: bytes) -> None:
    """What is signed but cannot be read is an error, never a crash."""
    with pytest.raises((UnexpectedAnswer, NotAuthorised)):
        gate.event(body, signed(private_key, body))


def test_key_file_is_checked_with_the_settings(tmp_path: Path, private_key: rsa.RSAPrivateKey, stage: Stage) -> None:
    """A missing file, no PEM or another kind of key is a mistake in the settings; the right one opens the gate."""
    bad = [tmp_path / "missing.pem", tmp_path / "text.pem", tmp_path / "curve.pem"]
    bad[1].write_text("kein Schlüssel", encoding="utf-8")
    bad[2].write_bytes(pem_of(ec.generate_private_key(ec.SECP256R1()).public_key()))
    for path in bad:
        with pytest.raises(ValidationError, match="Schlüssel"):
            lexoffice_settings(stage, webhook_public_key=path)
    good = tmp_path / "good.pem"
    good.write_bytes(pem_of(private_key.public_key()))
    office = lexoffice.connect(lexoffice_settings(stage, webhook_public_key=good))
    assert office.gate().organisation == stage.read("profile")["organizationId"]
    office.close()


def test_gate_without_a_key(office: Office) -> None:
    """Without the key file nobody can be let in, and the message says what is missing."""
    with pytest.raises(CannotExpress, match="webhook_public_key"):
        office.gate()


def test_subscriptions_are_made_once_and_again(stage: Stage, office: Office) -> None:
    """All events of the signal are subscribed; a second time nothing is missing; a lost one is made again."""
    assert isinstance(office.events, EventSource)
    wanted = {*JOBS["delivery_note"], *PAYMENTS, "token.revoked"}
    assert set(office.events.subscribe(URL)) == wanted
    assert office.events.subscribe(URL) == []
    lost = office.events.subscriptions()[0]
    assert stage.http.delete(f"/v1/event-subscriptions/{lost.external_id}").status_code == 204
    assert office.events.subscribe(URL) == [lost.event]


def test_unsubscribing_leaves_others_alone(office: Office) -> None:
    """Only subscriptions that go to our address are deleted."""
    office.events.subscribe(URL)
    office.events.subscribe("https://anderswo.example/rueckruf")
    assert office.events.unsubscribe(URL) == len(office.events.subscriptions())
    assert {found.callback_url for found in office.events.subscriptions()} == {"https://anderswo.example/rueckruf"}
    assert office.events.unsubscribe(URL) == 0


@pytest.mark.parametrize("signal", JOBS)
def test_every_wanted_event_exists(stage: Stage, signal: str) -> None:
    """Lexware knows every event that we subscribe for any signal."""
    office = lexoffice.connect(lexoffice_settings(stage, signal=signal))
    office.events.subscribe(URL)
    office.close()


def test_faster_neighbour_is_no_fault(stage: Stage, office: Office) -> None:
    """When another process subscribes in the same moment, nothing is wrong."""
    stage.control("faults", {"kind": "409", "method": "POST", "path_regex": "event-subscriptions"})
    assert "token.revoked" in office.events.subscribe(URL)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published samples are not beside the repository")
def test_published_key_can_be_used(tmp_path: Path) -> None:
    """The copy of the vendor's key is an RSA key of 4096 bits."""
    content = json.loads((PUBLISHED / "webhook-public-key.json").read_text(encoding="utf-8"))
    path = tmp_path / "lexware.pem"
    path.write_text(content["pem"], encoding="utf-8")
    assert load_public_key(path).key_size == 4096
