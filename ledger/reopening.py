"""Work, or a contract's period, whose invoice will not be, or is no more: it may be billed again."""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.contracts import Terms
from ledger import contracts, effects, invoices, jobs, times
from ledger.contract_tables import ContractBillRow, ContractRow
from ledger.effects import Kind
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.tables import InvoiceRow, JobRow
from ledger.times import TIMES, State


def reopen(session: Session, client: str, name: str, word: Word, now: datetime) -> int:
    """Give the work of a held job, or of an invoice cancelled or never created, back to be billed; how many entries.

    `name` is the invoice's number or marker, or the job's number. Raises `NothingToDecide`.
    """
    job = _job(session, client, name)
    _must_be_gone(session, job)
    found = times.of_job(session, job.id)
    if not found:
        raise NothingToDecide("Diese Zeiten sind schon zurückgegeben.")
    for row in found:
        row.state, row.job_id, row.changed_at = State.APPROVED, None, now
    if job.state == jobs.HELD:
        job.state = jobs.DROPPED
    facts: dict[str, Any] = {
        "job": job.number,
        "by": word.by,
        "reason": word.reason,
        "entries": [row.id for row in found],
    }
    record(session, now, client, "work reopened", **facts)
    return len(found)


def reopenable(session: Session, row: ContractRow) -> ContractBillRow:
    """The contract's last bill, if its job is held, or its invoice cancelled or never created.

    Raises `NothingToDecide` with the reason why it is not to be taken back.
    """
    last = contracts.last_bill(session, row)
    _must_be_gone(session, session.get_one(JobRow, last.job_id))
    return last


def reopen_contract(session: Session, row: ContractRow, terms: Terms, word: Word, now: datetime) -> ContractBillRow:
    """Give the days of a contract's last bill back, and return it. Raises `NothingToDecide`."""
    last = reopenable(session, row)
    job = session.get_one(JobRow, last.job_id)
    if job.state == jobs.HELD:
        job.state = jobs.DROPPED
    contracts.give_back(session, row, last, terms, word, now)
    return last


def free_id(session: Session, client: str, base: str) -> str | None:
    """The id of the next job of that name: None while the last one has its work, another one once it was given back."""
    for number in count(1):
        name = base if number == 1 else f"{base}.{number}"
        if not jobs.versions(session, client, TIMES, [name]):
            return name
        if times.of_job(session, jobs.find(session, client, TIMES, name).id):
            return None
    return None


def _job(session: Session, client: str, name: str) -> JobRow:
    found = invoices.find(session, name, client)
    ids = [row.job_id for row in found]
    query = select(JobRow).where(
        JobRow.client == client, JobRow.source == TIMES, or_(JobRow.id.in_(ids), JobRow.number == name)
    )
    rows = list(session.scalars(query))
    if len(rows) != 1:
        raise NothingToDecide(f"Zu {name} gibt es keine Sammelrechnung aus Zeiten.")
    return rows[0]


def _must_be_gone(session: Session, job: JobRow) -> None:
    invoice = session.scalar(select(InvoiceRow).where(InvoiceRow.job_id == job.id))
    if invoice is None:
        if job.state == jobs.READY:
            raise NothingToDecide(
                "Der Auftrag wird beim nächsten Durchlauf zur Rechnung; er lässt sich so nicht lösen."
            )
        return
    created = invoices.effect_of(session, invoice.id, Kind.CREATE_INVOICE)
    if invoice.is_voided or created.state == effects.State.CANCELLED:
        return
    raise NothingToDecide(
        f"Rechnung {invoice.number or invoice.marker} gilt. Erst in der Buchhaltung stornieren oder den Vorgang"
        " aufgeben; danach lässt sich neu abrechnen."
    )
