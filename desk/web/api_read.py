"""What other programs may read: invoices with their story, customers, tasks, figures, health."""

import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from desk import words
from desk.analysing import METHOD, MONTHS, MOST_MONTHS, analyse
from desk.analysing import as_plain as plain_figures
from desk.customers import as_plain as plain_customer
from desk.customers import portrait
from desk.health import points_of
from desk.metrics import exposition
from desk.web import actions
from desk.web.access import Desk, NotFound, Person, Right, desk_of
from desk.web.api import Reader, description, plain, router
from desk.web.api_act import ACTS
from desk.web.api_answers import Customers, CustomerStory, Figures, Health, Invoices, InvoiceStory, Receivables, Tasks
from desk.web.board import circumstances_of, wanted_of
from desk.web.customers import PAGE, place_of
from desk.web.headers import SANDBOXED
from ledger import board, clientele, notices, story
from ledger.board import Line
from ledger.board_filters import Wanted
from ledger.clientele import PUSHED, HandedIn
from ledger.object_archive import open_archive
from ledger.story import Story

routes = router("Lesen")
Asked = Annotated[Wanted, Depends(wanted_of)]
KINDS = ("application/pdf", "text/xml", "message/rfc822")
Client = Annotated[str, Query(description="Kurzname des Mandanten; leer: alle, die das Token sehen darf")]


@routes.get("/openapi.json", summary="Beschreibung der Schnittstelle (OpenAPI)", response_model=dict[str, Any])
def describe(request: Request, person: Reader) -> JSONResponse:
    """The description of this interface."""
    return JSONResponse(description(request.app.state.interface))


@routes.get("/invoices", summary="Rechnungen, gefiltert, Seite um Seite", response_model=Invoices)
def list_invoices(
    request: Request, person: Reader, wanted: Asked, after: Annotated[str, Query(max_length=300)] = ""
) -> JSONResponse:
    """`after` of one page is where the next begins; it is empty at the end."""
    desk = desk_of(request)
    today = desk.clock.today()
    with desk.house.ledger.reading() as session:
        stands = desk.stands.of(session, circumstances_of(desk), wanted.clients, today)
        found = board.page(session, wanted, stands, today, after)
    return _json({"invoices": [_line(line) for line in found.lines], "after": found.after})


@routes.get(
    "/invoices/{client}/{marker}",
    summary="Eine Rechnung mit Verlauf, Belegen und möglichen Schritten",
    response_model=InvoiceStory,
)
def show_invoice(request: Request, person: Reader, client: str, marker: str) -> JSONResponse:
    """`marker` is ours (RB-…) or the invoice's number."""
    desk = desk_of(request)
    today = desk.clock.today()
    with desk.house.ledger.reading() as session:
        found = story_of(desk, session, client, marker)
        stands = desk.stands.of(session, circumstances_of(desk), (client,), today)
        line = board.line(session, found.invoice.id, stands, today)
    acts = {action.name for action in actions.possible(desk.house, found) if person.may(action.right, client)}
    possible = [act for act, name in ACTS.items() if name in acts]
    return _json(_line(line) | _story(found) | {"possible": possible})


@routes.get(
    "/invoices/{client}/{marker}/documents/{kind}",
    summary="Ein Beleg, Byte für Byte wie archiviert",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in KINDS}, "description": "Der Beleg"}},
)
def document(request: Request, person: Reader, client: str, marker: str, kind: str) -> Response:
    """The archived bytes."""
    desk = desk_of(request)
    with desk.house.ledger.reading() as session:
        found = story_of(desk, session, client, marker)
    paper = next((each for each in found.documents if each.kind == kind), None)
    if paper is None:
        raise NotFound
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(paper.name)}",
        "Content-Security-Policy": SANDBOXED,
        "Digest": f"sha-256={paper.sha256}",
    }
    return Response(open_archive(desk.house.settings.archive).get(paper.sha256), 200, headers, paper.media_type)


@routes.get("/customers", summary="Kunden, denen berechnet wurde", response_model=Customers)
def list_customers(
    request: Request,
    person: Reader,
    client: Client = "",
    q: Annotated[str, Query(max_length=100, description="Teil von Name oder Nummer")] = "",
    after: Annotated[str, Query(max_length=900)] = "",
) -> JSONResponse:
    """By name, page by page."""
    clients = _clients(person, client)
    with desk_of(request).house.ledger.reading() as session:
        found = clientele.search(session, clients, q.strip(), PAGE + 1, place_of(after))
    onward = _place(found[PAGE - 1].place) if len(found) > PAGE else ""
    return _json({"customers": found[:PAGE], "after": onward})


@routes.get(
    "/customers/{client}/one", summary="Ein Kunde: Bedingungen, Zahlungsweise, Rechnungen", response_model=CustomerStory
)
def show_customer(
    request: Request, person: Reader, client: str, key: Annotated[str, Query(description="Nummer, sonst Name")]
) -> JSONResponse:
    """A key may be any name, so it is no part of the path."""
    desk = desk_of(request)
    seen = portrait(desk.house.ledger, desk.house.client(client), key, desk.clock.today())
    if seen is None:
        raise NotFound
    return _json(plain_customer(seen))


@routes.get(
    "/jobs/{client}/{external_id}", summary="Was aus einem übergebenen Auftrag geworden ist", response_model=HandedIn
)
def show_job(request: Request, person: Reader, client: str, external_id: str) -> JSONResponse:
    """Its state, what holds it up, and the invoice it stands on."""
    with desk_of(request).house.ledger.reading() as session:
        found = clientele.job(session, client, f"{PUSHED}{external_id}")
    if found is None:
        raise NotFound
    return _json(found)


@routes.get("/tasks", summary="Aufgaben für Menschen", response_model=Tasks)
def list_tasks(request: Request, person: Reader, client: Client = "") -> JSONResponse:
    """What is still to be done, oldest first."""
    clients = _clients(person, client)
    with desk_of(request).house.ledger.reading() as session:
        rows = [row for name in clients for row in notices.tasks(session, name)]
    names = ("id", "client", "title", "body", "owner", "due_on", "created_at")
    return _json({"tasks": [{name: getattr(row, name) for name in names} for row in rows]})


@routes.get("/receivables", summary="Anzahl und offene Summe je Stand", response_model=Receivables)
def receivables(request: Request, person: Reader, wanted: Asked) -> JSONResponse:
    """What stands at the top of the board."""
    desk = desk_of(request)
    today = desk.clock.today()
    with desk.house.ledger.reading() as session:
        stands = desk.stands.of(session, circumstances_of(desk), wanted.clients, today)
        found = board.sums(session, wanted, stands, today)
    return _json({"today": today, "clients": wanted.clients, "receivables": found})


@routes.get("/analysis", summary="Umsatz, Alter, DSO, Zahlungsweise", response_model=Figures)
def analysis(
    request: Request, person: Reader, client: Client = "", months: Annotated[int, Query(ge=1, le=MOST_MONTHS)] = MONTHS
) -> JSONResponse:
    """The figures of the page Auswertung."""
    desk, clients = desk_of(request), _clients(person, client)
    found = analyse(desk.house.ledger, clients, desk.clock.today(), months)
    return _json({"clients": clients, "method": METHOD, **plain_figures(found)})


@routes.get("/health", summary="Ob die Installation arbeiten kann", response_model=Health)
def health(request: Request, person: Reader) -> JSONResponse:
    """Every point by name; the sentences are for those who look after the installation."""
    points = list(points_of(desk_of(request).house.settings))
    is_operator = person.may(Right.MANAGE)
    told = [{"name": each.name, "fine": each.is_fine} | ({"text": each.text} if is_operator else {}) for each in points]
    return _json({"fine": all(each.is_fine for each in points), "points": told})


@routes.get("/metrics", summary="Zahlen für Prometheus", response_class=PlainTextResponse)
def metrics(request: Request, person: Reader) -> PlainTextResponse:
    """The figures of the person's clients in Prometheus' text form; no names of customers."""
    desk = desk_of(request)
    clock = desk.clock
    known = circumstances_of(desk)
    own = {name: known[name] for name in person.clients if name in known}
    figures = exposition(desk.house.ledger, own, clock.today(), clock.now())
    return PlainTextResponse(figures, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def story_of(desk: Desk, session: Any, client: str, marker: str) -> Story:
    """The story of an invoice by marker or number. Raises `NotFound`."""
    row = story.find(session, client, marker)
    if row is None:
        raise NotFound
    return story.of(session, row)


def _clients(person: Person, client: str) -> list[str]:
    return [name for name in person.clients if client in ("", name)]


def _place(place: clientele.Place) -> str:
    return json.dumps(place)


def _line(line: Line) -> dict[str, Any]:
    names = ("client", "marker", "number", "customer", "issue_date", "due_date", "gross", "open_amount")
    return {
        **{name: getattr(line, name) for name in names},
        "state": line.word,
        "since": line.since,
        "because": line.fact,
        "marks": line.marks,
        "level": line.level,
    }


def _story(found: Story) -> dict[str, Any]:
    return {
        "stage": found.invoice.stage,
        "problems": found.invoice.problems,
        "timeline": [
            {"at": entry.at, "event": entry.event, "text": words.event(entry.event), "facts": entry.facts}
            for entry in found.entries
        ],
        "documents": [
            {"kind": each.kind, "name": each.name, "media_type": each.media_type, "size": each.size}
            | {"sha256": each.sha256}
            for each in found.documents
        ],
        "payments": [
            {"received_on": each.received_on, "principal": each.principal, "by": each.made_by}
            for each in found.allocations
        ],
        "tasks": [{"id": each.id, "title": each.title, "closed_at": each.closed_at} for each in found.tasks],
    }


def _json(content: Any) -> JSONResponse:
    return JSONResponse(plain(content))
