"""Safekeeping: a backup that is consistent while work goes on, and the way back from it.

A backup folder holds `archive/`, which all backups share as sent bytes never change, and a folder per backup with
`manifest.json`, the tables as JSON lines and copies of small folders beside the ledger. The ledger is read in one
transaction before the archive is copied: bytes are archived before a row names them, so none can be missing.
"""

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from ledger import dump, journal, overview
from ledger.archive import Archive
from ledger.claims import Circumstances
from ledger.database import Ledger, revisions, upgrade, wanted_revision
from ledger.receivables import receivables
from ledger.restoring import PUT_BACK
from ledger.tables import InvoiceRow, JobRow, JournalRow, MetaRow

MANIFEST = "manifest.json"
TABLES = "tables"
ARCHIVE = "archive"
UNFINISHED = ".unfertig"

Progress = Callable[[int, int], None]
"""Told how many documents are copied, of how many."""


class BackupFault(Exception):
    """The backup is not whole, or cannot go where it should; the message is German and names the cure."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    `tables` gives rows and SHA-256 of each table, `head` the journal's last seal, `counts` what stood where on `day`,
    by client.
    """

    made_at: str
    day: date
    revision: str
    head: str
    tables: dict[str, tuple[int, str]]
    documents: tuple[str, ...]
    counts: dict[str, Any]


def make(
    ledger: Ledger,
    archive: Archive,
    target: Path,
    now: datetime,
    day: date,
    beside: Mapping[str, Path],
    progress: Progress,
) -> Path:
    """Write a backup below `target` and return its folder; it appears there whole or not at all.

    `day` is today's date, for the counts; `beside` names further folders to copy, such as the clients' files.
    Raises `OSError` when the target refuses.
    """
    folder = target / f"{now.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}"
    draft = folder.with_name(folder.name + UNFINISHED)
    shutil.rmtree(draft, ignore_errors=True)
    (draft / TABLES).mkdir(parents=True)
    with ledger.reading() as session:
        connection = session.connection()
        tables = {table.name: _write_table(connection, table, draft) for table in dump.tables_of(connection)}
        head = session.scalar(select(MetaRow.value).where(MetaRow.key == journal.HEAD)) or ""
        names = tuple(sorted({paper.sha256 for paper in overview.archived(session)}))
        counts = counts_of(session, day)
    manifest = Manifest(now.astimezone(UTC).isoformat(), day, wanted_revision(), head, tables, names, counts)
    _copy_documents(archive, Archive(target / ARCHIVE), names, progress)
    for name, source in beside.items():
        if source.is_dir():
            shutil.copytree(source, draft / name)
    (draft / MANIFEST).write_text(json.dumps(asdict(manifest), default=str, indent=1), "utf-8")
    draft.replace(folder)
    return folder


def counts_of(session: Session, day: date) -> dict[str, Any]:
    """What stands where on a day, by client; reckoned without the clients' files, the same way after a restore."""
    clients = session.scalars(select(InvoiceRow.client).union(select(JobRow.client)).order_by("client")).all()
    board = receivables(session, dict.fromkeys(clients, Circumstances()), day)
    return {client: overview.counts(session, client, board) for client in clients}


def prune(target: Path, keep: int) -> list[Path]:
    """Delete all backups but the newest `keep`, and return them; the shared archive stays whole."""
    old = backups(target)[:-keep] if keep else []
    for folder in old:
        shutil.rmtree(folder)
    return old


def backups(target: Path) -> list[Path]:
    """The whole backups below a folder, oldest first."""
    return sorted(path.parent for path in target.glob(f"*/{MANIFEST}") if not path.parent.name.endswith(UNFINISHED))


def read_manifest(folder: Path) -> Manifest:
    """What the backup contains. Raises `BackupFault`."""
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
        tables = {name: (int(rows), str(digest)) for name, (rows, digest) in content["tables"].items()}
        day, documents = date.fromisoformat(content["day"]), tuple(content["documents"])
        head, counts = content["head"], content["counts"]
        return Manifest(content["made_at"], day, content["revision"], head, tables, documents, counts)
    except FileNotFoundError as error:
        raise BackupFault(
            f"{folder} ist keine Sicherung: {MANIFEST} fehlt. Abhilfe: den Ordner einer Sicherung angeben, etwa"
            " sicherung/2026-11-21T22-30-00Z."
        ) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BackupFault(f"{folder / MANIFEST} ist beschädigt. Abhilfe: eine andere Sicherung nehmen.") from error


def restore(folder: Path, ledger: Ledger, archive: Archive, progress: Progress) -> tuple[Manifest, list[str]]:
    """Bring a backup into a new ledger and archive; what it says of itself, and each fault in a German sentence.

    The ledger is compared while it still has the backup's schema, and notes in the same transaction that it was put
    back: there is no moment at which it could be taken for one that knows everything. Raises `BackupFault`, before
    anything is written where possible.
    """
    manifest = read_manifest(folder)
    have, want = revisions(ledger)
    if manifest.revision > want:
        raise BackupFault(
            f"Die Sicherung hat den Stand {manifest.revision}, dieses Programm kennt nur {want}."
            " Abhilfe: das Programm auf die Fassung bringen, die gesichert hat."
        )
    _refuse_used(ledger, have)
    upgrade(ledger, manifest.revision)
    # Documents first: a ledger that names bytes which are not there yet must never be seen.
    _copy_documents(Archive(folder.parent / ARCHIVE), archive, manifest.documents, progress)
    with ledger.writing() as session:
        connection = session.connection()
        dump.empty(connection)
        for table in dump.tables_of(connection):
            dump.fill(connection, table, _read_table(folder, table.name, manifest))
        faults = list(differences(manifest, session))
        session.merge(MetaRow(key=PUT_BACK, value=manifest.made_at))
    upgrade(ledger)
    return manifest, faults


def differences(manifest: Manifest, session: Session) -> Iterator[str]:
    """German sentences about every table that is not, row for row, what the backup holds.

    The ledger must have the backup's schema. States are compared only when this program has it, too: an older one may
    have counted in another way, and the same rows give the same states.
    """
    connection = session.connection()
    for table in dump.tables_of(connection):
        rows, digest = _digest(dump.lines_of(connection, table))
        if (rows, digest) != manifest.tables.get(table.name):
            wanted = manifest.tables.get(table.name, (0, ""))[0]
            yield f"Tabelle {table.name}: {rows} Zeilen, in der Sicherung {wanted}, oder anderer Inhalt."
    if manifest.revision == wanted_revision() and counts_of(session, manifest.day) != manifest.counts:
        yield f"Die Zustände vom {manifest.day:%d.%m.%Y} sind andere als in der Sicherung."


def _refuse_used(ledger: Ledger, have: str | None) -> None:
    if have is None:
        return
    with ledger.reading() as session:
        used = session.scalar(select(JournalRow.id).limit(1)) or session.scalar(select(JobRow.id).limit(1))
    if used:
        raise BackupFault(
            "Das Hauptbuch am Ziel ist nicht leer; es wird nicht überschrieben."
            " Abhilfe: RECHNUNGSBOTE_HOME und RECHNUNGSBOTE_DATABASE_URL auf einen leeren Ort zeigen lassen."
        )


def _write_table(connection: Connection, table: Table, folder: Path) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    # Without name and time in its head, the same rows give the same file.
    with (folder / TABLES / f"{table.name}.jsonl.gz").open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as file:
        for line in dump.lines_of(connection, table):
            content = f"{line}\n".encode()
            file.write(content)
            digest.update(content)
            rows += 1
    return rows, digest.hexdigest()


def _digest(lines: Iterator[str]) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    for line in lines:
        digest.update(f"{line}\n".encode())
        rows += 1
    return rows, digest.hexdigest()


def _read_table(folder: Path, name: str, manifest: Manifest) -> Iterator[str]:
    """The lines of one table, checked against the manifest while they are read. Raises `BackupFault` at the end."""
    if name not in manifest.tables:
        return
    digest, rows = hashlib.sha256(), 0
    path = folder / TABLES / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                digest.update(line)
                rows += 1
                yield line.decode()
    except (OSError, EOFError) as error:
        raise BackupFault(f"{path} fehlt oder ist beschädigt. Abhilfe: eine andere Sicherung nehmen.") from error
    if (rows, digest.hexdigest()) != manifest.tables[name]:
        raise BackupFault(f"{path} wurde nach der Sicherung verändert. Abhilfe: eine andere Sicherung nehmen.")


def _copy_documents(source: Archive, target: Archive, names: tuple[str, ...], progress: Progress) -> None:
    for number, name in enumerate(names, 1):
        if not target.has(name):
            target.put(source.get(name))
        progress(number, len(names))
