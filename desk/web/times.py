"""Recorded work of a month: what it will come to, and approving or rejecting it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import Field

from billing.collective import Month, approvable_until
from billing.contracts import FIRST_DAY, LAST_DAY
from billing.work_entries import WorkEntry
from desk.web.access import Desk, NotFound, Person, Right, desk_of, require
from desk.web.pages import go, page
from desk.worktimes import STATES, clock, counted
from flows.chain.monthly import Expected, expected
from ledger import times
from ledger.database import Transaction
from ledger.overrides import NothingToDecide, Word
from ledger.time_tables import WorkEntryRow
from ledger.times import State

router = APIRouter(prefix="/zeiten")
Reader = Annotated[Person, Depends(require(Right.SEE))]
Decider = Annotated[Person, Depends(require(Right.DECIDE))]
Text = Annotated[str, Form()]
Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Form(default_factory=list, max_length=2000)]
MONTHS = 6
CHANGEABLE = frozenset({State.RECORDED, State.APPROVED, State.REJECTED})


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: `is_late` if it belongs to an earlier month and still has to be billed."""

    row: WorkEntryRow
    entry: WorkEntry
    is_late: bool

    @property
    def state(self) -> str:
        """Its state in a word."""
        return STATES[State(self.row.state)] if self.row.is_billable else "nicht abrechenbar"

    @property
    def is_open(self) -> bool:
        """Whether a person can still say something about it."""
        return self.row.is_billable and self.row.state in CHANGEABLE

    @property
    def amount(self) -> str:
        """Hours as recorded, or what else was used."""
        item = self.entry.item
        return f"{item.quantity} {item.unit}" if item else clock(self.entry.minutes)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One customer's month; `due` is None where nothing is left to bill."""

    client: str
    key: str
    lines: tuple[Line, ...]
    due: Expected | None

    @property
    def name(self) -> str:
        """How people call the customer."""
        return self.due.name if self.due else self.key

    @property
    def hours(self) -> str:
        """The billable hours as recorded."""
        minutes = sum(line.entry.minutes for line in self.lines if line.row.is_billable)
        return clock(minutes)


@router.get("")
def show(request: Request, person: Reader, client: str = "", month: str = "") -> Response:
    """The work of a month by customer, with what is left of earlier ones."""
    desk = desk_of(request)
    wanted = _month(desk, month)
    clients = [name for name in person.clients if client in ("", name)]
    with desk.house.ledger.reading() as session:
        sheets = [sheet for name in clients for sheet in _sheets(desk, session, name, wanted)]
    values = {
        "sheets": sheets, "months": _months(desk, wanted), "month": str(wanted), "client": client,
        "clients": [name for name in person.clients if _has_times(desk, name)],
    }  # fmt: skip
    return page(request, person, "times.html.j2", values)


@router.post("/{client}")
def decide(
    request: Request, person: Decider, client: str, ids: Ids, decision: Text = "", reason: Text = "", month: Text = ""
) -> Response:
    """Approve or reject what was ticked."""
    desk = desk_of(request)
    back = f"/zeiten?{urlencode({'month': str(_month(desk, month))})}"
    if decision not in ("approve", "reject") or not ids:
        return go(request, back, "Nichts ist angekreuzt.")
    is_approved = decision == "approve"
    if not is_approved and not reason.strip():
        return go(request, back, "Zum Ablehnen bitte einen Grund angeben.")
    word = Word(person.name, reason.strip()[:500] or "geprüft")
    act = times.approve if is_approved else times.reject
    try:
        with desk.house.ledger.writing() as session:
            changed = act(session, client, set(ids), word, desk.clock.now())
    except NothingToDecide as nothing:
        return go(request, back, str(nothing))
    return go(request, back, f"{counted(changed)} {'freigegeben' if is_approved else 'abgelehnt'}.")


def _sheets(desk: Desk, session: Transaction, client: str, month: Month) -> Iterator[Sheet]:
    if not _has_times(desk, client):
        return
    of_month = times.rows(session, [client], since=month.first, until=month.last)
    early = times.rows(session, [client], until=month.before.last, states=times.OPEN)
    due = {each.key: each for each in expected(session, desk.house.client(client).config, month)}
    found: dict[str, list[WorkEntryRow]] = {}
    for row in (*(row for row in early if row.is_billable), *of_month):
        found.setdefault(row.customer_key, []).append(row)
    for key in sorted(found):
        yield Sheet(client, key, tuple(_lines(found[key], month)), due.get(key))


def _lines(rows: Sequence[WorkEntryRow], month: Month) -> Iterator[Line]:
    for row in rows:
        if row.state != State.WITHDRAWN:
            yield Line(row, times.entry_of(row), row.day < month.first)


def _month(desk: Desk, text: str) -> Month:
    """The month asked for; without one that which should be approved by now. Raises `NotFound` for nonsense."""
    try:
        wanted = Month.named(text) if text else Month.of(approvable_until(desk.clock.today()))
    except ValueError:
        raise NotFound from None
    if not FIRST_DAY <= wanted.first <= LAST_DAY:
        raise NotFound
    return wanted


def _months(desk: Desk, wanted: Month) -> list[str]:
    """The last months, newest first, and the one that is shown."""
    month, found = Month.of(desk.clock.today()), [str(wanted)]
    for _ in range(MONTHS):
        found.append(str(month))
        month = month.before
    return sorted(set(found), reverse=True)


def _has_times(desk: Desk, client: str) -> bool:
    return any(loaded.config.name == client and loaded.config.times for loaded in desk.house.clients)
