"""What other programs may do: the acts of the invoice's page, customers' blocks, tasks."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import JSONResponse

from desk import levers
from desk.reading import Mistake
from desk.web import actions
from desk.web.access import Forbidden, NotFound, Person, Right, desk_of, require
from desk.web.actions import Doing
from desk.web.api import Key, Reader, answered, router
from desk.web.api_answers import Said
from desk.web.api_forms import Act, ActIn, BlockIn, LiftIn
from desk.web.given import Given
from desk.web.problems import problem
from ledger import clientele, notices, story
from ledger.calls import Answer
from ledger.database import Ledger
from ledger.overrides import Word

routes = router("Entscheiden")
Decider = Annotated[Person, Depends(require(Right.DECIDE))]

ACTS = {
    Act.APPROVE: "freigeben",
    Act.DECLINE: "ablehnen",
    Act.ARRIVED: "angekommen",
    Act.RESEND: "erneut-senden",
    Act.RETRY: "noch-einmal",
    Act.GIVE_UP: "aufgeben",
    Act.HOLD: "anhalten",
    Act.RELEASE: "weiter",
    Act.PAYMENT: "zahlung",
    Act.PROMISE: "zusage",
    Act.END_PROMISE: "zusage-beenden",
    Act.DISPUTE: "streit",
    Act.END_DISPUTE: "streit-beenden",
    Act.EXTEND: "stundung",
    Act.END_EXTENSION: "stundung-beenden",
    Act.BLOCK: "sperre",
    Act.UNBLOCK: "sperre-aufheben",
    Act.WRITE_OFF: "ausbuchen",
    Act.END_WRITE_OFF: "ausbuchung-beenden",
    Act.CANCEL: "stornieren",
    Act.DUPLICATE: "zweitschrift",
    Act.LETTER_RETURNED: "brief-zurueck",
    Act.TAKE_PAYMENT_BACK: "zahlung-zuruecknehmen",
}
"""The page's name of each act: the same lever, whoever pulls it."""


@routes.post("/invoices/{client}/{marker}/{act}", summary="Einen Schritt tun, mit Grund", response_model=Said)
def act(
    request: Request, person: Reader, client: str, marker: str, act: Act, body: ActIn, key: Key = None
) -> JSONResponse:
    """Which acts an invoice allows now stands in `possible` when it is read. `payment` needs an Idempotency-Key."""
    action = actions.ACTIONS[ACTS[act]]
    if not person.may(action.right, client):
        raise Forbidden("Dafür reicht die Rolle nicht.")
    if act is Act.PAYMENT and not key:
        return problem(422, "Eine Zahlung braucht einen Idempotency-Key, damit sie nicht zweimal gebucht wird.")
    desk = desk_of(request)

    def work(ledger: Ledger) -> Answer:
        with ledger.reading() as session:
            row = story.find(session, client, marker)
            if row is None:
                raise NotFound
            found = story.of(session, row)
        actions.find(ACTS[act], desk.house, found)
        given = Given(reason=body.reason, until=body.until, on=body.on, amount=body.amount)
        house = replace(desk.house, ledger=ledger)
        said = actions.carry_out(action, Doing(house, found, given, person.name, desk.clock.now()))
        return Answer(200, {"said": said})

    try:
        return answered(request, person, key, body, work)
    except Mistake as mistake:
        return problem(422, str(mistake))


@routes.post("/blocks/{client}", summary="Mahnsperre für einen Kunden setzen", response_model=Said)
def block(request: Request, person: Decider, client: str, body: BlockIn, key: Key = None) -> JSONResponse:
    """None of his invoices is dunned until the day, or until it is lifted."""
    act = partial(levers.block_customer, until=body.until)
    return _about_customer(request, person, client, body, key, act)


@routes.post("/blocks/{client}/lift", summary="Mahnsperre eines Kunden aufheben", response_model=Said)
def lift(request: Request, person: Decider, client: str, body: LiftIn, key: Key = None) -> JSONResponse:
    """His invoices are dunned again."""
    return _about_customer(request, person, client, body, key, levers.lift_customer)


@routes.post("/tasks/{client}/{number}/done", summary="Eine Aufgabe abhaken", response_model=Said)
def done(
    request: Request, person: Decider, client: str, number: Annotated[int, Path(ge=1, le=2**31 - 1)], key: Key = None
) -> JSONResponse:
    """Somebody has done it."""
    desk = desk_of(request)

    def work(ledger: Ledger) -> Answer:
        with ledger.reading() as session:
            if number not in [row.id for row in notices.tasks(session, client)]:
                raise NotFound
        return Answer(200, {"said": levers.done(ledger, number, person.name, desk.clock.now())})

    return answered(request, person, key, None, work)


def _about_customer(
    request: Request, person: Person, client: str, body: BlockIn | LiftIn, key: str | None, act: Callable[..., str]
) -> JSONResponse:
    """Carry out a word about a customer whom the client knows."""
    word, now = Word(person.name, body.reason), desk_of(request).clock.now()

    def work(ledger: Ledger) -> Answer:
        _known(ledger, client, body.customer)
        return Answer(200, {"said": act(ledger, client, body.customer, word=word, now=now)})

    return answered(request, person, key, body, work)


def _known(ledger: Ledger, client: str, customer: str) -> None:
    with ledger.reading() as session:
        if clientele.contact(session, client, customer) is None:
            raise NotFound
