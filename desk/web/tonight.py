"""The next run: which invoices and reminders would go out, as they would look, and a way to hold one back."""

import email
import email.policy
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated

from cronsim import CronSim
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from billing.calendar import BERLIN
from billing.dunning import Decision, Outcome
from config.loading import LoadedClient
from connectors.errors import NeedsPerson
from desk.web.access import Desk, NotFound, Person, Right, desk_of, require
from desk.web.headers import DOCUMENT
from desk.web.pages import page
from documents.errors import DocumentError
from documents.gallery import pictures_of
from flows.chain import contracts, preview, rehearse
from flows.chain.contracts import Expected
from flows.chain.rehearse import Rehearsed
from ledger import outbound, pauses, story
from ledger.archive import ArchiveFault
from ledger.outbound import Outbound
from ledger.tables import InvoiceRow

router = APIRouter(prefix="/heute")
Reader = Annotated[Person, Depends(require(Right.SEE))]
PDF = "application/pdf"
CONTRACTS = 20
"""So many contracts are shown with what they bill."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one client's next run would send. `stopped` says in German why nothing leaves at all, empty if it does.

    Of `due`, the contracts whose turn it is, only the first ones are reckoned in `contracts`.
    """

    client: str
    at: datetime
    invoices: list[Outbound]
    letters: list[tuple[InvoiceRow, Decision]]
    untouched: int
    stopped: str
    contracts: list[Expected]
    due: int

    @property
    def count(self) -> int:
        """How much would go out or be asked of people."""
        return len(self.invoices) + len(self.letters) + self.due


@router.get("")
def show(request: Request, person: Reader) -> Response:
    """All clients of the person, each with its next run."""
    desk = desk_of(request)
    nights = [_night(desk, loaded) for loaded in desk.house.clients if loaded.config.name in person.clients]
    return page(request, person, "tonight.html.j2", {"nights": nights})


@router.get("/{client}/{marker}")
def letter(request: Request, person: Reader, client: str, marker: str) -> Response:
    """One reminder as it would be written: why, the mail's text, the letter as picture."""
    row, found, problem = _rehearsed(desk_of(request), client, marker)
    message = _message(found)
    text, pdf = _parts(message)
    decision, by_post = (found.decision, bool(found.letter)) if found else (None, False)
    values: dict[str, object] = {"row": row, "decision": decision, "message": message, "text": text}
    values |= {"has_letter": by_post or pdf is not None, "by_post": by_post, "problem": problem}
    values["at"] = _next(desk_of(request), client)
    return page(request, person, "letter.html.j2", values)


@router.get("/{client}/{marker}/brief.pdf")
def letter_pdf(request: Request, person: Reader, client: str, marker: str) -> Response:
    """The letter itself."""
    headers = {"Content-Security-Policy": DOCUMENT, "X-Frame-Options": "SAMEORIGIN"}
    return Response(_letter(desk_of(request), client, marker), 200, headers, PDF)


@router.get("/{client}/{marker}/brief.png")
def letter_picture(request: Request, person: Reader, client: str, marker: str) -> Response:
    """The letter's first page; nothing where pdftoppm is missing, and the PDF is linked beside it."""
    pdf = _letter(desk_of(request), client, marker)
    with tempfile.TemporaryDirectory() as folder:
        found = pictures_of(pdf, Path(folder), "brief")
        if not found:
            raise NotFound
        return Response(found[0].read_bytes(), media_type="image/png")


def _night(desk: Desk, loaded: LoadedClient) -> Night:
    client, at = loaded.config.name, _next(desk, loaded.config.name)
    day = at.astimezone(BERLIN).date()
    with desk.house.ledger.reading() as session:
        waiting = outbound.waiting(session, client, day)
        pause = pauses.of(session, client)
        due = contracts.expected(session, loaded.config, day, CONTRACTS)
        turns = len(contracts.due_by(session, loaded.config, day))
    found = list(preview.preview(desk.house.ledger, loaded.config, day, at))
    acting = [(row, decision) for row, decision in found if decision.outcome is not Outcome.NOTHING]
    stopped = f"Der Mandant ruht: {pause.reason}" if pause else ""
    if loaded.config.limits.stopped:
        stopped = "Der Versand ist in der Datei des Mandanten angehalten (limits.stopped)."
    return Night(client, at, waiting, acting, len(found) - len(acting), stopped, due, turns)


def _next(desk: Desk, client: str) -> datetime:
    """When the client's next reminders are due to be written."""
    local = desk.clock.now().astimezone(BERLIN)
    following: datetime = next(CronSim(desk.house.client(client).config.schedule.reminders, local))
    return following.astimezone(UTC)


def _rehearsed(desk: Desk, client: str, marker: str) -> tuple[InvoiceRow, Rehearsed | None, str]:
    """An invoice, what would be written about it, and why that is not possible."""
    with desk.house.ledger.reading() as session:
        row = story.find(session, client, marker)
    if row is None or row.number is None:
        raise NotFound
    at = _next(desk, client)
    try:
        day = at.astimezone(BERLIN).date()
        return row, rehearse.reminder(desk.house, desk.house.client(client), row, day, at), ""
    except (DocumentError, NeedsPerson, ArchiveFault) as error:
        return row, None, str(error)


def _letter(desk: Desk, client: str, marker: str) -> bytes:
    _, found, _ = _rehearsed(desk, client, marker)
    _, attached = _parts(_message(found))
    pdf = (found.letter if found else None) or attached
    if pdf is None:
        raise NotFound
    return pdf


def _message(found: Rehearsed | None) -> EmailMessage | None:
    if found is None or found.mail is None:
        return None
    return email.message_from_bytes(found.mail.message, EmailMessage, policy=email.policy.default)


def _parts(message: EmailMessage | None) -> tuple[str, bytes | None]:
    """A mail's plain text and its letter: the first PDF; a friendly reminder has only the invoice with it."""
    if message is None:
        return "", None
    body = message.get_body(("plain",))
    pdfs = [part.get_content() for part in message.iter_attachments() if part.get_content_type() == PDF]
    return body.get_content() if body else "", pdfs[0] if pdfs else None
