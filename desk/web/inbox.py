"""The inbox: what needs a person today, oldest first, with what one may do about it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import Response

from desk import levers
from desk.web.access import NotFound, Person, Right, desk_of, require
from desk.web.actions import ACTIONS
from desk.web.pages import go, page
from ledger import invoices, matchable, proposals, receipts, todo
from ledger.overrides import NothingToDecide, Word
from ledger.tables import IncomingRow
from ledger.todo import Kind

router = APIRouter(prefix="/eingang")
Reader = Annotated[Person, Depends(require(Right.SEE))]
Decider = Annotated[Person, Depends(require(Right.DECIDE))]
Booker = Annotated[Person, Depends(require(Right.BOOK))]
Text = Annotated[str, Form()]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]

HERE = "/eingang"
QUICK = {
    Kind.APPROVAL: (ACTIONS["freigeben"], ACTIONS["ablehnen"]),
    Kind.UNKNOWN: (ACTIONS["angekommen"], ACTIONS["erneut-senden"]),
    Kind.REFUSED: (ACTIONS["noch-einmal"], ACTIONS["aufgeben"]),
    Kind.PROMISE: (ACTIONS["zusage-beenden"], ACTIONS["zahlung"]),
}
"""The actions of an invoice that stand beside each kind."""


@router.get("")
def show(request: Request, person: Reader) -> Response:
    """Everything that waits."""
    desk = desk_of(request)
    with desk.house.ledger.reading() as session:
        items = todo.items(session, person.clients, desk.clock.today())
    return page(request, person, "inbox.html.j2", {"items": items, "quick": QUICK, "kinds": Kind})


@router.post("/{client}/aufgaben/{task}/erledigt")
def done(request: Request, person: Decider, client: str, task: Id) -> Response:
    """Tick a task off."""
    desk = desk_of(request)
    with desk.house.ledger.reading() as session:
        found = todo.task(session, client, task)
    if found is None:
        raise NotFound
    if found.closed_at:
        raise NothingToDecide("Diese Aufgabe ist schon erledigt.")
    return go(request, HERE, levers.done(desk.house.ledger, task, person.name, desk.clock.now()))


@router.post("/{client}/aufgaben/{task}/annehmen")
def accept(request: Request, person: Decider, client: str, task: Id) -> Response:
    """Accept what a customer's answer proposes."""
    desk, word = desk_of(request), Word(person.name, "Antwort des Kunden")
    try:
        with desk.house.ledger.writing() as session:
            if todo.task(session, client, task) is None:
                raise NotFound
            lever = proposals.accept(session, task, word, desk.clock.now())
            marker = invoices.get(session, lever.invoice_id or 0).marker
    except NothingToDecide as nothing:
        return go(request, HERE, str(nothing))
    return go(request, HERE, f"Angenommen: {lever.reason}", f"/rechnungen/{client}/{marker}")


@router.get("/{client}/zahlungen/{payment}")
def payment(request: Request, person: Booker, client: str, payment: Id) -> Response:
    """One incoming payment, with the proposal and the choice of another invoice."""
    return _payment_page(request, person, client, payment)


@router.post("/{client}/zahlungen/{payment}")
def confirm(request: Request, person: Booker, client: str, payment: Id, number: Text = "") -> Response:
    """Book the proposal, or all of it on the invoice named."""
    desk, row = desk_of(request), _payment(request, client, payment)
    try:
        said = levers.confirm_payment(
            desk.house.ledger, row.id, number.strip().upper() or None, person.name, desk.clock.now()
        )
    except (NothingToDecide, KeyError):
        problem = "Bitte die Nummer einer Rechnung dieses Mandanten."
        return _payment_page(request, person, client, payment, number, problem)
    return go(request, HERE, said)


def _payment_page(
    request: Request, person: Person, client: str, payment: int, typed: str = "", problem: str = ""
) -> Response:
    row = _payment(request, client, payment)
    with desk_of(request).house.ledger.reading() as session:
        offered = matchable.candidates(session, client, row.amount)
    values: dict[str, object] = {"row": row, "invoices": offered, "typed": typed, "problem": problem}
    return page(request, person, "payment.html.j2", values, status=422 if problem else 200)


def _payment(request: Request, client: str, payment: int) -> IncomingRow:
    """Raises `NotFound` where the client has no such payment, `NothingToDecide` where it waits for nobody any more."""
    with desk_of(request).house.ledger.reading() as session:
        row = receipts.find(session, client, payment)
    if row is None:
        raise NotFound
    if row.state not in receipts.WAITING:
        raise NothingToDecide("Diese Zahlung ist schon zugeordnet oder abgehakt.")
    return row
