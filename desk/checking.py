"""`check`: everything that can be known to be wrong before the first request."""

from rich.markup import escape

from config.loading import load_clients
from config.problems import ConfigProblem
from config.settings import Settings
from desk.console import Exit, err, out, print_json
from flows.wiring import problems_in


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
