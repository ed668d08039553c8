"""Signed messages to a client's own programs: what is signed, whom is spoken to, and what an answer means."""

import base64
import hashlib
import hmac
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, repeat

import pytest
from pydantic import SecretStr, ValidationError

from connectors.errors import NotFound, Unavailable
from connectors.webhook_post import Poster, Settings, key_of, signature
from tests.connectors.listener import Listener, listening

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A program that listens on this machine."""
    with listening() as found:
        yield found


def poster(url: str, *addresses: str, seconds: float = 5) -> Poster:
    """The way to an address whose name leads to `addresses`."""
    settings = Settings(url=url, secret=SecretStr(SECRET))
    return Poster(settings, (lambda _host, _port: addresses) if addresses else None, seconds)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The vector that the reference libraries of Standard Webhooks test themselves with."""
    at = datetime.fromtimestamp(1614265330, UTC)
    found = signature(key_of(SecretStr(SECRET)), "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_arrives_with_id_instant_and_signature(listener: Listener) -> None:
    """Whoever has the key can check body, id and instant together."""
    assert poster(listener.url).post("msg_1", b'{"type":"x"}', NOW) == 204
    (heard,) = listener.heard
    assert (heard.path, heard.body, heard.headers["content-type"]) == ("/hook", b'{"type":"x"}', "application/json")
    signed = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    digest = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert heard.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert heard.headers["webhook-timestamp"] == str(int(NOW.timestamp()))


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_any_other_answer_means_later(status: int, listener: Listener) -> None:
    """Only 2xx is success, and a redirect is not followed."""
    listener.answers = [status]
    with pytest.raises(Unavailable, match=str(status)):
        poster(listener.url).post("msg_1", b"{}", NOW)
    assert len(listener.heard) == 1


def test_gone_means_never_again(listener: Listener) -> None:
    """410 is an address that wants no more messages."""
    listener.answers = [410]
    with pytest.raises(NotFound, match="410"):
        poster(listener.url).post("msg_1", b"{}", NOW)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.5", "192.168.1.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "::1", "fe80::1%eth0", "fd00::1"],  # noqa: S104
)
def test_a_name_that_leads_inside_is_not_called(address: str) -> None:
    """Whatever a public name resolves to at this moment: one inner address among them is enough to refuse."""
    with pytest.raises(Unavailable, match="öffentlichen Adresse"):
        poster("https://erp.example/hook", "93.184.216.34", address).post("msg_1", b"{}", NOW)


def test_this_machine_is_called_only_where_the_file_says_so(listener: Listener) -> None:
    """http to 127.0.0.1 may go to this machine and nowhere else."""
    with pytest.raises(Unavailable):
        poster(listener.url, "93.184.216.34").post("msg_1", b"{}", NOW)
    assert listener.heard == []


def test_nobody_there_means_later() -> None:
    """A closed port and a name that does not exist are faults that pass."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match="antwortet nicht"):
        poster(f"http://127.0.0.1:{port}/").post("msg_1", b"{}", NOW)
    with pytest.raises(Unavailable, match="antwortet nicht"):
        poster("https://nirgends.invalid/").post("msg_1", b"{}", NOW)


def test_an_answer_that_trickles_is_cut_off() -> None:
    """A byte now and then keeps nobody waiting beyond the whole time allowed."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            connection, _ = server.accept()
            with connection:
                for piece in chain([b"HTTP/1.1 200 OK\r\n"], repeat(b"X")):
                    connection.sendall(piece)
                    if stop.wait(0.05):
                        return

        thread = threading.Thread(target=trickle)
        thread.start()
        with pytest.raises(Unavailable, match="antwortet nicht"):
            poster(f"http://127.0.0.1:{server.getsockname()[1]}/", seconds=0.3).post("msg_1", b"{}", NOW)
        stop.set()
        thread.join()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_???", "whsec_c2hvcnQ=", "hunter2"])
def test_a_weak_key_is_refused(secret: str) -> None:
    """A key has 24 to 64 bytes in Base64, and the complaint does not repeat it."""
    with pytest.raises(ValidationError, match="whsec_…"):
        Settings(url="https://erp.example/", secret=SecretStr(secret))
