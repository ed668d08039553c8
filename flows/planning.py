"""Planning: what a run would have to do, and how long the quota of the foreign systems makes it. Changes nothing."""

from collections import Counter
from dataclasses import dataclass
from math import ceil

from connectors.protocols import Metered
from flows import gates
from flows.chain.collect import read_from, readable
from flows.work import Work
from ledger import effects, invoices, jobs
from ledger.database import Transaction
from ledger.effects import Kind
from ledger.overrides import MAILS

LISTS = 2
"""Requests of a run that finds nothing: the list of jobs and that of payments."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One client's work: finished jobs that were not read yet, jobs that wait for their invoice, mails that wait.

    `requests` is the most that takes, `seconds` the least time that the quota makes of it at its present pace, `days`
    on how many days mails go out under the client's cap. `fault` says why the source could not be read to its end.
    """

    client: str
    unread: int
    uninvoiced: int
    mails: int
    requests: int
    seconds: float
    days: int
    fault: str


def plan(work: Work) -> Plan:
    """Ask the source what is finished, as the next run would, and reckon."""
    signals, fault = readable(work.source.signals, read_from(work))
    with work.ledger.reading() as session:
        known = jobs.versions(session, work.client, work.config.jobs.system, [signal.external_id for signal in signals])
        unread = sum(_is_news(known.get(signal.external_id), signal.version) for signal in signals)
        uninvoiced = len(jobs.ready(session, work.client)) + len(invoices.in_work(session, work.client, 0))
        mails = _mails(work, session)
        room = max(0, gates.room(work, session, Kind.SEND_INVOICE))
    requests, seconds = _costs(work, unread, unread + uninvoiced)
    to_send = mails + unread + uninvoiced
    later = max(0, to_send - room)
    days = min(to_send, 1) + ceil(later / max(1, work.config.limits.mails_per_day))
    told = fault.message if fault else ""
    return Plan(work.client, unread, uninvoiced, mails, requests, seconds, days, told)


def _is_news(known: tuple[str, str] | None, version: str) -> bool:
    return known is None or (known[0] != version and known[1] != jobs.TAKEN)


def _mails(work: Work, session: Transaction) -> int:
    filed = invoices.to_file(session, work.client, 0)
    planned = [effect for kind in MAILS for effect in effects.due(session, work.client, kind, work.clock.now())]
    return len(filed) + len(planned)


def _costs(work: Work, reads: int, creations: int) -> tuple[int, float]:
    """Requests in all, and the seconds of the account that takes longest; several connections may share one."""
    loads: list[tuple[Metered, int]] = []
    if isinstance(work.source, Metered):
        loads.append((work.source, reads * work.source.costs.job))
    if isinstance(work.accounting, Metered):
        loads.append((work.accounting, creations * work.accounting.costs.invoice))
    wanted: Counter[str] = Counter()
    for system, requests in loads:
        wanted[system.account] += requests
    seconds = (system.seconds_for(wanted[system.account] + LISTS) for system, _ in loads)
    return wanted.total() + LISTS, max(seconds, default=0)
