"""The memory of the stand-in: one organisation with its contacts, documents, payments and the lagging list index."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.clock import Clock
from sandbox.lexoffice.errors import Json
from sandbox.lexoffice.kinds import Kind


@dataclass(frozen=True)
class Payment:
    """One payment item of a voucher; `posted` is the API's date-time."""

    item_type: str
    posted: str
    amount: Decimal


@dataclass(frozen=True)
class Voucher:
    """One sales document: the body as GET answers it, the request it came from, and its payments."""

    kind: Kind
    body: Json
    request: Json
    gross: Decimal
    payments: tuple[Payment, ...] = ()
    paid_at: str | None = None
    created: datetime | None = None

    @property
    def id(self) -> str:
        """The document's id."""
        return str(self.body["id"])

    @property
    def status(self) -> str:
        """The document's voucherStatus."""
        return str(self.body["voucherStatus"])

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid, never below zero; zero for a voided or settled document."""
        if self.status in ("voided", "paidoff"):
            return Decimal("0.00")
        return max(Decimal("0.00"), self.gross - sum((p.amount for p in self.payments), Decimal(0)))


Changed = Callable[[Voucher | None, Voucher | None], None]
"""Hears of every change of a document: as it was before, None for a new one, and as it is now, None when deleted."""


@dataclass
class Settings:
    """What is not established about the real API, or differs between organisations, can be chosen here."""

    index_lag: float = 1.5
    parent_lists_children: bool = True
    refuse_second_pursue: bool = False
    open_amount_as_string: bool = False
    probe_callbacks: bool = False
    https_callbacks_only: bool = True


@dataclass(frozen=True)
class _Write:
    at: float
    id: str
    voucher: Voucher | None


@dataclass
class Index:
    """What the voucher list knows: every write appears in it only `lag` seconds of real time later."""

    monotonic: Callable[[], float] = time.monotonic
    shown: dict[str, Voucher] = field(default_factory=dict)
    before: dict[str, Voucher] = field(default_factory=dict)
    _waiting: list[_Write] = field(default_factory=list)

    def write(self, id_: str, voucher: Voucher | None) -> None:
        """Note a change; None means that the document was deleted."""
        self._waiting.append(_Write(self.monotonic(), id_, voucher))

    def rows(self, lag: float) -> dict[str, Voucher]:
        """The documents as the list sees them now."""
        ripe = [w for w in self._waiting if w.at + lag <= self.monotonic()]
        if ripe:
            self.before = dict(self.shown)
            self._waiting = self._waiting[len(ripe) :]
        for write in ripe:
            if write.voucher is None:
                self.shown.pop(write.id, None)
            else:
                self.shown[write.id] = write.voucher
        return self.shown

    def settle(self) -> None:
        """Let the list see everything at once."""
        self.rows(float("-inf"))


class Office:
    """One organisation. Documents are frozen values: a change stores a new one and keeps the earlier one."""

    def __init__(self, clock: Clock, profile: Json, payment_conditions: list[Json]) -> None:
        self.clock, self.profile, self.payment_conditions = clock, profile, payment_conditions
        self.settings = Settings()
        self.contacts: dict[str, Json] = {}
        self.contact_made: dict[str, float] = {}
        self.vouchers: dict[str, Voucher] = {}
        self.earlier: dict[str, Voucher] = {}
        self.subscriptions: dict[str, Json] = {}
        self.on_change: Changed = lambda before, after: None
        self.index = Index()
        self._numbers: dict[str, int] = {}

    def next_number(self, prefix: str) -> str:
        """The next voucher number; numbers start at 1001 and are never given twice."""
        return f"{prefix}{self.next_count(prefix, 1001)}"

    def next_count(self, name: str, first: int) -> int:
        """The next number of a counter that starts at `first`."""
        self._numbers[name] = self._numbers.get(name, first - 1) + 1
        return self._numbers[name]

    def save(self, voucher: Voucher) -> None:
        """Store a new document or a new state of one."""
        before = self.vouchers.get(voucher.id)
        if before:
            self.earlier[voucher.id] = before
        self.vouchers[voucher.id] = voucher
        self.index.write(voucher.id, voucher)
        self.on_change(before, voucher)

    def remove(self, voucher: Voucher) -> None:
        """Forget a document; its number is not given again."""
        del self.vouchers[voucher.id]
        self.index.write(voucher.id, None)
        self.on_change(voucher, None)

    def of_kind(self, kind: Kind) -> list[Voucher]:
        """All documents of one kind, oldest first."""
        return [v for v in self.vouchers.values() if v.kind == kind]

    def default_terms(self) -> dict[str, Any]:
        """The organisation's default payment condition."""
        return next(c for c in self.payment_conditions if c["organizationDefault"])
