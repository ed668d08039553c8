"""The commands of those who operate the installation: start it, its clients, approvals, checks."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from config.settings import load_settings
from desk import approving, checks, clients
from desk.console import Exit, err, out, plain_errors
from desk.opening import AsJson, By, ClientName, Reason, opened, opened_for, say_problems, word
from flows.clock import Clock
from flows.logs import configure_logging

app = typer.Typer()

Draft = Annotated[str, typer.Argument(help="Vorgangszeichen RB-… oder Auftragsnummer.")]
Client = Annotated[str, typer.Argument(help="Kurzname des Mandanten.")]


@app.command("approvals")
def approvals(client: ClientName = None, as_json: AsJson = False) -> None:
    """Listet, was auf Freigabe wartet: Rechnungen über der Grenze des Mandanten."""
    with opened_for(client) as (house, found):
        approving.show_approvals(house.ledger, [loaded.config.name for loaded in found], as_json)


@app.command()
def approve(draft: Draft, reason: Reason = "geprüft", by: By = None, client: ClientName = None) -> None:
    """Gibt eine Rechnung frei; der nächste Durchlauf schreibt und versendet sie."""
    _decide(draft, reason, by, client, granted=True)


@app.command()
def decline(draft: Draft, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Lehnt eine Rechnung ab: sie entsteht nicht."""
    _decide(draft, reason, by, client, granted=False)


@app.command("clients")
def list_clients(as_json: AsJson = False) -> None:
    """Listet die Mandanten mit ihrem Stand (Ende 2, wenn eine Datei Fehler hat)."""
    with opened() as house:
        if not clients.show_clients(house, as_json):
            say_problems(house)
            raise typer.Exit(Exit.CONFIGURATION)


@app.command()
def pause(client: Client, reason: Reason, by: By = None) -> None:
    """Lässt einen Mandanten ruhen: sofort verlässt nichts mehr das Haus, auch aus laufenden Durchläufen nicht."""
    with opened() as house:
        out.print(escape(clients.pause(house, client, word(reason, by), Clock().now())))


@app.command()
def resume(client: Client, reason: Reason = "geht weiter", by: By = None) -> None:
    """Lässt einen ruhenden Mandanten wieder arbeiten."""
    with opened() as house:
        out.print(escape(clients.resume(house, client, word(reason, by), Clock().now())))


@app.command("checks")
def list_checks(client: ClientName = None, as_json: AsJson = False) -> None:
    """Listet, wann welche Rechnung das nächste Mal auf Zahlung geprüft wird."""
    with opened_for(client) as (house, found):
        checks.show_checks(house.ledger, [loaded.config.name for loaded in found], as_json)


@app.command("up")
def start(
    demo: Annotated[bool, typer.Option("--demo", help="Mit Übungsbühne und dem Mandanten der Vorführung.")] = False,
    folder: Annotated[Path, typer.Option(help="Mit --demo: Ordner, in dem alles liegen wird.")] = Path("demo"),
    host: Annotated[str, typer.Option(help="Adresse, auf der alles antwortet.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Anschluss von Prefect.")] = 4200,
    desk_port: Annotated[int, typer.Option(min=1, max=65_535, help="Anschluss des Schreibtischs.")] = 8040,
    receive_port: Annotated[int, typer.Option(min=1, max=65_535, help="Anschluss für Rückrufe.")] = 8088,
    workers: Annotated[int, typer.Option(min=1, max=64, help="So viele Läufe zugleich je Work-Pool.")] = 2,
) -> None:
    """Startet alles auf dieser Maschine: Prefect mit Oberfläche, Arbeiter, Rückrufe, Schreibtisch; Ende mit Strg-C.

    Steht PREFECT_API_URL in der Umgebung, wird jener Server benutzt und keiner gestartet.
    """
    # Only this command needs all of it.
    from desk.up import Places, up
    from desk.up_demo import up_demo

    server = "" if demo else os.environ.get("PREFECT_API_URL", "")
    places = Places(host, port, desk_port, receive_port, workers, server)
    with plain_errors():
        if demo:
            raise typer.Exit(up_demo(folder, places))
        settings = load_settings()
        configure_logging(settings)
        raise typer.Exit(up(settings, places, {}))


@app.command("register")
def register_all(
    watch: Annotated[bool, typer.Option("--watch", help="Bleiben und jede Änderung anmelden.")] = False,
) -> None:
    """Meldet Work-Pools, Abläufe und Alarme aller Mandanten bei Prefect an (PREFECT_API_URL)."""
    # Prefect takes two seconds to load, and only this command needs it.
    from desk import registering

    with plain_errors():
        settings = load_settings()
        configure_logging(settings)
        if watch:
            registering.watch(settings)
        try:
            out.print(f"{registering.register(settings)} Abläufe sind angemeldet.")
        except registering.RegisteringFailed as error:
            err.print(escape(str(error)))
            raise typer.Exit(Exit.UNREACHABLE) from None


@app.command()
def worker(
    pool: Annotated[str, typer.Option(help="Work-Pool in Prefect.")] = "invoicing",
    limit: Annotated[int, typer.Option(min=1, max=64, help="So viele Läufe zugleich.")] = 2,
) -> None:
    """Startet einen Arbeiter für einen Work-Pool, nachdem alles geprüft ist; auf beliebig vielen Maschinen."""
    from desk.preflight import obstacles

    with plain_errors():
        found = list(obstacles(load_settings(), {}, os.environ.get("PREFECT_API_URL", "")))
    for obstacle in found:
        err.print(escape(obstacle))
    if found:
        raise typer.Exit(Exit.UNREACHABLE)
    command = ["prefect", "worker", "start", "--pool", pool, "--type", "process", "--limit", str(limit)]
    # No child: signals reach the worker itself.
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606 no shell is wanted


def _decide(draft: str, reason: str, by: str | None, client: str | None, *, granted: bool) -> None:
    with opened() as house:
        said, now = word(reason, by), Clock().now()
        out.print(escape(approving.decide(house, draft, client, said, now, granted=granted)))
