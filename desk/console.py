"""How the command line speaks: tables for people, JSON for machines, errors with their cure, exit codes."""

import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from billing.calendar import BERLIN
from billing.system_words import cause_of
from config.problems import ConfigError
from ledger.archive import ArchiveFault
from ledger.backup import BackupFault
from ledger.database import DatabaseError, LedgerUnavailable
from ledger.overrides import NothingToDecide

WIDTH = None if os.isatty(1) else 110
"""A terminal says how wide it is; a file or a pipe does not."""

NARROWEST_CUT = 10
NARROWEST_FREE = 24
GAP = 3

out = Console(highlight=False, width=WIDTH)
err = Console(stderr=True, highlight=False, width=WIDTH)


class Exit(IntEnum):
    """What a command's exit code says."""

    FINE = 0
    LOOK = 1
    CONFIGURATION = 2
    UNREACHABLE = 3


@contextmanager
def plain_errors() -> Iterator[None]:
    """Expected faults end in German sentences and an exit code, not in a trace."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            err.print(escape(str(problem)))
        raise typer.Exit(Exit.CONFIGURATION) from None
    except LedgerUnavailable as error:
        err.print(escape(str(error)))
        raise typer.Exit(Exit.UNREACHABLE) from None
    except DatabaseError as error:
        cause = f"{type(error).__name__}: {getattr(error, 'orig', error)}".splitlines()[0]
        err.print(escape(f"Das Hauptbuch antwortet nicht oder nimmt nichts an ({cause})."))
        err.print("Nichts geht hinaus, was es nicht aufnimmt. Abhilfe: Platz, Rechte und Datenbankserver prüfen.")
        err.print("Hält ein anderer Prozess es fest (database is locked), genügt es, den Befehl zu wiederholen.")
        raise typer.Exit(Exit.UNREACHABLE) from None
    except (NothingToDecide, BackupFault, ArchiveFault) as error:
        err.print(escape(str(error)))
        raise typer.Exit(Exit.LOOK) from None
    except OSError as error:
        if error.filename is None:
            raise
        err.print(escape(f"{error.filename}: {cause_of(error)}. Abhilfe: Pfad, Rechte und Platz prüfen."))
        raise typer.Exit(Exit.UNREACHABLE) from None


def print_json(value: Any) -> None:
    """One JSON document on standard output: amounts and dates as text, instants in ISO 8601."""
    typer.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


@dataclass(frozen=True, slots=True)
class _Fit:
    """A column and its room in characters: `longest` is what its longest cell takes."""

    name: str
    longest: int
    is_free: bool
    is_cut: bool

    @property
    def least(self) -> int:
        """What it takes of the others' room in any case."""
        if self.is_cut:
            return 0
        return min(self.longest, NARROWEST_FREE) if self.is_free else self.longest

    def width_beside(self, fixed: int) -> int | None:
        """How wide it is where the others take so much; None where that is left to the table."""
        if self.is_free:
            return None
        return min(self.longest, max(NARROWEST_CUT, out.width - fixed)) if self.is_cut else self.longest


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    figures: Collection[str] = (),
    free: Collection[str] = (),
    cut: Collection[str] = (),
) -> None:
    """A table for people; an empty one is left out.

    `figures` stand to the right, `free` columns may be broken into lines, `cut` ones end in an ellipsis instead. What
    is neither is always whole: where there is too little room the table becomes wider than the screen.
    """
    found = [[escape(german(cell)) for cell in row] for row in rows]
    if not found:
        return
    fits = [
        _Fit(name, max(len(name), *(len(row[at]) for row in found)), is_free=name in free, is_cut=name in cut)
        for at, name in enumerate(columns)
    ]
    shown = _headed(title, fits, figures)
    for row in found:
        shown.add_row(*row)
    out.print(shown, crop=False)


def _headed(title: str, fits: Sequence[_Fit], figures: Collection[str]) -> Table:
    """The table before its first row, its columns as wide as the screen allows."""
    fixed = sum(fit.least for fit in fits) + GAP * len(fits)
    needed = fixed + NARROWEST_CUT * sum(fit.is_cut for fit in fits)
    shown = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=SIMPLE,
        pad_edge=False,
        width=needed if needed > out.width else None,
    )
    for fit in fits:
        shown.add_column(
            fit.name,
            justify="right" if fit.name in figures else "left",
            no_wrap=not fit.is_free,
            overflow="ellipsis" if fit.is_cut else "fold",
            width=fit.width_beside(fixed),
        )
    return shown


def german(value: Any) -> str:
    """A cell as people in Germany read it: 1.256,40 and 02.11.2026."""
    if isinstance(value, datetime):
        return f"{value.astimezone(BERLIN):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
