"""`account`: the seller's account in force, and its change by two people with a waiting time between."""

from datetime import timedelta

import typer
from rich.markup import escape

from billing.calendar import BERLIN
from config.loading import LoadedClient
from desk.console import out, print_json
from desk.opening import AsJson, By, ClientName, Reason, chosen, opened, opened_for, word
from flows.clock import Clock
from flows.wiring import House
from ledger import bank_accounts

app = typer.Typer(help="Das Konto, auf das Kunden zahlen.", no_args_is_help=True)


@app.command()
def show(client: ClientName = None, as_json: AsJson = False) -> None:
    """Zeigt das Konto, das gilt, und eines, das auf Bestätigung wartet."""
    with opened_for(client) as (house, clients):
        found = [_of(house, loaded) for loaded in clients]
        if as_json:
            print_json({"accounts": found})
            return
        for each in found:
            out.print(escape(f"{each['client']}: gilt {each['in_force'] or 'noch keines'}"))
            if each["waiting"]:
                asked = f"angemeldet von {each['asked_by']}" if each["asked_by"] else "noch nicht angemeldet"
                out.print(escape(f"  wartet: {each['waiting']}, {asked}, zu bestätigen ab {each['from']}"))


@app.command()
def ask(reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Die erste Person meldet an, dass das neue Konto in der Datei des Mandanten stimmt."""
    with opened() as house:
        loaded = _only(house, client)
        with house.ledger.writing() as session:
            row = bank_accounts.ask(session, loaded.config.name, word(reason, by), Clock().now())
        out.print(escape(f"Konto …{row.iban[-4:]} ist angemeldet; nach der Wartezeit bestätigt es eine zweite Person."))


@app.command()
def confirm(reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Eine zweite Person bestätigt das neue Konto nach der Wartezeit; erst dann geht es auf Belege."""
    with opened() as house:
        loaded = _only(house, client)
        wait = timedelta(hours=house.settings.account_wait_hours)
        with house.ledger.writing() as session:
            row = bank_accounts.confirm(session, loaded.config.name, word(reason, by), wait, Clock().now())
        out.print(escape(f"Konto …{row.iban[-4:]} gilt von jetzt an."))


def _of(house: House, loaded: LoadedClient) -> dict[str, str]:
    with house.ledger.reading() as session:
        row = bank_accounts.waiting(session, loaded.config.name)
        in_force = bank_accounts.confirmed(session, loaded.config.name)
    found = {"client": loaded.config.name, "in_force": in_force, "waiting": "", "asked_by": "", "from": ""}
    if row is None:
        return found
    until = row.seen_at + timedelta(hours=house.settings.account_wait_hours)
    return found | {
        "waiting": row.iban,
        "asked_by": row.asked_by,
        "from": f"{until.astimezone(BERLIN):%d.%m.%Y %H:%M}",
    }


def _only(house: House, client: str | None) -> LoadedClient:
    clients = chosen(house, client)
    if len(clients) != 1:
        raise typer.BadParameter("Bitte --client angeben.")
    return clients[0]
