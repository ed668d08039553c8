"""The HTTP client: every fault the right error, reads repeated with patience, writes never."""

import gzip
import logging
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from connectors.errors import (
    Conflict,
    ConnectorError,
    NotAuthorised,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    UnexpectedAnswer,
)
from connectors.http import HttpClient, open_client
from connectors.http_faults import retry_after
from connectors.rate import Bucket
from connectors.settings import Patience, Timeouts
from tests.connectors.scripted import HttpScript, listening

KEY = "geheimer-schluessel-4711"
PDF = {"Content-Type": "application/pdf"}
JSON = {"Content-Type": "application/json"}


@dataclass
class World:
    """A transport that gives its answers in turn, the last one for ever, and notes requests and pauses."""

    answers: list[httpx.Response | Exception]
    requests: list[httpx.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The next answer."""
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)

    def client(self, **patience: Any) -> HttpClient:
        """A client that speaks to this world."""
        transport = httpx.MockTransport(self.handle)
        return client_for("https://api.example.test", transport, self.pauses.append, **patience)


def client_for(
    url: str,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = lambda seconds: None,
    timeouts: Timeouts | None = None,
    **patience: Any,
) -> HttpClient:
    """A client with a generous bucket."""
    times = timeouts or Timeouts(connect=30, read=1, write=30, total=30)
    client = open_client(url, {"Authorization": f"Bearer {KEY}"}, times, transport=transport)
    bucket = Bucket(10_000, 10_000)
    return HttpClient(
        "Testsystem", client, bucket, Patience(**patience), total_timeout=times.total, secrets=(KEY,), sleep=sleep
    )


def answer(status: int, body: bytes = b"{}", headers: dict[str, str] = JSON) -> httpx.Response:
    """An answer of the other side."""
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


READS = {
    300: UnexpectedAnswer,
    302: UnexpectedAnswer,
    400: Rejected,
    401: NotAuthorised,
    402: NotAuthorised,
    403: NotAuthorised,
    404: NotFound,
    405: Rejected,
    406: Rejected,
    408: Unavailable,
    409: Conflict,
    410: NotFound,
    415: Rejected,
    418: Rejected,
    422: Rejected,
    429: RateLimited,
    500: Unavailable,
    501: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
    599: Unavailable,
}
UNCLEAR_FOR_WRITES = {300, 302, 408, 500, 501, 502, 503, 504, 599}


@pytest.mark.parametrize(("status", "kind"), READS.items())
def test_status_of_a_read(status: int, kind: type[ConnectorError]) -> None:
    """Each bad status of a read has its error."""
    with pytest.raises(ConnectorError) as caught:
        World([answer(status)]).client().get("/v1/x", "read")
    assert type(caught.value) is kind


@pytest.mark.parametrize(("status", "kind"), READS.items())
def test_status_of_a_write(status: int, kind: type[ConnectorError]) -> None:
    """A write is refused by a clear 4xx; with 408, a redirect or any 5xx its outcome is unknown."""
    with pytest.raises(ConnectorError) as caught:
        World([answer(status)]).client().post("/v1/x", "create", {})
    assert type(caught.value) is (OutcomeUnknown if status in UNCLEAR_FOR_WRITES else kind)


UNREADABLE = [
    pytest.param(answer(200, b"<html></html>", {"Content-Type": "text/html"}), id="html"),
    pytest.param(answer(200, b"{}", {}), id="no content type"),
    pytest.param(answer(200, b'{"a": 1'), id="cut"),
    pytest.param(answer(200, b'{"a": NaN}'), id="nan"),
    pytest.param(answer(200, b'{"a": 1, "a": 2}'), id="double key"),
    pytest.param(answer(200, b" " * (6 * 1024 * 1024)), id="huge"),
    pytest.param(answer(200, gzip.compress(b" " * (6 * 1024 * 1024)), JSON | {"Content-Encoding": "gzip"}), id="bomb"),
    pytest.param(answer(200, b"no gzip", JSON | {"Content-Encoding": "gzip"}), id="broken gzip"),
]


@pytest.mark.parametrize("response", UNREADABLE)
def test_unreadable_answer_to_a_read(response: httpx.Response) -> None:
    """What is not strict JSON of reasonable size is an unexpected answer, and asking again would not help."""
    world = World([response])
    with pytest.raises(UnexpectedAnswer):
        world.client().get("/v1/x", "read")
    assert len(world.requests) == 1


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("body", [b"<html></html>", b'{"id": "1', b'{"id": NaN}'])
def test_unreadable_answer_to_a_write(status: int, body: bytes) -> None:
    """A write whose yes cannot be read may have been done."""
    with pytest.raises(OutcomeUnknown):
        World([answer(status, body)]).client().post("/v1/x", "create", {})


def test_read_is_repeated_until_it_works() -> None:
    """Two disturbances and a reset do not keep a read from its answer."""
    world = World([answer(503), httpx.ReadError("reset"), answer(500), answer(200, b'{"a": 1.10}')])
    assert str(world.client().get("/v1/x", "read")["a"]) == "1.10"
    assert len(world.pauses) == 3


def test_tries_are_bounded() -> None:
    """A system that stays down costs four requests, not more."""
    world = World([answer(503)])
    with pytest.raises(Unavailable):
        world.client().get("/v1/x", "read")
    assert len(world.requests) == 4


@pytest.mark.parametrize("fault", [httpx.ReadTimeout("x"), httpx.WriteError("x"), httpx.RemoteProtocolError("x")])
def test_write_that_began_is_never_repeated(fault: Exception) -> None:
    """After its first byte a write without an answer is unknown and stays single."""
    world = World([fault])
    with pytest.raises(OutcomeUnknown):
        world.client().post("/v1/x", "create", {})
    assert len(world.requests) == 1


@pytest.mark.parametrize("fault", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")])
def test_write_that_never_began_is_repeated(fault: Exception) -> None:
    """Without a connection nothing was done, so a write may be tried again."""
    world = World([fault, answer(201, b'{"id": "1"}')])
    assert world.client().post("/v1/x", "create", {}) == {"id": "1"}


def test_write_after_429_is_repeated() -> None:
    """A 429 was not executed, so a write may be tried again."""
    world = World([answer(429), answer(201, b'{"id": "1"}')])
    assert world.client().post("/v1/x", "create", {}) == {"id": "1"}


def test_429_slows_the_whole_account_down() -> None:
    """After a 429 every client of the account is slower."""
    world = World([answer(429), answer(200)])
    client = world.client()
    client.get("/v1/x", "read")
    assert client.bucket.rate < client.bucket.full_rate


def test_retry_after_is_obeyed() -> None:
    """The pause before the next try is the one that was asked for."""
    world = World([answer(429, headers=JSON | {"Retry-After": "7"}), answer(200)])
    world.client().get("/v1/x", "read")
    assert 7 in world.pauses


def test_long_retry_after_is_left_to_a_later_run() -> None:
    """A pause beyond our patience ends the call at once and is handed on."""
    world = World([answer(429, headers=JSON | {"Retry-After": "1800"})])
    with pytest.raises(RateLimited) as caught:
        world.client(budget=60).get("/v1/x", "read")
    assert caught.value.retry_after == 1800
    assert len(world.requests) == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("3601", 3600),
        ("9" * 400, 3600),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2215 07:28:00 GMT", 3600),
    ],
)
def test_retry_after_is_read_with_care(text: str, seconds: float | None) -> None:
    """Numbers and dates count up to an hour; anything absurd counts as absent."""
    assert retry_after(httpx.Headers({"Retry-After": text})) == seconds


def test_file_must_have_the_wanted_type() -> None:
    """A file of another content type is not handed on."""
    with pytest.raises(UnexpectedAnswer):
        World([answer(200, b"%PDF")]).client().get_file("/v1/x", "pdf", "application/pdf")
    assert World([answer(200, b"%PDF", PDF)]).client().get_file("/v1/x", "pdf", "application/pdf") == b"%PDF"


def test_complaint_reaches_the_person() -> None:
    """What the other side objects to stands in the message."""
    with pytest.raises(Rejected, match="voucherDate fehlt"):
        World([answer(406, b'{"message": "voucherDate fehlt."}')]).client().post("/v1/x", "create", {})


def test_key_appears_in_no_error_repr_or_log(caplog: pytest.LogCaptureFixture) -> None:
    """Even where the other side repeats our key, it shows up nowhere."""
    caplog.set_level(logging.DEBUG)
    client = World([answer(401, f'{{"message": "bad key {KEY}"}}'.encode())]).client()
    with pytest.raises(NotAuthorised) as caught:
        client.get("/v1/x", "read")
    said = "".join(traceback.format_exception(caught.value)) + caught.value.evidence + repr(client) + caplog.text
    assert KEY not in said
    assert "***" in caught.value.evidence


def test_every_request_has_timeouts() -> None:
    """No request can wait for ever."""
    world = World([answer(200)])
    client = world.client()
    client.get("/v1/x", "read")
    client.post("/v1/x", "create", {})
    for request in world.requests:
        assert set(request.extensions["timeout"]) == {"connect", "read", "write", "pool"}
        assert all(request.extensions["timeout"].values())


CUT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
TRICKLE = Timeouts(total=0.000001)
WHOLE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(HttpScript(b""), id="hangs up"),
        pytest.param(HttpScript(b"", is_rude=True), id="resets"),
        pytest.param(HttpScript(CUT), id="cut"),
        pytest.param(HttpScript(b"", pause=3), id="silence"),
        pytest.param(HttpScript(b"SSH-2.0-OpenSSH\r\n\r\n"), id="not http"),
    ],
)
def test_real_connection_that_breaks(script: HttpScript) -> None:
    """Over a real socket: a broken answer makes a read unavailable and a write unknown, sent exactly once."""
    with listening(script.serve) as port:
        client = client_for(f"http://127.0.0.1:{port}", tries=2)
        with pytest.raises(Unavailable):
            client.get("/v1/x", "read")
        script.requests.clear()
        with pytest.raises(OutcomeUnknown):
            client.post("/v1/x", "create", {"a": "b"})
        client.close()
    assert len(script.requests) == 1


def test_trickling_answer_ends_at_the_total_time() -> None:
    """An answer that never ends is given up even though bytes keep coming."""
    with listening(HttpScript(WHOLE).serve) as port:
        client = client_for(f"http://127.0.0.1:{port}", timeouts=TRICKLE, tries=1)
        with pytest.raises(Unavailable):
            client.get("/v1/x", "read")
        client.close()


def test_nobody_listens() -> None:
    """Without a listener neither a read nor a write was done."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = client_for(f"http://127.0.0.1:{port}", tries=1)
    with pytest.raises(Unavailable):
        client.get("/v1/x", "read")
    with pytest.raises(Unavailable):
        client.post("/v1/x", "create", {})
    client.close()


def test_redirect_is_not_followed() -> None:
    """The key is never carried to another host."""
    world = World([answer(302, headers={"Location": "https://evil.example.test/"})])
    with pytest.raises(UnexpectedAnswer):
        world.client().get("/v1/x", "read")
    assert [request.url.host for request in world.requests] == ["api.example.test"]
