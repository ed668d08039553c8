"""`run`: one whole cycle of one or all clients, then an end with an exit code."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from config.loading import LoadedClient
from config.problems import ConfigError
from desk.console import Exit, err, out, print_json, table
from flows.chain.steps import CYCLE, Step, run_steps
from flows.report import Report
from flows.wiring import House, at_work
from ledger import overview


def run_clients(
    house: House, clients: Sequence[LoadedClient], at: datetime | None, *, as_json: bool, steps: Sequence[Step] = CYCLE
) -> Exit:
    """A cycle, or some steps of it, for each client, and what came of it; the worst decides the exit code."""
    reports, verdict = worked(house, clients, at, steps, as_json)
    if as_json:
        print_json({"reports": reports})
    else:
        show_failures(reports)
    return verdict


def worked(
    house: House, clients: Sequence[LoadedClient], at: datetime | None, steps: Sequence[Step], as_json: bool
) -> tuple[list[Report], Exit]:
    """The reports of all steps, and the exit code they come to; a broken client delays nobody."""
    reports: list[Report] = []
    is_misconfigured = bool(house.problems)
    for loaded in clients:
        if resting := house.rests(loaded.config.name):
            err.print(escape(resting))
            continue
        try:
            reports += _carry_out(house, loaded, at, steps, as_json)
        except ConfigError as error:
            is_misconfigured = True
            err.print(escape(str(error)))
    return reports, Exit.CONFIGURATION if is_misconfigured else _verdict(house, reports)


def show_failures(reports: Sequence[Report]) -> None:
    """A table of everything that somebody must look at."""
    table(
        "Was einen Blick braucht",
        ("Mandant", "Schritt", "Was", "Stand", "Warum"),
        [
            (report.client, report.step, entry.subject, entry.result, entry.text)
            for report in reports
            for entry in report.failures
        ],
        free=("Was", "Warum"),
    )


def _carry_out(
    house: House, loaded: LoadedClient, at: datetime | None, steps: Sequence[Step], as_json: bool
) -> list[Report]:
    reports = []
    with at_work(house, loaded, at) as work, _watched(loaded.config.name) as tell:
        for report in run_steps(work, steps, tell):
            reports.append(report)
            if not as_json:
                out.print(escape(str(report)))
    return reports


@contextmanager
def _watched(client: str) -> Iterator[Callable[[str], None]]:
    """What is going on, as one line that moves while somebody watches and then is gone."""
    console = out if out.is_terminal else err
    moving = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        # Whatever goes into a file stays there.
        redirect_stdout=False,
        redirect_stderr=err.is_terminal,
        disable=not console.is_terminal,
    )
    with moving:
        task = moving.add_task(client, total=None)
        yield lambda what: moving.update(task, description=f"{client}: {what}", refresh=True)


def _verdict(house: House, reports: Sequence[Report]) -> Exit:
    names = sorted({report.client for report in reports})
    asked = [report for report in reports if report.entries]
    if asked and all(report.is_unreachable for report in asked):
        return Exit.UNREACHABLE
    with house.ledger.reading() as session:
        is_something_open = bool(overview.cases(session, names))
    failed = any(report.failures for report in reports)
    return Exit.LOOK if failed or is_something_open else Exit.FINE
