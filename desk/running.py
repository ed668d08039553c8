"""`run`: one whole cycle of one or all clients, then an end with an exit code."""

from collections.abc import Sequence
from datetime import datetime

from rich.markup import escape

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
    """A cycle, or some steps of it, for each client; a broken one delays nobody. The worst decides the exit code."""
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
    if as_json:
        print_json({"reports": reports})
    else:
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
    if is_misconfigured:
        return Exit.CONFIGURATION
    return _verdict(house, reports)


def _carry_out(
    house: House, loaded: LoadedClient, at: datetime | None, steps: Sequence[Step], as_json: bool
) -> list[Report]:
    reports = []
    with at_work(house, loaded, at) as work:
        for report in run_steps(work, steps):
            reports.append(report)
            if not as_json:
                out.print(escape(str(report)))
    return reports


def _verdict(house: House, reports: Sequence[Report]) -> Exit:
    names = sorted({report.client for report in reports})
    asked = [report for report in reports if report.entries]
    if asked and all(report.is_unreachable for report in asked):
        return Exit.UNREACHABLE
    with house.ledger.reading() as session:
        is_something_open = bool(overview.cases(session, names))
    failed = any(report.failures for report in reports)
    return Exit.LOOK if failed or is_something_open else Exit.FINE
