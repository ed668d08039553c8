"""Customers: the list, and the page of one with terms, punctuality, debt, invoices and the block of dunning."""

import json
from datetime import date
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from billing.punctuality import Trend
from desk import levers
from desk.analysing import MONTHS, PAID_ON
from desk.customers import Portrait, portrait, terms_in_words
from desk.web.access import Desk, NotFound, Person, Right, desk_of, require
from desk.web.analysis import days_in, turnover_chart
from desk.web.charts import Bar, bars
from desk.web.contract_lines import contracts_of
from desk.web.pages import go, in_language, language_of, page
from ledger import clientele
from ledger.clientele import Place
from ledger.overrides import NothingToDecide, Word

router = APIRouter()
Reader = Annotated[Person, Depends(require(Right.SEE))]
Decider = Annotated[Person, Depends(require(Right.DECIDE))]
Text = Annotated[str, Form()]

PAGE = 50
TREND_SIGNS = {Trend.FASTER: "↘", Trend.SLOWER: "↗", Trend.STEADY: "→", Trend.UNKNOWN: ""}


@router.get("/kunden")
def list_all(request: Request, person: Reader, client: str = "", q: str = "", after: str = "") -> Response:
    """All customers who were ever billed, by name, searched by name or number."""
    desk = desk_of(request)
    clients = [name for name in person.clients if client in ("", name)]
    with desk.house.ledger.reading() as session:
        found = clientele.search(session, clients, q.strip()[:100], PAGE + 1, place_of(after))
    shown = found[:PAGE]
    query = {"client": client, "q": q}
    onward = f"/kunden?{urlencode(query | {'after': json.dumps(shown[-1].place)})}" if len(found) > PAGE else ""
    values = {"found": shown, "client": client, "q": q, "onward": onward, "link": link}
    return page(request, person, "customers.html.j2", values)


@router.get("/kunden/{client}/kunde")
def show(request: Request, person: Reader, client: str, key: str) -> Response:
    """One customer; `key` is his number, without one his name."""
    desk = desk_of(request)
    seen = _portrait(desk, client, key)
    language = language_of(request, person)
    values = {
        "seen": seen,
        "terms": terms_in_words(seen.terms),
        "days": days_in(language),
        "paid_on": PAID_ON,
        "trend": TREND_SIGNS[seen.punctuality.trend],
        "months": MONTHS,
        "turnover_chart": turnover_chart(seen.months, in_language(language)),
        "paying_chart": paying_chart(seen, language),
        "key": key,
        "contracts": contracts_of(desk, client, key),
    }
    return page(request, person, "customer.html.j2", values)


@router.post("/kunden/{client}/sperre")
def block(
    request: Request, person: Decider, client: str, key: Text, reason: Text = "", until: Text = ""
) -> RedirectResponse:
    """Dun none of his invoices, from now until a day or until it is lifted."""
    desk = desk_of(request)
    _portrait(desk, client, key)
    said = levers.block_customer(
        desk.house.ledger, client, key, _day(until), _word(person, reason), desk.clock.now()
    )  # fmt: skip
    return go(request, link(client, key), said)


@router.post("/kunden/{client}/sperre-aufheben")
def lift(request: Request, person: Decider, client: str, key: Text, reason: Text = "") -> RedirectResponse:
    """Let dunning go on."""
    desk = desk_of(request)
    _portrait(desk, client, key)
    said = levers.lift_customer(desk.house.ledger, client, key, _word(person, reason), desk.clock.now())
    return go(request, link(client, key), said)


def link(client: str, key: str) -> str:
    """The address of a customer's page; a key may be any name, so it is no part of the path."""
    return f"/kunden/{client}/kunde?{urlencode({'key': key})}"


def place_of(after: str) -> Place | None:
    """Where an earlier page ended; anything else begins at the start."""
    try:
        found = json.loads(after)
    except ValueError:
        return None
    if isinstance(found, list) and len(found) == 3 and all(isinstance(part, str) for part in found):
        return found[0], found[1], found[2]
    return None


def paying_chart(seen: Portrait, language: str) -> Markup:
    """How long he takes, now and before, beside the term he has."""
    paid, translate, days = seen.punctuality, in_language(language), days_in(language)
    named = (
        ("Zahlungsziel", seen.terms.days_until_due, "fine"),
        ("alle", paid.days, ""),
        ("letztes Halbjahr", paid.recent, ""),
        ("davor", paid.before, ""),
    )
    rows = [
        Bar(translate(name), Decimal(number), days(number), kind) for name, number, kind in named if number is not None
    ]
    description = "; ".join(f"{row.name}: {row.text}" for row in rows)
    return bars(translate("Tage bis zur Zahlung (Median)"), description, rows)


def _portrait(desk: Desk, client: str, key: str) -> Portrait:
    seen = portrait(desk.house.ledger, desk.house.client(client), key, desk.clock.today())
    if seen is None:
        raise NotFound
    return seen


def _word(person: Person, reason: str) -> Word:
    if not reason.strip():
        raise NothingToDecide("Bitte einen Grund angeben: er steht mit Ihrem Namen im Journal.")
    return Word(person.name, reason.strip()[:500])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NothingToDecide(f"{text[:20]} ist kein Tag.") from None
