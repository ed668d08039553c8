"""`check` and `verify`: what is wrong before the first request, and what was changed afterwards."""

from rich.markup import escape

from config.loading import load_clients
from config.problems import ConfigProblem
from config.settings import Settings
from desk.console import Exit, err, out, print_json
from flows.wiring import House, problems_in
from ledger import journal, overview
from ledger.object_archive import open_archive


def verify(house: House, as_json: bool) -> Exit:
    """Walk the whole archive and the journal's chain; every fault is named."""
    with house.ledger.reading() as session:
        faults = list(journal.faults(session))
        names = [paper.sha256 for paper in overview.archived(session)]
    faults += open_archive(house.settings.archive).faults(names)
    if as_json:
        print_json({"documents": len(names), "faults": faults})
    else:
        for fault in faults:
            err.print(escape(fault))
        verdict = f"{len(faults)} Fehler" if faults else "unverändert"
        out.print(f"{len(names)} Belege und das Journal geprüft: {verdict}.")
    return Exit.LOOK if faults else Exit.FINE


def check(settings: Settings, as_json: bool) -> Exit:
    """Read every client's file and judge it; complaints about resting clients are hints."""
    clients, problems = load_clients(settings)
    hints: list[ConfigProblem] = []
    for loaded in clients:
        hints.extend(loaded.hints)
        (problems if loaded.config.active else hints).extend(problems_in(settings, loaded))
    if as_json:
        print_json({"problems": problems, "hints": hints, "clients": [loaded.config.name for loaded in clients]})
    else:
        for problem in problems:
            err.print(escape(str(problem)))
        for hint in hints:
            out.print(escape(f"Hinweis: {hint}"))
        names = ", ".join(loaded.config.name for loaded in clients) or "keine"
        verdict = f"{len(problems)} Fehler" if problems else "alles in Ordnung"
        out.print(escape(f"Mandanten: {names}. Prüfung: {verdict}."))
    return Exit.CONFIGURATION if problems else Exit.FINE
