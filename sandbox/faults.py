"""Faults to order: what shall go wrong at the next matching request or mail transaction."""

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

HttpKind = Literal[
    "gateway-timeout-after-effect", "gateway-timeout-before-effect", "reset-before", "reset-after-effect",
    "late-effect", "double-effect", "html", "cut", "nan", "huge",
    "401", "402", "403", "409", "422", "429", "500", "503", "silence", "stale",
]  # fmt: skip
SmtpKind = Literal[
    "rcpt-450", "rcpt-550", "data-451", "dot-451", "dot-554", "disconnect-before-data", "disconnect-after-dot-lost",
    "disconnect-after-dot-not-stored", "slow-dot", "greylist", "auth-535", "no-starttls",
]  # fmt: skip


class HttpFault(BaseModel):
    """One ordered fault of the HTTP side.

    `after` matching requests pass first; then `times` requests are hit (None: until deleted). `delay` seconds pass
    before the answer; for late-effect the effect lands then, for silence it is how long nothing is answered.
    `effect` decides for html, silence and the bare statuses whether the request is carried out nevertheless.
    """

    model_config = ConfigDict(extra="forbid")

    kind: HttpKind
    method: str | None = None
    path_regex: str = ".*"
    times: int | None = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)
    delay: float = Field(default=0, ge=0)
    effect: bool = False
    status: int | None = None
    message: str | None = None
    retry_after: str | None = None
    megabytes: int = 64
    id: int = 0
    seen: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the fault is about such a request."""
        return self.method in (None, "*", method) and re.search(self.path_regex, path) is not None

    def spent(self) -> bool:
        """Whether it has hit as often as ordered."""
        return self.times is not None and self.seen >= self.after + self.times


class SmtpFault(BaseModel):
    """One ordered fault of the mail side; `seconds` is the pause of slow-dot."""

    model_config = ConfigDict(extra="forbid")

    smtp: SmtpKind
    times: int | None = Field(default=1, ge=1)
    recipient_regex: str = ".*"
    after: int = Field(default=0, ge=0)
    seconds: float = Field(default=5, ge=0)
    id: int = 0
    seen: int = 0

    def matches(self, recipients: Iterable[str]) -> bool:
        """Whether one of the recipients is meant."""
        return any(re.search(self.recipient_regex, recipient) for recipient in recipients)

    def spent(self) -> bool:
        """Whether it has hit as often as ordered."""
        return self.times is not None and self.seen >= self.after + self.times


class Faults:
    """The list of ordered faults, first ordered first served."""

    def __init__(self) -> None:
        self.http: list[HttpFault] = []
        self.smtp: list[SmtpFault] = []
        self._greylisted: set[tuple[str, str]] = set()
        self._last_id = 0

    def order(self, fault: HttpFault | SmtpFault) -> int:
        """Add a fault and return its id."""
        self._last_id += 1
        fault.id, fault.seen = self._last_id, 0
        if isinstance(fault, HttpFault):
            self.http.append(fault)
        else:
            self.smtp.append(fault)
        return fault.id

    def clear(self) -> None:
        """Forget all faults."""
        self.http.clear()
        self.smtp.clear()
        self._greylisted.clear()

    def take_http(self, method: str, path: str) -> HttpFault | None:
        """The fault that hits this request, counted; None when there is none."""
        for fault in self.http:
            if not fault.spent() and fault.matches(method, path):
                fault.seen += 1
                return fault if fault.seen > fault.after else None
        return None

    def take_smtp(self, kinds: set[str], recipients: Iterable[str] | None = None) -> SmtpFault | None:
        """The fault of one of `kinds` that hits this transaction, counted; None when there is none.

        Without `recipients` (before they are known) the fault's recipient_regex is not looked at.
        """
        addressed = None if recipients is None else list(recipients)
        for fault in self.smtp:
            if fault.smtp in kinds and not fault.spent() and (addressed is None or fault.matches(addressed)):
                fault.seen += 1
                return fault if fault.seen > fault.after else None
        return None

    def greylists(self, sender: str, recipient: str) -> bool:
        """Whether this pair is turned away now: only its first try is."""
        if (sender, recipient) in self._greylisted:
            return False
        if self.take_smtp({"greylist"}, [recipient]) is None:
            return False
        self._greylisted.add((sender, recipient))
        return True
