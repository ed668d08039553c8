"""`expiring`: claims that expire at the end of the year (§§ 195, 199 BGB), told from 1 October on."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

import typer
from rich.markup import escape

from desk.console import Exit, out, print_json, table
from desk.opening import AsJson, ClientName, opened_for
from flows.around import around_all
from flows.clock import Clock
from ledger.claims import Circumstances
from ledger.database import Ledger
from ledger.receivables import Receivable, receivables

COLUMNS = ("Mandant", "Rechnung", "Kunde", "fällig", "offen", "verjährt nach dem")
ADVICE = (
    "Mahnungen halten die Verjährung nicht auf. Es helfen ein Mahnbescheid oder eine Klage vor dem Stichtag"
    " (§ 204 BGB), laufende Verhandlungen (§ 203) oder ein Anerkenntnis, auch durch eine Teilzahlung (§ 212)."
)


def expiring(
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Stand dieses Tages.")] = None,
    client: ClientName = None,
    as_json: AsJson = False,
) -> None:
    """Listet Forderungen, die zum Jahresende verjähren oder verjährt sind (ab 1. Oktober; Ende 1: es gibt welche)."""
    with opened_for(client) as (house, clients):
        today = day.date() if day else Clock().today()
        if _show(house.ledger, around_all(clients), today, as_json):
            raise typer.Exit(Exit.LOOK)


def _show(ledger: Ledger, clients: dict[str, Circumstances], today: date, as_json: bool) -> bool:
    """Part payments, which begin the term anew, are not reckoned in: the warning comes rather too early."""
    with ledger.reading() as session:
        found = [item for item in receivables(session, clients, today) if item.expires_on]
    if as_json:
        print_json({"date": today, "expiring": found})
    elif found:
        warn(found)
    else:
        out.print("Es verjährt zum Jahresende nichts, wovor heute zu warnen wäre.")
    return bool(found)


def warn(board: Iterable[Receivable]) -> None:
    """The claims about to expire as a table with what helps; nothing when there are none."""
    found = sorted(
        (item for item in board if item.expires_on), key=lambda item: (item.expires_on or date.max, item.client)
    )
    cells = [
        (item.client, item.number, item.customer, item.due_date, item.open_amount, item.expires_on) for item in found
    ]
    table("Bald verjährt", COLUMNS, cells, figures=("offen",), cut=("Kunde",))
    if found:
        out.print(escape(ADVICE))
