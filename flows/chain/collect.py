"""Collect: learn which jobs are done, and keep them before anything is made of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from billing.drafting import Problem
from billing.jobs import Job
from connectors.errors import ConnectorError, NeedsPerson, NotAuthorised
from connectors.protocols import Signal
from flows import rechecking
from flows.performing import channel_after, each
from flows.report import Channel, Entry, Result
from flows.sharing import is_out_of_reach, sharing
from flows.work import Work
from ledger import invoices, jobs

TITLE = "Aufträge abholen"
Row = TypeVar("Row")
P = ParamSpec("P")


def collect(work: Work) -> list[Entry]:
    """Read the source since the last time, with a day of overlap, and take in what is new or was held.

    Runs beside each other read different jobs. The cursor moves only when every object was read, by this run or
    another, so what failed for a while comes again.
    """
    today = work.clock.today()
    signals, fault = readable(work.source.signals, read_from(work))
    entries = [Entry(Result.WAITING, TITLE, fault.message, channel_after(fault))] if fault else []
    news, once_more = _news(work, signals), _once_more(work)
    versions = once_more | news

    def read(external_id: str) -> Entry:
        return take_in(work, external_id, partial(work.source.job, external_id), versions[external_id])

    entries += each([external_id for external_id in once_more if external_id not in news], read)
    unread = set(news)
    with sharing(work) as share:
        for chunk in share.chunks(TITLE, list(news), lambda: _news(work, signals)):
            if is_out_of_reach(entries):
                break
            entries += each(chunk, read)
            unread.difference_update(chunk)
    is_left = bool(unread) and not unread.isdisjoint(_news(work, signals))
    if not is_left and not any(entry.result in (Result.WAITING, Result.BROKEN) for entry in entries):
        with work.ledger.writing() as session:
            jobs.move_cursor(session, work.client, work.config.jobs.system, today)
    return entries


def readable(
    read: Callable[P, Iterator[Row]], *args: P.args, **kwargs: P.kwargs
) -> tuple[list[Row], ConnectorError | None]:
    """The rows that could be read and the fault that ended the reading, so that one bad row loses none before it."""
    found: list[Row] = []
    try:
        for row in read(*args, **kwargs):
            found.append(row)
    except ConnectorError as error:
        return found, error
    return found, None


def take_in(work: Work, external_id: str, read: Callable[[], Job | None], version: str = "") -> Entry:
    """Read one job and keep it; one that cannot be read is set aside with the reason.

    Without `version` the job's own counts. `read` gives None for what is not finished, and then nothing is kept.
    """
    system = work.config.jobs.system
    try:
        job = read()
    except NeedsPerson as error:
        if isinstance(error, NotAuthorised):
            return Entry(Result.WAITING, external_id, error.message, channel=Channel.SHUT)
        problem = Problem(type(error).__name__, error.message)
        with work.ledger.writing() as session:
            now = work.clock.now()
            is_news = jobs.quarantine(session, work.client, system, external_id, version, problem, now)
        return Entry(Result.HELD if is_news else Result.STILL, external_id, error.message)
    except ConnectorError as error:
        return Entry(Result.WAITING, external_id, error.message, channel_after(error))
    if job is None:
        return Entry(Result.NOTHING, external_id)
    with work.ledger.writing() as session:
        now = work.clock.now()
        row = jobs.store(session, work.client, replace(job, source=system, version=version or job.version), now)
    return Entry(Result.DONE if row.seen_at == now else Result.NOTHING, f"Auftrag {job.number}")


def read_from(work: Work) -> date:
    """The first day to read the source from: a day before where the last complete reading ended."""
    with work.ledger.reading() as session:
        day = jobs.cursor(session, work.client, work.config.jobs.system)
    start = work.config.jobs.since
    return max(start, day - timedelta(work.settings.overlap_days)) if day else start


def _news(work: Work, signals: list[Signal]) -> dict[str, str]:
    """Unknown and changed jobs, which have to be read: their versions by external id."""
    system = work.config.jobs.system
    with work.ledger.writing() as session:
        known = jobs.versions(session, work.client, system, [signal.external_id for signal in signals])
        wanted = {}
        for signal in signals:
            version, state = known.get(signal.external_id, ("", ""))
            if version == signal.version:
                continue
            if state == jobs.TAKEN:
                jobs.note_version(session, work.client, system, signal.external_id, signal.version)
            else:
                wanted[signal.external_id] = signal.version
    return wanted


def _once_more(work: Work) -> dict[str, str]:
    """Held jobs, which may have been mended, and those of refused invoices: each is worth a look now and then."""
    system, limit = work.config.jobs.system, work.settings.recheck_held_limit
    with work.ledger.reading() as session:
        held = jobs.held(session, work.client, system, limit)
        refused = invoices.refused_jobs(session, work.client, system, limit)
    waiting = {**dict(held), **dict(refused)}
    return {external_id: waiting[external_id] for external_id in waiting if _is_worth_a_look(work, external_id)}


def _is_worth_a_look(work: Work, external_id: str) -> bool:
    """Whether a held job is read again in this run; what its source reports as changed is read in any case."""
    subject = f"job/{external_id}"
    if rechecking.rests(work, subject):
        return False
    rechecking.note(work, subject)
    return True
