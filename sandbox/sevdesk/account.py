"""The memory of the stand-in: one sevDesk account with its records, payments and what was mailed."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sandbox.clock import Clock
from sandbox.sevdesk.errors import ApiError, Json, refused
from sandbox.sevdesk.records import Record, Ref, plain, shown
from sandbox.sevdesk.statics import CLIENT, STATICS, base_records

FIRST_ID = 4711001
OWNERS = {"OrderPos": "order", "InvoicePos": "invoice", "Discounts": "object"}
"""Kinds that belong to a document, and the field that names it."""
NUMBERS = {"Order": ("showNet",), "Invoice": ("paidAmount",)}
"""The fields that answers show as numbers, unlike all others (published examples)."""


@dataclass
class Settings:
    """What is not established about the real API, or differs between accounts, can be chosen here."""

    bookkeeping_version: Literal["1.0", "2.0"] = "2.0"
    specified_answers: bool = False
    total_as_number: bool = False
    missing_status: Literal[400, 404] = 404
    map_old_tax_types: bool = False
    delivery_date_rule: Literal["not-later", "later", "none"] = "not-later"
    number_on_send: bool = True
    refuse_second_invoice: bool = False
    origin_marks_order: bool = False
    cancelled_becomes_paid: bool = True
    partial_stays_open: bool = False
    tagging_touches: bool = False
    ignored_filters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Booking:
    """Money booked on an invoice, EUR; `kind` is the type of bookAmount."""

    invoice_id: int
    amount: Decimal
    day: date
    kind: str
    transaction_id: int | None


@dataclass(frozen=True)
class SentMail:
    """A mail that the real system would have sent; here it is only noted."""

    id: int
    invoice_id: int
    at: datetime
    to: str
    subject: str
    text: str
    filename: str
    cc: str | None
    bcc: str | None
    with_xml: bool


@dataclass
class Account:
    """One account. Records are frozen values: a change stores a new one and notes the earlier one."""

    clock: Clock
    profile: Json
    settings: Settings = field(default_factory=Settings)
    bookings: list[Booking] = field(default_factory=list)
    mails: list[SentMail] = field(default_factory=list)
    on_mail: Callable[[SentMail], None] = lambda mail: None

    def __post_init__(self) -> None:
        self._tables: dict[str, dict[int, Record]] = {}
        self._undo: dict[tuple[str, int], Record | None] = {}
        self._parts: dict[tuple[str, Ref], set[int]] = {}
        self._ids = itertools.count(FIRST_ID)
        for name, id_, fields in base_records(self.profile):
            self._store(Record(name, id_, self.now(), self.now(), fields))
        self._undo.clear()

    def now(self) -> datetime:
        """The present instant, cut to seconds."""
        return self.clock.now().replace(microsecond=0)

    def begin(self) -> None:
        """A new change starts: what was noted of the last one is forgotten."""
        self._undo.clear()

    def add(self, name: str, fields: Json) -> Record:
        """Store a new record."""
        now = self.now()
        return self._store(Record(name, next(self._ids), now, now, fields))

    def change(self, record: Record, **fields: Any) -> Record:
        """Store changed fields; the record counts as updated now."""
        return self._store(replace(record, fields=record.fields | fields, updated=self.now()))

    def spoil(self, record: Record, raw: Json) -> None:
        """Let answers show raw values for some fields, e.g. a status nobody knows; an empty object heals it."""
        self._store(replace(record, spoiled=record.spoiled | raw if raw else {}))

    def remove(self, record: Record) -> None:
        """Forget a record."""
        self._undo.setdefault((record.name, record.id), record)
        del self._tables[record.name][record.id]
        if record.name in OWNERS:
            self._parts[record.name, record[OWNERS[record.name]]].discard(record.id)

    def rows(self, name: str, *, stale: bool = False) -> list[Record]:
        """All records of a kind, oldest first; stale: as they were before the last change."""
        table = dict(self._tables.get(name, {}))
        if stale:
            for (kind, id_), earlier in self._undo.items():
                if kind == name:
                    table.pop(id_, None) if earlier is None else table.update({id_: earlier})
        return list(table.values())

    def parts(self, kind: str, owner: Ref, *, stale: bool = False) -> list[Record]:
        """The records of a kind in OWNERS that belong to a document, oldest first."""
        if stale:
            return [record for record in self.rows(kind, stale=True) if record[OWNERS[kind]] == owner]
        return [self._tables[kind][id_] for id_ in sorted(self._parts.get((kind, owner), ()))]

    def find(self, ref: Ref) -> Record | None:
        """The record of a reference."""
        return self._tables.get(ref.name, {}).get(ref.id)

    def get(self, name: str, id_: int, *, stale: bool = False) -> Record:
        """The record with this id; 404 (or 400, as the specification says) when there is none."""
        found = self.find(Ref(id_, name))
        if stale and (name, id_) in self._undo:
            found = self._undo[name, id_]
        if found is None:
            raise ApiError(self.settings.missing_status, f"{name} not found")
        return found

    def needed(self, ref: Ref) -> Record:
        """The record that a request refers to; 422 when there is none."""
        found = self.find(ref)
        if found is None:
            raise refused(f"{ref.name} with id {ref.id} not found")
        return found

    def _store(self, record: Record) -> Record:
        table = self._tables.setdefault(record.name, {})
        self._undo.setdefault((record.name, record.id), table.get(record.id))
        table[record.id] = record
        if record.name in OWNERS:
            self._parts.setdefault((record.name, record[OWNERS[record.name]]), set()).add(record.id)
        return record


def answer_of(record: Record) -> Json:
    """A record as answers show it."""
    head: Json = {"id": str(record.id), "objectName": record.name}
    if record.name not in STATICS:
        head |= {"create": shown(record.created), "update": shown(record.updated), "sevClient": shown(CLIENT)}
    found = {name: shown(value) for name, value in record.fields.items()}
    numbers = {name: plain(record[name]) for name in NUMBERS.get(record.name, ()) if record[name] is not None}
    return head | found | numbers | record.spoiled
