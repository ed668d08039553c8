"""Messages to a client's own programs, signed as Standard Webhooks 1.0 asks: HMAC-SHA256 over id, instant and body.

The address comes out of a file, but what its name leads to is the network's word. So each connection goes to an address
that was judged just before: a public one, or this machine where the file says so. No redirect is followed, and of an
answer only its status is read.
"""

import base64
import binascii
import hashlib
import hmac
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

import httpcore
from pydantic import AfterValidator, BaseModel, SecretStr

from connectors.errors import NotFound, Unavailable
from connectors.settings import LOOPBACK

PREFIX = "whsec_"
LEAST_KEY, MOST_KEY = 24, 64
PATIENCE = {"timeout": {"connect": 5.0, "read": 10.0, "write": 10.0}}
TOTAL_SECONDS = 20.0
GONE = 410

Resolve = Callable[[str, int], Iterable[str]]


def _signing_key(secret: SecretStr) -> SecretStr:
    if not LEAST_KEY <= len(key_of(secret)) <= MOST_KEY:
        raise ValueError(
            f"Der Schlüssel hat nicht die Form {PREFIX}… mit {LEAST_KEY} bis {MOST_KEY} Bytes in Base64."
            " Einen neuen erzeugt  rechnungsbote webhooks secret."
        )
    return secret


def key_of(secret: SecretStr) -> bytes:
    """The bytes of a key as people write it; empty when it cannot be read."""
    try:
        return base64.b64decode(secret.get_secret_value().removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return b""


class Settings(BaseModel, frozen=True, extra="forbid"):
    """Where to, and with which key."""

    url: str
    secret: Annotated[SecretStr, AfterValidator(_signing_key)]


def signature(key: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """The header `webhook-signature` for one attempt at the instant `at`."""
    signed = b".".join((message_id.encode(), str(int(at.timestamp())).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Poster:
    """Hands messages to one address; whatever goes wrong, the same message may be tried again."""

    def __init__(
        self, settings: Settings, resolve: Resolve | None = None, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        self._url = settings.url
        self._key = key_of(settings.secret)
        self._resolve = resolve or _resolved
        self._total_seconds = total_seconds

    def post(self, message_id: str, body: bytes, now: datetime) -> int:
        """The status of a message that was taken (2xx).

        Raises `Unavailable` when it was not, so that it is tried again later, and `NotFound` when the address wants no
        more messages (410).
        """
        headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "Rechnungsbote"),
            ("webhook-id", message_id),
            ("webhook-timestamp", str(int(now.timestamp()))),
            ("webhook-signature", signature(self._key, message_id, now, body)),
        ]
        host = urlsplit(self._url).hostname
        guard = _Guard(self._resolve, self._total_seconds, host in LOOPBACK)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=_trust(), network_backend=guard) as pool,
                pool.stream("POST", self._url, headers=headers, content=body, extensions=PATIENCE) as answer,
            ):
                status = answer.status
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as fault:
            raise Unavailable(f"{host} antwortet nicht auf die Meldung.", type(fault).__name__) from fault
        if status == GONE:
            raise NotFound(f"{host} will keine Meldungen mehr (410). Bitte aus der Mandantendatei nehmen.", str(status))
        if not 200 <= status < 300:
            raise Unavailable(f"{host} hat die Meldung nicht angenommen ({status}).", str(status))
        return status


class _Guard(httpcore.SyncBackend):
    """Connects only to addresses that were judged, and gives up when the whole exchange takes too long."""

    def __init__(self, resolve: Resolve, total_seconds: float, is_local: bool) -> None:
        super().__init__()
        self._resolve = resolve
        self._until = time.monotonic() + total_seconds
        self._is_local = is_local

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of the host, if all of them may be spoken to."""
        addresses = list(self._resolve(host, port))
        if not addresses or not all(self._may_call(address) for address in addresses):
            raise Unavailable(f"{host} führt nicht zu einer öffentlichen Adresse.", ", ".join(addresses))
        stream = super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)
        return _Limited(stream, self._until)

    def _may_call(self, address: str) -> bool:
        found = ip_address(address.partition("%")[0])
        return found.is_loopback if self._is_local else found.is_global and not found.is_multicast


class _Limited(httpcore.NetworkStream):
    """A stream that nobody can keep open by trickling."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, as long as there is time."""
        return self._stream.read(max_bytes, self._rest(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, as long as there is time."""
        self._stream.write(buffer, self._rest(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Encrypt; the certificate is judged by the host's name, whatever address was called."""
        rest = self._rest(timeout, httpcore.ConnectTimeout)
        return _Limited(self._stream.start_tls(ssl_context, server_hostname, rest), self._until)

    def get_extra_info(self, info: str) -> object:
        """What the stream below knows."""
        return self._stream.get_extra_info(info)

    def _rest(self, timeout: float | None, too_late: type[httpcore.TimeoutException]) -> float:
        rest = self._until - time.monotonic()
        if rest <= 0:
            raise too_late("took too long")
        return min(rest, timeout) if timeout else rest


def _resolved(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@lru_cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
