"""`receive` and `events`: calls of foreign systems, and the subscriptions they come from."""

import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Annotated

import typer
from rich.markup import escape

from billing.system_words import cause_of
from config.loading import LoadedClient
from config.problems import ConfigError, ConfigProblem
from connectors.errors import ConnectorError
from desk import running
from desk.console import Exit, err, out, print_json, table
from desk.opening import AsJson, ClientName, opened, opened_for
from flows.chain.steps import UPKEEP
from flows.chain.upkeep import PATH, address_of
from flows.doors import Door, Doors
from flows.wiring import House

MINUTE = 60

app = typer.Typer(help="Rückrufe fremder Systeme (Lexware Office).", no_args_is_help=True)


def receive(
    host: Annotated[str, typer.Option(help="Hier wird gelauscht; davor steht ein Proxy mit https.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Anschluss, an dem gelauscht wird; 0 wählt einen freien.")
    ] = 8088,
    run: Annotated[
        bool, typer.Option("--run", help="Die Arbeit selbst tun, ohne Prefect: auf Rückrufe hin und alle --every.")
    ] = False,
    every: Annotated[
        int, typer.Option(min=0, max=1440, help="Mit --run: Minuten zwischen ganzen Durchläufen; 0 = keine.")
    ] = 10,
) -> None:
    """Nimmt Rückrufe entgegen und weckt die Abläufe: über Prefect, oder mit --run ganz ohne.

    Verlorene Rückrufe kosten nichts: der nächste regelmäßige Lauf holt alles nach.
    """
    # A web server takes half a second to load, and only this command needs one.
    from desk.receiving import Receiving, serve

    with opened() as house:
        for problem in house.problems:
            err.print(escape(str(problem)))
        listener = _listen(host, port)
        receiving = Receiving(house, None, every * MINUTE) if run else Receiving(house, _prefect_waker(), 0)
        out.print(f"Rückrufe werden angenommen an http://{host}:{listener.getsockname()[1]}{PATH}/MANDANT/VERBINDUNG")
        serve(receiving, listener)


@app.command("list")
def list_subscriptions(client: ClientName = None, as_json: AsJson = False) -> None:
    """Listet, welche Ereignisse wohin gemeldet werden, auch an andere Programme."""
    with opened_for(client) as (house, clients), _doors(house, clients) as doors, _reachable():
        rows = [
            {"client": door.client, "event": found.event, "address": found.callback_url}
            for door in doors
            for found in door.announcer.events.subscriptions()
        ]
        if as_json:
            print_json({"subscriptions": rows})
        elif rows:
            cells = [(row["client"], row["event"], row["address"]) for row in rows]
            table("Abonnements", ("Mandant", "Ereignis", "Adresse"), cells, free=("Adresse",))
        else:
            out.print("Keine Abonnements. Anlegen mit  rechnungsbote events subscribe")


@app.command()
def subscribe(client: ClientName = None, as_json: AsJson = False) -> None:
    """Legt an, was fehlt, und beendet, was an frühere Adressen des Mandanten geht; `receive` tut das täglich."""
    with opened_for(client) as (house, clients):
        _base_url(house)
        raise typer.Exit(running.run_clients(house, clients, None, as_json=as_json, steps=(UPKEEP,)))


@app.command()
def unsubscribe(client: ClientName = None) -> None:
    """Beendet alle Abonnements, die an unsere Adresse gehen."""
    with opened_for(client) as (house, clients), _doors(house, clients) as doors, _reachable():
        for door in doors:
            address = address_of(_base_url(house), door.client, door.system)
            number = door.announcer.events.unsubscribe(address)
            out.print(escape(f"{door.client}: {number} Abonnements beendet."))


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as fault:
        err.print(
            escape(f"An {host}:{port} kann nicht gelauscht werden ({cause_of(fault)}). Bitte --port anders wählen.")
        )
        raise typer.Exit(Exit.CONFIGURATION) from None


def _prefect_waker() -> Callable[[str], Awaitable[None]]:
    # Prefect takes two seconds to load, which only this way of working needs.
    from flows.waking import wake_prefect

    return wake_prefect


@contextmanager
def _doors(house: House, clients: Sequence[LoadedClient]) -> Iterator[list[Door]]:
    names = {loaded.config.name for loaded in clients}
    with closing(Doors(house)) as doors:
        yield [door for door in doors if door.client in names]


def _base_url(house: House) -> str:
    if house.settings.callback_url:
        return house.settings.callback_url
    message, cure = "Die Adresse für Rückrufe fehlt.", "Etwa https://rechnungen.beispiel.de, dahinter receive."
    raise ConfigError([ConfigProblem("Umgebung", 0, "RECHNUNGSBOTE_CALLBACK_URL", message, cure)])


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except ConnectorError as error:
        err.print(escape(error.message))
        raise typer.Exit(Exit.UNREACHABLE) from None
