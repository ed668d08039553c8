"""The board: what is open, paid, overdue, with counts and sums; searched, filtered, leafed through and exported."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from desk.web import sheets
from desk.web.access import Desk, Person, Right, desk_of, require
from desk.web.pages import page
from flows.around import around_all
from ledger import board
from ledger.board import Line
from ledger.board_filters import LARGEST, MARKS, NEWEST, OLDEST_DUE, STATES, Wanted
from ledger.claims import Circumstances

router = APIRouter()
Reader = Annotated[Person, Depends(require(Right.SEE))]

AGES = {
    "0": "noch nicht fällig",
    "1-30": "1 bis 30 Tage",
    "31-60": "31 bis 60 Tage",
    "61-90": "61 bis 90 Tage",
    "91": "über 90 Tage",
}
SORTS = {
    NEWEST: "neueste zuerst",
    OLDEST_DUE: "am längsten fällig",
    LARGEST: "größter offener Betrag",
}


def wanted_of(
    person: Reader, client: str = "", state: str = "", customer: str = "", age: str = "", q: str = "", sort: str = ""
) -> Wanted:
    """What the address asks for, within what the person may see; unknown words filter nothing."""
    clients = tuple(name for name in person.clients if client in ("", name))
    state = state if state in (*STATES, *MARKS) else ""
    return Wanted(
        clients, state, customer, age if age in AGES else "", q.strip()[:100], sort if sort in SORTS else NEWEST
    )


Asked = Annotated[Wanted, Depends(wanted_of)]


@router.get("/")
def show(request: Request, person: Reader, wanted: Asked, after: str = "") -> Response:
    """The board, or with htmx its renewed table."""
    desk = desk_of(request)
    today = desk.clock.today()
    with desk.house.ledger.reading() as session:
        stands = desk.stands.of(session, circumstances_of(desk), wanted.clients, today)
        sums = board.sums(session, wanted, stands, today)
        found = board.page(session, wanted, stands, today, after)
        names = board.customers(session, wanted.clients)
    values: dict[str, object] = {"wanted": wanted, "sums": sums, "found": found, "customers": names, "after": after}
    values |= {"ages": AGES, "sorts": SORTS, "link": Links(request, wanted), "marks": MARKS}
    name = "board_table.html.j2" if "HX-Request" in request.headers else "board.html.j2"
    return page(request, person, name, values)


@router.get("/tafel.csv")
def as_csv(request: Request, wanted: Asked) -> Response:
    """All that the filters leave, as a table for Excel and others."""
    return StreamingResponse(
        sheets.csv_of(_lines(request, wanted)), media_type="text/csv; charset=utf-8", headers=_named(request, "csv")
    )


@router.get("/tafel.xlsx")
def as_xlsx(request: Request, wanted: Asked) -> Response:
    """All that the filters leave, as an Excel file."""
    return Response(
        sheets.xlsx_of(_lines(request, wanted)), media_type=sheets.XLSX, headers=_named(request, "xlsx")
    )  # fmt: skip


def circumstances_of(desk: Desk) -> dict[str, Circumstances]:
    """What of each client's file bears on its claims."""
    return around_all(desk.house.clients)


class Links:
    """Addresses of the board with one thing changed."""

    def __init__(self, request: Request, wanted: Wanted) -> None:
        self._now = {name: value for name, value in request.query_params.items() if value and name != "after"}
        self._wanted = wanted

    def to(self, path: str = "/", **changes: str) -> str:
        """The board's address with these filters instead; an empty one is dropped."""
        query = {name: value for name, value in {**self._now, **changes}.items() if value}
        return f"{path}?{urlencode(query)}" if query else path


def _lines(request: Request, wanted: Wanted) -> Iterator[Line]:
    desk = desk_of(request)
    today = desk.clock.today()
    with desk.house.ledger.reading() as session:
        stands = desk.stands.of(session, circumstances_of(desk), wanted.clients, today)
        yield from board.every(session, wanted, stands, today)


def _named(request: Request, ending: str) -> dict[str, str]:
    day: date = desk_of(request).clock.today()
    return {"Content-Disposition": f'attachment; filename="rechnungen-{day.isoformat()}.{ending}"'}
