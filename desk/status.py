"""`status`: what stands where, and everything that needs a hand."""

from collections.abc import Sequence
from datetime import date, datetime

from rich.markup import escape

from billing.calendar import BERLIN
from connectors.breaker import Standing
from connectors.rate import Usage
from desk import limitation, words
from desk.console import out, print_json, table
from desk.looking import FIGURES, RECEIVABLE_COLUMNS, receivable_cells
from flows.wiring import House
from ledger import overview
from ledger.claims import Circumstances
from ledger.overview import Case
from ledger.receivables import receivables
from ledger.tables import TaskRow

SHORT_NAME = 8
"""Letters of an account's name, which is a hash, that tell it apart."""


def show(
    house: House,
    clients: dict[str, Circumstances],
    today: date,
    usage: list[Usage],
    resting: list[Standing],
    as_json: bool,
) -> None:
    """Counts per state, everything that needs a hand with its evidence, tasks, receivables, requests by purpose."""
    names = list(clients)
    with house.ledger.reading() as session:
        board = receivables(session, clients, today)
        counts = {name: overview.counts(session, name, board) for name in names}
        cases = overview.cases(session, names)
        tasks = overview.open_tasks(session, names)
    if as_json:
        found = {"clients": counts, "cases": cases, "tasks": [_plain(task) for task in tasks], "receivables": board}
        problems = [str(problem) for problem in house.problems]
        print_json({**found, "usage": usage, "resting": resting, "problems": problems})
        return
    for name in names:
        _print_counts(name, counts[name])
    rows = [(item.client, *receivable_cells(item)) for item in board]
    table("Forderungen", ("Mandant", *RECEIVABLE_COLUMNS), rows, figures=FIGURES, cut=("Kunde",))
    limitation.warn(board)
    _print_cases(cases)
    _print_tasks(tasks)
    _print_systems(usage, resting, today)


def _plain(task: TaskRow) -> dict[str, object]:
    return {name: getattr(task, name) for name in ("client", "title", "body", "owner", "due_on")}


def _print_counts(name: str, counts: dict[str, dict[str, int]]) -> None:
    out.print(escape(name), style="bold")
    width = max((len(words.GROUPS[group]) for group in counts), default=0) + len(": ")
    for group, states in counts.items():
        told = ", ".join(f"{number} {words.STATES.get(state, state)}" for state, number in states.items())
        out.print(escape(f"  {words.GROUPS[group] + ':':<{width}}{told or 'keine'}"))


def _print_cases(cases: Sequence[Case]) -> None:
    columns = ("Mandant", "Stand", "Was", "Warum", "Beleg", "seit")
    rows = [
        (case.client, words.STATES[case.state], _subject(case), case.reason, case.evidence, case.since)
        for case in cases
    ]
    table("Angehalten, abgelehnt, unbekannt", columns, rows, free=("Was", "Warum", "Beleg"))


def _subject(case: Case) -> str:
    return f"{words.EFFECTS[case.kind]}, {case.subject}" if case.kind in words.EFFECTS else case.subject


def _print_tasks(tasks: Sequence[TaskRow]) -> None:
    columns = ("Mandant", "Aufgabe", "Einzelheiten", "wer", "bis")
    rows = [(task.client, task.title, task.body, task.owner, task.due_on) for task in tasks]
    table("Aufgaben", columns, rows, free=("Aufgabe", "Einzelheiten"))


def _print_systems(usage: Sequence[Usage], resting: Sequence[Standing], today: date) -> None:
    spared = [(each.system, each.failures, datetime.fromtimestamp(each.until, BERLIN)) for each in resting]
    columns = ("System", "Fehlschläge", "bis")
    table("Gestörte Systeme, die geschont werden", columns, spared, figures=("Fehlschläge",))
    asked = [
        (account.system, account.account[:SHORT_NAME], words.PURPOSES.get(purpose, purpose), number)
        for account in usage
        for purpose, number in account.on(today).items()
    ]
    table("Anfragen heute", ("System", "Konto", "Zweck", "Zahl"), asked, figures=("Zahl",))
