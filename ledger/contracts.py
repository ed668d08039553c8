"""Contracts as they were made, changed and ended, and how far each of them is billed."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from billing.contract_changes import withdrawn
from billing.contract_ends import earliest_end, overpaid
from billing.contracts import DAY, LAST_DAY, Bill, Billed, Contract, NotPossible, Stage, Terms, changed, next_on
from billing.money import in_german
from ledger import clientele, notices
from ledger.bodies import CONTRACT, pack
from ledger.contract_tables import ContractBillRow, ContractEntryRow, ContractRow
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.tables import CustomerRow, InvoiceRow, JobRow, JournalRow, TaskRow

CONTRACTS = "contracts:"
"""The source of jobs that are made of contracts; no connection of a client's file can have this name."""

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""What may be the number of a contract: it stands in addresses and in the ids of jobs."""


@dataclass(frozen=True, slots=True)
class Made:
    """One bill of a contract with what has become of it: `invoice` is its number, None while it has none.

    `marker` names the invoice from its draft on; `is_voided` says that it was cancelled.
    """

    bill: ContractBillRow
    job: str
    invoice: str | None
    marker: str | None
    is_voided: bool


@dataclass(frozen=True, slots=True)
class New:
    """A contract to be kept; one that ends already was given notice on the day it is kept."""

    contract: Contract
    customer_key: str
    billed: Billed
    terms: Terms


def add(
    session: Session, client: str, contract: Contract, customer_key: str, billed: Billed, terms: Terms,
    word: Word, now: datetime,
) -> ContractRow:  # fmt: skip
    """Keep a new contract. Raises `NothingToDecide` for what is no number, and if there is one of that number."""
    must_be_number(contract.number)
    must_be_free(contract.number, like(session, client, [contract.number]))
    return add_all(session, client, [New(contract, customer_key, billed, terms)], "", word, now)[0]


def add_all(
    session: Session, client: str, found: Sequence[New], owner: str, word: Word, now: datetime
) -> list[ContractRow]:
    """Keep new contracts whose numbers are free, in few statements; `owner` is asked for credits, as in `end`."""
    made = [_row_of(client, each, now) for each in found]
    session.add_all(made)
    session.flush()
    told = [happening for row, each in zip(made, found, strict=True) for happening in _beginning(row, each, now)]
    _note_all(session, told, word, now)
    for row, each in zip(made, found, strict=True):
        ends_on = each.contract.ends_on
        if ends_on is None:
            continue
        too_much = overpaid(replace(each.contract, ends_on=None), each.billed, ends_on, each.terms)
        if too_much:
            _ask_for_credit(session, row, ends_on, too_much, owner, now)
    return made


def _row_of(client: str, new: New, now: datetime) -> ContractRow:
    contract, billed = new.contract, new.billed
    row = ContractRow(client=client, number=contract.number, customer_key=new.customer_key, made_at=now)
    row.begins_on, row.billed_until, row.owes_setup = contract.begins_on, billed.until, billed.owes_setup
    _write(row, contract, new.terms, now)
    return row


def _beginning(row: ContractRow, new: New, now: datetime) -> Iterator[tuple[ContractRow, str, dict[str, str]]]:
    contract = new.contract
    yield row, "made", {"plan": contract.stages[0].plan, "begins_on": f"{contract.begins_on}"}
    if contract.ends_on:
        yield row, "ended", {"received_on": f"{berlin_day(now)}", "ends_on": f"{contract.ends_on}"}


def must_be_number(text: str) -> None:
    """Refuse what cannot be the number of a contract. Raises `NothingToDecide`."""
    if not NUMBER.fullmatch(text):
        raise NothingToDecide(
            f"„{text[:90]}“ geht nicht als Vertragsnummer: sie beginnt mit Buchstabe oder Ziffer und hat höchstens 80"
            " Zeichen aus A-Z, a-z, 0-9, Punkt, _ und -."
        )


def like(session: Session, client: str, numbers: Collection[str]) -> set[str]:
    """Numbers there are that are like these but for capital letters; they are ASCII, as `must_be_number` has it."""
    wanted = {number.lower() for number in numbers}
    query = select(ContractRow.number).where(ContractRow.client == client, func.lower(ContractRow.number).in_(wanted))
    return set(session.scalars(query))


def must_be_free(number: str, taken: Collection[str]) -> None:
    """Refuse a number that is taken, or differs from one only in capital letters. Raises `NothingToDecide`."""
    if number in taken:
        raise NothingToDecide(f"Den Vertrag {number} gibt es schon.")
    for other in sorted(taken):
        if other.lower() == number.lower():
            raise NothingToDecide(
                f"Den Vertrag {other} gibt es schon; {number} ist nur anders groß und klein geschrieben."
                f" Ist er gemeint, bitte {other} schreiben, sonst eine andere Nummer vergeben."
            )


def find(session: Session, client: str, number: str) -> ContractRow | None:
    """The contract of that number, None if there is none."""
    return session.scalar(select(ContractRow).where(ContractRow.client == client, ContractRow.number == number))


def named(session: Session, client: str, number: str) -> ContractRow:
    """The contract of that number. Raises `NothingToDecide`."""
    row = find(session, client, number)
    if row is None:
        others = " oder ".join(sorted(like(session, client, [number])))
        cure = f"Gemeint ist vielleicht {others}." if others else "Was es gibt:  rechnungsbote contracts"
        raise NothingToDecide(f"Den Vertrag {number} gibt es nicht. {cure}")
    return row


def rows(
    session: Session, clients: Sequence[str], *, customer: str = "", running_on: date | None = None, search: str = "",
    limit: int | None = None, after: tuple[str, str] | None = None,
) -> list[ContractRow]:  # fmt: skip
    """Contracts by client and number; with `running_on` only those that have not ended by then.

    `customer` is a key or the contract's own number; `search` a part of a number or of the customer's name or key.
    """
    query = select(ContractRow).where(ContractRow.client.in_(clients))
    if search:
        query = query.where(_matches(search))
    if customer:
        query = query.where(or_(ContractRow.customer_key == customer, ContractRow.number == customer))
    if running_on:
        query = query.where(or_(ContractRow.ends_on.is_(None), ContractRow.ends_on >= running_on))
    if after:
        client, number = after
        query = query.where(
            or_(ContractRow.client > client, (ContractRow.client == client) & (ContractRow.number > number))
        )
    return list(session.scalars(query.order_by(ContractRow.client, ContractRow.number).limit(limit)))


def of_customer(session: Session, client: str, key: str) -> list[ContractRow]:
    """All contracts of a customer, by number."""
    query = select(ContractRow).where(ContractRow.client == client, ContractRow.customer_key == key)
    return list(session.scalars(query.order_by(ContractRow.number)))


def of_ids(session: Session, ids: Sequence[int]) -> list[ContractRow]:
    """The contracts of these ids in their order, in one query."""
    found = {row.id: row for row in session.scalars(select(ContractRow).where(ContractRow.id.in_(ids)))}
    return [found[each] for each in ids]


def contract_of(row: ContractRow) -> Contract:
    """The contract as it stands."""
    contract: Contract = CONTRACT.validate_python(row.body)
    return contract


def billed_of(row: ContractRow) -> Billed:
    """How far it is billed."""
    return Billed(row.billed_until, row.owes_setup)


def due(session: Session, client: str, until: date) -> list[int]:
    """Ids of the contracts of which something may be billed up to a day, those first that have waited longest."""
    query = select(ContractRow.id).where(ContractRow.client == client, ContractRow.next_on <= until)
    return list(session.scalars(query.order_by(ContractRow.next_on, ContractRow.id)))


def next_count(session: Session, row: ContractRow) -> int:
    """The count of its next bill, from 1."""
    query = select(func.count()).where(ContractBillRow.contract_id == row.id)
    return 1 + session.scalars(query).one()


def bill(
    session: Session, row: ContractRow, count: int, made: Bill, job: JobRow | None, terms: Terms, now: datetime
) -> None:
    """These days are on that job or, without one, cost nothing; a supplement for billed days bills no new ones.

    `count` is that of `next_count`.
    """
    is_supplement = row.billed_until is not None and made.last <= row.billed_until
    session.add(
        ContractBillRow(
            contract_id=row.id, count=count, first_on=made.first, last_on=made.last, net=made.net,
            is_supplement=is_supplement, settled_setup=row.owes_setup and not is_supplement,
            job_id=job.id if job else None, made_at=now,
        )
    )  # fmt: skip
    if not is_supplement:
        row.billed_until, row.owes_setup = made.last, False
    _write(row, contract_of(row), terms, now)
    facts = {"first": f"{made.first}", "last": f"{made.last}", "net": f"{made.net}"}
    _record(session, row, "billed", now, job=job.number if job else "", **facts)


def last_bill(session: Session, row: ContractRow) -> ContractBillRow:
    """The bill up to whose end the contract is billed. Raises `NothingToDecide` if it cannot be taken back alone."""
    query = select(ContractBillRow).where(
        ContractBillRow.contract_id == row.id, ContractBillRow.last_on == row.billed_until
    )
    found = list(session.scalars(query.order_by(ContractBillRow.count.desc())))
    if not found or found[0].job_id is None:
        raise NothingToDecide(f"Der Vertrag {row.number} hat keine Rechnung, die zurückzunehmen wäre.")
    if found[0].is_supplement:
        raise NothingToDecide(
            f"Zu den Tagen gehört auch der Aufpreis {row.number}-{found[0].count}: bitte die neue Rechnung von Hand"
            " in der Buchhaltung schreiben."
        )
    return found[0]


def give_back(
    session: Session, row: ContractRow, last: ContractBillRow, terms: Terms, word: Word, now: datetime
) -> None:
    """The days of the last bill are not billed any more, and so is the set-up fee that stood on it."""
    row.billed_until, row.owes_setup = last.first_on - DAY, row.owes_setup or last.settled_setup
    _write(row, contract_of(row), terms, now)
    _note(session, row, "reopened", word, now, first=f"{last.first_on}", last=f"{last.last_on}")
    # Billed anew they stop at the end: nothing is left to be credited.
    for task in _credit_tasks(session, row, row.ends_on):
        notices.close(session, task.id, notices.PROGRAM, now)


def reckon(row: ContractRow, terms: Terms) -> None:
    """Look again when something is to be billed next: the client's file may have changed."""
    row.next_on = _next_on(row, contract_of(row), terms)


def bills(session: Session, row: ContractRow) -> list[Made]:
    """All bills of a contract, the newest first."""
    query = (
        select(ContractBillRow, JobRow.number, InvoiceRow.number, InvoiceRow.marker, InvoiceRow.is_voided)
        .outerjoin(JobRow, JobRow.id == ContractBillRow.job_id)
        .outerjoin(InvoiceRow, InvoiceRow.job_id == JobRow.id)
        .where(ContractBillRow.contract_id == row.id)
        .order_by(ContractBillRow.count.desc())
    )
    return [
        Made(found, job or "", invoice, marker, bool(is_voided))
        for found, job, invoice, marker, is_voided in session.execute(query)
    ]


def history(session: Session, row: ContractRow) -> list[JournalRow]:
    """What happened to a contract, the newest first."""
    query = select(JournalRow).join(ContractEntryRow, ContractEntryRow.entry_id == JournalRow.id)
    return list(session.scalars(query.where(ContractEntryRow.contract_id == row.id).order_by(JournalRow.id.desc())))


def of_job(session: Session, job_id: int) -> ContractRow | None:
    """The contract that a job bills."""
    query = select(ContractRow).join(ContractBillRow, ContractBillRow.contract_id == ContractRow.id)
    return session.scalar(query.where(ContractBillRow.job_id == job_id))


def change(session: Session, row: ContractRow, stage: Stage, terms: Terms, word: Word, now: datetime) -> Bill | None:
    """Another plan, quantity or price from a day on; what is to be paid more for days that are billed already.

    Raises `NothingToDecide` for what the contract does not allow.
    """
    after, more = foreseen(row, stage, terms)
    _write(row, after, terms, now)
    _note(session, row, "changed", word, now, **_facts_of(stage))
    return more


def withdraw(session: Session, row: ContractRow, today: date, terms: Terms, word: Word, now: datetime) -> Stage:
    """Take the last change back, which was agreed for a later day; what it was. Raises `NothingToDecide`."""
    stage = withdrawable(row, today)
    _write(row, withdrawn(contract_of(row), billed_of(row), today), terms, now)
    _note(session, row, "withdrawn", word, now, **_facts_of(stage))
    return stage


def withdrawable(row: ContractRow, today: date) -> Stage:
    """The change that `withdraw` would take back; nothing is kept. Raises `NothingToDecide`."""
    contract = contract_of(row)
    try:
        withdrawn(contract, billed_of(row), today)
    except NotPossible as error:
        raise NothingToDecide(str(error)) from None
    return contract.stages[-1]


def foreseen(row: ContractRow, stage: Stage, terms: Terms) -> tuple[Contract, Bill | None]:
    """The contract as `change` would leave it and what is to be paid more; nothing is kept. `NothingToDecide`."""
    try:
        return changed(contract_of(row), stage, billed_of(row), terms)
    except NotPossible as error:
        raise NothingToDecide(str(error)) from None


def end(
    session: Session, row: ContractRow, received_on: date, ends_on: date | None, owner: str, terms: Terms, word: Word,
    now: datetime,
) -> date:  # fmt: skip
    """Notice was received: the last day, the earliest there is unless another one was agreed on.

    What is billed for days after it is a task for a person: a credit note is written by hand. Raises `NothingToDecide`.
    """
    contract, billed = contract_of(row), billed_of(row)
    last = last_day(contract, received_on, ends_on)
    _write(row, replace(contract, ends_on=last), terms, now)
    _note(session, row, "ended", word, now, received_on=f"{received_on}", ends_on=f"{last}")
    too_much = overpaid(contract, billed, last, terms)
    if too_much:
        _ask_for_credit(session, row, last, too_much, owner, now)
    return last


def last_day(contract: Contract, received_on: date, ends_on: date | None) -> date:
    """On which day the contract ends after this notice. Raises `NothingToDecide` where it cannot end so."""
    if contract.ends_on:
        raise NothingToDecide(f"Der Vertrag endet schon am {contract.ends_on:%d.%m.%Y}.")
    last = ends_on or earliest_end(contract, received_on)
    if not contract.begins_on - DAY <= last <= LAST_DAY:
        raise NothingToDecide(
            f"{last:%d.%m.%Y} kann nicht der letzte Tag sein: er beginnt {contract.begins_on:%d.%m.%Y}."
        )
    return last


def resume(session: Session, row: ContractRow, today: date, terms: Terms, word: Word, now: datetime) -> None:
    """The notice was taken back: the contract goes on. Raises `NothingToDecide` for one that has ended."""
    contract = contract_of(row)
    last = notice_ahead(contract, today)
    _write(row, replace(contract, ends_on=None), terms, now)
    _note(session, row, "resumed", word, now)
    for task in _credit_tasks(session, row, last)[-1:]:
        if notices.close(session, task.id, word.by, now) is None and task.closed_by != notices.PROGRAM:
            _ask_to_charge(session, row, last, task, now)


def notice_ahead(contract: Contract, today: date) -> date:
    """The last day that `resume` would take back. Raises `NothingToDecide` without one, or after it."""
    if contract.ends_on is None:
        raise NothingToDecide("Der Vertrag ist nicht gekündigt.")
    if contract.ends_on < today:
        raise NothingToDecide(f"Der Vertrag hat am {contract.ends_on:%d.%m.%Y} geendet: bitte einen neuen anlegen.")
    return contract.ends_on


def running(session: Session, clients: Sequence[str], today: date) -> int:
    """How many contracts have not ended."""
    query = select(func.count(ContractRow.id)).where(
        ContractRow.client.in_(clients), or_(ContractRow.ends_on.is_(None), ContractRow.ends_on >= today)
    )
    return session.scalars(query).one()


def _matches(search: str) -> ColumnElement[bool]:
    """Whether a contract or its customer is called so; both tables of customers are asked, as either may know him."""
    part, row = clientele.part_of(search), ContractRow
    # Rows of values, so that neither question is asked again for each contract.
    announced = select(CustomerRow.client, CustomerRow.key).where(CustomerRow.name.ilike(part, escape="\\"))
    billed = select(InvoiceRow.client, InvoiceRow.customer_key).where(InvoiceRow.customer_name.ilike(part, escape="\\"))
    whose = tuple_(row.client, row.customer_key)
    return or_(
        row.number.ilike(part, escape="\\"), row.customer_key.ilike(part, escape="\\"), whose.in_(announced),
        whose.in_(billed),
    )  # fmt: skip


def _write(row: ContractRow, contract: Contract, terms: Terms, now: datetime) -> None:
    row.body, row.ends_on, row.changed_at = pack(CONTRACT, contract), contract.ends_on, now
    row.next_on = _next_on(row, contract, terms)


def _next_on(row: ContractRow, contract: Contract, terms: Terms) -> date | None:
    return next_on(contract, billed_of(row), replace(terms, days_before=0))


def _note(session: Session, row: ContractRow, happening: str, word: Word, now: datetime, **facts: str) -> None:
    _record(session, row, happening, now, by=word.by, reason=word.reason, **facts)


def _facts_of(stage: Stage) -> dict[str, Any]:
    own = {} if stage.price is None else {"price": f"{stage.price}"}
    return {"plan": stage.plan, "quantity": f"{stage.quantity}", "since": f"{stage.since}"} | own


def _record(session: Session, row: ContractRow, happening: str, now: datetime, **facts: Any) -> None:
    _record_all(session, [(row, happening, facts)], now)


def _note_all(
    session: Session, happened: Sequence[tuple[ContractRow, str, dict[str, str]]], word: Word, now: datetime
) -> None:
    by = {"by": word.by, "reason": word.reason}
    _record_all(session, [(row, happening, by | facts) for row, happening, facts in happened], now)


def _record_all(session: Session, happened: Sequence[tuple[ContractRow, str, dict[str, Any]]], now: datetime) -> None:
    entries = [
        record(session, now, row.client, f"contract {happening}", contract=row.number, **facts)
        for row, happening, facts in happened
    ]
    # Entries have their ids only now.
    session.flush()
    pairs = zip(entries, happened, strict=True)
    session.add_all(ContractEntryRow(entry_id=entry.id, contract_id=row.id) for entry, (row, _, _) in pairs)


def _ask_for_credit(session: Session, row: ContractRow, last: date, net: Decimal, owner: str, now: datetime) -> None:
    title = f"Vertrag {row.number} endet am {last:%d.%m.%Y}: {in_german(net)} netto zu viel berechnet"
    body = (
        f"Berechnet ist er bis {row.billed_until:%d.%m.%Y}. Bitte den Unterschied dem Kunden gutschreiben"
        f" (Kunde {row.customer_key}); das geschieht nicht von selbst."
    )
    # Each notice asks anew, also one for the same day as another that was taken back.
    key = f"{_credit_key(row, last)}/{len(_credit_tasks(session, row, last)) + 1}"
    notices.ask(session, row.client, key, title, body, owner, None, now)


def _ask_to_charge(session: Session, row: ContractRow, ended_on: date, credit: TaskRow, now: datetime) -> None:
    title = f"Vertrag {row.number} läuft weiter: die Gutschrift für Tage nach dem {ended_on:%d.%m.%Y} prüfen"
    body = (
        f"Sie war als erledigt gemeldet; berechnet bleibt er bis {row.billed_until:%d.%m.%Y}. Was dem Kunden"
        f" gutgeschrieben wurde ({row.customer_key}), bitte von Hand wieder berechnen."
    )
    notices.ask(session, row.client, f"{credit.key}/charge", title, body, credit.owner, None, now)


def _credit_tasks(session: Session, row: ContractRow, last: date | None) -> list[TaskRow]:
    """What was asked when the contract was to end on that day, oldest first."""
    key = _credit_key(row, last)
    named = (TaskRow.key == key) | (TaskRow.key.startswith(f"{key}/") & ~TaskRow.key.endswith("/charge"))
    return list(session.scalars(select(TaskRow).where(TaskRow.client == row.client, named).order_by(TaskRow.id)))


def _credit_key(row: ContractRow, last: date | None) -> str:
    return f"contract-credit/{row.id}/{last}"
