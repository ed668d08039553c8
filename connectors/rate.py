"""Never faster than a foreign account allows: one token bucket per account, shared by all clients of this process."""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable

SLOWEST = 0.1
RECOVERY = 1.05


class Bucket:
    """Tokens come at `rate` per second up to `burst`; each request takes one. Safe for threads.

    `reserve` hands out places in the queue instead of sleeping under a lock, so nobody is overtaken. `counts` says how
    many requests were made for which purpose.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = self.full_rate = rate
        self.burst = burst
        self.counts: Counter[str] = Counter()
        self._tokens = burst
        self._clock = clock
        self._filled_at = clock()
        self._lock = threading.Lock()

    def reserve(self, purpose: str) -> float:
        """Take the next token; the seconds to wait before using it."""
        with self._lock:
            self._fill()
            self._tokens -= 1
            self.counts[purpose] += 1
            return max(0.0, -self._tokens / self.rate)

    def slow_down(self) -> None:
        """The account answered 429: somebody else draws from it too. Halve the rate and start with no tokens."""
        with self._lock:
            self._fill()
            self.rate = max(self.rate / 2, SLOWEST)
            self._tokens = min(self._tokens, 0.0)

    def speed_up(self) -> None:
        """A request went through: recover towards the full rate."""
        with self._lock:
            self._fill()
            self.rate = min(self.rate * RECOVERY, self.full_rate)

    def limit(self, rate: float, burst: float) -> None:
        """Another client of the account asks for these limits; the lower ones hold for both."""
        with self._lock:
            self._fill()
            self.full_rate = min(self.full_rate, rate)
            self.rate = min(self.rate, self.full_rate)
            self.burst = min(self.burst, burst)

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self.burst, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now


_buckets: dict[str, Bucket] = {}
_buckets_lock = threading.Lock()


def account_key(*parts: str) -> str:
    """A name for an account that does not give its secret away."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def bucket_for(account: str, rate: float, burst: float) -> Bucket:
    """The one bucket of an account in this process."""
    with _buckets_lock:
        bucket = _buckets.setdefault(account, Bucket(rate, burst))
    bucket.limit(rate, burst)
    return bucket
