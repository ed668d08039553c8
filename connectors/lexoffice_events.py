"""Lexware Office's events: which we want, who keeps the subscriptions, and whether a callback is really from there.

A callback is only a pointer: {organizationId, eventType, resourceId, eventDate}. It may come twice, late, out of order
or not at all, and a copy of an old one passes the signature, so whoever gets one reads the resource afresh.
"""

import base64
import binascii
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import AfterValidator

from connectors import strict_json
from connectors.account import segment
from connectors.errors import Conflict, NotAuthorised, NotFound, UnexpectedAnswer
from connectors.fields import Item, item
from connectors.http import HttpClient
from connectors.protocols import Event, Subscription, Topic

SIGNATURE_HEADER = "X-Lxo-Signature"
LARGEST_CALLBACK = 64 * 1024

PAYMENTS = ("payment.changed", "invoice.status.changed", "credit-note.created")
ACCESS = ("token.revoked",)
JOBS: Mapping[str, tuple[str, ...]] = {
    "delivery_note": ("delivery-note.created", "delivery-note.changed", "delivery-note.status.changed"),
    "order_confirmation": ("order-confirmation.created", "order-confirmation.status.changed"),
    "order_archived": ("order-confirmation.changed",),
    "quotation_accepted": ("quotation.status.changed",),
}
"""What may mean a finished job, by the client's signal."""


def _public_key(path: Path) -> Path:
    try:
        load_public_key(path)
    except (OSError, ValueError, UnsupportedAlgorithm):
        raise ValueError("Die Datei ist nicht lesbar oder enthält keinen öffentlichen RSA-Schlüssel (PEM).") from None
    return path


PublicKeyFile = Annotated[Path, AfterValidator(_public_key)]
"""A file with the key that signs callbacks; it is to be compared with the vendor's before it is trusted."""


class Subscriptions:
    """The event subscriptions of one organisation at Lexware Office."""

    def __init__(self, http: HttpClient, signal: str) -> None:
        self._http = http
        self._events = (*JOBS[signal], *PAYMENTS, *ACCESS)

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions of the organisation, also those of other programs."""
        answer = item(self._http.get("/v1/event-subscriptions", "events"), "event-subscriptions")
        return [_subscription_from(row) for row in answer.parts("content")]

    def subscribe(self, callback_url: str) -> list[str]:
        """Make sure that the events we want, and no others, go to the address; the events that were missing.

        Lexware deletes a subscription that meets a 404 or 410, so this is to be repeated every day.
        """
        here = [found for found in self.subscriptions() if found.callback_url == callback_url]
        for found in here:
            if found.event not in self._events:
                self._delete(found)
        known = {found.event for found in here}
        missing = [event for event in self._events if event not in known]
        for event in missing:
            self._subscribe(event, callback_url)
        return missing

    def unsubscribe(self, callback_url: str) -> int:
        """Delete all subscriptions that go to the address; how many there were."""
        found = [known for known in self.subscriptions() if known.callback_url == callback_url]
        for known in found:
            self._delete(known)
        return len(found)

    def _delete(self, known: Subscription) -> None:
        with suppress(NotFound):
            self._http.delete(f"/v1/event-subscriptions/{segment(known.external_id)}", "events")

    def _subscribe(self, event: str, callback_url: str) -> None:
        try:
            self._http.post("/v1/event-subscriptions", "events", {"eventType": event, "callbackUrl": callback_url})
        except Conflict:
            # Another process was faster: the subscription is there, which is all we want.
            return


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets in only what Lexware Office has signed and what is about this `organisation`."""

    public_key: RSAPublicKey
    organisation: str
    header = SIGNATURE_HEADER

    def event(self, raw_body: bytes, signature: str) -> Event:
        """The event of a callback, from its unchanged bytes and its signature header.

        Raises `NotAuthorised` for a foreign one and `UnexpectedAnswer` for one that cannot be read.
        """
        if len(raw_body) > LARGEST_CALLBACK or not is_signed(raw_body, signature, self.public_key):
            raise NotAuthorised("Der Rückruf ist nicht von Lexware Office unterschrieben. Er wird nicht beachtet.")
        try:
            callback = item(strict_json.loads(raw_body), "Rückruf")
        except ValueError as fault:
            raise UnexpectedAnswer("Der Rückruf von Lexware Office ist nicht lesbar.", str(fault)) from fault
        if callback.text("organizationId") != self.organisation:
            raise NotAuthorised("Der Rückruf betrifft eine andere Firma in Lexware Office. Er wird nicht beachtet.")
        return event_from(callback)


def event_from(callback: Item) -> Event:
    """A callback as an event; its key is made of all four fields, because Lexware gives none."""
    name, resource_id = callback.text("eventType"), callback.text("resourceId")
    moment = callback.moment("eventDate")
    key = "/".join((callback.text("organizationId"), name, resource_id, callback.text("eventDate")))
    return Event(key, name, resource_id, moment, topic_of(name))


def topic_of(event: str) -> Topic:
    """What an event makes worth looking at; a new kind of event means a look at everything."""
    if event in PAYMENTS:
        return Topic.PAYMENTS
    if event in ACCESS:
        return Topic.ACCESS
    return Topic.JOBS


def is_signed(raw_body: bytes, signature: str, public_key: RSAPublicKey) -> bool:
    """Whether `signature` (base64) is the key's over exactly these bytes: RSA, PKCS #1 v1.5, SHA-512."""
    try:
        public_key.verify(base64.b64decode(signature, validate=True), raw_body, PKCS1v15(), SHA512())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def load_public_key(path: Path) -> RSAPublicKey:
    """The RSA key of a PEM file. Raises `OSError` or `ValueError`."""
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def _subscription_from(row: Item) -> Subscription:
    return Subscription(row.text("subscriptionId"), row.text("eventType"), row.text("callbackUrl"))
