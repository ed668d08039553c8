"""What every command begins with: the options they share, the opened house, and which clients are meant."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer
from rich.markup import escape

from billing.contracts import FIRST_DAY, LAST_DAY
from config.loading import LoadedClient
from config.settings import load_settings
from desk.console import Exit, err, plain_errors
from desk.reading import Mistake, amount_of
from flows.logs import configure_logging
from flows.wiring import House, open_house
from ledger.overrides import Word


def euros(text: str) -> Decimal | None:
    """An amount as it was typed. Raises `typer.BadParameter`, whose text is what `amount_of` has to say."""
    try:
        return amount_of(text)
    except Mistake as mistake:
        raise typer.BadParameter(str(mistake)) from None


def figure(text: str) -> Decimal:
    """A number that was typed, as `euros` reads it; nothing typed is refused, too."""
    found = euros(text)
    if found is None:
        raise typer.BadParameter("Bitte eine Zahl nennen, etwa 1.234,56.")
    return found


def conceivable(moment: datetime | None) -> datetime | None:
    """A moment that days can be reckoned from. Raises `typer.BadParameter` for a slip such as the year 9999."""
    if moment and not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise typer.BadParameter(f"Bitte einen Tag von {FIRST_DAY.year} bis {LAST_DAY.year} nennen.")
    return moment


def check_name(name: str, longest: int) -> None:
    """Raise `typer.BadParameter` unless a name is one line of 1 to `longest` characters."""
    if not name.isprintable():
        raise typer.BadParameter("Ein Name steht in einer Zeile und hat keine Steuerzeichen.")
    if not 0 < len(name) <= longest:
        raise typer.BadParameter(f"Ein Name hat 1 bis {longest} Zeichen.")


AsJson = Annotated[bool, typer.Option("--json", help="Ausgabe als JSON für Maschinen.")]
ClientName = Annotated[str | None, typer.Option("--client", help="Nur dieser Mandant (Kurzname).")]
Number = Annotated[str, typer.Argument(help="Rechnungsnummer oder Vorgangszeichen RB-….")]
Identity = Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Ihre Nummer, wie sie die Liste nennt.")]
Reason = Annotated[str, typer.Option("--reason", help="Warum; steht mit Namen und Zeit im Journal.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Letzter Tag.")]
Amount = Annotated[
    Decimal | None, typer.Option(parser=euros, metavar="BETRAG", help="Betrag in Euro; ohne Angabe alles.")
]
By = Annotated[str | None, typer.Option("--by", help="Wer entscheidet; sonst der angemeldete Benutzer.")]


@contextmanager
def opened() -> Iterator[House]:
    """The installation as its settings describe it; faults in them end the command with a German sentence."""
    with plain_errors():
        settings = load_settings()
        configure_logging(settings)
        with open_house(settings) as house:
            yield house


@contextmanager
def opened_for(client: str | None) -> Iterator[tuple[House, list[LoadedClient]]]:
    """The installation and the clients that are meant.

    Ends with 2, once all is done for the others, where one of them was left out for a mistake in his file. With a name
    the mistakes of others do not count.
    """
    with opened() as house:
        meant = replace(house, problems=()) if client else house
        yield meant, chosen(house, client)
        if meant.problems:
            raise typer.Exit(Exit.CONFIGURATION)


def say_problems(house: House) -> None:
    """The mistakes in files that keep their client from working; the others are not touched by them."""
    for problem in house.problems:
        err.print(escape(str(problem)))


def chosen(house: House, client: str | None) -> list[LoadedClient]:
    """The client of that name, or all that are at work; tells of files with mistakes, and when there is none."""
    if client:
        return [house.client(client)]
    say_problems(house)
    active = [loaded for loaded in house.clients if loaded.config.active]
    if not active and not house.problems:
        err.print(f"Kein Mandant ist tätig. Eine Datei in {house.settings.clients} anlegen und active: true setzen.")
    return active


def word(reason: str, by: str | None) -> Word:
    """Who decides and why: the user of the machine unless somebody else is named. Raises `typer.BadParameter`."""
    if not reason.strip():
        raise typer.BadParameter("Bitte einen Grund angeben: er steht mit Namen und Zeit im Journal.")
    return Word(by or getpass.getuser(), reason)
