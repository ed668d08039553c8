"""Signing in to mail servers with tokens: fetched over HTTP, given to real sockets, renewed, and never shown."""

import base64
import json
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from connectors import imap, smtp
from connectors.errors import ChannelDown, NotAuthorised, Unavailable
from connectors.oauth import OAuth, Tokens, token_in
from tests.connectors.conformance.courier_checks import MAIL, RECIPIENT
from tests.connectors.conformance.noting import log_text
from tests.connectors.scripted import SmtpScript, listening

SECRET = "geheim-4711-anwendung"
TOKEN = "eyJ0eXAi.4711-token"
OFFICE = "https://login.microsoftonline.com/mandant/oauth2/v2.0/token"
GREETING = {"ehlo": "250-scripted\r\n250 AUTH LOGIN XOAUTH2", "auth": "235 2.7.0 ok"}


def oauth(**changes: Any) -> OAuth:
    """An application that is registered with the provider."""
    scope = "https://outlook.office365.com/.default"
    given = {"token_url": OFFICE, "client_id": "app-1", "client_secret": SECRET, "scope": scope}
    return OAuth.model_validate(given | {"patience": {"tries": 1}} | changes)


@dataclass
class Provider:
    """Gives out tokens, each with its number, or answers as it is told."""

    status: int = 200
    body: dict[str, Any] = field(default_factory=lambda: {"token_type": "Bearer", "expires_in": 3600})
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        self.forms.append(parse_qs(request.content.decode()))
        body = {"access_token": f"{TOKEN}-{len(self.forms)}"} | self.body
        return httpx.Response(self.status, json=body)


def tokens(provider: Any, now: Sequence[float] = (0.0,), **changes: Any) -> Tokens:
    """Tokens of that provider, at a time that the test says."""
    return Tokens(oauth(**changes), httpx.MockTransport(provider), lambda: now[0])


def test_a_token_is_fetched_once_and_renewed_in_time() -> None:
    """One request gives an hour of sign-ins; shortly before its end, or when it is refused, a new one is fetched."""
    provider, now = Provider(), [1000.0]
    found = tokens(provider, now)
    assert [found.token(), found.token()] == [f"{TOKEN}-1"] * 2
    now[0] += 3600 - 119
    assert found.token() == f"{TOKEN}-2"
    found.forget()
    assert found.token() == f"{TOKEN}-3"


@pytest.mark.parametrize(
    ("changes", "grant"),
    [({}, "client_credentials"), ({"refresh_token": "1//zustimmung"}, "refresh_token")],
)
def test_the_grant_follows_from_what_is_given(changes: dict[str, Any], grant: str) -> None:
    """Microsoft's application asks for itself, Google's with the consent that a person gave."""
    provider = Provider()
    tokens(provider, **changes).token()
    (form,) = provider.forms
    assert (form["grant_type"], form["client_id"], form["client_secret"]) == ([grant], ["app-1"], [SECRET])
    assert form.get("refresh_token", [None]) == [changes.get("refresh_token")]


def test_a_refusal_names_the_cure_and_no_secret() -> None:
    """A wrong secret, a missing consent, HTML or a silent provider: who must act is said, the secret is not."""
    said = {"error": "invalid_client", "error_description": f"AADSTS7000215: {SECRET} is\r\nwrong"}
    with log_text(logging.DEBUG) as log:
        for status in (400, 401):
            with pytest.raises(NotAuthorised, match="client_id, client_secret") as caught:
                tokens(Provider(status, said)).token()
            assert "invalid_client" in caught.value.message + caught.value.evidence
            assert SECRET not in f"{caught.value.message} {caught.value.evidence} {caught.value!r}"
        for status in (429, 500, 503):
            with pytest.raises(Unavailable if status != 429 else Exception):
                tokens(Provider(status, {})).token()
    assert SECRET not in log.getvalue()
    assert SECRET not in repr(tokens(Provider()))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"access_token": ""}', b'{"access_token": 1}', b'{"access_token": "a\\nb"}'],
)
def test_an_odd_answer_is_no_token(body: bytes) -> None:
    """Whatever is no token is named; one that could not stand in a line of its own is none."""
    with pytest.raises(NotAuthorised):
        token_in(body)


def test_a_token_without_a_life_is_short_lived() -> None:
    """Where the answer does not say how long a token lives, it is trusted for minutes only."""
    for life in (b"", b', "expires_in": "lang"', b', "expires_in": -1', b', "expires_in": true'):
        assert token_in(b'{"access_token": "abc"' + life + b"}") == (SecretStr("abc"), 600.0)


@contextmanager
def providing() -> Iterator[tuple[str, list[bytes]]]:
    """A provider on a real socket: its address, and the bodies of the requests it got."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps({"access_token": TOKEN, "expires_in": 3600}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/token", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def courier(port: int, token_url: str) -> smtp.Smtp:
    """A courier that signs in with a token."""
    times = {"connect": 5, "command": 5, "dot": 5}
    given = {"host": "127.0.0.1", "port": port, "security": "none", "username": "rechnung@firma.example"}
    return smtp.connect(smtp.Settings.model_validate(given | {"timeouts": times, "oauth": oauth(token_url=token_url)}))


def test_smtp_signs_in_with_a_token() -> None:
    """The server gets user and token as XOAUTH2 says, and the mail goes out."""
    script = SmtpScript(GREETING)
    with providing() as (url, bodies), listening(script.serve) as port:
        with closing(courier(port, url)) as connected:
            connected.send(MAIL, RECIPIENT, lambda phase: None)
        assert b"grant_type=client_credentials" in bodies[0]
    (said,) = [line for line in script.lines if line.startswith(b"AUTH")]
    decoded = base64.b64decode(said.split()[2]).decode()
    assert decoded == f"user=rechnung@firma.example\x01auth=Bearer {TOKEN}\x01\x01"
    assert len(script.mails) == 1


@pytest.mark.parametrize(
    "replies",
    [
        {"auth": "535 5.7.3 Authentication unsuccessful"},
        {"auth": "334 eyJzdGF0dXMiOiI0MDAifQ==", "": "535 5.7.8 no"},
        {"ehlo": "250-scripted\r\n250 AUTH LOGIN"},
    ],
)
def test_smtp_that_takes_no_token_is_a_matter_of_the_channel(replies: dict[str, str]) -> None:
    """Refused at once, refused after a challenge, or not offered: nothing is sent, and the token is not shown."""
    script = SmtpScript(GREETING | replies)
    with (
        providing() as (url, _),
        listening(script.serve) as port,
        closing(courier(port, url)) as connected,
        pytest.raises(ChannelDown) as caught,
    ):
        connected.send(MAIL, RECIPIENT, lambda phase: None)
    assert script.mails == []
    assert TOKEN not in f"{caught.value.message} {caught.value.evidence}"


@dataclass
class ImapScript:
    """An IMAP server for one empty folder that takes, or does not take, a token."""

    takes: bool = True
    said: list[bytes] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        """One connection."""
        with connection.makefile("rb") as lines:
            connection.sendall(b"* OK scripted\r\n")
            while line := lines.readline():
                tag, command, *_ = line.split()
                extra = b""
                if command == b"CAPABILITY":
                    extra = b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n"
                elif command == b"AUTHENTICATE":
                    connection.sendall(b"+ \r\n")
                    self.said.append(base64.b64decode(lines.readline()))
                elif command == b"EXAMINE":
                    extra = b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
                elif command == b"UID":
                    extra = b"* SEARCH\r\n"
                ok = b"OK" if self.takes or command != b"AUTHENTICATE" else b"NO"
                connection.sendall(extra + tag + b" " + ok + b" done\r\n")
                if command == b"LOGOUT":
                    return


def mailbox(port: int, token_url: str) -> imap.Imap:
    """A mailbox that is read with a token."""
    given = {"host": "127.0.0.1", "port": port, "security": "none", "username": "rechnung@firma.example", "timeout": 5}
    return imap.connect(imap.Settings.model_validate(given | {"oauth": oauth(token_url=token_url)}))


def test_imap_signs_in_with_a_token() -> None:
    """The mailbox is read with the token; one that is refused is a matter for a person, and is not shown."""
    for takes in (True, False):
        script = ImapScript(takes)
        with providing() as (url, _), listening(script.serve) as port:
            box = mailbox(port, url)
            if takes:
                assert list(box.arrivals(None, date(2026, 11, 1))) == []
            else:
                with pytest.raises(NotAuthorised, match="Token nicht an") as caught:
                    list(box.arrivals(None, date(2026, 11, 1)))
                assert TOKEN not in str(caught.value)
        assert script.said == [f"user=rechnung@firma.example\x01auth=Bearer {TOKEN}\x01\x01".encode()]


@pytest.mark.parametrize(
    ("module", "changes"),
    [
        (smtp, {"password": "geheim-4711"}),
        (smtp, {"username": ""}),
        (imap, {"password": "geheim-4711"}),
        (imap, {"oauth": None}),
        (smtp, {"username": "büro@firma.example"}),
    ],
)
def test_there_is_one_way_to_sign_in(module: Any, changes: dict[str, Any]) -> None:
    """Password and token at once, a token for nobody, or nothing at all are named before the first connection."""
    given = {"host": "mail.example", "username": "rechnung@firma.example", "oauth": oauth()}
    with pytest.raises(ValidationError) as caught:
        module.Settings.model_validate(given | changes)
    assert SECRET not in str(caught.value)
