"""Recorded work as CSV, one row per entry: what nearly every time recording can export, under headings of its own.

| heading | meaning |
| --- | --- |
| Id, Datum, Kunde | which entry, on which day (02.11.2026 or 2026-11-02), for whom (number or name) |
| Minuten or Stunden | 90, or 1,5 or 1:30 |
| Menge, Einheit, Preis | instead of time: travel or material, net price each |
| Person, Tätigkeit, Ticket, Projekt, Text, Satz, Abrechenbar | optional; Satz is net an hour, Abrechenbar ja or nein |
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from billing.work_entries import HOUR, Item, WorkEntry
from connectors.csv_rows import Bad, Columns, Fault, Row, day, number, price, rows_of
from connectors.errors import NotFound, UnexpectedAnswer

FOLDER = "folder:"
HEADINGS = {
    "id": "id", "datum": "day", "kunde": "customer", "minuten": "minutes", "stunden": "hours", "person": "person",
    "tätigkeit": "activity", "taetigkeit": "activity", "ticket": "ticket", "projekt": "project", "text": "text",
    "satz": "rate", "abrechenbar": "billable", "menge": "quantity", "einheit": "unit", "preis": "price",
}  # fmt: skip
COLUMNS = Columns(
    HEADINGS,
    needed={"id": "Id", "day": "Datum", "customer": "Kunde"},
    one_of={"minutes": "Minuten", "hours": "Stunden", "quantity": "Menge"},
    longest={"id": 150, "text": 2000},
)
YES, NO = frozenset({"", "ja", "true", "1", "x"}), frozenset({"nein", "false", "0"})
MOST_MINUTES = 24 * HOUR
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class TimesFile:
    """What a file holds: the entries that could be read, and what is wrong with the other rows."""

    entries: tuple[WorkEntry, ...]
    faults: tuple[Fault, ...]


class TimesFolder:
    """All .csv files of a folder, by name: of an entry that stands in several, the last one holds."""

    lists_everything = False
    """Old exports may be cleared away; that deletes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return f"TimesFolder({self._folder.name})"

    def entries(self, since: date) -> Iterator[WorkEntry]:
        """All entries on or after `since`. Raises `UnexpectedAnswer` at the end if a row was not readable."""
        if not self._folder.is_dir():
            cure = f"Ordner anlegen oder times.folder ändern: {self._folder}"
            raise NotFound(f"Der Ordner der Zeiterfassung fehlt. {cure}", "folder")
        found: dict[str, WorkEntry] = {}
        faults: list[str] = []
        for path in sorted(self._folder.iterdir()):
            if path.suffix.lower() == ".csv" and path.is_file() and not path.is_symlink():
                read = times_of(path.read_bytes())
                found |= {entry.external_id: entry for entry in read.entries}
                faults += [f"{path.name}, {fault}" for fault in read.faults]
        yield from (entry for entry in found.values() if entry.day >= since)
        if faults:
            more = f" (und {len(faults) - 1} weitere)" if len(faults) > 1 else ""
            raise UnexpectedAnswer(f"Zeiterfassung: {faults[0]}{more}", "csv")


def times_of(content: bytes, source: str = FOLDER) -> TimesFile:
    """The entries of a CSV file."""
    entries, faults = rows_of(content, COLUMNS, lambda row: _entry(row, source))
    return TimesFile(tuple(entries), tuple(faults))


def _entry(row: Row, source: str) -> WorkEntry:
    item = _item(row)
    return WorkEntry(
        source=source,
        external_id=row["id"],
        version=hashlib.sha256("\x1f".join(f"{name}={row[name]}" for name in sorted(row)).encode()).hexdigest(),
        customer=row["customer"],
        day=day("Datum", row["day"]),
        minutes=0 if item else _minutes(row),
        person=row.get("person", ""),
        activity=row.get("activity", ""),
        ticket=row.get("ticket", ""),
        project=row.get("project", ""),
        text=row.get("text", ""),
        rate=price("Satz", row["rate"]) if row.get("rate") else None,
        item=item,
        is_billable=_is_billable(row.get("billable", "")),
    )


def _item(row: Row) -> Item | None:
    if not row.get("quantity"):
        return None
    if row.get("minutes") or row.get("hours"):
        raise Bad("Menge", row["quantity"], "Ein Eintrag hat Zeit oder eine Menge, nicht beides.")
    if not row.get("price"):
        raise Bad("Preis", "", "Eine Menge braucht einen Preis, zum Beispiel 45,00.")
    quantity = number("Menge", row["quantity"])
    if quantity == 0:
        raise Bad("Menge", row["quantity"], "Die Menge ist null.")
    return Item(quantity, row.get("unit") or "Stück", price("Preis", row["price"]))


def _minutes(row: Row) -> int:
    if row.get("minutes"):
        column, text = "Minuten", row["minutes"]
        minutes = number(column, text)
    else:
        column, text = "Stunden", row.get("hours", "")
        clock = _CLOCK.fullmatch(text)
        minutes = Decimal(int(clock[1]) * HOUR + int(clock[2])) if clock else number(column, text) * HOUR
    # Exports round hours to two places: 0,33 hours are 20 minutes.
    found = int(minutes.to_integral_value())
    if not 0 < found <= MOST_MINUTES:
        raise Bad(column, text, "Erwartet wird eine Zeit über null bis 24 Stunden.")
    return found


def _is_billable(text: str) -> bool:
    if text.casefold() in YES | NO:
        return text.casefold() in YES
    raise Bad("Abrechenbar", text, "Erwartet wird ja oder nein.")
