"""What people do about contracts: make, change, end, take either back; each shows first what will happen."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from billing.contracts import DAY, MOST, Agreed, Bill, Stage, due, next_on
from config.client import Client
from desk.console import german
from desk.contract_words import CYCLES, pieces
from desk.reading import Mistake, amount_of
from desk.web.access import NotFound, Person, Right, desk_of, require
from desk.web.contract_lines import Line, address, config_of, line_of
from desk.web.given import day_of
from desk.web.pages import go, page
from desk.words import Saying
from flows.chain import contracts as chain
from flows.chain.contracts import Draft, NewContract
from ledger import contracts
from ledger.contract_tables import ContractRow
from ledger.database import Transaction
from ledger.overrides import NothingToDecide, Word

router = APIRouter(prefix="/vertraege")
Decider = Annotated[Person, Depends(require(Right.DECIDE))]
Short = Annotated[str, Field(max_length=200)]

NO_REASON = "Bitte einen Grund nennen; er steht mit Ihrem Namen im Journal."
MAKING = "Ab dem {since} bekommt {customer}: {quantity} × {plan} zu je {price} netto {cycle}."
FIRST_BILL = "Die erste Rechnung entsteht am {day}: {net} netto für {first} bis {last}."
FIRST_BILL_NOW = "Der nächste Durchlauf berechnet {net} netto für {first} bis {last}."
NO_BILL = "Berechnet wird nichts."
UNKNOWN = "Noch kennt niemand die Anschrift dieses Kunden: so lange wartet seine Rechnung."
CHANGING = "Ab dem {since} gilt: {quantity} × {plan} zu je {price} netto {cycle}."
MORE = "Für {first} bis {last} ist schon berechnet; den Aufpreis von {net} netto berechnet der nächste Durchlauf."
NO_MORE = "Was schon berechnet ist, bleibt, wie es ist."
ENDING = "Der Vertrag endet am {last}; für Tage danach wird nichts mehr berechnet."
EARLIEST = "Bei Eingang am {received} ist der {earliest} das früheste Ende."
OVERPAID = "Über das Ende hinaus sind {net} netto berechnet: eine Aufgabe erinnert daran, sie gutzuschreiben."
RESUMING = "Die Kündigung gilt nicht mehr: der Vertrag läuft über den {last} hinaus weiter und wird weiter berechnet."
WITHDRAWING = "Die Änderung ab dem {since} entfällt: {quantity} × {plan} zu je {price} netto {cycle}."
STAYING = "Es bleibt bei: {quantity} × {plan} zu je {price} netto {cycle}."
REOPENING = "Die Rechnung für {first} bis {last} gilt nicht mehr: der nächste Durchlauf berechnet diese Tage neu."
SENTENCES = (
    MAKING, FIRST_BILL, FIRST_BILL_NOW, NO_BILL, UNKNOWN, CHANGING, MORE, NO_MORE, ENDING, EARLIEST, OVERPAID, RESUMING,
    WITHDRAWING, STAYING, REOPENING,
)  # fmt: skip
OWN_TERMS = {
    "trial_days": ("Probezeit in Tagen", 365),
    "term_months": ("Mindestlaufzeit in Monaten", 120),
    "renewal_months": ("Verlängerung in Monaten", 120),
    "notice_months": ("Kündigungsfrist in Monaten", 12),
    "notice_days": ("Kündigungsfrist in Tagen", 90),
}
"""What may be agreed instead of the plan's terms, and the most there may be of it."""


class Typed(BaseModel):
    """The fields of all forms as they were typed; `confirmed` is empty until the person has seen what will happen."""

    model_config = ConfigDict(str_strip_whitespace=True)

    number: Short = ""
    customer: Short = ""
    plan: Short = ""
    since: Short = ""
    quantity: Short = ""
    price: Short = ""
    billed_until: Short = ""
    trial_days: Short = ""
    setup_fee: Short = ""
    term_months: Short = ""
    renewal_months: Short = ""
    notice_months: Short = ""
    notice_days: Short = ""
    received_on: Short = ""
    ends_on: Short = ""
    reason: Annotated[str, Field(max_length=500)] = ""
    confirmed: Short = ""


Filled = Annotated[Typed, Form()]


@dataclass(frozen=True, slots=True)
class Case:
    """One contract that somebody wants to do something about, as of a moment."""

    session: Transaction
    config: Client
    line: Line
    typed: Typed
    now: datetime

    @property
    def row(self) -> ContractRow:
        """The contract."""
        return self.line.row

    @property
    def stage(self) -> Stage:
        """What was typed as a change. Raises `Mistake` and `NothingToDecide`."""
        since, quantity = day_of(self.typed.since), amount_of(self.typed.quantity)
        if since is None or quantity is None:
            raise Mistake("Bitte Tag und Menge nennen.")
        return chain.stage_for(self.config, self.typed.plan, since, quantity, amount_of(self.typed.price))

    @property
    def received_on(self) -> date:
        """When notice was received. Raises `Mistake`."""
        received_on = day_of(self.typed.received_on)
        if received_on is None:
            raise Mistake("Bitte nennen, wann die Kündigung eingegangen ist.")
        return received_on


@dataclass(frozen=True, slots=True)
class Act:
    """`says` is what will happen, and refuses what cannot be done; `start` fills the form, None if it needs none.

    `undo` names the act that takes it back.
    """

    title: str
    says: Callable[[Case], Sequence[Saying]]
    do: Callable[[Case, Word], str]
    start: Callable[[Line], Typed] | None = None
    undo: str = ""


@router.get("/{client}")
def plan_new(request: Request, person: Decider, client: str) -> Response:
    """The form of a new contract."""
    typed = Typed(since=desk_of(request).clock.today().isoformat(), quantity="1")
    return _form(request, person, client, None, typed)


@router.post("/{client}")
def make(request: Request, person: Decider, client: str, typed: Filled) -> Response:
    """Show what a new contract brings; confirmed, make it."""
    desk, config = desk_of(request), config_of(desk_of(request), client)
    now = desk.clock.now()
    try:
        new = _new(config, typed)
        if not (typed.confirmed and typed.reason):
            with desk.house.ledger.reading() as session:
                says = _making(config, chain.drawn_up(session, config, new), desk.clock.today())
            problem = NO_REASON if typed.confirmed else ""
            return _confirm(request, person, client, None, typed, says, problem=problem)
        with desk.house.ledger.writing() as session:
            chain.sign(session, config, new, Word(person.name, typed.reason), now)
    except (Mistake, NothingToDecide) as refused:
        return _form(request, person, client, None, typed, str(refused))
    return go(request, address(client, new.number), f"Vertrag {new.number} ist angelegt.")


@router.get("/{client}/{number}/{act}")
def ask(request: Request, person: Decider, client: str, number: str, act: str) -> Response:
    """The form of a change or an end; where there is nothing to fill in, what will happen."""
    desk, wanted = desk_of(request), _act(act)
    with desk.house.ledger.reading() as session:
        line = line_of(desk, session, client, number)
        if wanted.start:
            return _form(request, person, client, line, wanted.start(line), act=act)
        says = wanted.says(Case(session, config_of(desk, client), line, Typed(), desk.clock.now()))
    return _confirm(request, person, client, line, Typed(), says, act)


@router.post("/{client}/{number}/{act}")
def carry_out(request: Request, person: Decider, client: str, number: str, act: str, typed: Filled) -> Response:
    """Show what will happen; confirmed, do it."""
    desk, wanted = desk_of(request), _act(act)
    is_told = bool(typed.confirmed and typed.reason)
    open_ledger = desk.house.ledger.writing if is_told else desk.house.ledger.reading
    line = None
    try:
        with open_ledger() as session:
            line = line_of(desk, session, client, number)
            case = Case(session, config_of(desk, client), line, typed, desk.clock.now())
            says = wanted.says(case)
            if not is_told:
                problem = NO_REASON if typed.confirmed else ""
                return _confirm(request, person, client, line, typed, says, act, problem)
            said = wanted.do(case, Word(person.name, typed.reason))
    except (Mistake, NothingToDecide) as refused:
        if line is None or wanted.start is None:
            return go(request, address(client, number), str(refused))
        return _form(request, person, client, line, typed, str(refused), act)
    undo = f"{address(client, number)}/{wanted.undo}" if wanted.undo else ""
    return go(request, address(client, number), said, undo)


def _form(
    request: Request, person: Person, client: str, line: Line | None, typed: Typed, problem: str = "", act: str = "neu"
) -> Response:
    config = config_of(desk_of(request), client)
    values = _values(client, line, typed, problem, act) | {"plans": chain.section_of(config).plans, "own": OWN_TERMS}
    return page(request, person, "contract_form.html.j2", values, status=422 if problem else 200)


def _confirm(
    request: Request, person: Person, client: str, line: Line | None, typed: Typed, says: Sequence[Saying],
    act: str = "neu", problem: str = "",
) -> Response:  # fmt: skip
    values = _values(client, line, typed, problem, act) | {"says": says}
    return page(request, person, "contract_confirm.html.j2", values, status=422 if problem else 200)


def _values(client: str, line: Line | None, typed: Typed, problem: str, act: str) -> dict[str, object]:
    title = ACTS[act].title if line else NEW
    here, back = (f"{line.address}/{act}", line.address) if line else (f"/vertraege/{client}", "/vertraege")
    return {
        "client": client, "line": line, "typed": typed, "problem": problem, "act": act, "title": title,
        "button": title if line else MAKE, "place": here, "back": back,
    }  # fmt: skip


def _act(name: str) -> Act:
    if name not in ACTS:
        raise NotFound
    return ACTS[name]


def _new(config: Client, typed: Typed) -> NewContract:
    since, quantity = day_of(typed.since), amount_of(typed.quantity)
    if since is None or quantity is None:
        raise Mistake("Bitte Beginn und Menge nennen.")
    return NewContract(
        typed.number, typed.customer, typed.plan, since, quantity, amount_of(typed.price),
        _agreed(config, typed), day_of(typed.billed_until),
    )  # fmt: skip


def _agreed(config: Client, typed: Typed) -> Agreed:
    agreed = chain.agreed_for(config, typed.plan)
    fee = amount_of(typed.setup_fee)
    if fee and fee > MOST:
        raise Mistake("Einmalig mit der ersten Rechnung: höchstens eine Million.")
    own: dict[str, Any] = {name: _number(name, getattr(typed, name)) for name in OWN_TERMS if getattr(typed, name)}
    return replace(agreed, setup_fee=agreed.setup_fee if fee is None else fee, **own)


def _number(name: str, text: str) -> int:
    title, most = OWN_TERMS[name]
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > most:
        raise Mistake(f"{title}: gemeint ist eine ganze Zahl bis {most}.")
    return int(text)


def _making(config: Client, draft: Draft, today: date) -> list[Saying]:
    name = draft.customer.name if draft.customer else draft.customer_key
    said = [Saying(MAKING, {"customer": name, **_stage_values(config, draft.contract.stages[0])})]
    day = next_on(draft.contract, draft.billed, draft.terms)
    first = due(draft.contract, draft.billed, draft.terms, max(day, today)) if day else None
    if day is None or first is None:
        said.append(Saying(NO_BILL))
    else:
        said.append(Saying(FIRST_BILL if day > today else FIRST_BILL_NOW, {"day": german(day), **_bill_values(first)}))
    return said if draft.customer else [*said, Saying(UNKNOWN)]


def _changing(case: Case) -> list[Saying]:
    stage = case.stage
    more = chain.supplement(case.session, case.config, case.row, stage)
    follows = Saying(MORE, _bill_values(more)) if more else Saying(NO_MORE)
    return [Saying(CHANGING, _stage_values(case.config, stage)), follows]


def _change(case: Case, word: Word) -> str:
    chain.change(case.session, case.config, case.row, case.stage, word, case.now)
    return f"Vertrag {case.row.number} ist ab dem {german(case.stage.since)} geändert."


def _ending(case: Case) -> list[Saying]:
    typed = case.typed
    found = chain.ending(case.session, case.config, case.row, case.received_on, day_of(typed.ends_on), case.now)
    values = {"received": german(case.received_on), "earliest": german(found.earliest)}
    said = [Saying(EARLIEST, values), Saying(ENDING, {"last": german(found.last)})]
    return [*said, Saying(OVERPAID, {"net": _euro(found.too_much)})] if found.too_much else said


def _end(case: Case, word: Word) -> str:
    typed = case.typed
    last = chain.end(
        case.session, case.config, case.row, case.received_on, day_of(typed.ends_on), word, case.now
    )  # fmt: skip
    return f"Vertrag {case.row.number} endet am {german(last)}."


def _resuming(case: Case) -> list[Saying]:
    return [Saying(RESUMING, {"last": german(contracts.notice_ahead(case.line.contract, case.line.today))})]


def _resume(case: Case, word: Word) -> str:
    chain.resume(case.session, case.config, case.row, case.line.today, word, case.now)
    return f"Vertrag {case.row.number} läuft weiter."


def _withdrawing(case: Case) -> list[Saying]:
    line = case.line
    stage = contracts.withdrawable(case.row, line.today)
    stays = Saying(STAYING, _told_stage(line, line.contract.stages[-2]))
    return [Saying(WITHDRAWING, _told_stage(line, stage)), stays]


def _withdraw(case: Case, word: Word) -> str:
    stage = chain.withdraw(case.session, case.config, case.row, case.line.today, word, case.now)
    return f"Die Änderung ab dem {german(stage.since)} ist zurückgenommen."


def _reopening(case: Case) -> list[Saying]:
    last = chain.reopening_of(case.session, case.config, case.row)
    return [Saying(REOPENING, {"first": german(last.first_on), "last": german(last.last_on)})]


def _reopen(case: Case, word: Word) -> str:
    last = chain.reopen(case.session, case.config, case.row, word, case.now)
    return f"{german(last.first_on)} bis {german(last.last_on)} wird neu berechnet."


def _start_change(line: Line) -> Typed:
    last, until = line.contract.stages[-1], line.row.billed_until
    since = max(last.since, line.today, until + DAY if until else line.today)
    price = german(last.price) if last.price is not None else ""
    return Typed(plan=last.plan, since=since.isoformat(), quantity=pieces(last.quantity), price=price)


def _start_end(line: Line) -> Typed:
    return Typed(received_on=line.today.isoformat())


def _stage_values(config: Client, stage: Stage) -> dict[str, str]:
    plan = chain.terms_for(config, None).plans[stage.plan]
    price = plan.price_on(stage.since) if stage.price is None else stage.price
    return {
        "since": german(stage.since), "quantity": pieces(stage.quantity), "plan": plan.title, "price": _euro(price),
        "cycle": CYCLES[stage.cycle_months],
    }  # fmt: skip


def _told_stage(line: Line, stage: Stage) -> dict[str, str]:
    """The same of a stage whose plan may be gone from the client's file."""
    price = line.price(stage)
    return {
        "since": german(stage.since), "quantity": pieces(stage.quantity), "plan": line.title_of(stage),
        "price": "–" if price is None else _euro(price), "cycle": CYCLES[stage.cycle_months],
    }  # fmt: skip


def _bill_values(made: Bill) -> dict[str, str]:
    return {"net": _euro(made.net), "first": german(made.first), "last": german(made.last)}


def _euro(amount: Decimal) -> str:
    return f"{german(amount)}\N{NO-BREAK SPACE}€"


NEW, MAKE = "Neuer Vertrag", "Vertrag anlegen"
ACTS = {
    "aendern": Act("Vertrag ändern", _changing, _change, _start_change),
    "kuendigen": Act("Kündigung eintragen", _ending, _end, _start_end, undo="fortsetzen"),
    "fortsetzen": Act("Kündigung zurücknehmen", _resuming, _resume),
    "aenderung-zuruecknehmen": Act("Geplante Änderung zurücknehmen", _withdrawing, _withdraw),
    "neu-berechnen": Act("Neu berechnen", _reopening, _reopen),
}
"""What may be done about a contract, by the last part of its address."""
