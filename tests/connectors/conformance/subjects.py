"""What the suite must know about each connector: how to ask it everything, and what its far side looks like."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from billing.invoices import Draft
from connectors import lexoffice, sevdesk
from tests.connectors.drafts import TODAY, draft_for, one_time
from tests.connectors.sevdesk_world import STANDARD_LINES, known_contact

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NOW = datetime(2026, 11, 4, 8, tzinfo=UTC)
KEY = "geheim-4711-schluessel"

Ask = Callable[[Any], Any]
Row = dict[str, Any]
Far = Callable[[httpx.Request], httpx.Response]


@dataclass(frozen=True)
class Listing:
    """A list that a connector reads by pages: how to ask for it, what a row looks like, how its pages are cut.

    `read` gives the ids found; `page` cuts the rows a request asks for. `needs_rest`: the list must come to rest.
    """

    read: Callable[[Any], list[str]]
    row: Callable[[str], Row]
    page: Callable[[httpx.Request, Sequence[Row]], Any]
    page_size: int
    needs_rest: bool = False


@dataclass(frozen=True)
class Subject:
    """One connector over HTTP. `before_writing` answers what it asks before it writes."""

    name: str
    module: ModuleType
    draft: Draft
    listings: Mapping[str, Listing]
    exchanges: Sequence[str]
    before_writing: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    reads: Mapping[str, Ask] = field(default_factory=dict)

    def connect(self, far: Far, pauses: list[float] | None = None, **changes: Any) -> Any:
        """A connection to a made-up far side, under a key of its own so that no bucket is shared."""
        given = {"api_key": f"{KEY}-{next(_numbers)}", "rate": 10_000, "burst": 10_000, **self.settings}
        settings = self.module.Settings.model_validate(given | changes)
        sleep = (lambda seconds: None) if pauses is None else pauses.append
        return self.module.connect(settings, httpx.MockTransport(far), sleep=sleep)

    def create(self, connected: Any) -> Any:
        """Create the draft, with a ledger that always agrees."""
        return connected.create(self.draft, lambda phase: None)

    def prepared(self, request: httpx.Request) -> httpx.Response | None:
        """What is answered to the reads that come before a write."""
        found = [answer for path, answer in self.before_writing.items() if request.url.path.endswith(path)]
        return httpx.Response(200, json=found[0]) if found and request.method == "GET" else None

    def recorded(self, name: str) -> Row:
        """A recorded exchange of ours."""
        text = (FIXTURES / self.name / f"{name}.json").read_text(encoding="utf-8")
        exchange: Row = json.loads(text)
        return exchange


_numbers = iter(range(10**9))

ASKS: dict[str, Callable[[Any, str], Any]] = {
    "signals": lambda connected, since: list(connected.signals(date.fromisoformat(since))),
    "job": lambda connected, external_id: connected.job(external_id),
    "read": lambda connected, external_id: connected.read(external_id),
    "changes": lambda connected, since: list(connected.changes(date.fromisoformat(since), NOW)),
    "state": lambda connected, external_id: connected.state(external_id, NOW),
}
"""What a recorded exchange is about."""


def reads_of(draft: Draft, external_id: str) -> dict[str, Ask]:
    """Every question that changes nothing."""
    return {
        "signals": lambda connected: list(connected.signals(TODAY)),
        "job": lambda connected: connected.job(external_id),
        "read": lambda connected: connected.read(external_id),
        "find": lambda connected: connected.find(draft, TODAY),
        "changes": lambda connected: list(connected.changes(TODAY, NOW)),
        "state": lambda connected: connected.state(external_id, NOW),
        "pdf": lambda connected: connected.pdf(external_id),
    }


def ids_of_signals(connected: Any) -> list[str]:
    """The ids of all signals."""
    return [signal.external_id for signal in connected.signals(TODAY)]


def ids_of_changes(connected: Any) -> list[str]:
    """The ids of all payments."""
    return [payment.external_id for payment in connected.changes(TODAY, NOW)]


# Lexware Office

WHEN = "2026-11-03T10:00:00.000+01:00"


def _lexoffice_row(row_id: str) -> Row:
    return {
        "id": row_id,
        "voucherType": "invoice",
        "voucherStatus": "open",
        "createdDate": WHEN,
        "updatedDate": WHEN,
        "totalAmount": 119.0,
        "openAmount": 119.0,
        "currency": "EUR",
    }


def _lexoffice_page(request: httpx.Request, rows: Sequence[Row]) -> Any:
    if request.url.path != "/v1/voucherlist":
        return {"remark": LEXOFFICE_DRAFT.marker}
    size, number = int(request.url.params["size"]), int(request.url.params["page"])
    shown = list(rows[number * size : (number + 1) * size])
    return {"content": shown, "totalPages": -(-len(rows) // size)}


LEXOFFICE_DRAFT = draft_for(one_time())
LEXOFFICE = Subject(
    name="lexoffice",
    module=lexoffice,
    draft=LEXOFFICE_DRAFT,
    listings={
        "signals": Listing(ids_of_signals, _lexoffice_row, _lexoffice_page, 250),
        "changes": Listing(ids_of_changes, _lexoffice_row, _lexoffice_page, 250),
        "find": Listing(
            lambda connected: list(connected.find(LEXOFFICE_DRAFT, TODAY)), _lexoffice_row, _lexoffice_page, 250, True
        ),
    },
    exchanges=("signals-delivery-notes", "job-delivery-note-with-order", "read-open", "changes", "state-in-dollars"),
    reads=reads_of(LEXOFFICE_DRAFT, "9a0c4b3e-1111-4222-8333-444455556666"),
)

# sevDesk

SEVDESK_DRAFT = draft_for(known_contact(), lines=STANDARD_LINES)


def _sevdesk_row(row_id: str) -> Row:
    invoice = {"invoiceType": "RE", "status": "200", "sumGross": "119", "paidAmount": "0", "currency": "EUR"}
    texts = {"customerInternalNote": SEVDESK_DRAFT.marker, "headText": None, "footText": None}
    return {"id": row_id, "update": "2026-11-03T10:00:00+01:00", **invoice, **texts}


def _sevdesk_order(row_id: str) -> Row:
    return {"id": row_id, "update": "2026-11-03T10:00:00+01:00", "orderType": "AB", "status": "500"}


def _sevdesk_page(request: httpx.Request, rows: Sequence[Row]) -> Any:
    limit, offset = int(request.url.params["limit"]), int(request.url.params["offset"])
    return {"total": str(len(rows)), "objects": list(rows[offset : offset + limit])}


SEVDESK = Subject(
    name="sevdesk",
    module=sevdesk,
    draft=SEVDESK_DRAFT,
    listings={
        "signals": Listing(ids_of_signals, _sevdesk_order, _sevdesk_page, 500),
        "changes": Listing(ids_of_changes, _sevdesk_row, _sevdesk_page, 500),
        "find": Listing(
            lambda connected: list(connected.find(SEVDESK_DRAFT, TODAY)), _sevdesk_row, _sevdesk_page, 500, True
        ),
    },
    exchanges=("signals-accepted-filters-ignored", "job-accepted", "read-open", "changes", "state-open"),
    before_writing={
        "/Tools/bookkeepingSystemVersion": {"objects": {"version": "2.0"}},
        "/Unity": {"objects": [{"id": "1", "name": "Stk"}, {"id": "9", "name": "Std"}]},
    },
    settings={"contact_person": 240501},
    reads=reads_of(SEVDESK_DRAFT, "4711"),
)

SUBJECTS = {subject.name: subject for subject in (LEXOFFICE, SEVDESK)}
