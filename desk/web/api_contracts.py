"""Contracts for other programs: listed, seen with their bills, made, changed, ended, taken back, billed anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from billing.contract_ends import earliest_end
from billing.contracts import Agreed, phase
from config.client import Client
from desk import words
from desk.web.access import Desk, Person, Right, desk_of, require
from desk.web.api import Key, NeededKey, answered, plain, router
from desk.web.api_answers import ContractLine, Contracts, ContractStory
from desk.web.api_forms import Filled, Form, Reason
from desk.web.contract_lines import Line, config_of, line_of, lines_of
from desk.web.contracts import PAGE, place, place_of
from flows.chain import contracts as chain
from flows.chain.contracts import NewContract
from ledger import contracts
from ledger.calls import Answer
from ledger.contract_tables import ContractRow
from ledger.database import Ledger, Transaction
from ledger.overrides import Word

routes = router("Verträge")
Reader = Annotated[Person, Depends(require(Right.SEE))]
Decider = Annotated[Person, Depends(require(Right.DECIDE))]
Quantity = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=2)]
Price = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)]
Months = Annotated[int, Field(ge=0, le=120)]


class OwnTerms(Form):
    """What was agreed instead of the plan's terms; the rest is as the plan says."""

    trial_days: Annotated[int, Field(ge=0, le=365)] | None = None
    setup_fee: Price | None = Field(None, description="einmalig mit der ersten Rechnung, netto")
    term_months: Months | None = Field(None, description="Mindestlaufzeit")
    renewal_months: Months | None = Field(None, description="Verlängerung danach; 0: auf unbestimmte Zeit")
    notice_months: Annotated[int, Field(ge=0, le=12)] | None = None
    notice_days: Annotated[int, Field(ge=0, le=90)] | None = None

    def agreed(self, plans: Agreed) -> Agreed:
        """All of it."""
        return replace(plans, **self.model_dump(exclude_none=True))


class ContractIn(Form):
    """A new contract; what of it is due is billed by the next run."""

    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", description="Vertragsnummer")]
    customer: Filled = Field(description="external_id eines gemeldeten Kunden, seine Kundennummer oder sein Name")
    plan: Filled = Field(description="Kurzname des Tarifs")
    begins_on: date
    quantity: Quantity = Decimal(1)
    price: Price | None = Field(None, description="eigener Preis netto je Zeitraum und Stück")
    terms: OwnTerms = OwnTerms()
    billed_until: date | None = Field(None, description="bis dahin ist anderswo berechnet")
    reason: Reason = "abgeschlossen"

    def contract(self, config: Client) -> NewContract:
        """The contract as it is to be made. Raises `NothingToDecide` for an unknown plan."""
        facts = self.model_dump(exclude={"terms", "reason"})
        return NewContract(**facts, agreed=self.terms.agreed(chain.agreed_for(config, self.plan)))


class ChangeIn(Form):
    """Another plan, quantity or price from a day on; without a price the plan's own counts."""

    since: date
    plan: Filled
    quantity: Quantity
    price: Price | None = None
    reason: Reason


class EndIn(Form):
    """Notice was received."""

    received_on: date
    ends_on: date | None = Field(
        None, description="vereinbarter letzter Tag; sonst der früheste, den der Vertrag erlaubt"
    )
    reason: Reason


class WhyIn(Form):
    """A decision that needs nothing but a reason."""

    reason: Reason


@routes.get("/contracts/{client}", summary="Verträge, Seite um Seite", response_model=Contracts)
def list_contracts(
    request: Request, person: Reader, client: str,
    q: Annotated[str, Query(max_length=100, description="Teil von Nummer oder Name")] = "",
    ended: Annotated[bool, Query(description="auch beendete")] = False,
    after: Annotated[str, Query(max_length=200)] = "",
) -> JSONResponse:  # fmt: skip
    """By number; those that have ended only when asked for."""
    desk = desk_of(request)
    config_of(desk, client)
    with desk.house.ledger.reading() as session:
        found = contracts.rows(
            session, [client], search=q.strip(), running_on=None if ended else desk.clock.today(), limit=PAGE + 1,
            after=place_of(after),
        )  # fmt: skip
        lines = [_line(line) for line in lines_of(desk, session, found[:PAGE])]
    return JSONResponse(plain({"contracts": lines, "after": place(found[PAGE - 1]) if len(found) > PAGE else ""}))


@routes.get("/contracts/{client}/{number}", summary="Ein Vertrag mit seinen Rechnungen", response_model=ContractStory)
def show_contract(request: Request, person: Reader, client: str, number: str) -> JSONResponse:
    """What was agreed, since when, what was billed, and when it could end."""
    desk = desk_of(request)
    with desk.house.ledger.reading() as session:
        return JSONResponse(_story(desk, session, client, number))


@routes.post("/contracts/{client}", status_code=201, summary="Einen Vertrag anlegen", response_model=ContractStory)
def make_contract(
    request: Request, person: Decider, client: str, body: ContractIn, key: NeededKey
) -> JSONResponse:  # fmt: skip
    """409 with the reason where it cannot be made so, as for terms that may not bind a consumer."""
    desk = desk_of(request)

    def work(ledger: Ledger) -> Answer:
        config = config_of(desk, client)
        with ledger.writing() as session:
            word = Word(person.name, body.reason)
            chain.sign(session, config, body.contract(config), word, desk.clock.now())
            return Answer(201, _story(desk, session, client, body.number))

    return answered(request, person, key, body, work)


@routes.post("/contracts/{client}/{number}/change", summary="Tarif, Menge oder Preis ändern",
             response_model=ContractStory)  # fmt: skip
def change_contract(
    request: Request, person: Decider, client: str, number: str, body: ChangeIn, key: Key = None
) -> JSONResponse:
    """What is to be paid more for days that are billed becomes an invoice of its own with the next run."""

    def act(session: Transaction, config: Client, row: ContractRow, word: Word) -> None:
        stage = chain.stage_for(config, body.plan, body.since, body.quantity, body.price)
        chain.change(session, config, row, stage, word, desk_of(request).clock.now())

    return _decided(request, person, client, number, body, key, act)


@routes.post("/contracts/{client}/{number}/withdraw", summary="Eine geplante Änderung zurücknehmen",
             response_model=ContractStory)  # fmt: skip
def withdraw_change(
    request: Request, person: Decider, client: str, number: str, body: WhyIn, key: Key = None
) -> JSONResponse:
    """The last one that was agreed for a later day; one that holds already or is billed is 409."""

    def act(session: Transaction, config: Client, row: ContractRow, word: Word) -> None:
        clock = desk_of(request).clock
        chain.withdraw(session, config, row, clock.today(), word, clock.now())

    return _decided(request, person, client, number, body, key, act)


@routes.post("/contracts/{client}/{number}/end", summary="Eine Kündigung eintragen", response_model=ContractStory)
def end_contract(
    request: Request, person: Decider, client: str, number: str, body: EndIn, key: Key = None
) -> JSONResponse:
    """What was billed for days after the end is a task: a credit note is written by hand."""

    def act(session: Transaction, config: Client, row: ContractRow, word: Word) -> None:
        chain.end(session, config, row, body.received_on, body.ends_on, word, desk_of(request).clock.now())

    return _decided(request, person, client, number, body, key, act)


@routes.post("/contracts/{client}/{number}/resume", summary="Eine Kündigung zurücknehmen",
             response_model=ContractStory)  # fmt: skip
def resume_contract(
    request: Request, person: Decider, client: str, number: str, body: WhyIn, key: Key = None
) -> JSONResponse:
    """The contract goes on; one that has ended is 409."""

    def act(session: Transaction, config: Client, row: ContractRow, word: Word) -> None:
        clock = desk_of(request).clock
        chain.resume(session, config, row, clock.today(), word, clock.now())

    return _decided(request, person, client, number, body, key, act)


@routes.post("/contracts/{client}/{number}/reopen", summary="Den letzten Zeitraum neu berechnen",
             response_model=ContractStory)  # fmt: skip
def reopen_contract(
    request: Request, person: Decider, client: str, number: str, body: WhyIn, key: Key = None
) -> JSONResponse:
    """Its invoice must be cancelled or never created, else 409; the next run bills the same days anew."""

    def act(session: Transaction, config: Client, row: ContractRow, word: Word) -> None:
        chain.reopen(session, config, row, word, desk_of(request).clock.now())

    return _decided(request, person, client, number, body, key, act)


def _decided(
    request: Request, person: Person, client: str, number: str, body: ChangeIn | EndIn | WhyIn, key: str | None,
    act: Callable[[Transaction, Client, ContractRow, Word], None],
) -> JSONResponse:  # fmt: skip
    desk = desk_of(request)

    def work(ledger: Ledger) -> Answer:
        with ledger.writing() as session:
            line = line_of(desk, session, client, number)
            act(session, config_of(desk, client), line.row, Word(person.name, body.reason))
            return Answer(200, _story(desk, session, client, number))

    return answered(request, person, key, body, work)


def _story(desk: Desk, session: Transaction, client: str, number: str) -> dict[str, Any]:
    config_of(desk, client)
    line = line_of(desk, session, client, number)
    ends = None if line.contract.ends_on else earliest_end(line.contract, line.today)
    bills = [
        {
            "first": made.bill.first_on, "last": made.bill.last_on, "net": made.bill.net, "job": made.job,
            "invoice": made.invoice, "marker": made.marker, "is_voided": made.is_voided,
        }
        for made in contracts.bills(session, line.row)
    ]  # fmt: skip
    more = {
        "agreed": line.contract.agreed, "stages": line.contract.stages, "owes_setup": line.row.owes_setup,
        "earliest_end": ends, "bills": bills,
        "timeline": [
            {"at": entry.at, "event": entry.event, "text": words.event(entry.event), "facts": entry.facts}
            for entry in contracts.history(session, line.row)
        ],
    }  # fmt: skip
    found: dict[str, Any] = plain(_line(line) | more)
    return found


def _line(line: Line) -> dict[str, Any]:
    told = ContractLine(
        client=line.row.client,
        number=line.row.number,
        customer=line.row.customer_key,
        name=line.name,
        plan=line.stage.plan,
        quantity=line.stage.quantity,
        phase=phase(line.contract, line.today),
        stand=str(line.standing),
        begins_on=line.contract.begins_on,
        ends_on=line.contract.ends_on,
        billed_until=line.row.billed_until,
        next_on=line.next_on,
        monthly=line.monthly,
    )
    return told.model_dump()
