"""The page of one invoice: its way from the job to the last letter, and what a person may do about it."""

import email
import email.policy
import secrets
from email.message import EmailMessage
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from desk import deciding
from desk.reading import Mistake
from desk.web import actions
from desk.web.access import NO_RIGHT, Desk, Forbidden, NotFound, Person, Right, desk_of, require, roles_with
from desk.web.actions import Action, Doing
from desk.web.board import circumstances_of
from desk.web.given import given_of
from desk.web.headers import DOCUMENT, SANDBOXED
from desk.web.pages import go, page
from desk.web.signin import local
from ledger import board, story
from ledger.object_archive import open_archive
from ledger.overrides import NothingToDecide
from ledger.story import Story
from ledger.tables import DocumentRow

router = APIRouter(prefix="/rechnungen/{client}/{marker}")
Reader = Annotated[Person, Depends(require(Right.SEE))]
Text = Annotated[str, Form()]
PDF, MAIL = "application/pdf", "message/rfc822"


@router.get("")
def show(request: Request, person: Reader, client: str, marker: str) -> Response:
    """The whole story on one page."""
    desk = desk_of(request)
    found = _story(desk, client, marker)
    with desk.house.ledger.reading() as session:
        stands = desk.stands.of(session, circumstances_of(desk), (client,), desk.clock.today())
        line = board.line(session, found.invoice.id, stands, desk.clock.today())
    values: dict[str, object] = {"story": found, "line": line, "latest": found.decisions[-1:]}
    values["actions"] = [action for action in actions.possible(desk.house, found) if person.may(action.right, client)]
    values["can_cancel"] = not deciding.cannot_cancel(desk.house, client)
    values["documents"] = {document.sha256: document for document in found.documents}
    return page(request, person, "invoice.html.j2", values)


@router.get("/belege/{kind}")
def document(request: Request, person: Reader, client: str, marker: str, kind: str) -> Response:
    """The archived bytes of a document, as they were sent."""
    desk = desk_of(request)
    found = _document(_story(desk, client, marker), kind)
    is_pdf = found.media_type == PDF
    way = "attachment" if found.media_type == MAIL else "inline"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(found.name)}",
        "Content-Security-Policy": DOCUMENT if is_pdf else SANDBOXED,
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(open_archive(desk.house.settings.archive).get(found.sha256), 200, headers, found.media_type)


@router.get("/mails/{kind}")
def mail(request: Request, person: Reader, client: str, marker: str, kind: str) -> Response:
    """A mail as its reader saw it, in plain text."""
    desk = desk_of(request)
    found = _story(desk, client, marker)
    paper = _document(found, kind)
    if paper.media_type != MAIL:
        raise NotFound
    content = open_archive(desk.house.settings.archive).get(paper.sha256)
    message = email.message_from_bytes(content, EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain",))
    names = [part.get_filename() for part in message.iter_attachments()]
    values: dict[str, object] = {"story": found, "paper": paper, "message": message, "attachments": names}
    values["text"] = body.get_content() if body else ""
    return page(request, person, "mail.html.j2", values)


@router.get("/{name}")
def ask(request: Request, person: Reader, client: str, marker: str, name: str, weiter: str = "") -> Response:
    """The confirmation of an action: what will happen, and what is needed for it; `weiter` is where it leads after."""
    found, action = _possible(request, person, client, marker, name)
    return _form(request, person, found, action, {"weiter": weiter, "once": secrets.token_hex(8)})


@router.post("/{name}")
def act(
    request: Request,
    person: Reader,
    client: str,
    marker: str,
    name: str,
    reason: Text = "",
    until: Text = "",
    on: Text = "",
    amount: Text = "",
    weiter: Text = "",
    once: Text = "",
) -> Response:
    """Carry an action out and come back to the invoice, or to where the person came from."""
    desk, back = desk_of(request), f"/rechnungen/{client}/{marker}"
    found, action = _possible(request, person, client, marker, name)
    try:
        given = given_of(reason, until, on, amount, once)
        said = actions.carry_out(action, Doing(desk.house, found, given, person.name, desk.clock.now()))
    except Mistake as mistake:
        typed = {"reason": reason, "until": until, "on": on, "amount": amount, "weiter": weiter, "once": once}
        return _form(request, person, found, action, typed, str(mistake))
    except NothingToDecide as late:
        return go(request, back, str(late))
    return go(request, local(weiter) if weiter else back, said, f"{back}/{action.undo}" if action.undo else "")


def _form(
    request: Request,
    person: Person,
    found: Story,
    action: Action,
    typed: dict[str, str],
    problem: str = "",
) -> Response:
    values: dict[str, object] = {"story": found, "action": action, "problem": problem, "typed": typed}
    return page(request, person, "action.html.j2", values, status=422 if problem else 200)


def _possible(request: Request, person: Person, client: str, marker: str, name: str) -> tuple[Story, Action]:
    if name not in actions.ACTIONS:
        raise NotFound
    right = actions.ACTIONS[name].right
    if not person.may(right, client):
        raise Forbidden(NO_RIGHT, roles_with(right))
    desk = desk_of(request)
    found = _story(desk, client, marker)
    return found, actions.find(name, desk.house, found)


def _story(desk: Desk, client: str, marker: str) -> Story:
    with desk.house.ledger.reading() as session:
        row = story.find(session, client, marker)
        if row is None:
            raise NotFound
        return story.of(session, row)


def _document(found: Story, kind: str) -> DocumentRow:
    for each in found.documents:
        if each.kind == kind:
            return each
    raise NotFound
