"""One foreign system as the gateway sees it: its login, its rate limit, its API and how it says no."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp

from sandbox.answer import Answer
from sandbox.bucket import TokenBucket


class Refuse(Protocol):
    """The system's own form of an answer that comes from before its API, e.g. 401, 429 or 504."""

    def __call__(self, status: int, text: str | None = None, retry_after: str | None = None) -> Answer:
        """The answer; `retry_after` is only looked at for 429."""
        ...


@dataclass(frozen=True)
class System:
    """`authorised` judges the bytes of the Authorization header."""

    name: str
    api: ASGIApp
    bucket: TokenBucket
    authorised: Callable[[bytes], bool]
    refuse: Refuse
