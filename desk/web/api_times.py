"""Recorded work from other programs: handed in by batches, seen again, approved or rejected."""

import hashlib
from collections import Counter
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field, model_validator

from billing.collective import Month
from billing.work_entries import Item, WorkEntry
from config.times import TimesSection
from desk.web.access import Person, Right, desk_of, require
from desk.web.api import NeededKey, answered, plain, router
from desk.web.api_forms import Filled, Form, Identity, Long, Number, Reason, Short
from flows.chain.times import intake_of
from ledger import times
from ledger.calls import Answer
from ledger.clientele import PUSHED
from ledger.database import Ledger
from ledger.overrides import NothingToDecide, Word
from ledger.time_tables import WorkEntryRow

routes = router("Zeiten")
Reader = Annotated[Person, Depends(require(Right.SEE))]
Decider = Annotated[Person, Depends(require(Right.DECIDE))]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Price = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)]
MonthName = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="Monat, etwa 2026-10")]
MOST = 500


class ItemIn(Form):
    """Travel or material beside the time."""

    quantity: Annotated[Number, Field(gt=0)]
    unit: Filled = Field(description="etwa Pauschale, km oder Stück")
    unit_price: Price = Field(description="netto in Euro")


class TimeIn(Form):
    """One piece of work: `minutes` of time, or an `item`."""

    external_id: Identity
    customer: Filled = Field(description="external_id eines gemeldeten Kunden, seine Kundennummer oder sein Name")
    day: Day
    started_at: AwareDatetime | None = Field(None, description="Beginn, mit Zeitzone")
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    item: ItemIn | None = None
    person: Short = ""
    activity: Short = Field("", description="Tätigkeit; kann einen eigenen Satz haben")
    ticket: Short = ""
    project: Short = ""
    text: Long = ""
    rate: Price | None = Field(None, description="Stundensatz netto; sonst der des Mandanten")
    is_billable: bool = True

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.minutes is None) == (self.item is None):
            raise ValueError("Erwartet wird minutes oder item, genau eines von beiden.")
        return self

    def entry(self) -> WorkEntry:
        """The entry as the rules know it; the same content has the same version."""
        facts = self.model_dump(exclude={"item", "minutes"})
        item = Item(**self.item.model_dump()) if self.item else None
        version = hashlib.sha256(self.model_dump_json().encode()).hexdigest()
        return WorkEntry(source=PUSHED, version=version, minutes=self.minutes or 0, item=item, **facts)


class TimesIn(Form):
    """A batch: taken in whole, or, with one wrong row, not at all; every wrong place is named."""

    entries: Annotated[list[TimeIn], Field(min_length=1, max_length=MOST)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        counted = Counter(entry.external_id for entry in self.entries)
        doubled = [name for name, count in counted.items() if count > 1]
        if doubled:
            raise ValueError(f"{len(doubled)} external_id stehen mehrmals in der Liste.")
        return self


class Decision(StrEnum):
    """What is said about recorded work."""

    APPROVE = "approve"
    REJECT = "reject"


class DecisionIn(Form):
    """Approve or reject entries by the ids of the list."""

    decision: Decision
    ids: Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(min_length=1, max_length=MOST)]
    reason: Reason


@routes.post("/times/{client}", summary="Erfasste Zeiten übergeben")
def push_times(request: Request, person: Decider, client: str, body: TimesIn, key: NeededKey) -> JSONResponse:
    """The same `external_id` renews an entry until it is billed; after that the difference is a task for a person."""
    now, section = desk_of(request).clock.now(), _section(request, client)
    early = [each.external_id for each in body.entries if each.day < section.since]
    if early:
        raise NothingToDecide(f"{len(early)} Einträge liegen vor dem {section.since:%d.%m.%Y} (times.since).")

    def work(ledger: Ledger) -> Answer:
        entries = [each.entry() for each in body.entries]
        with ledger.writing() as session:
            outcomes = times.receive(session, client, entries, intake_of(section), now)
        told = [
            {"external_id": entry.external_id, "outcome": outcome.value}
            for entry, outcome in zip(entries, outcomes, strict=True)
        ]
        return Answer(200, {"entries": told})

    return answered(request, person, key, body, work)


@routes.get("/times/{client}", summary="Erfasste Zeiten ansehen")
def list_times(
    request: Request, person: Reader, client: str, month: MonthName, customer: Short = "",
    state: times.State | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The work of a month, by customer and day."""
    wanted = Month.named(month)
    states = None if state is None else (state,)
    with desk_of(request).house.ledger.reading() as session:
        found = times.rows(
            session, [client], since=wanted.first, until=wanted.last, customer=customer or None, states=states
        )
    return {"entries": [shown(row) for row in found]}


@routes.post("/times/{client}/decisions", summary="Zeiten freigeben oder ablehnen")
def decide_times(request: Request, person: Decider, client: str, body: DecisionIn, key: NeededKey) -> JSONResponse:
    """Approved work is billed from the client's billing day on; rejected work never."""
    now = desk_of(request).clock.now()

    def work(ledger: Ledger) -> Answer:
        decide = times.approve if body.decision is Decision.APPROVE else times.reject
        with ledger.writing() as session:
            changed = decide(session, client, set(body.ids), Word(person.name, body.reason), now)
        return Answer(200, {"changed": changed})

    return answered(request, person, key, body, work)


def shown(row: WorkEntryRow) -> dict[str, Any]:
    """An entry as the interface tells it."""
    entry = times.entry_of(row)
    found: dict[str, Any] = plain(
        {
            "id": row.id,
            "source": row.source,
            "external_id": entry.external_id,
            "customer": row.customer_key,
            "day": entry.day,
            "minutes": entry.minutes,
            "item": entry.item,
            "person": entry.person,
            "activity": entry.activity,
            "ticket": entry.ticket,
            "project": entry.project,
            "text": entry.text,
            "rate": entry.rate,
            "is_billable": row.is_billable,
            "state": row.state,
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
            "reason": row.reason,
        }
    )
    return found


def _section(request: Request, client: str) -> TimesSection:
    section = desk_of(request).house.client(client).config.times
    if section is None:
        raise NothingToDecide("Für diesen Mandanten werden keine Zeiten abgerechnet: in seiner Datei fehlt times.")
    return section
