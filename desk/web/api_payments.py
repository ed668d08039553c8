"""Incoming money for other programs: what nobody has assigned yet, with its proposal, and a person's word about it."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.responses import JSONResponse

from desk import levers
from desk.web.access import NotFound, Person, Right, desk_of, require
from desk.web.api import Key, Reader, answered, plain, router
from desk.web.api_answers import Payments, Said
from desk.web.api_forms import ConfirmIn, RejectIn
from ledger import receipts
from ledger.calls import Answer
from ledger.database import Ledger
from ledger.overrides import NothingToDecide, Word
from ledger.tables import IncomingRow

routes = router("Zahlungen")
Booker = Annotated[Person, Depends(require(Right.BOOK))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@routes.get("/payments", summary="Zahlungen, die noch niemand zugeordnet hat, mit Vorschlag", response_model=Payments)
def list_payments(request: Request, person: Reader, client: str = "") -> JSONResponse:
    """`invoices` is what matching proposes, `reasons` why; both may be empty."""
    clients = [name for name in person.clients if client in ("", name)]
    with desk_of(request).house.ledger.reading() as session:
        rows = receipts.unassigned(session, clients)
    return JSONResponse(plain({"payments": [_payment(row) for row in rows]}))


@routes.post("/payments/{client}/{number}/confirm", summary="Eine Zahlung buchen, wie vorgeschlagen oder anders",
             response_model=Said)  # fmt: skip
def confirm(
    request: Request, person: Booker, client: str, number: Number, body: ConfirmIn, key: Key = None
) -> JSONResponse:
    """Once booked it waits for nobody any more."""
    now, wanted = desk_of(request).clock.now(), body.invoice.strip().upper() or None

    def work(ledger: Ledger) -> Answer:
        _waiting(ledger, client, number)
        try:
            return Answer(200, {"said": levers.confirm_payment(ledger, number, wanted, person.name, now)})
        except KeyError as unknown:
            raise NothingToDecide(f"Eine Rechnung {wanted} dieses Mandanten gibt es nicht.") from unknown

    return answered(request, person, key, body, work)


@routes.post("/payments/{client}/{number}/reject", summary="Den Vorschlag zu einer Zahlung ablehnen",
             response_model=Said)  # fmt: skip
def reject(
    request: Request, person: Booker, client: str, number: Number, body: RejectIn, key: Key = None
) -> JSONResponse:
    """The money waits on without a proposal; with `is_foreign` it is done with."""
    word, now = Word(person.name, body.reason), desk_of(request).clock.now()

    def work(ledger: Ledger) -> Answer:
        _waiting(ledger, client, number)
        said = levers.reject_payment(ledger, number, word, now, is_foreign=body.is_foreign)
        return Answer(200, {"said": said})

    return answered(request, person, key, body, work)


def _waiting(ledger: Ledger, client: str, number: int) -> None:
    """Raises `NotFound` where the client has no such payment that waits."""
    with ledger.reading() as session:
        if number not in [row.id for row in receipts.unassigned(session, (client,))]:
            raise NotFound


def _payment(row: IncomingRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "client": row.client,
        "received_on": row.received_on,
        "amount": row.amount,
        "state": row.state,
        "counterparty": str(row.line.get("counterparty") or ""),
        "purpose": str(row.line.get("purpose") or ""),
        "invoices": [str(share["number"]) for share in row.shares],
        "reasons": [str(reason["text"]) for reason in row.reasons],
    }
