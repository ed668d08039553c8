"""Contracts: what of them is due becomes a job, one per contract, which then goes the way of all others."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from billing.calendar import berlin_day
from billing.contract_ends import earliest_end, overpaid, unfair_terms
from billing.contracts import (
    LAST_DAY,
    Agreed,
    Bill,
    Billed,
    Contract,
    NotPossible,
    Stage,
    Terms,
    due,
    introduction,
    must_be_sound,
)
from billing.jobs import Job, References, TaxCase
from billing.parties import Customer, CustomerKind
from billing.price_changes import PriceChange, price_changes
from config.client import Client, exception_for, with_exceptions
from config.contracts import CYCLES, ContractsSection, PlanSection, agreed_of, terms_of
from flows.report import Entry, Result
from flows.work import Work
from ledger import clientele, contracts, invoices, jobs, notices, reopening
from ledger.contract_tables import ContractBillRow, ContractRow
from ledger.contracts import CONTRACTS
from ledger.database import Transaction
from ledger.notices import PROGRAM
from ledger.overrides import NothingToDecide, Word
from ledger.tables import JobRow

CHUNK = 500
"""How many contracts a forecast reads at once."""


@dataclass(frozen=True, slots=True)
class NewContract:
    """A contract to be made. `customer` is his number, the id another program announced him with, or his name.

    `price` is his own, net per period and piece. `agreed` is what was agreed instead of the plan's terms.
    `billed_until` is the day up to which an old contract was billed elsewhere.
    """

    number: str
    customer: str
    plan: str
    begins_on: date
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None
    agreed: Agreed | None = None
    billed_until: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A contract as it would be made; `customer` is None where nobody knows him yet."""

    contract: Contract
    customer_key: str
    customer: Customer | None
    billed: Billed
    terms: Terms


@dataclass(frozen=True, slots=True)
class Ending:
    """How a contract would end: its last day, the earliest there is, and what is billed beyond its end, net."""

    last: date
    earliest: date
    too_much: Decimal


@dataclass(frozen=True, slots=True)
class Expected:
    """What would be billed on a contract; `customer` is None where nobody knows him."""

    row: ContractRow
    customer: Customer | None
    bill: Bill

    @property
    def net(self) -> Decimal:
        """The sum of the lines."""
        return self.bill.net


def sign(session: Transaction, config: Client, new: NewContract, word: Word, now: datetime) -> ContractRow:
    """Make a contract. Raises `NothingToDecide` with the reason why it cannot be made so."""
    made = drawn_up(session, config, new)
    return contracts.add(session, config.name, made.contract, made.customer_key, made.billed, made.terms, word, now)


def drawn_up(session: Transaction, config: Client, new: NewContract, told: Customer | None = None) -> Draft:
    """The contract as it would be made, and nothing kept. `told` is the customer if nobody knows him yet.

    Raises `NothingToDecide`.
    """
    key = clientele.key_of(session, config.name, new.customer.strip(), {})
    made = draft_for(config, new, key, clientele.recipient(session, config.name, key) or told)
    contracts.must_be_free(new.number, contracts.like(session, config.name, [new.number]))
    return made


def draft_for(config: Client, new: NewContract, key: str, known: Customer | None) -> Draft:
    """The same for the customer of that key; whether the number is free is not asked. Raises `NothingToDecide`."""
    contracts.must_be_number(new.number)
    stage = stage_for(config, new.plan, new.begins_on, new.quantity, new.price)
    contract = Contract(new.number, (stage,), new.agreed or agreed_for(config, new.plan))
    if not key:
        raise NothingToDecide("Bitte den Kunden nennen: seine Nummer oder seinen Namen.")
    customer = with_exceptions(config, known) if known else None
    _must_be_fair(contract, customer)
    terms = terms_for(config, customer)
    return Draft(contract, key, customer, _billed_before(contract, new.billed_until, terms), terms)


def stage_for(config: Client, plan: str, since: date, quantity: Decimal, price: Decimal | None) -> Stage:
    """So many of a plan from a day on. Raises `NothingToDecide` for a plan that nobody sells and for slips."""
    found = Stage(since, plan, CYCLES[plan_of(config, plan).cycle], quantity, price)
    try:
        must_be_sound(found)
    except NotPossible as error:
        raise NothingToDecide(str(error)) from None
    return found


def agreed_for(config: Client, plan: str) -> Agreed:
    """What a contract about a plan agrees on where nothing else was said. Raises `NothingToDecide`."""
    return agreed_of(plan_of(config, plan))


def plan_of(config: Client, name: str) -> PlanSection:
    """The plan of that name. Raises `NothingToDecide`, naming those there are."""
    section = section_of(config)
    if name not in section.plans:
        raise NothingToDecide(f"Den Tarif „{name}“ gibt es nicht. Was es gibt: {', '.join(section.plans)}.")
    return section.plans[name]


def section_of(config: Client) -> ContractsSection:
    """How a client bills contracts. Raises `NothingToDecide` for one that does not."""
    if config.contracts is None:
        raise NothingToDecide("Dieser Mandant rechnet keine Verträge ab: in seiner Datei fehlt contracts.")
    return config.contracts


def to_bill(work: Work) -> list[int]:
    """Contracts of which something may be due today."""
    with work.ledger.reading() as session:
        return due_by(session, work.config, work.clock.today())


def due_by(session: Transaction, config: Client, day: date) -> list[int]:
    """Contracts of which something may be due on a day, those first that have waited longest."""
    section = config.contracts
    return contracts.due(session, config.name, day + timedelta(days=section.days_before)) if section else []


def bill_one(work: Work, contract_id: int) -> Entry | None:
    """One contract's due periods, in one transaction: the job and how far the contract is billed, or nothing of both.

    Contracts of which nothing is due yet, as somebody else was faster or they are in their trial, give no entry.
    """
    section, now = work.config.contracts, work.clock.now()
    assert section
    with work.ledger.writing() as session:
        row = session.get_one(ContractRow, contract_id)
        contract = contracts.contract_of(row)
        missing = missing_plans(section, contract)
        if missing:
            return _ask(session, work, _plan_key(row), row, *_plan_words(row, missing))
        customer = customer_for(session, work.config, row)
        terms = terms_for(work.config, customer)
        made = due(contract, contracts.billed_of(row), terms, work.clock.today())
        if made is None:
            contracts.reckon(row, terms)
            return None
        if customer is None:
            return _ask(session, work, _customer_key(row), row, *_customer_words(row))
        for key in (_plan_key(row), _customer_key(row)):
            notices.close_by_key(session, work.client, key, PROGRAM, now)
        job = keep(session, work.config, row, made, customer, now)
    subject = f"Vertrag {row.number}, {customer.name}"
    return Entry(Result.DONE, subject, f"{_span(made)} wird berechnet." if job else f"{_span(made)} kostet nichts.")


def to_mend(work: Work) -> list[int]:
    """Jobs of contracts that could not become an invoice."""
    if work.config.contracts is None:
        return []
    limit = work.settings.recheck_held_limit
    with work.ledger.reading() as session:
        stuck = dict(jobs.held(session, work.client, CONTRACTS, limit))
        stuck |= dict(invoices.refused_jobs(session, work.client, CONTRACTS, limit))
        return [jobs.find(session, work.client, CONTRACTS, external_id).id for external_id in stuck]


def mend_one(work: Work, job_id: int) -> Entry | None:
    """Make such a job anew if its customer was put right meanwhile."""
    now = work.clock.now()
    with work.ledger.writing() as session:
        held = jobs.get(session, job_id)
        # A person may have given the period back since this job was found: its days are billed anew.
        row = contracts.of_job(session, job_id) if held.state != jobs.DROPPED else None
        customer = customer_for(session, work.config, row) if row else None
        if row is None or customer is None:
            return None
        job = jobs.versioned(replace(jobs.job_of(held), customer=customer))
        if job.version == held.version:
            return None
        jobs.store(session, work.client, job, now)
    return Entry(Result.DONE, f"Vertrag {row.number}, {customer.name}", "Auftrag neu gefasst.")


def keep(
    session: Transaction, config: Client, row: ContractRow, made: Bill, customer: Customer, now: datetime
) -> JobRow | None:
    """Make the bill a job and move the contract on; without a job if it costs nothing."""
    job, count = None, contracts.next_count(session, row)
    if made.net:
        job = jobs.store(session, row.client, job_of(config, row, made, customer, count), now)
    contracts.bill(session, row, count, made, job, terms_for(config, customer), now)
    return job


def change(
    session: Transaction, config: Client, row: ContractRow, stage: Stage, word: Word, now: datetime
) -> Bill | None:
    """Change a contract; what is to be paid more for billed days becomes a job at once. Raises `NothingToDecide`."""
    _must_know_plans(config, row, stage.plan)
    customer = customer_for(session, config, row)
    more = contracts.change(session, row, stage, terms_for(config, customer), word, now)
    if more is None:
        return None
    if customer is None:
        raise NothingToDecide(f"{_customer_words(row)[1]} Die Änderung dann wiederholen.")
    keep(session, config, row, more, customer, now)
    return more


def supplement(session: Transaction, config: Client, row: ContractRow, stage: Stage) -> Bill | None:
    """What `change` would bill at once; nothing is kept. Raises `NothingToDecide`."""
    _must_know_plans(config, row, stage.plan)
    return contracts.foreseen(row, stage, terms_for(config, customer_for(session, config, row)))[1]


def end(
    session: Transaction, config: Client, row: ContractRow, received_on: date, ends_on: date | None, word: Word,
    now: datetime,
) -> date:  # fmt: skip
    """Notice was received: the last day, the earliest there is unless another was agreed on. `NothingToDecide`."""
    _must_have_come(config, row, received_on, now)
    terms, owner = terms_for(config, customer_for(session, config, row)), section_of(config).owner
    return contracts.end(session, row, received_on, ends_on, owner, terms, word, now)


def ending(
    session: Transaction, config: Client, row: ContractRow, received_on: date, ends_on: date | None, now: datetime
) -> Ending:
    """What `end` would do; nothing is kept. Raises `NothingToDecide`."""
    _must_have_come(config, row, received_on, now)
    contract, terms = contracts.contract_of(row), terms_for(config, customer_for(session, config, row))
    last = contracts.last_day(contract, received_on, ends_on)
    return Ending(last, earliest_end(contract, received_on), overpaid(contract, contracts.billed_of(row), last, terms))


def resume(session: Transaction, config: Client, row: ContractRow, today: date, word: Word, now: datetime) -> None:
    """The notice was taken back. Raises `NothingToDecide`."""
    section_of(config)
    contracts.resume(session, row, today, terms_for(config, customer_for(session, config, row)), word, now)


def withdraw(session: Transaction, config: Client, row: ContractRow, today: date, word: Word, now: datetime) -> Stage:
    """Take back the last change that was agreed for a later day; what it was. Raises `NothingToDecide`."""
    section_of(config)
    return contracts.withdraw(session, row, today, terms_for(config, customer_for(session, config, row)), word, now)


def can_withdraw(row: ContractRow, today: date) -> bool:
    """Whether `withdraw` would take a change back."""
    try:
        contracts.withdrawable(row, today)
    except NothingToDecide:
        return False
    return True


def reopening_of(session: Transaction, config: Client, row: ContractRow) -> ContractBillRow:
    """The bill that `reopen` would take back; nothing is kept. Raises `NothingToDecide`."""
    _must_know_plans(config, row)
    return reopening.reopenable(session, row)


def can_reopen(session: Transaction, config: Client, row: ContractRow) -> bool:
    """Whether `reopen` would take a bill back."""
    try:
        reopening_of(session, config, row)
    except NothingToDecide:
        return False
    return True


def reopen(session: Transaction, config: Client, row: ContractRow, word: Word, now: datetime) -> ContractBillRow:
    """The invoice of the last period is void: the period is billed anew. Raises `NothingToDecide`."""
    _must_know_plans(config, row)
    terms = terms_for(config, customer_for(session, config, row))
    return reopening.reopen_contract(session, row, terms, word, now)


def expected(session: Transaction, config: Client, until: date, limit: int | None = None) -> list[Expected]:
    """What will be billed up to a day, contract by contract, if nothing changes; of many only the first ones."""
    found, ids = [], due_by(session, config, until)[:limit]
    for start in range(0, len(ids), CHUNK):
        rows = contracts.of_ids(session, ids[start : start + CHUNK])
        known = clientele.recipients(session, config.name, {row.customer_key for row in rows})
        for row in rows:
            customer, contract = known.get(row.customer_key), contracts.contract_of(row)
            if missing_plans(section_of(config), contract):
                continue
            customer = with_exceptions(config, customer) if customer else None
            made = due(contract, contracts.billed_of(row), terms_for(config, customer), until)
            if made:
                found.append(Expected(row, customer, made))
    return found


def new_prices(config: Client, rows: Iterable[ContractRow], today: date) -> list[tuple[ContractRow, PriceChange]]:
    """Which of these contracts a new price will reach, by its day; those with a lost plan are left out."""
    section, terms = section_of(config), terms_for(config, None)
    found = [
        (row, each)
        for row in rows
        if not missing_plans(section, contract := contracts.contract_of(row))
        for each in price_changes(contract, terms, today)
    ]
    return sorted(found, key=lambda told: (told[1].since, told[0].number))


def job_of(config: Client, row: ContractRow, made: Bill, customer: Customer, count: int) -> Job:
    """The job of a bill; its id counts the contract's bills, so that none is there twice."""
    job = Job(
        source=CONTRACTS,
        external_id=f"{CONTRACTS}{row.number}:{count}",
        version="",
        number=f"{row.number}-{count}",
        customer=customer,
        lines=made.lines,
        performed_from=made.first,
        performed_until=made.last,
        tax_case=TaxCase.SMALL_BUSINESS if config.seller.small_business else TaxCase.STANDARD,
        references=References(contract=row.number),
        introduction=introduction(row.number, terms_for(config, customer)),
    )
    return jobs.versioned(job)


def customer_for(session: Transaction, config: Client, row: ContractRow) -> Customer | None:
    """Who pays for a contract, as he is known now."""
    known = clientele.recipient(session, config.name, row.customer_key)
    return with_exceptions(config, known) if known else None


def terms_for(config: Client, customer: Customer | None) -> Terms:
    """How the client's contracts are billed to a customer. The client must bill contracts."""
    assert config.contracts
    language = exception_for(config, customer.number).language or customer.language if customer else ""
    return terms_of(config.contracts, language or config.look.language, small_business=config.seller.small_business)


def missing_plans(section: ContractsSection, contract: Contract) -> list[str]:
    """Plans of a contract whose price nobody knows: gone from the client's file, or of another period there."""
    return sorted({stage.plan for stage in contract.stages if not _has_price(section, stage)})


def _has_price(section: ContractsSection, stage: Stage) -> bool:
    plan = section.plans.get(stage.plan)
    return plan is not None and (stage.price is not None or CYCLES[plan.cycle] == stage.cycle_months)


def _must_be_fair(contract: Contract, customer: Customer | None) -> None:
    if contract.agreed.renewal_months and not contract.agreed.term_months:
        raise NothingToDecide("Ohne Mindestlaufzeit verlängert sich nichts.")
    kind = customer.kind if customer else CustomerKind.CONSUMER
    broken = unfair_terms(contract.agreed, kind, contract.begins_on)
    if broken:
        unknown = "" if customer else " Wer unbekannt ist, gilt als Verbraucher: eine Firma bitte zuerst melden."
        raise NothingToDecide(f"So darf ein Verbraucher nicht gebunden werden: {'; '.join(broken)}.{unknown}")


def _billed_before(contract: Contract, until: date | None, terms: Terms) -> Billed:
    """How far a contract is billed when it is made. The set-up fee of one that cost money before was billed with it."""
    if until is not None and until < contract.paid_from:
        raise NothingToDecide(f"Vor dem {contract.paid_from:%d.%m.%Y} kostet der Vertrag nichts: bis dahin berechnet?")
    if until is not None and until > LAST_DAY:
        raise NothingToDecide(f"Bis {until:%d.%m.%Y} ist noch nichts berechnet.")
    return Billed(until, owes_setup=until is None and contract.paid_from >= terms.since)


def _must_know_plans(config: Client, row: ContractRow, *wanted: str) -> None:
    for name in wanted:
        plan_of(config, name)
    missing = missing_plans(section_of(config), contracts.contract_of(row))
    if missing:
        raise NothingToDecide(f"{row.number}: {_plan_words(row, missing)[1]}")


def _must_have_come(config: Client, row: ContractRow, received_on: date, now: datetime) -> None:
    _must_know_plans(config, row)
    if received_on > berlin_day(now):
        raise NothingToDecide(f"Der Eingang am {received_on:%d.%m.%Y} liegt in der Zukunft.")


def _ask(session: Transaction, work: Work, key: str, row: ContractRow, title: str, body: str) -> Entry:
    """What only a person can put right: a task, once."""
    assert work.config.contracts
    now = work.clock.now()
    task = notices.ask(session, work.client, key, title, body, work.config.contracts.owner, None, now)
    return Entry(Result.HELD if task.created_at == now else Result.STILL, f"Vertrag {row.number}", body)


def _plan_key(row: ContractRow) -> str:
    return f"contract-plan/{row.id}/{row.next_on}"


def _customer_key(row: ContractRow) -> str:
    return f"contract-customer/{row.customer_key}"[:200]


def _plan_words(row: ContractRow, missing: list[str]) -> tuple[str, str]:
    names = ", ".join(missing)
    return (
        f"Vertrag {row.number}: den Tarif {names} gibt es so nicht mehr",
        f"Abhilfe: den Tarif unter contracts.plans wieder eintragen, mit dem Zeitraum (cycle) von damals: {names}. Für"
        " neue Verträge muss ihn niemand mehr nehmen. Danach geht es von selbst weiter.",
    )


def _customer_words(row: ContractRow) -> tuple[str, str]:
    return (
        f"Wer ist der Kunde „{row.customer_key}“? Vertrag {row.number} wartet auf seine Rechnung",
        "Unter diesem Namen ist keine Anschrift bekannt. Abhilfe: den Kunden über die Schnittstelle melden, oder"
        " rechnungsbote contracts customer  mit Kundennummer und Anschrift. Danach geht es von selbst weiter.",
    )


def _span(made: Bill) -> str:
    return f"{made.first:%d.%m.%Y} bis {made.last:%d.%m.%Y}"
