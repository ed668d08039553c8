"""The token bucket of an account."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calendar import berlin_day
from connectors import rate
from connectors.rate import Bucket, account_key, bucket_for, usage


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


@pytest.fixture
def quota(tmp_path: Path) -> Iterator[Path]:
    """A folder that all new buckets share; afterwards none does."""
    rate.share(tmp_path / "quota")
    yield tmp_path / "quota"
    rate.share(None)


DRAW = """
import sys, time
from pathlib import Path
from billing.calendar import berlin_day
from connectors import rate

rate.share(Path(sys.argv[1]))
bucket = rate.bucket_for("account", 100, 5, "Testsystem")
for _ in range(40):
    time.sleep(bucket.reserve(sys.argv[2]))
    print(time.monotonic())
"""


def test_three_processes_never_exceed_the_rate(tmp_path: Path) -> None:
    """Three processes that draw as fast as they may stay together below burst plus rate in every window."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", DRAW, str(tmp_path)]
    running = [
        subprocess.Popen([*command, purpose], cwd=root, stdout=subprocess.PIPE, text=True)
        for purpose in ("read", "read", "find")
    ]
    printed = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    moments = sorted(float(line) for text in printed for line in text.split())
    assert len(moments) == 120
    for first in range(len(moments)):
        for last in range(first, len(moments)):
            # A process may be late to use its place, which lets a later one come closer: 50 ms are forgiven.
            allowed = 5 + 100 * (moments[last] - moments[first] + 0.05)
            assert last - first + 1 <= allowed + 1
    (used,) = usage(tmp_path)
    assert used.on(berlin_day(datetime.now(UTC))) == {"read": 80, "find": 40}
    assert (used.account, used.system) == ("account", "Testsystem")


def test_state_outlives_the_process(tmp_path: Path) -> None:
    """What one process drew is missing for the next, and a slowed account stays slow for all."""
    clock, file = Clock(100.0), tmp_path / "account.json"
    first = Bucket(rate=2, burst=3, clock=clock, file=file)
    for _ in range(4):
        first.reserve("read")
    first.slow_down()
    second = Bucket(rate=2, burst=3, clock=clock, file=file)
    assert second.rate == 1
    assert second.reserve("read") == 2
    first.speed_up()
    assert second.rate == pytest.approx(1.05)


def test_restart_of_the_machine_stops_nothing(tmp_path: Path) -> None:
    """The steady clock starts anew: nothing is gained by it, and nobody waits for the old time to come again."""
    file = tmp_path / "account.json"
    before = Bucket(rate=2, burst=3, clock=Clock(1_000_000.0), file=file)
    for _ in range(5):
        before.reserve("read")
    clock = Clock(10.0)
    after = Bucket(rate=2, burst=3, clock=clock, file=file)
    assert after.reserve("read") == 1.5
    clock.now += 10
    assert after.reserve("read") == 0


@pytest.mark.parametrize("text", ["{", '{"tokens": 9', "[]", '{"tokens": "viele", "rate": 1, "filled_at": 0}'])
def test_unreadable_state_starts_empty(tmp_path: Path, text: str) -> None:
    """A file that a crash has cut gives no tokens for free."""
    file = tmp_path / "account.json"
    file.write_text(text, encoding="utf-8")
    assert Bucket(rate=2, burst=3, clock=Clock(), file=file).reserve("read") == 0.5
    file.write_text(text, encoding="utf-8")
    assert usage(tmp_path) == []


def test_only_the_last_days_are_kept(tmp_path: Path) -> None:
    """Counts are kept for a month."""
    file = tmp_path / "account.json"
    days = {f"2026-{month:02}-{day:02}": {"read": 1} for month in (8, 9) for day in range(1, 31)}
    state = {"tokens": 1, "rate": 2, "filled_at": 0, "counts": days}
    file.write_text(json.dumps(state), encoding="utf-8")
    bucket = Bucket(rate=2, burst=3, clock=Clock(), file=file)
    bucket.reserve("read")
    (used,) = usage(tmp_path)
    assert min(used.counts) > "2026-08-28"


def test_shared_folder_is_used_by_new_buckets(quota: Path) -> None:
    """Once a folder is named, the accounts' states stand there under names that tell no secret."""
    bucket_for(account_key("https://example.test", "geheim"), 2, 3, "Testsystem").reserve("read")
    (file,) = quota.iterdir()
    assert bucket_for(file.stem, 2, 3).account == file.stem
    assert "geheim" not in file.name + file.read_text(encoding="utf-8")


def test_time_for_a_big_run() -> None:
    """A thousand requests at two a second take over eight minutes, a few no time, and a slowed account twice that."""
    bucket = Bucket(rate=2, burst=4, clock=Clock())
    assert bucket.seconds_for(1000) == 498
    assert bucket.seconds_for(3) == 0
    bucket.slow_down()
    assert bucket.seconds_for(1000) == 996
