"""How a step runs under Prefect: one run per client, one task per chunk, red at the end when something failed.

Prefect keeps nothing that we need: a run that is repeated, also by "Retry", starts over, and the ledger knows what is
still to be done.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from prefect import State, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from config.redaction import redact
from config.settings import load_settings
from flows import run_page
from flows.breathing import breathing
from flows.chain.steps import Batch, Step
from flows.connections import secrets_in_use
from flows.helping import call_helpers
from flows.logs import configure_logging
from flows.outages import reported
from flows.report import Entry, Report, Result, SomethingFailed
from flows.sharing import Share, is_out_of_reach, sharing
from flows.wiring import at_work, open_house
from flows.work import Work
from ledger import effects, overview, rechecks

LONGEST_MESSAGE = 2000


def run_under_prefect(step: Step, client: str, at: datetime | None) -> State[None]:
    """Carry out one step for one client; the run's final state, failed and naming each case when something is amiss.

    `at` starts the clock of a rehearsal.
    """
    settings = load_settings()
    configure_logging(settings)
    with breathing(), open_house(settings) as house, at_work(house, house.client(client), at) as work:
        if resting := house.rests(client):
            return Completed(name="Ruht", message=resting)
        is_repeated = (runtime.flow_run.run_count or 1) > 1
        # Asked before the work: what this run itself finds refused stands in its report anyway.
        still_open = _still_open(work, step) if is_repeated else []
        if is_repeated:
            _hurry(work, step)
        report = _carry_out_all(work, step)
        if is_repeated:
            report = replace(report, entries=(*_still_failing(report), *still_open))
        report = harmless(report)
        run_page.write(work, step, report)
    get_run_logger().info(str(report))
    return ending(report)


def harmless(report: Report) -> Report:
    """The report without secrets and whole account numbers: everybody who sees the Prefect server sees it."""
    return replace(report, entries=tuple(map(_without_secrets, report.entries)))


def ending(report: Report) -> State[None]:
    """The state in which a run ends: red, naming each case, when something wants a look."""
    if not report.failures:
        return Completed(message=report.summary)
    failed = SomethingFailed(report.failures)
    return Failed(message=_shortened(str(failed)), data=failed)


def _without_secrets(entry: Entry) -> Entry:
    subject, text = (str(redact(words, secrets_in_use)) for words in (entry.subject, entry.text))
    return replace(entry, subject=subject, text=text)


@task(cache_policy=NO_CACHE, persist_result=False)
def carry_out(chunk: list[int], take: Callable[[list[int]], list[Entry]]) -> list[Entry]:
    """One chunk of items, one after the other."""
    return take(chunk)


def _carry_out_all(work: Work, step: Step) -> Report:
    entries = step.ask(work)
    is_helped = False
    with sharing(work) as share:
        for batch in step.batches:
            pending = batch.pending(work)
            is_helped = is_helped or call_helpers(work, len(pending))
            entries += _batch(work, step, batch, pending, share)
    return reported(work, step.name, step.title, entries)


def _batch(work: Work, step: Step, batch: Batch, pending: list[int], share: Share) -> list[Entry]:
    progress = run_page.Progress(work, step, batch.title, len(pending))
    entries: list[Entry] = []
    for chunk in share.chunks(batch.title, pending, partial(batch.pending, work)):
        named = carry_out.with_options(task_run_name=f"{batch.title} {min(chunk)} bis {max(chunk)}")
        with batch.begun(work, chunk):
            entries += named(chunk, partial(batch.take, work))
        progress.advance(len(chunk))
        if is_out_of_reach(entries):
            break
    return entries


def _hurry(work: Work, step: Step) -> None:
    """A person has pressed "Retry": what failed is due at once, whatever its back-off says."""
    with work.ledger.writing() as session:
        rechecks.hurry(session, work.client)
        effects.hurry(session, work.client, step.kinds, work.clock.now())


def _still_failing(report: Report) -> list[Entry]:
    """In a repeated run a case that was told before is told again: the run stays red until it is settled."""
    return [replace(entry, result=Result.HELD) if entry.result is Result.STILL else entry for entry in report.entries]


def _still_open(work: Work, step: Step) -> list[Entry]:
    """What no repetition can settle: a person has to say something first."""
    with work.ledger.reading() as session:
        cases = overview.cases(session, [work.client])
    results = {"refused": Result.REFUSED, "unknown": Result.UNKNOWN}
    return [
        Entry(results[case.state], case.subject, case.reason)
        for case in cases
        if case.state in results and case.kind in step.kinds
    ]


def _shortened(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]} …"
