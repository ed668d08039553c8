"""Tables that people export or fill in: rows by known headings, and every mistake with its line, column and value."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

MOST_ROWS = 100_000
LONGEST = 200
_SHOWN = 60
_NUMBER = re.compile(r"\d{1,7}([.,]\d{1,4})?", re.ASCII)
# 1.200 is neither 1200 for sure nor 1.20.
_HUNDREDTHS = re.compile(r"\d{1,7}([.,]\d{1,2})?", re.ASCII)

Item = TypeVar("Item")
Row = dict[str, str]
"""The cells of a row by the names of their columns; columns of other headings are left out."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be read: its line in the file, the column's name, what stands there and what should."""

    line: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        return f"Zeile {self.line}, {self.column}: „{self.value}“. {self.message}"


class Bad(ValueError):
    """A cell that cannot be read."""

    def __init__(self, column: str, value: str, message: str) -> None:
        super().__init__(message)
        self.column, self.value, self.message = column, value, message


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table may hold: the name of each heading in small letters, and how long its cells may be.

    `needed` are there in every row; of `one_of`, whose headings they are, a table has at least one.
    """

    headings: Mapping[str, str]
    needed: Mapping[str, str]
    one_of: Mapping[str, str] = field(default_factory=dict)
    longest: Mapping[str, int] = field(default_factory=dict)


def rows_of(content: bytes, columns: Columns, read: Callable[[Row], Item]) -> tuple[list[Item], list[Fault]]:
    """What `read` makes of each row of a file in UTF-8 or Windows-1252, columns separated by semicolon or comma.

    A row for which it raises `Bad` is a fault and does not keep the others from being read.
    """
    text = _decoded(content)
    if not text.strip():
        needed = ", ".join(columns.needed.values())
        return [], [Fault(1, "Datei", "", f"Sie ist leer. Erwartet werden Überschriften ({needed}) und Zeilen.")]
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[Item] = []
    faults: list[Fault] = []
    try:
        names = _names(next(reader, []), columns)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                found.append(read(_row(names, cells, columns)))
            except Bad as bad:
                faults.append(_fault(reader.line_num, bad))
            if reader.line_num > MOST_ROWS:
                raise Bad("Datei", str(reader.line_num), f"Mehr als {MOST_ROWS} Zeilen; bitte teilen.")
    except Bad as bad:
        return [], [_fault(reader.line_num, bad)]
    except csv.Error as error:
        return [], [Fault(reader.line_num, "Datei", str(error), "Die Zeile ist kein CSV.")]
    return found, faults


def number(column: str, text: str) -> Decimal:
    """A number with comma or point. Raises `Bad`."""
    if not _NUMBER.fullmatch(text):
        raise Bad(column, text, "Erwartet wird eine Zahl wie 90 oder 1,5.")
    return Decimal(text.replace(",", "."))


def price(column: str, text: str) -> Decimal:
    """An amount of money, or whatever else has two places at most. Raises `Bad`."""
    if not _HUNDREDTHS.fullmatch(text):
        raise Bad(column, text, "Erwartet wird eine Zahl mit höchstens zwei Nachkommastellen, ohne Tausenderpunkt.")
    return number(column, text)


def day(column: str, text: str) -> date:
    """A day as people or machines write it. Raises `Bad`."""
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    raise Bad(column, text, "Erwartet wird ein Tag wie 02.11.2026 oder 2026-11-02.")


def _fault(line: int, bad: Bad) -> Fault:
    return Fault(line, bad.column, bad.value[:_SHOWN], bad.message)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _names(headings: list[str], columns: Columns) -> list[str]:
    names = [columns.headings.get(heading.strip().casefold(), "") for heading in headings]
    known = [name for name in names if name]
    for name, heading in columns.needed.items():
        if name not in known:
            raise Bad("Überschriften", ", ".join(headings), f"Die Spalte {heading} fehlt.")
    if len(known) != len(set(known)):
        raise Bad("Überschriften", ", ".join(headings), "Eine Spalte steht doppelt da.")
    if columns.one_of and not columns.one_of.keys() & set(known):
        *others, last = columns.one_of.values()
        raise Bad("Überschriften", ", ".join(headings), f"Es fehlt eine Spalte {', '.join(others)} oder {last}.")
    return names


def _row(names: list[str], cells: list[str], columns: Columns) -> Row:
    if len(cells) != len(names):
        raise Bad("Zeile", ";".join(cells), f"Sie hat {len(cells)} statt {len(names)} Spalten.")
    row = {name: "".join(letter for letter in cell if letter.isprintable() or letter == "\n").strip()
           for name, cell in zip(names, cells, strict=True) if name}  # fmt: skip
    for name, cell in row.items():
        longest = columns.longest.get(name, LONGEST)
        if len(cell) > longest:
            raise Bad(name, cell, f"Der Text ist länger als {longest} Zeichen.")
    for name, heading in columns.needed.items():
        if not row[name]:
            raise Bad(heading, "", "Das Feld ist leer.")
    return row
