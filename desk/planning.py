"""`plan`: before a big run, how much waits and how long the quota makes it."""

from collections.abc import Sequence

import typer
from rich.markup import escape

from config.loading import LoadedClient
from config.problems import ConfigError
from desk.console import Exit, err, out, print_json, table
from desk.opening import AsJson, ClientName, opened_for
from flows.planning import Plan, plan
from flows.wiring import House, at_work

COLUMNS = ("Mandant", "neu erledigt", "ohne Rechnung", "Mails", "Anfragen", "mindestens", "Tage")


def show_plan(client: ClientName = None, as_json: AsJson = False) -> None:
    """Sagt vor einem großen Lauf, wie viel wartet und wie lange ihn die Kontingente machen; ändert nichts.

    Ende 0: gerechnet. 1: eine Quelle war nicht ganz lesbar. 2: Konfiguration.
    """
    with opened_for(client) as (house, clients):
        plans, complaints = _plans(house, clients)
        for complaint in complaints:
            err.print(escape(complaint))
        if as_json:
            print_json({"plans": plans})
        else:
            table("Was ein Lauf zu tun hätte", COLUMNS, [_cells(each) for each in plans], figures=COLUMNS[1:])
            for each in plans:
                if each.fault:
                    out.print(escape(f"{each.client}: {each.fault}"))
        if complaints or house.problems:
            raise typer.Exit(Exit.CONFIGURATION)
        if any(each.fault for each in plans):
            raise typer.Exit(Exit.LOOK)


def _plans(house: House, clients: Sequence[LoadedClient]) -> tuple[list[Plan], list[str]]:
    plans, complaints = [], list[str]()
    for loaded in clients:
        try:
            with at_work(house, loaded) as work:
                plans.append(plan(work))
        except ConfigError as error:
            complaints.append(str(error))
    return plans, complaints


def _cells(each: Plan) -> tuple[object, ...]:
    minutes, seconds = divmod(round(each.seconds), 60)
    return (
        each.client,
        each.unread,
        each.uninvoiced,
        each.mails,
        each.requests,
        f"{minutes}:{seconds:02} min",
        each.days,
    )
