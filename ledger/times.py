"""Recorded work: taken in as it is reported, approved by people, and billed once."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.work_entries import WorkEntry
from ledger import clientele, notices
from ledger.bodies import WORK_ENTRY, pack
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.tables import InvoiceRow, JobRow
from ledger.time_tables import WorkEntryRow

TIMES = "times:"
"""The source of jobs that are made of recorded work; no connection of a client's file can have this name."""

BATCH = 500

NO_APPROVAL = "ohne Freigabe"
"""Who has approved where the client asks nobody."""


class State(StrEnum):
    """How far a piece of work has come. COVERED: it cost nothing, an allowance paid for it; WITHDRAWN: deleted."""

    RECORDED = "recorded"
    APPROVED = "approved"
    REJECTED = "rejected"
    BILLED = "billed"
    COVERED = "covered"
    WITHDRAWN = "withdrawn"


SETTLED = frozenset({State.BILLED, State.COVERED})
"""Nothing changes it any more."""
OPEN = frozenset({State.RECORDED, State.APPROVED})
"""It may still be billed."""


class Outcome(StrEnum):
    """What a report of one entry has changed."""

    NEW = "neu"
    CHANGED = "geändert"
    SAME = "unverändert"
    CONTRADICTED = "schon abgerechnet"


@dataclass(frozen=True, slots=True)
class Intake:
    """How a client takes work in: who approves, and what a source calls his customers."""

    needs_approval: bool
    task_owner: str
    aliases: Mapping[str, str] = field(default_factory=dict)


def receive(
    session: Session, client: str, entries: Iterable[WorkEntry], intake: Intake, now: datetime
) -> list[Outcome]:
    """Take reports in, in their order. What was approved and then changed has to be approved again.

    A billed entry stays as it was billed; that it changed is a task for a person.
    """
    reports = list(entries)
    known = _known(session, client, reports)
    keys = _keys(session, client, {entry.customer for entry in reports}, intake.aliases)
    outcomes = [_take_in(session, client, entry, keys[entry.customer], known, intake, now) for entry in reports]
    session.flush()
    news = Counter(str(outcome) for outcome in outcomes if outcome is not Outcome.SAME)
    if news:
        record(session, now, client, "work received", entries=dict(news))
    return outcomes


def withdraw(
    session: Session, client: str, source: str, since: date, listed: Collection[str], intake: Intake, now: datetime
) -> int:
    """The source lists everything since a day: what it does not list any more was deleted there; how many."""
    query = select(WorkEntryRow).where(
        WorkEntryRow.client == client,
        WorkEntryRow.source == source,
        WorkEntryRow.day >= since,
        WorkEntryRow.state != State.WITHDRAWN,
    )
    gone = [row for row in session.scalars(query) if row.external_id not in listed]
    for row in gone:
        if row.state in SETTLED:
            _contradict(session, row, "deleted", "Sie wurde in der Quelle gelöscht.", intake, now)
        else:
            row.state, row.changed_at = State.WITHDRAWN, now
    taken = sum(row.state == State.WITHDRAWN for row in gone)
    if taken:
        record(session, now, client, "work withdrawn", source=source, count=taken)
    return taken


def rows(
    session: Session,
    clients: Sequence[str],
    *,
    until: date | None = None,
    since: date | None = None,
    customer: str | None = None,
    states: Collection[State] | None = None,
) -> list[WorkEntryRow]:
    """Recorded work by client, customer and day."""
    query = select(WorkEntryRow).where(WorkEntryRow.client.in_(clients))
    if since:
        query = query.where(WorkEntryRow.day >= since)
    if until:
        query = query.where(WorkEntryRow.day <= until)
    if customer:
        query = query.where(WorkEntryRow.customer_key == customer)
    if states is not None:
        query = query.where(WorkEntryRow.state.in_(states))
    order = (WorkEntryRow.client, WorkEntryRow.customer_key, WorkEntryRow.day, WorkEntryRow.external_id)
    return list(session.scalars(query.order_by(*order)))


def entry_of(row: WorkEntryRow) -> WorkEntry:
    """The entry as it was reported, with the customer it is billed to."""
    entry: WorkEntry = WORK_ENTRY.validate_python(row.body)
    return replace(entry, customer=row.customer_key)


def rename(session: Session, client: str, aliases: Mapping[str, str]) -> None:
    """Look again whom the open work is for: names may have been explained or customers announced meanwhile."""
    found = rows(session, [client], states=OPEN)
    keys = _keys(session, client, {row.called for row in found}, aliases)
    for row in found:
        row.customer_key = keys[row.called]


def approve(session: Session, client: str, ids: Collection[int], word: Word, now: datetime) -> int:
    """A person says that this work may be billed; how many. Raises `NothingToDecide` for what cannot be any more."""
    return _decide(session, client, ids, State.APPROVED, {State.RECORDED, State.REJECTED}, word, now)


def reject(session: Session, client: str, ids: Collection[int], word: Word, now: datetime) -> int:
    """A person says that this work is not to be billed. Raises `NothingToDecide` for what cannot be any more."""
    return _decide(session, client, ids, State.REJECTED, OPEN, word, now)


def bill(session: Session, found: Iterable[WorkEntryRow], job: JobRow | None, now: datetime) -> None:
    """This work is on that job, or, without one, covered by an allowance."""
    for row in found:
        row.state, row.job_id, row.changed_at = State.BILLED if job else State.COVERED, job.id if job else None, now


def customers(session: Session, client: str, until: date) -> list[str]:
    """The keys of all customers who have open billable work up to a day."""
    query = select(WorkEntryRow.customer_key).where(
        WorkEntryRow.client == client,
        WorkEntryRow.state.in_(OPEN),
        WorkEntryRow.is_billable.is_(True),
        WorkEntryRow.day <= until,
    )
    return sorted(session.scalars(query.distinct()))


def of_job(session: Session, job_id: int) -> list[WorkEntryRow]:
    """The work on a job."""
    return list(session.scalars(select(WorkEntryRow).where(WorkEntryRow.job_id == job_id).order_by(WorkEntryRow.id)))


def _keys(session: Session, client: str, called: Collection[str], aliases: Mapping[str, str]) -> dict[str, str]:
    return {name: clientele.key_of(session, client, name, aliases) for name in called}


def _known(session: Session, client: str, entries: Sequence[WorkEntry]) -> dict[tuple[str, str], WorkEntryRow]:
    """Those of the entries that are in the ledger already, by source and id."""
    found: dict[tuple[str, str], WorkEntryRow] = {}
    for start in range(0, len(entries), BATCH):
        ids = {entry.external_id for entry in entries[start : start + BATCH]}
        query = select(WorkEntryRow).where(WorkEntryRow.client == client, WorkEntryRow.external_id.in_(ids))
        found |= {(row.source, row.external_id): row for row in session.scalars(query)}
    return found


def _take_in(
    session: Session,
    client: str,
    entry: WorkEntry,
    key: str,
    known: dict[tuple[str, str], WorkEntryRow],
    intake: Intake,
    now: datetime,
) -> Outcome:
    row = known.get((entry.source, entry.external_id))
    if row is not None and entry.version in (row.version, row.later_version) and row.state != State.WITHDRAWN:
        return Outcome.SAME
    if row is not None and row.state in SETTLED:
        _contradict(session, row, entry.version, f"Jetzt steht dort: {in_words(entry)}.", intake, now)
        return Outcome.CONTRADICTED
    outcome = Outcome.CHANGED
    if row is None:
        outcome = Outcome.NEW
        row = WorkEntryRow(client=client, source=entry.source, external_id=entry.external_id)
        row.later_version, row.job_id, row.seen_at = "", None, now
        known[entry.source, entry.external_id] = row
    _write(row, entry, key, intake, now)
    session.add(row)
    return outcome


def _write(row: WorkEntryRow, entry: WorkEntry, key: str, intake: Intake, now: datetime) -> None:
    is_asked = intake.needs_approval or not entry.is_billable
    row.version, row.body, row.changed_at = entry.version, pack(WORK_ENTRY, entry), now
    row.customer_key, row.called, row.day = key, entry.customer, entry.day
    row.minutes, row.is_billable, row.reason = entry.minutes, entry.is_billable, ""
    row.state = State.RECORDED if is_asked else State.APPROVED
    row.decided_by, row.decided_at = ("", None) if is_asked else (NO_APPROVAL, now)


def _contradict(session: Session, row: WorkEntryRow, version: str, change: str, intake: Intake, now: datetime) -> None:
    if row.later_version == version:
        return
    row.later_version = version
    invoice = session.scalar(select(InvoiceRow).where(InvoiceRow.job_id == row.job_id)) if row.job_id else None
    where = f"auf Rechnung {invoice.number or invoice.marker}" if invoice else "abgerechnet"
    title = f"Zeit von {row.body['person'] or row.called} am {row.day:%d.%m.%Y} wurde nach der Abrechnung geändert"
    body = (
        f"Sie steht {where}: {in_words(entry_of(row))}. {change}"
        " Bitte mit dem Kunden klären und, wenn nötig, die Rechnung korrigieren oder den Unterschied neu erfassen."
    )
    key = f"times/{row.id}/{version}"[:200]
    notices.ask(session, row.client, key, title, body, intake.task_owner, None, now, invoice.id if invoice else None)


def in_words(entry: WorkEntry) -> str:
    """An entry as people read it: `05.10.2026, Jana Sommer, 90 Minuten, T-1 Fehler behoben`."""
    amount = f"{entry.item.quantity} {entry.item.unit}" if entry.item else f"{entry.minutes} Minuten"
    what = " ".join(word for word in (entry.ticket, entry.text) if word)
    return ", ".join(word for word in (f"{entry.day:%d.%m.%Y}", entry.person, amount, what) if word)


def _decide(
    session: Session,
    client: str,
    ids: Collection[int],
    state: State,
    allowed: Collection[State],
    word: Word,
    now: datetime,
) -> int:
    wanted = select(WorkEntryRow).where(WorkEntryRow.client == client, WorkEntryRow.id.in_(ids))
    found = list(session.scalars(wanted.order_by(WorkEntryRow.id)))
    late = [row for row in found if row.state not in allowed and row.state != state]
    if late or len(found) != len(set(ids)):
        told = (
            f"Die Zeit vom {late[0].day:%d.%m.%Y} ist schon abgerechnet oder gelöscht." if late else "Zeit unbekannt."
        )
        raise NothingToDecide(f"{told} Bitte die Liste neu laden.")
    changed = [row for row in found if row.state != state]
    for row in changed:
        row.state, row.decided_by, row.decided_at, row.reason = state, word.by, now, word.reason
    if changed:
        facts: dict[str, Any] = {"by": word.by, "reason": word.reason, "entries": [row.id for row in changed]}
        record(session, now, client, f"work {state.value}", **facts)
    return len(changed)
