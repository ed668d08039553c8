"""The breaker: a system that is down is left alone, one request tries again, and every process knows."""

from pathlib import Path

import httpx
import pytest

from connectors import breaker, rate
from connectors.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Breaker, standings
from connectors.errors import ChannelDown, Rejected, Unavailable
from connectors.http import HttpClient, open_client
from connectors.rate import Bucket
from connectors.settings import Patience, Timeouts


class Clock:
    """A wall clock that the test moves."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at an instant."""
    return Clock()


def opened(file: Path, clock: Clock) -> Breaker:
    """A breaker that has just opened."""
    found = Breaker("Lexware Office", file, clock)
    for _ in range(FAILURES):
        found.check()
        found.failed()
    return found


def test_it_opens_after_failures_in_a_row_for_all_processes(tmp_path: Path, clock: Clock) -> None:
    """Five failures open it, also for whoever comes later; a success between them begins anew."""
    file = tmp_path / "account.json"
    one = Breaker("Lexware Office", file, clock)
    for _ in range(FAILURES - 1):
        one.failed()
    one.went_well()
    opened(file, clock)
    with pytest.raises(ChannelDown) as caught:
        Breaker("Lexware Office", file, clock).check()
    assert (caught.value.retry_after, "geschont" in caught.value.message) == (FIRST_PAUSE, True)
    assert [(each.system, each.failures) for each in standings(tmp_path, clock.now)] == [("Lexware Office", FAILURES)]


def test_after_the_pause_one_request_tries(tmp_path: Path, clock: Clock) -> None:
    """Half open: the first one may ask, the others wait; its success closes the breaker for all."""
    file = tmp_path / "account.json"
    one, other = opened(file, clock), Breaker("Lexware Office", file, clock)
    clock.now += FIRST_PAUSE
    one.check()
    with pytest.raises(ChannelDown):
        other.check()
    one.went_well()
    other.check()
    assert standings(tmp_path, clock.now) == []


def test_a_failed_try_doubles_the_pause_up_to_a_limit(tmp_path: Path, clock: Clock) -> None:
    """The pauses grow to a quarter of an hour and no further."""
    one = opened(tmp_path / "account.json", clock)
    pauses = []
    for _ in range(7):
        pauses.append(standings(tmp_path, clock.now)[0].until - clock.now)
        clock.now += pauses[-1]
        one.check()
        one.failed()
    assert pauses == [30, 60, 120, 240, 480, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_clock_set_back_does_not_lock_for_ever(tmp_path: Path, clock: Clock) -> None:
    """However wrong the clock was, nobody is told to wait longer than the longest pause."""
    one = opened(tmp_path / "account.json", clock)
    clock.now -= 10_000_000
    with pytest.raises(ChannelDown) as caught:
        one.check()
    assert caught.value.retry_after == LONGEST_PAUSE


def test_a_cut_state_counts_as_closed(tmp_path: Path, clock: Clock) -> None:
    """A crash in the middle of writing holds nobody up."""
    file = tmp_path / "account.json"
    file.write_text('{"failures": 9, "clo', "utf-8")
    Breaker("Lexware Office", file, clock).check()


def test_requests_stop_reaching_a_system_that_is_down(tmp_path: Path) -> None:
    """503 five times, then no request leaves any more; refusals prove that the system lives and close it again."""
    asked: list[int] = []
    answers = [503] * FAILURES + [422]

    def answer(_request: httpx.Request) -> httpx.Response:
        asked.append(answers[len(asked)])
        return httpx.Response(asked[-1], json={})

    breaker.share(tmp_path)
    try:
        http = _client(httpx.MockTransport(answer))
        for _ in range(FAILURES):
            with pytest.raises(Unavailable):
                http.get("/v1/profile", "profile")
        with pytest.raises(ChannelDown):
            http.get("/v1/profile", "profile")
        assert len(asked) == FAILURES
        http.breaker.went_well()
        with pytest.raises(Rejected):
            http.get("/v1/profile", "profile")
    finally:
        breaker.share(None)
        rate.share(None)
        http.close()


def _client(transport: httpx.BaseTransport) -> HttpClient:
    client = open_client("https://api.example", {}, Timeouts(), transport=transport)
    bucket = Bucket(1000, 1000)
    return HttpClient("Lexware Office", client, bucket, Patience(tries=1), total_timeout=5)
