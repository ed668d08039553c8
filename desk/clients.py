"""`clients`, `pause`, `resume`: who is worked for, who rests, and why."""

from datetime import datetime
from typing import Any

from desk.console import out, print_json, table
from flows.wiring import House
from ledger import overview, pauses
from ledger.overrides import Word


def show_clients(house: House, as_json: bool) -> bool:
    """All clients with what they are at; whether every file is in order."""
    names = [loaded.config.name for loaded in house.clients]
    with house.ledger.reading() as session:
        resting = pauses.paused(session)
        cases = overview.cases(session, names)
    rows: list[dict[str, Any]] = []
    for loaded in house.clients:
        config, pause = loaded.config, resting.get(loaded.config.name)
        state = "arbeitet" if config.active else "nicht tätig (active: false)"
        rows.append(
            {
                "client": config.name,
                "state": f"ruht: {pause.reason} ({pause.made_by})" if pause else state,
                "paused": pause is not None,
                "active": config.active,
                "pool": config.running.pool,
                "at_once": config.running.at_once,
                "cases": sum(case.client == config.name for case in cases),
            }
        )
    if as_json:
        problems = [str(problem) for problem in house.problems]
        print_json({"clients": rows, "problems": problems})
    elif not rows and not house.problems:
        out.print(f"Keine Mandanten. Eine Datei in {house.settings.clients} anlegen.", markup=False)
    else:
        shown = ("client", "state", "pool", "at_once", "cases")
        headings = ("Mandant", "Stand", "Work-Pool", "zugleich", "offene Fälle")
        table("Mandanten", headings, [[row[name] for name in shown] for row in rows], free=("Stand",))
    return not house.problems


def pause(house: House, name: str, word: Word, now: datetime) -> str:
    """Stop everything for a client at once, running flows included. Raises `NothingToDecide` or `ConfigError`."""
    house.client(name)
    with house.ledger.writing() as session:
        pauses.pause(session, name, word, now)
    return f"{name} ruht: ab sofort verlässt nichts mehr das Haus. Weiter mit: rechnungsbote resume {name}"


def resume(house: House, name: str, word: Word, now: datetime) -> str:
    """Let a client go on. Raises `NothingToDecide`."""
    with house.ledger.writing() as session:
        pauses.resume(session, name, word, now)
    return f"{name} arbeitet wieder."
