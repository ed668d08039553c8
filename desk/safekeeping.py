"""`backup` and `restore`: everything into a folder while work goes on, and the proof that it comes back."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from rich.markup import escape
from rich.progress import Progress as Bar

from billing.system_words import cause_of
from config.settings import Settings
from desk import words
from desk.console import Exit, err, german, out, print_json, table
from flows.clock import Clock
from flows.wiring import House
from ledger import backup, effects, journal, restoring
from ledger.archive import Archive
from ledger.backup import Manifest, Progress
from ledger.database import Ledger
from ledger.effects import Kind
from ledger.object_archive import open_archive
from ledger.overrides import Word
from ledger.stops import barrier

CLIENTS = "clients"
SPOOL = "spool"


def make(house: House, target: Path, keep: int, as_json: bool) -> Exit:
    """Back up ledger, archive, clients' files and spool below `target`; keep the newest `keep` backups (0: all)."""
    settings, clock = house.settings, Clock()
    beside = {CLIENTS: settings.clients, SPOOL: settings.home / SPOOL}
    try:
        with _bar("Belege", as_json) as progress:
            archive = open_archive(settings.archive)
            folder = backup.make(house.ledger, archive, target, clock.now(), clock.today(), beside, progress)
        gone = backup.prune(target, keep)
    except OSError as error:
        err.print(
            escape(f"Die Sicherung nach {target} ist nicht möglich: {cause_of(error)}. Abhilfe: Platz und Rechte.")
        )
        return Exit.UNREACHABLE
    manifest = backup.read_manifest(folder)
    rows = sum(number for number, _ in manifest.tables.values())
    if as_json:
        print_json({"folder": folder.name, "rows": rows, "documents": len(manifest.documents), "deleted": len(gone)})
    else:
        out.print(escape(f"Gesichert: {rows} Zeilen und {len(manifest.documents)} Belege in {folder}."))
        out.print("Geheimnisse sind nicht dabei. Probe:  rechnungsbote restore --check " + escape(str(folder)))
        if gone:
            out.print(f"Ältere Sicherungen gelöscht: {len(gone)} (das gemeinsame Archiv bleibt).")
    return Exit.FINE


def restore(settings: Settings, folder: Path, as_json: bool) -> Exit:
    """Bring a backup into the place the settings name, which must be empty; nothing leaves until it is adopted."""
    ledger = Ledger(settings.database_url)
    try:
        manifest, faults = _brought_back(folder, ledger, open_archive(settings.archive), as_json)
        with ledger.writing() as session:
            restoring.suspect(session, restoring.put_back(session), Clock().now())
    finally:
        ledger.close()
    if as_json:
        facts = {"made_at": manifest.made_at, "documents": len(manifest.documents)}
        print_json({**facts, "adopted": False, "faults": faults})
        return Exit.LOOK if faults else Exit.FINE
    for fault in faults:
        err.print(escape(fault))
    out.print(escape(f"Wiederhergestellt aus {folder}: {'mit Fehlern' if faults else 'Zeile für Zeile gleich'}."))
    out.print("Nichts geht hinaus, bis jemand das Hauptbuch übernimmt:  rechnungsbote adopt --reason …")
    return Exit.LOOK if faults else Exit.FINE


def drill(folder: Path, as_json: bool) -> Exit:
    """The restore drill: bring the backup up in an empty place, compare everything, and throw the place away.

    Then take the copy over as after a real loss, to see that nothing would be sent a second time.
    """
    with tempfile.TemporaryDirectory(prefix="rechnungsbote-probe-") as place:
        ledger = Ledger(f"sqlite:///{Path(place) / 'ledger.db'}")
        try:
            manifest, faults = _brought_back(folder, ledger, Archive(Path(place) / "archive"), as_json)
            doubted, leaks = _taken_over(ledger, list(manifest.counts))
        finally:
            ledger.close()
    faults += leaks
    if as_json:
        facts = {"made_at": manifest.made_at, "documents": len(manifest.documents)}
        print_json({**facts, "to_look_up": doubted, "sent_again": len(leaks), "faults": faults})
    else:
        _print_drill(manifest, faults)
        out.print(f"Im Ernstfall: {len(leaks)} Vorgänge gingen ein zweites Mal hinaus, {doubted} würden erst geklärt.")
    return Exit.LOOK if faults else Exit.FINE


def _brought_back(folder: Path, ledger: Ledger, archive: Archive, as_json: bool) -> tuple[Manifest, list[str]]:
    with _bar("Belege", as_json) as progress:
        manifest, faults = backup.restore(folder, ledger, archive, progress)
    with ledger.reading() as session:
        faults += journal.faults(session)
    return manifest, faults + list(archive.faults(manifest.documents))


def _taken_over(ledger: Ledger, clients: Sequence[str]) -> tuple[int, list[str]]:
    """How many effects would be cleared up first, and a sentence for each that would leave of itself."""
    now, word = Clock().now(), Word("Probe", "Rückspielprobe")
    with ledger.writing() as session:
        restoring.suspect(session, restoring.put_back(session), now)
        ways = [(client, kind) for client in clients for kind in Kind]
        leaks = [f"{client}: {kind} ist nicht gesperrt." for client, kind in ways if not barrier(session, client, kind)]
        doubted = restoring.adopt(session, word, 2, now)
        late = now + timedelta(days=365)
        leaks += [
            f"{client}: {kind} Nr. {effect_id} ginge ein zweites Mal hinaus."
            for client, kind in ways
            for effect_id in effects.due(session, client, kind, late)
        ]
    return doubted, leaks


def _print_drill(manifest: Manifest, faults: list[str]) -> None:
    table(
        "Zustände in der Sicherung",
        ("Mandant", "was", "Zustand", "Anzahl"),
        [
            (client, words.GROUPS.get(kind, kind), words.STATES.get(state, state), number)
            for client, kinds in manifest.counts.items()
            for kind, states in kinds.items()
            for state, number in states.items()
        ],
        figures=("Anzahl",),
    )
    for fault in faults:
        err.print(escape(fault))
    rows = sum(number for number, _ in manifest.tables.values())
    verdict = f"{len(faults)} Fehler" if faults else "alles gleich, Journal und Archiv unversehrt"
    made_at = german(datetime.fromisoformat(manifest.made_at))
    out.print(f"Probe: {rows} Zeilen, {len(manifest.documents)} Belege vom {made_at}: {verdict}.")


@contextmanager
def _bar(what: str, silent: bool) -> Iterator[Progress]:
    """A progress bar on standard error, where somebody watches."""
    with Bar(console=err, transient=True, disable=silent or not err.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
