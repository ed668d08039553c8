"""How a step runs under Prefect: one run per client, one task per chunk, red at the end when something failed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from config.settings import load_settings
from flows.chain.steps import Step
from flows.performing import each
from flows.report import Entry, Report, SomethingFailed
from flows.wiring import at_work, open_house


def run_under_prefect(step: Step, client: str, at: datetime | None) -> None:
    """Carry out one step for one client. Raises `SomethingFailed` naming each case after all were tried.

    `at` starts the clock of a rehearsal. Nothing of the result is kept by Prefect: the ledger knows.
    """
    settings = load_settings()
    with open_house(settings) as house, at_work(house, house.client(client), at) as work:
        entries = [entry for ask in step.once for entry in ask(work)]
        for batch in step.batches:
            for chunk in _chunks(batch.pending(work), settings.chunk_size):
                named = carry_out.with_options(task_run_name=f"{batch.title} {chunk[0]} bis {chunk[-1]}")
                entries += named(chunk, partial(batch.do, work))
    report = Report(client, step.title, tuple(entries))
    get_run_logger().info(str(report))
    if report.failures:
        _show(step, report)
        raise SomethingFailed(report.failures)


@task(cache_policy=NO_CACHE, persist_result=False)
def carry_out(chunk: list[int], do: Callable[[int], Entry | None]) -> list[Entry]:
    """One chunk of items, one after the other."""
    return each(chunk, do)


def _chunks(items: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _show(step: Step, report: Report) -> None:
    rows = [{"Was": entry.subject, "Stand": entry.result, "Warum": entry.text} for entry in report.failures]
    key = f"{report.client}-{step.name}"
    create_table_artifact(table=rows, key=key, description=f"{step.title}: was einen Blick braucht")
