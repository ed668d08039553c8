"""`health`: whether this installation can work, each point in a sentence with its cure."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from config.loading import load_clients
from config.settings import Settings
from desk.console import Exit, out, print_json
from ledger.archive import ArchiveFault
from ledger.database import DatabaseError, Ledger, LedgerUnavailable, revisions
from ledger.object_archive import open_archive

LEAST_FREE = 500 * 1024 * 1024
"""Bytes: below this a full disk is near."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at."""

    name: str
    is_fine: bool
    text: str


def health(settings: Settings, as_json: bool) -> Exit:
    """Look at everything; connects to no foreign system."""
    points = list(points_of(settings))
    is_fine = all(point.is_fine for point in points)
    if as_json:
        print_json({"fine": is_fine, "points": points})
    else:
        for point in points:
            out.print(escape(f"{'in Ordnung' if point.is_fine else 'FEHLER    '}  {point.name}: {point.text}"))
    return Exit.FINE if is_fine else Exit.UNREACHABLE


def points_of(settings: Settings) -> Iterator[Point]:
    """Ledger, archive, disk and the clients' files."""
    yield _ledger(settings)
    yield _archive(settings.archive)
    yield _folder("Merkordner", settings.home)
    yield _disk(settings.home)
    clients, problems = load_clients(settings)
    names = ", ".join(loaded.config.name for loaded in clients) or "keine"
    yield Point("Mandanten", not problems, "; ".join(str(each) for each in problems) or names)


def _ledger(settings: Settings) -> Point:
    try:
        ledger = Ledger(settings.database_url)
        try:
            have, want = revisions(ledger)
            ledger.try_writing()
        finally:
            ledger.close()
    except (DatabaseError, LedgerUnavailable, OSError):
        return Point(
            "Hauptbuch", False, "nicht erreichbar oder schreibgeschützt. Abhilfe: RECHNUNGSBOTE_DATABASE_URL prüfen."
        )
    if have not in (None, want):
        cure = "Abhilfe: alle Läufe anhalten, sichern, dann  rechnungsbote db upgrade"
        return Point("Hauptbuch", False, f"Stand {have}, gebraucht wird {want}. {cure}")
    return Point("Hauptbuch", True, f"Stand {have or 'leer, wird beim ersten Lauf angelegt'}")


def _archive(place: str) -> Point:
    if "://" not in place:
        return _folder("Archiv", Path(place))
    try:
        open_archive(place).has("0" * 64)
    except (ArchiveFault, OSError) as error:
        return Point("Archiv", False, f"{place} antwortet nicht: {error}. Abhilfe: Zugangsdaten und Netz prüfen.")
    return Point("Archiv", True, place)


def _folder(name: str, folder: Path) -> Point:
    near = _nearest(folder)
    if near.is_dir() and os.access(near, os.W_OK):
        return Point(name, True, str(folder))
    return Point(name, False, f"{folder} ist nicht beschreibbar. Abhilfe: Rechte des Dienstes prüfen.")


def _disk(folder: Path) -> Point:
    free = shutil.disk_usage(_nearest(folder)).free
    cure = "" if free >= LEAST_FREE else " Abhilfe: Platz schaffen; bei voller Platte wird nichts versandt."
    return Point("Platz", free >= LEAST_FREE, f"{free // 1024**2} MB frei.{cure}")


def _nearest(folder: Path) -> Path:
    """The folder, or the one above it that is there already."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
