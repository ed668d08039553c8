"""`stop`, `go`, `adopt`: the brake, and the word that a clock that jumped or a ledger that was put back is right."""

from typing import Annotated

from rich.markup import escape
from typer import Option

from desk import words
from desk.console import out
from desk.opening import By, ClientName, Reason, opened, word
from flows.clock import Clock
from flows.wiring import House
from ledger import restoring, stops
from ledger.effects import Kind
from ledger.stops import ALL, Cause

KindName = Annotated[Kind | None, Option("--kind", help="Nur diese Art; ohne Angabe alles, was das Haus verlässt.")]


def stop(reason: Reason, client: ClientName = None, kind: KindName = None, by: By = None) -> None:
    """Hält an, was das Haus verlässt: bei einem Mandanten oder allen, von einer Art oder alles. Gelesen wird weiter."""
    with opened() as house:
        name = _name(house, client)
        with house.ledger.writing() as session:
            stops.stop(session, name, kind or ALL, word(reason, by), Clock().now())
        out.print(escape(f"{what(name, kind or ALL)} ist angehalten. Weiter geht es mit  rechnungsbote go"))


def go(reason: Reason, client: ClientName = None, kind: KindName = None, by: By = None) -> None:
    """Hebt auf, was mit stop oder wegen einer gesprungenen Uhr angehalten ist."""
    with opened() as house:
        name, causes = _name(house, client), (Cause.PERSON, Cause.CLOCK)
        with house.ledger.writing() as session:
            stops.lift(session, name, kind or ALL, causes, word(reason, by), Clock().now())
        out.print(escape(f"{what(name, kind or ALL)} geht wieder seinen Weg."))


def adopt(reason: Reason, by: By = None) -> None:
    """Übernimmt ein zurückgespieltes Hauptbuch: was inzwischen geschehen sein kann, wird gesucht oder vorgelegt."""
    with opened() as house:
        with house.ledger.writing() as session:
            number = restoring.adopt(session, word(reason, by), house.settings.lookups, Clock().now())
        out.print(f"Übernommen. {number} Vorgänge können inzwischen geschehen sein: Rechnungen werden gesucht,")
        out.print("über Mails entscheidet ein Mensch. Weiter mit  rechnungsbote reconcile  und  rechnungsbote status")


def what(client: str, kind: str) -> str:
    """What a stop is about, for people."""
    who = f"Mandant {client}" if client else "Alle Mandanten"
    return f"{who}: {words.EFFECTS.get(kind, 'Alles, was das Haus verlässt,')}"


def _name(house: House, client: str | None) -> str:
    return house.client(client).config.name if client else ALL
