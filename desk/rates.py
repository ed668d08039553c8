"""`base-rates`: the known base rates (§ 247 BGB), and taking in a new announcement from a file of the Bundesbank."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from billing.base_rate_list import Difference, difference, read_rates
from billing.base_rates import KNOWN, BaseRate
from billing.system_words import cause_of
from desk.console import Exit, out, print_json, table
from desk.opening import AsJson, By, opened, word
from flows.clock import Clock
from ledger import rates
from ledger.overrides import NothingToDecide

app = typer.Typer(help="Basiszinssätze nach § 247 BGB.", no_args_is_help=True)
LARGEST = 1_000_000
COLUMNS = ("ab", "Satz in %", "Quelle")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """Listet die bekannten Sätze; nach dem letzten Tag rechnet das Programm keine Zinsen, statt zu raten."""
    with opened() as house, house.ledger.reading() as session:
        known = KNOWN.extended(*rates.further(session))
    if as_json:
        print_json({"rates": known.rates, "known_until": known.last_day})
        return
    table("Basiszinssätze", COLUMNS, map(_cells, known.rates), figures=("Satz in %",), free=("Quelle",))
    out.print(f"Bekannt bis {known.last_day:%d.%m.%Y}.")


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="CSV-Datei der Bundesbank: Zeilen mit Tag und Satz.")],
    source: Annotated[str, typer.Option(help="Woher die Datei stammt.")] = "Datei der Deutschen Bundesbank",
    accept: Annotated[bool, typer.Option("--accept", help="Neue Sätze übernehmen, nicht nur zeigen.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Auch Abweichungen von Bekanntem übernehmen.")] = False,
    by: By = None,
) -> None:
    """Vergleicht eine Liste mit den bekannten Sätzen und zeigt den Unterschied; mit --accept gilt sie.

    Ende 0: übernommen oder nichts Neues; 1: es gibt Unterschiede, über die noch zu entscheiden ist.
    """
    with opened() as house:
        with house.ledger.reading() as session:
            found = _compared(file, source, rates.further(session))
        _tell(found)
        taken = [*(found.new if accept else ()), *((said for _, said in found.changed) if accept and replace else ())]
        if taken:
            with house.ledger.writing() as session:
                rates.add(session, taken, word("Bekanntgabe", by), Clock().now())
            out.print(f"Übernommen: {len(taken)}.")
        if len(taken) < len(found.new) + len(found.changed):
            out.print(f"Stimmt die Datei, gilt sie mit  {'--accept --replace' if found.changed else '--accept'}")
            raise typer.Exit(Exit.LOOK)


def _compared(file: Path, source: str, further: tuple[BaseRate, ...]) -> Difference:
    try:
        if file.stat().st_size > LARGEST:
            raise NothingToDecide(f"{file} ist zu groß für eine Liste von Zinssätzen.")
        text = file.read_text("utf-8-sig")
        return difference(KNOWN.extended(*further), read_rates(text, source))
    except OSError as error:
        raise NothingToDecide(f"{file} ist nicht lesbar: {cause_of(error)}.") from error
    except UnicodeDecodeError as error:
        raise NothingToDecide(f"{file} ist nicht lesbar: sie ist nicht in UTF-8 gespeichert.") from error
    except ValueError as error:
        raise NothingToDecide(f"{file}: {error} Es gilt weiter, was bekannt ist.") from error


def _tell(found: Difference) -> None:
    table("Neu", COLUMNS, map(_cells, found.new), figures=("Satz in %",), free=("Quelle",))
    for known, said in found.changed:
        percents = f"bekannt {_percent(known)} %, in der Datei {_percent(said)} %."
        out.print(escape(f"Abweichung ab {said.valid_from:%d.%m.%Y}: {percents}"))
    if not found.new and not found.changed:
        out.print("Nichts Neues: die Datei sagt, was bekannt ist.")


def _cells(rate: BaseRate) -> tuple[object, ...]:
    return rate.valid_from, _percent(rate), rate.source


def _percent(rate: BaseRate) -> str:
    return str(rate.percent).replace(".", ",")
