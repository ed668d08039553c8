"""Tables for spreadsheets. What customers are called must not become a formula there."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from desk.console import german
from ledger.board import Line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = ("Mandant", "Rechnung", "Kunde", "Datum", "fällig", "brutto", "offen", "Stand", "seit", "Vermerk", "Stufe")
WIDTHS = (14, 14, 34, 12, 12, 14, 14, 14, 12, 22, 8)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"


def csv_of(lines: Iterable[Line]) -> Iterator[bytes]:
    """A CSV as German Excel opens it: semicolons, decimal comma, UTF-8 with mark."""
    yield BOM.encode()
    yield _written(COLUMNS)
    for line in lines:
        yield _written([safe(german(cell)) if isinstance(cell, str) else german(cell) for cell in _cells(line)])


def xlsx_of(lines: Iterable[Line]) -> bytes:
    """An Excel file: texts are texts, amounts and days are real ones."""
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Rechnungen")
        head = book.add_format({"bold": True, "bottom": 1})
        kinds = {
            Decimal: book.add_format({"num_format": "#,##0.00"}),
            date: book.add_format({"num_format": "dd.mm.yyyy"}),
            # The apostrophe that keeps a text a text when somebody edits or exports it, without showing it.
            str: book.add_format({"quote_prefix": True}),
        }
        for place, (column, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, column, head)
        sheet.freeze_panes(1, 0)
        last = 0
        for last, line in enumerate(lines, 1):
            for place, cell in enumerate(_cells(line)):
                _write(sheet, last, place, cell, kinds)
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    return target.getvalue()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _cells(line: Line) -> tuple[Any, ...]:
    marks = ", ".join(line.marks)
    name = line.number or line.marker
    return (
        line.client, name, line.customer, line.issue_date, line.due_date, line.gross, line.open_amount, line.word,
        line.since, marks, line.level or None,
    )  # fmt: skip


def _write(sheet: Any, row: int, place: int, cell: Any, kinds: dict[type, Any]) -> None:
    if isinstance(cell, Decimal):
        sheet.write_number(row, place, float(cell), kinds[Decimal])
    elif isinstance(cell, date):
        sheet.write_datetime(row, place, cell, kinds[date])
    elif isinstance(cell, int):
        sheet.write_number(row, place, cell)
    elif cell:
        sheet.write_string(row, place, cell, kinds[str] if cell.startswith(DANGEROUS) else None)


def _written(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=";").writerow(cells)
    return line.getvalue().encode()
