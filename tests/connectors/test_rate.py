"""The token bucket of an account."""

import threading
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.rate import Bucket, account_key, bucket_for


@dataclass
class Clock:
    """Seconds that pass only when told."""

    now: float = 0.0

    def __call__(self) -> float:
        """The current reading."""
        return self.now


def test_burst_goes_at_once_then_the_rate_holds() -> None:
    """Three requests need no wait, the following ones come at 2 per second."""
    bucket = Bucket(rate=2, burst=3, clock=Clock())
    waits = [bucket.reserve("read") for _ in range(6)]
    assert waits == [0, 0, 0, 0.5, 1.0, 1.5]


@given(st.lists(st.floats(0, 5), min_size=1, max_size=50))
def test_never_above_the_rate(pauses: list[float]) -> None:
    """In any window from the first request on there are at most burst + rate x seconds requests."""
    clock = Clock()
    bucket = Bucket(rate=1.9, burst=3, clock=clock)
    moments = []
    for pause in pauses:
        clock.now += pause
        moments.append(clock.now + bucket.reserve("read"))
    for first in range(len(moments)):
        for last in range(first, len(moments)):
            allowed = 3 + 1.9 * (moments[last] - moments[first])
            assert last - first + 1 <= allowed + 1e-6


def test_too_many_requests_halve_the_rate_and_success_restores_it() -> None:
    """A 429 halves the rate and empties the bucket; twenty successes bring the full rate back, never more."""
    clock = Clock()
    bucket = Bucket(rate=2, burst=3, clock=clock)
    bucket.slow_down()
    assert bucket.rate == 1
    assert bucket.reserve("read") == 1
    for _ in range(20):
        bucket.speed_up()
    assert bucket.rate == 2


def test_rate_never_stops() -> None:
    """However many 429 come, progress goes on."""
    bucket = Bucket(rate=2, burst=3, clock=Clock())
    for _ in range(50):
        bucket.slow_down()
    assert bucket.rate == pytest.approx(0.1)


def test_requests_are_counted_by_purpose() -> None:
    """The counter says what requests were made for."""
    bucket = Bucket(rate=2, burst=3, clock=Clock())
    for purpose in ("find", "read", "find"):
        bucket.reserve(purpose)
    assert bucket.counts == {"find": 2, "read": 1}


def test_one_account_has_one_bucket_with_the_lower_limits() -> None:
    """Two clients on one account share a bucket; the more careful limits hold."""
    account = account_key("test", "one account")
    first = bucket_for(account, rate=1.9, burst=3)
    assert bucket_for(account, rate=1.5, burst=4) is first
    assert (first.rate, first.burst) == (1.5, 3)
    assert bucket_for(account_key("test", "other account"), rate=1.9, burst=3) is not first


def test_account_key_hides_the_secret() -> None:
    """The name of an account does not contain its key."""
    assert "geheim" not in account_key("https://example.test", "geheim")


def test_threads_queue_without_losing_tokens() -> None:
    """Eight threads that take ten tokens each leave exactly eighty counted and a queue of 77."""
    bucket = Bucket(rate=1, burst=3, clock=Clock())
    threads = [threading.Thread(target=lambda: [bucket.reserve("read") for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bucket.counts["read"] == 80
    assert bucket.reserve("read") == 78
