"""Contracts: the list, and the page of one with what was agreed, its bills and its earliest end."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from billing.contract_ends import earliest_end
from desk import contract_words
from desk.web.access import Desk, Person, Right, desk_of, require
from desk.web.contract_lines import config_of, line_of, lines_of
from desk.web.customers import link
from desk.web.pages import page
from flows.chain import contracts as chain
from ledger import contracts
from ledger.contract_tables import ContractRow

router = APIRouter(prefix="/vertraege")
Reader = Annotated[Person, Depends(require(Right.SEE))]

PAGE = 50


@router.get("")
def show(
    request: Request, person: Reader, client: str = "", q: str = "", ended: bool = False, after: str = ""
) -> Response:
    """All contracts that have not ended, or all there are, by client and number."""
    desk = desk_of(request)
    names = billing_contracts(desk, person)
    clients, today = [name for name in names if client in ("", name)], desk.clock.today()
    with desk.house.ledger.reading() as session:
        found = contracts.rows(
            session, clients, search=q.strip()[:100], running_on=None if ended else today, limit=PAGE + 1,
            after=place_of(after),
        )  # fmt: skip
        lines = list(lines_of(desk, session, found[:PAGE]))
        count = contracts.running(session, clients, today)
    query = {"client": client, "q": q} | ({"ended": "true"} if ended else {})
    onward = f"/vertraege?{urlencode(query | {'after': place(found[PAGE - 1])})}" if len(found) > PAGE else ""
    values: dict[str, object] = {
        "lines": lines, "count": count, "clients": names, "client": client, "q": q, "ended": ended, "onward": onward,
        "link": link, "writable": [name for name in clients if person.may(Right.DECIDE, name)],
    }  # fmt: skip
    return page(request, person, "contracts.html.j2", values)


@router.get("/{client}/{number}")
def one(request: Request, person: Reader, client: str, number: str) -> Response:
    """One contract."""
    desk = desk_of(request)
    with desk.house.ledger.reading() as session:
        line = line_of(desk, session, client, number)
        can_reopen = chain.can_reopen(session, config_of(desk, client), line.row)
        bills, history = contracts.bills(session, line.row), contracts.history(session, line.row)
    ends = None if line.contract.ends_on else earliest_end(line.contract, line.today)
    values: dict[str, object] = {
        "line": line, "bills": bills, "history": history, "earliest": ends, "link": link, "words": contract_words,
        "can_reopen": can_reopen, "can_withdraw": chain.can_withdraw(line.row, line.today),
    }  # fmt: skip
    return page(request, person, "contract.html.j2", values)


def billing_contracts(desk: Desk, person: Person) -> list[str]:
    """The person's clients that bill contracts."""
    return [name for name in person.clients if desk.house.client(name).config.contracts]


def place(row: ContractRow) -> str:
    """Where the page behind this contract begins."""
    return f"{row.client}/{row.number}"


def place_of(after: str) -> tuple[str, str] | None:
    """Where an earlier page ended; anything else begins at the start."""
    client, _, number = after.partition("/")
    return (client, number) if number else None
