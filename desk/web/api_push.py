"""What other programs may hand in: customers, and finished jobs, which go the same way as collected ones."""

import hashlib
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from billing.parties import Customer
from desk.web.access import Person, Right, desk_of, require
from desk.web.api import NeededKey, answered, plain, router
from desk.web.api_answers import Announced
from desk.web.api_forms import CustomerIn, JobIn
from ledger import clientele, jobs
from ledger.calls import Answer
from ledger.clientele import PUSHED, HandedIn
from ledger.database import Ledger, Transaction
from ledger.overrides import NothingToDecide
from ledger.tables import CustomerRow

routes = router("Übergeben")
Documented = dict[int | str, dict[str, Any]]
KNOWN_CUSTOMER: Documented = {200: {"description": "War schon da", "model": Announced}}
KNOWN_JOB: Documented = {200: {"description": "War schon da", "model": HandedIn}}
Decider = Annotated[Person, Depends(require(Right.DECIDE))]


@routes.post("/customers/{client}", status_code=201, responses=KNOWN_CUSTOMER,
             response_model=Announced, summary="Einen Kunden melden oder erneuern")  # fmt: skip
def push_customer(
    request: Request, person: Decider, client: str, body: CustomerIn, key: NeededKey
) -> JSONResponse:  # fmt: skip
    """201 for a new one, 200 for a known one whose facts are renewed; invoices keep the facts they were made with."""
    now = desk_of(request).clock.now()

    def work(ledger: Ledger) -> Answer:
        with ledger.writing() as session:
            is_new = clientele.announce(session, client, body.external_id, body.customer(), now)
        return Answer(201 if is_new else 200, {"client": client, "external_id": body.external_id})

    return answered(request, person, key, body, work)


@routes.post("/jobs/{client}", status_code=201, responses=KNOWN_JOB,
             response_model=HandedIn, summary="Einen erledigten Auftrag übergeben")  # fmt: skip
def push_job(request: Request, person: Decider, client: str, body: JobIn, key: NeededKey) -> JSONResponse:
    """The next run makes its invoice. The same job may be handed in again, mended, until it is on an invoice (409)."""
    now = desk_of(request).clock.now()
    version = hashlib.sha256(body.model_dump_json().encode()).hexdigest()

    def work(ledger: Ledger) -> Answer:
        with ledger.writing() as session:
            status = 201 if clientele.job(session, client, f"{PUSHED}{body.external_id}") is None else 200
            _store(session, client, body, version, now)
            found = clientele.job(session, client, f"{PUSHED}{body.external_id}")
        return Answer(status, plain(found))

    return answered(request, person, key, body, work)


def _store(session: Transaction, client: str, body: JobIn, version: str, now: datetime) -> None:
    known = jobs.versions(session, client, PUSHED, [f"{PUSHED}{body.external_id}"])
    before, state = known.get(f"{PUSHED}{body.external_id}", ("", ""))
    if before == version:
        return
    if state == jobs.TAKEN and not clientele.is_refused(session, client, f"{PUSHED}{body.external_id}"):
        raise NothingToDecide("Der Auftrag steht schon auf einer Rechnung und lässt sich nicht mehr ändern.")
    customer, row = _customer(session, client, body, now)
    jobs.store(session, client, body.job(customer, version), now, customer_id=row.id)


def _customer(session: Transaction, client: str, body: JobIn, now: datetime) -> tuple[Customer, CustomerRow]:
    """The customer of a job: handed in with it, or before. Raises `NothingToDecide` for one nobody knows."""
    if body.customer:
        clientele.announce(session, client, body.customer.external_id, body.customer.customer(), now)
    row = clientele.announced(session, client, body.customer.external_id if body.customer else body.customer_id or "")
    if row is None:
        raise NothingToDecide(f"Einen Kunden {body.customer_id} hat noch niemand gemeldet: erst POST /customers.")
    return clientele.customer_of(row), row
