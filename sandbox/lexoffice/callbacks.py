"""Callbacks: a change is told to whoever has subscribed to it, signed, and again and again until it is acknowledged.

As the vendor does: 200, 201, 202 and 204 are an acknowledgement; 401, 403, 429, 5xx and silence are tried again; 404
is tried again and then ends the subscription, 410 ends it at once; any other 4xx is an end without a retry.
"""

import asyncio
import base64
import itertools
import json
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from http.client import HTTPMessage
from typing import IO

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.lexoffice.dates import shown
from sandbox.lexoffice.errors import Json
from sandbox.lexoffice.office import Office, Voucher

HEADER = "X-Lxo-Signature"
READ_SECONDS = 5
MOST_REDIRECTS = 3
ACKNOWLEDGED = frozenset({200, 201, 202, 204})
TRIED_AGAIN = frozenset({401, 403, 404, 429})
GONE_LATER, GONE = 404, 410
SOON = (10, 20, 40, 80, 160)
LATE = (30 * 60, *itertools.repeat(2 * 60 * 60, 20))
"""Seconds before each retry."""


@dataclass
class Manners:
    """How untidily callbacks come: the next `lose` never leave, each that does comes `copies` times, `pace` times as
    fast as real retries, and `late` seconds after the change."""

    lose: int = 0
    copies: int = 1
    pace: float = 1.0
    late: float = 0.0


@dataclass(frozen=True)
class Delivery:
    """One try to tell somebody; `status` is None when there was no answer."""

    event: str
    resource_id: str
    url: str
    status: int | None


class Signer:
    """The vendor's key pair, made afresh at every start."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_pem(self) -> bytes:
        """The public key as it is published."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, body: bytes) -> str:
        """The signature header: RSA, PKCS #1 v1.5, SHA-512, base64."""
        return base64.b64encode(self._key.sign(body, PKCS1v15(), SHA512())).decode()


class Callbacks:
    """Tells the subscribers of one organisation what has changed in it."""

    def __init__(self, office: Office, signer: Signer) -> None:
        self._office, self._signer = office, signer
        self.manners = Manners()
        self.deliveries: list[Delivery] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def changed(self, before: Voucher | None, after: Voucher | None) -> None:
        """A document was made (no `before`), changed, or deleted (no `after`)."""
        for event in events_of(before, after):
            found = after or before
            if found is not None:
                self.tell(event, found.id)

    def tell(self, event: str, resource_id: str) -> None:
        """Send one event to all its subscribers."""
        body = {
            "organizationId": self._office.profile["organizationId"],
            "eventType": event,
            "resourceId": resource_id,
            "eventDate": shown(self._office.clock.now()),
        }
        for subscription in list(self._office.subscriptions.values()):
            if subscription["eventType"] == event:
                self._send(subscription, body)

    def report(self) -> Json:
        """Manners, public key and every try so far."""
        tries = [asdict(delivery) for delivery in self.deliveries]
        return {**asdict(self.manners), "public_key": self._signer.public_pem.decode(), "deliveries": tries}

    def close(self) -> None:
        """Send nothing more."""
        for task in self._tasks:
            task.cancel()

    def _send(self, subscription: Json, body: Json) -> None:
        if self.manners.lose > 0:
            self.manners.lose -= 1
            return
        for _ in range(self.manners.copies):
            task = asyncio.get_running_loop().create_task(self._deliver(subscription, body))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, subscription: Json, body: Json) -> None:
        raw = json.dumps(body, separators=(",", ":")).encode()
        status: int | None = None
        pauses = (pause / self.manners.pace for pause in (*SOON, *LATE))
        for tries, pause in enumerate((self.manners.late, *pauses)):
            await asyncio.sleep(pause)
            if subscription["subscriptionId"] not in self._office.subscriptions:
                return
            status = await asyncio.to_thread(_post, subscription["callbackUrl"], raw, self._signer.sign(raw))
            told = Delivery(body["eventType"], body["resourceId"], subscription["callbackUrl"], status)
            self.deliveries.append(told)
            if not _wants_another_try(status) or (status == GONE_LATER and tries == len(SOON)):
                break
        if status in (GONE_LATER, GONE):
            self._office.subscriptions.pop(subscription["subscriptionId"], None)


def events_of(before: Voucher | None, after: Voucher | None) -> list[str]:
    """The names of the events that a change of a sales document makes."""
    if after is None:
        return [f"{_noun(before)}.deleted"] if before else []
    noun = _noun(after)
    if before is None:
        return [f"{noun}.created"]
    names = [f"{noun}.changed"]
    if before.status != after.status:
        names.append(f"{noun}.status.changed")
    if before.payments != after.payments:
        names.append("payment.changed")
    return names


def _noun(voucher: Voucher) -> str:
    return voucher.kind.resource.removesuffix("s")


def _wants_another_try(status: int | None) -> bool:
    return status is None or status in TRIED_AGAIN or status >= 500


class _FewRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MOST_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request:
        """The same call again, body and signature included."""
        return urllib.request.Request(newurl, req.data, dict(req.header_items()), method="POST")  # noqa: S310 - where the receiver itself sent us


def _post(url: str, raw: bytes, signature: str) -> int | None:
    """The status of one call (blocking); None without an answer in time."""
    headers = {"Content-Type": "application/json", HEADER: signature}
    request = urllib.request.Request(url, raw, headers, method="POST")  # noqa: S310 - the scheme is checked by subscribe
    try:
        with _OPENER.open(request, timeout=READ_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


_OPENER = urllib.request.build_opener(_FewRedirects)
