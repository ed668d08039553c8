"""Bank statements as CSV: the columns differ from bank to bank, so the client says which is which."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from billing.bank import BankLine
from billing.money import Money
from connectors.errors import ConnectorError
from connectors.statements import CURRENCY, Entry, Statement, account_of, clean, meaningful, refused, with_ids

FORMS = {
    ",": re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d{1,15})(?:,(\d{1,2}))?"),
    ".": re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.(\d{1,2}))?"),
}
MOST_PREAMBLE_LINES = 40
MOST_ROWS = 200_000


class Columns(BaseModel, frozen=True, extra="forbid"):
    """The headings of the columns; an empty one means that the bank has no such column."""

    booked_on: str = Field("Buchungstag", min_length=1, description="Überschrift des Buchungstags")
    amount: str = Field("Betrag", min_length=1, description="Überschrift des Betrags")
    value_on: str = Field("", description="Überschrift der Wertstellung")
    currency: str = Field("", description="Überschrift der Währung; leer: Euro")
    counterparty: str = Field("", description="Überschrift des Auftraggebers oder Empfängers")
    iban: str = Field("", description="Überschrift der IBAN des Gegenkontos")
    purpose: str = Field("", description="Überschrift des Verwendungszwecks")
    end_to_end_id: str = Field("", description="Überschrift der Kundenreferenz (End-to-End)")
    mandate: str = Field("", description="Überschrift der Mandatsreferenz")
    reference: str = Field("", description="Überschrift der Buchungsnummer der Bank")
    status: str = Field("", description="Überschrift des Buchungsstatus")
    direction: str = Field("", description="Überschrift von Soll und Haben, wenn Beträge ohne Vorzeichen dastehen")


def _account(text: str) -> str:
    try:
        return account_of(text, "account")
    except ConnectorError:
        raise ValueError("Erwartet wird die IBAN des Kontos, zum Beispiel DE02120300000000202051.") from None


class CsvSettings(BaseModel, frozen=True, extra="forbid"):
    """How a bank writes its CSV files."""

    account: Annotated[str, AfterValidator(_account)] = Field(description="IBAN des Kontos, das die Datei beschreibt")
    columns: Columns = Field(default_factory=Columns, description="Überschriften der Spalten")
    delimiter: Literal[";", ",", "\t", "|"] = Field(";", description="Trennzeichen der Spalten")
    decimal: Literal[",", "."] = Field(",", description="Zeichen vor den Cent")
    date_format: Literal["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y"] = Field(
        "%d.%m.%Y", description="Schreibweise der Tage"
    )
    encoding: Literal["utf-8", "cp1252", "iso-8859-15"] = Field("utf-8", description="Zeichensatz der Datei")
    booked_status: tuple[str, ...] = Field(
        ("Gebucht", "Umsatz gebucht"), description="Werte des Buchungsstatus, die gebucht bedeuten"
    )
    debit_words: tuple[str, ...] = Field(("S", "Soll"), description="Werte von Soll und Haben, die Soll bedeuten")
    credit_words: tuple[str, ...] = Field(("H", "Haben"), description="Werte von Soll und Haben, die Haben bedeuten")


def statement_of(text: str, settings: CsvSettings) -> Statement:
    """The booked rows of a CSV file. Raises `UnexpectedAnswer` naming the row for whatever is not as configured."""
    account = account_of(settings.account, "account")
    entries: list[Entry] = []
    pending = 0
    for place, row in _rows(text, settings):
        if _is_booked(row, settings):
            entries.append(_entry(row, settings, place))
        else:
            pending += 1
    if len(entries) > 1 and entries[0].line.booked_on > entries[-1].line.booked_on:
        entries.reverse()  # Newest first in the file; the count of equal movements must not depend on that.
    lines = with_ids(account, entries)
    # Of its newest day a download may hold only a part.
    newest = max((line.booked_on for line in lines), default=None)
    return Statement("csv", account, newest - timedelta(1) if newest else None, lines, pending)


def _rows(text: str, settings: CsvSettings) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows below the headings, which may have some lines of preamble above them."""
    wanted = {heading for heading in settings.columns.model_dump().values() if heading}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=settings.delimiter, strict=True)
    headings: list[str] = []
    try:
        for cells in reader:
            place = reader.line_num
            stripped = [cell.strip() for cell in cells]
            if headings:
                if any(stripped):
                    yield place, _row(headings, stripped, place)
            elif wanted <= set(stripped):
                headings = _checked(stripped, wanted)
            elif place > MOST_PREAMBLE_LINES:
                break
            if place > MOST_ROWS:
                raise refused("sie enthält unglaubhaft viele Zeilen", "CSV")
    except csv.Error:
        raise refused("eine Zeile der CSV-Datei ist fehlerhaft", "CSV") from None
    if not headings:
        cure = "Bitte  payments: bank_csv  mit der ersten Zeile der Datei vergleichen."
        raise refused("die eingestellten Spaltenüberschriften kommen nicht vor", "CSV", cure)


def _checked(headings: list[str], wanted: set[str]) -> list[str]:
    if any(headings.count(heading) > 1 for heading in wanted):
        raise refused("eine Spaltenüberschrift kommt doppelt vor", "CSV")
    return headings


def _row(headings: list[str], cells: list[str], place: int) -> dict[str, str]:
    if len(cells) != len(headings):
        raise refused(f"Zeile {place} hat {len(cells)} statt {len(headings)} Spalten", f"Zeile {place}")
    return dict(zip(headings, cells, strict=True))


def _is_booked(row: Mapping[str, str], settings: CsvSettings) -> bool:
    return not settings.columns.status or row[settings.columns.status] in settings.booked_status


def _entry(row: Mapping[str, str], settings: CsvSettings, place: int) -> Entry:
    columns, where = settings.columns, f"Zeile {place}"

    def cell(heading: str) -> str:
        return clean(row[heading], where) if heading else ""

    line = BankLine(
        id="",
        booked_on=_day(cell(columns.booked_on), settings, where),
        amount=_amount(row, settings, where),
        value_on=_day(cell(columns.value_on), settings, where) if cell(columns.value_on) else None,
        counterparty=cell(columns.counterparty),
        iban="".join(cell(columns.iban).split()).upper(),
        purpose=cell(columns.purpose),
        end_to_end_id=meaningful(cell(columns.end_to_end_id)),
        mandate=cell(columns.mandate),
    )
    return Entry(line, meaningful(cell(columns.reference)))


def _amount(row: Mapping[str, str], settings: CsvSettings, where: str) -> Money:
    columns = settings.columns
    text = row[columns.amount].replace("\N{NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "-").strip()
    written = FORMS[settings.decimal].fullmatch(text) if text.isascii() else None
    if not written:
        raise refused(f"{where} enthält keinen Betrag", where)
    sign, whole, cents = written.groups()
    value = Decimal(f"{re.sub(r'[.,]', '', whole)}.{cents or '0'}")
    currency = row[columns.currency] if columns.currency else "EUR"
    if not CURRENCY.fullmatch(currency):
        raise refused(f"{where} enthält keine Währung", where)
    return Money(-value if _is_debit(row, settings, sign, where) else value, currency)


def _is_debit(row: Mapping[str, str], settings: CsvSettings, sign: str, where: str) -> bool:
    if not settings.columns.direction:
        return sign == "-"
    word = row[settings.columns.direction]
    if sign == "-" or word not in settings.debit_words + settings.credit_words:
        raise refused(f"{where} sagt nicht eindeutig Soll oder Haben", where)
    return word in settings.debit_words


def _day(text: str, settings: CsvSettings, where: str) -> date:
    try:
        return datetime.strptime(text, settings.date_format).date()  # noqa: DTZ007 (a calendar day has no zone)
    except ValueError:
        raise refused(f"{where} enthält kein Datum", where) from None
