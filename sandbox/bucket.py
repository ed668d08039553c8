"""The token bucket of an organisation."""

import time
from collections.abc import Callable


class TokenBucket:
    """`rate` tokens a second up to `capacity`; a rate of zero means no limit."""

    def __init__(self, rate: float, capacity: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.capacity = rate, capacity
        self.retry_after: str | None = None
        self._monotonic = monotonic
        self._tokens, self._last = capacity, monotonic()

    def take(self) -> bool:
        """Take one token; False when there is none."""
        if self.rate == 0:
            return True
        now = self._monotonic()
        self._tokens = min(self.capacity, self._tokens + (now - self._last) * self.rate)
        self._last = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def change(self, rate: float, capacity: float) -> None:
        """Set rate and capacity and fill the bucket."""
        self.rate, self.capacity, self._tokens = rate, capacity, capacity
