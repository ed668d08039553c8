"""Jobs as they were reported, and how far their sources have been read."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.drafting import Problem
from billing.jobs import Job
from billing.parties import Customer
from ledger.bodies import CUSTOMER, JOB, pack
from ledger.journal import record
from ledger.tables import CursorRow, CustomerRow, InvoiceRow, JobRow

READY = "ready"
HELD = "held"
TAKEN = "taken"
DROPPED = "dropped"
"""Nothing will become of it: a person has taken its work back."""


def cursor(session: Session, client: str, name: str) -> date | None:
    """The day up to which a source has been read completely; None at the very start."""
    row = session.get(CursorRow, (client, name))
    return row.day if row else None


def cursors(session: Session, client: str, prefix: str) -> dict[str, date]:
    """All days of a client's sources whose name begins with `prefix`."""
    query = select(CursorRow).where(CursorRow.client == client, CursorRow.name.startswith(prefix, autoescape=True))
    return {row.name: row.day for row in session.scalars(query)}


def move_cursor(session: Session, client: str, name: str, day: date) -> None:
    """Remember that everything before `day` has been read."""
    session.merge(CursorRow(client=client, name=name, day=day))


def versions(session: Session, client: str, source: str, external_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Version and state of those jobs that are known, by external id."""
    query = select(JobRow.external_id, JobRow.version, JobRow.state).where(
        JobRow.client == client, JobRow.source == source, JobRow.external_id.in_(list(external_ids))
    )
    return {external_id: (version, state) for external_id, version, state in session.execute(query)}


def held(session: Session, client: str, source: str, limit: int) -> list[tuple[str, str]]:
    """External id and version of held jobs, those first that have waited longest for another look."""
    query = (
        select(JobRow.external_id, JobRow.version)
        .where(JobRow.client == client, JobRow.source == source, JobRow.state == HELD)
        .order_by(JobRow.tried_at.asc().nulls_first(), JobRow.id)
        .limit(limit)
    )
    return [(external_id, version) for external_id, version in session.execute(query)]


def held_by_number(session: Session, number: str, client: str | None) -> list[JobRow]:
    """Held jobs of that number, of one client or of all."""
    query = select(JobRow).where(JobRow.number == number, JobRow.state == HELD).order_by(JobRow.id)
    return list(session.scalars(query.where(JobRow.client == client) if client else query))


def note_version(session: Session, client: str, source: str, external_id: str, version: str) -> None:
    """A job that is already on an invoice was touched in its source: nothing to do but to know it."""
    find(session, client, source, external_id).version = version


def store(session: Session, client: str, job: Job, now: datetime, customer_id: int | None = None) -> JobRow:
    """Keep a reported job and its customer. For a job on an invoice only the report is renewed, not its state.

    `customer_id` names a customer who is kept already.
    """
    row = _row(session, client, job.source, job.external_id)
    fresh: dict[str, Any] = {
        "version": job.version,
        "number": job.number,
        "customer_id": customer_id or _store_customer(session, client, job, now),
        "state": TAKEN if row and row.state == TAKEN else READY,
        "body": pack(JOB, job),
        "tried_at": now,
    }
    if row is None:
        row = JobRow(client=client, source=job.source, external_id=job.external_id, problems=[], seen_at=now, **fresh)
        session.add(row)
        record(session, now, client, "job collected", job=job.number, source=job.source, external_id=job.external_id)
    else:
        for name, value in fresh.items():
            setattr(row, name, value)
    session.flush()
    return row


def keep_customer(
    session: Session, client: str, source: str, external_id: str, customer: Customer, now: datetime
) -> tuple[CustomerRow, bool]:
    """Keep a customer as his source knows him; True when he is new."""
    query = select(CustomerRow).where(
        CustomerRow.client == client, CustomerRow.source == source, CustomerRow.external_id == external_id
    )
    known = session.scalar(query)
    row = known or CustomerRow(client=client, source=source, external_id=external_id)
    row.name, row.key, row.snapshot, row.seen_at = customer.name, customer.key, pack(CUSTOMER, customer), now
    session.add(row)
    session.flush()
    return row, known is None


def quarantine(
    session: Session, client: str, source: str, external_id: str, version: str, problem: Problem, now: datetime
) -> bool:
    """Keep a job that could not even be read, with the reason; False when that was known before."""
    row = _row(session, client, source, external_id)
    if row is None:
        row = JobRow(
            client=client,
            source=source,
            external_id=external_id,
            version=version,
            number=external_id,
            customer_id=None,
            state=HELD,
            problems=[],
            body={},
            seen_at=now,
            tried_at=now,
        )
        session.add(row)
    row.version, row.tried_at = version, now
    return hold(session, row, (problem,), now)


def hold(session: Session, row: JobRow, problems: Sequence[Problem], now: datetime) -> bool:
    """Stop a job with every reason; False when it was held for the same reasons before, or is on an invoice already."""
    if row.state == TAKEN:
        return False
    found = [{"code": problem.code, "message": problem.message} for problem in problems]
    is_news = row.problems != found
    if is_news:
        record(session, now, row.client, "job held", job=row.number, problems=found)
    row.state, row.problems, row.tried_at = HELD, found, now
    return is_news


def ready(session: Session, client: str) -> list[int]:
    """Ids of the jobs that wait for their invoice, oldest first."""
    query = select(JobRow.id).where(JobRow.client == client, JobRow.state == READY).order_by(JobRow.id)
    return list(session.scalars(query))


def get(session: Session, job_id: int) -> JobRow:
    """One job; `LookupError` if there is none."""
    row = session.get(JobRow, job_id)
    if row is None:
        raise LookupError(f"no job {job_id}")
    return row


def versioned(job: Job) -> Job:
    """A job that we make ourselves: its version is its content, so that the same content is the same version."""
    text = json.dumps(pack(JOB, replace(job, version="")), ensure_ascii=False, sort_keys=True)
    return replace(job, version=hashlib.sha256(text.encode()).hexdigest())


def job_of(row: JobRow) -> Job:
    """The job as it was reported."""
    return JOB.validate_python(row.body)


def invoice_of_order(session: Session, client: str, order_id: str) -> InvoiceRow | None:
    """The invoice that already bills an order: several delivery notes may belong to one order."""
    if not order_id:
        return None
    query = select(InvoiceRow).where(InvoiceRow.client == client, InvoiceRow.order_id == order_id)
    return session.scalar(query)


def _row(session: Session, client: str, source: str, external_id: str) -> JobRow | None:
    query = select(JobRow).where(JobRow.client == client, JobRow.source == source, JobRow.external_id == external_id)
    return session.scalar(query)


def find(session: Session, client: str, source: str, external_id: str) -> JobRow:
    """The job that a source calls so; `LookupError` if there is none."""
    row = _row(session, client, source, external_id)
    if row is None:
        raise LookupError(f"no job {external_id} of {client}")
    return row


def _store_customer(session: Session, client: str, job: Job, now: datetime) -> int | None:
    customer = job.customer
    if customer is None or not customer.external_id:
        return None
    row, _ = keep_customer(session, client, job.source, customer.external_id, customer, now)
    return row.id
