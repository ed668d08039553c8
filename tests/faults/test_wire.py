"""Every way in which a line can fail, byte for byte: what was taken is never called "not done", and never repeated."""

from collections.abc import Callable
from functools import partial

import pytest

from connectors.errors import ConnectorError, Deferred, OutcomeUnknown, Rejected, TryLater, Unavailable
from connectors.http import HttpClient, open_client
from connectors.rate import Bucket
from connectors.settings import Patience, Timeouts
from connectors.smtp import Settings, SmtpTimeouts, connect
from tests.faults.wire import Line, Peer, nobody

MESSAGE = b"From: a@firma.example\r\nTo: b@kunde.example\r\nSubject: Rechnung\r\n\r\nGuten Tag\r\n"
JSON = b'{"id": "0815", "text": "angelegt"}'
HEAD = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
OK = HEAD % (201, len(JSON)) + JSON
STEPS = ("EHLO", "MAIL", "RCPT", "DATA", ".")

Fail = Callable[[Line], None]
FAILS: dict[str, Fail] = {
    "reset": Line.reset,
    "hang up": Line.hang_up,
    "half a line": lambda line: line.say_and_hang_up(b"25"),
    "garbage": lambda line: line.say_and_hang_up(b"\x00\xff\xfe nonsense\r\n"),
    "421": lambda line: line.say_and_hang_up(b"421 4.3.2 closing\r\n"),
}


def post_office(line: Line, peer: Peer, step: str, fail: Fail, accepts: bool) -> None:
    """A mail server that fails at one step; `accepts`: it has kept the mail before it fails at the dot."""
    line.say(b"220 peer\r\n")
    while command := line.line():
        verb = command[:4].decode().strip().upper()
        if verb == step:
            return fail(line)
        line.say(b"354 go on\r\n" if verb == "DATA" else b"250 ok\r\n")
        if verb == "DATA":
            while line.line() != b".\r\n":
                pass
            if step != ".":
                peer.accepted += 1
                line.say(b"250 kept\r\n")
                continue
            peer.accepted += accepts
            return fail(line)
    return None


@pytest.mark.parametrize("how", FAILS)
@pytest.mark.parametrize("step", STEPS)
def test_a_mail_is_lost_track_of_only_at_its_dot(step: str, how: str) -> None:
    """A line that fails at any step before the dot has sent nothing; at the dot only a clear answer counts."""
    for accepts in (True, False):
        with Peer(partial(post_office, step=step, fail=FAILS[how], accepts=accepts)) as peer:
            error, phases = _sent(peer.port)
            if step != ".":
                assert isinstance(error, TryLater), repr(error)
                assert (peer.accepted, phases) == (0, [])
            else:
                assert isinstance(error, Deferred | Unavailable if how == "421" else OutcomeUnknown), repr(error)
                assert phases == ["dot"]


@pytest.mark.parametrize(("answer", "kind"), [(b"451 later\r\n", Deferred), (b"554 never\r\n", Rejected)])
def test_a_clear_answer_to_the_dot_counts(answer: bytes, kind: type[ConnectorError]) -> None:
    """4yz and 5yz to the dot are answers like any other, even if the line is cut right behind them."""
    with Peer(partial(post_office, step=".", fail=lambda line: line.say(answer), accepts=False)) as peer:
        error, _ = _sent(peer.port)
    assert isinstance(error, kind), repr(error)


def test_an_answer_that_drips_is_an_answer() -> None:
    """A slow server that takes the mail has taken it."""
    with Peer(
        partial(post_office, step=".", fail=lambda line: line.drip(b"250-2.0.0\r\n250 kept\r\n"), accepts=True)
    ) as peer:
        assert _sent(peer.port)[0] is None


def shop(line: Line, peer: Peer, answer: Callable[[Line, Peer], None], reads: bool = True) -> None:
    """An API that reads a request, or only its first bytes, and then does what it is told."""
    if not reads:
        line.some(10)
        return answer(line, peer)
    length = 0
    while (head := line.line().strip()) != b"":
        if head.lower().startswith(b"content-length:"):
            length = int(head.partition(b":")[2])
    line.some(length)
    return answer(line, peer)


def _wait(line: Line) -> None:
    line.some(1)


def _done(line: Line, peer: Peer, text: bytes, cut: int | None = None, then: Fail = Line.hang_up) -> None:
    peer.accepted += 1
    line.say(text[:cut])
    then(line)


UNCLEAR: dict[str, Callable[[Line, Peer], None]] = {
    "reset after doing": lambda line, peer: _done(line, peer, b"", then=Line.reset),
    "no answer": lambda line, peer: _done(line, peer, b"", then=Line.hang_up),
    "half a head": lambda line, peer: _done(line, peer, OK, 20),
    "half a body": lambda line, peer: _done(line, peer, OK, -10),
    "no HTTP": lambda line, peer: _done(line, peer, b"220 I am a mail server\r\n"),
    "500 after doing": lambda line, peer: _done(line, peer, HEAD % (500, 2) + b"{}"),
    "504 after doing": lambda line, peer: _done(line, peer, HEAD % (504, 2) + b"{}"),
    "redirect": lambda line, peer: _done(line, peer, HEAD % (302, 0)),
    "HTML": lambda line, peer: _done(
        line, peer, b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhuch"
    ),
    "NaN": lambda line, peer: _done(line, peer, HEAD % (201, 12) + b'{"id": NaN}\n'),
    "double key": lambda line, peer: _done(line, peer, HEAD % (201, 18) + b'{"id": 1, "id": 2}'),
    "silence": lambda line, peer: _done(line, peer, b"", then=_wait),
    "endless drip": lambda line, peer: line.drip(HEAD % (201, 9000) + b" " * 9000),
}


@pytest.mark.parametrize("how", UNCLEAR)
@pytest.mark.parametrize("reads", [True, False])
def test_an_unclear_answer_to_a_write_is_unknown_and_asked_once(how: str, reads: bool) -> None:
    """Whatever was done or not, the caller learns that it is open, and nothing is sent a second time."""
    with Peer(partial(shop, answer=UNCLEAR[how], reads=reads)) as peer:
        assert isinstance(_posted(peer.port), OutcomeUnknown)
        assert peer.connections == 1


def test_where_nobody_listens_nothing_was_done() -> None:
    """Without a connection the write is provably not done and may be tried again."""
    with nobody() as port:
        assert isinstance(_posted(port), Unavailable)


def test_a_storm_of_429_is_waited_out_without_doing_anything() -> None:
    """Too many requests, again and again: each is provably not done, and the last answer is the one that counts."""
    busy = HEAD.replace(b"\r\n\r\n", b"\r\nRetry-After: 0\r\n\r\n") % (429, 0)
    with Peer(lambda line, peer: shop(line, peer, lambda *_: line.say(busy if peer.connections < 3 else OK))) as peer:
        assert _posted(peer.port, seconds=30) is None
        assert peer.connections == 3


def _posted(port: int, seconds: float = 0.3) -> ConnectorError | None:
    timeouts = Timeouts(connect=30, read=seconds, write=30, total=seconds)
    client = open_client(f"http://127.0.0.1:{port}", {"Connection": "close"}, timeouts)
    patience = Patience(tries=4, longest_wait=0.01, budget=5)
    http = HttpClient("Buchhaltung", client, Bucket(1e6, 1e6), patience, total_timeout=timeouts.total)
    try:
        http.post("/v1/invoices", "create", {"wert": 1})
    except ConnectorError as error:
        return error
    finally:
        http.close()
    return None


def _sent(port: int) -> tuple[ConnectorError | None, list[str]]:
    timeouts = SmtpTimeouts(connect=30, command=30, dot=30)
    settings = Settings(host="127.0.0.1", port=port, security="none", timeouts=timeouts)
    phases: list[str] = []
    with connect(settings) as courier:
        try:
            courier.send(MESSAGE, "b@kunde.example", phases.append)
        except ConnectorError as error:
            return error, phases
    return None, phases
