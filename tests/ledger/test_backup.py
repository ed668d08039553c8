"""Backup and restore: everything comes back, row for row and byte for byte, on either database."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from ledger import backup, dump, effects, journal, restoring, stops
from ledger.archive import Archive
from ledger.backup import BackupFault
from ledger.database import Ledger, revisions, upgrade, wanted_revision
from ledger.effects import Kind
from ledger.overrides import Word
from ledger.tables import DocumentRow, JournalRow
from tests.conftest import Server
from tests.ledger.samples import CLIENT, NOW, SECOND, add_invoice, plan, settle, taken

DAY = date(2026, 11, 2)
PAPER = b"%PDF-1.7 Rechnung 1"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """The archive that is backed up."""
    return Archive(tmp_path / "archive")


@pytest.fixture
def backed_up(ledger: Ledger, archive: Archive, tmp_path: Path) -> Path:
    """The backup of a ledger with an invoice, its paper, a sent mail and a journal."""
    with ledger.writing() as session:
        row = add_invoice(session)
        name = archive.put(PAPER)
        session.add(
            DocumentRow(
                client=CLIENT, invoice_id=row.id, kind="invoice", sha256=name, media_type="application/pdf",
                name="RE1.pdf", size=len(PAPER), template_version="1", created_at=NOW,
            )
        )  # fmt: skip
        journal.record(session, NOW, CLIENT, "drafted", row.id, amount="1.00", umlaut="Größe")
        invoice_id = row.id
    effect_id = plan(ledger, invoice_id)
    settle(ledger, taken(ledger, effect_id), effects.Settlement(effects.State.DONE, result={"id": "<1@x>"}))
    return make(ledger, archive, tmp_path / "backups")


def make(ledger: Ledger, archive: Archive, target: Path, seconds: int = 0) -> Path:
    """A backup made so many seconds later."""
    return backup.make(ledger, archive, target, NOW + seconds * SECOND, DAY, {}, lambda *_: None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A database without any table, on either kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'restored.db'}"
    else:
        server: Server = request.getfixturevalue("server")
        url = server.empty
    opened = Ledger(url)
    wipe(opened)
    yield opened
    wipe(opened)
    opened.close()


def wipe(ledger: Ledger) -> None:
    """Drop every table."""
    with ledger.engine.begin() as connection:
        if make_url(ledger.url).get_backend_name() == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")


def restored(folder: Path, ledger: Ledger, tmp_path: Path) -> Archive:
    """The archive of a backup brought into that ledger."""
    target = Archive(tmp_path / "restored-archive")
    assert backup.restore(folder, ledger, target, lambda *_: None)[1] == []
    return target


def tables_apart(folder: Path, ledger: Ledger) -> list[str]:
    """The tables in which a ledger is not what the backup holds."""
    with ledger.reading() as session:
        found = list(backup.differences(backup.read_manifest(folder), session))
    return [text.partition(":")[0] for text in found]


def backup_of_older(ledger: Ledger, revision: str, folder: Path) -> Path:
    """What the program of that revision would have written: its tables, and states counted in its own way."""
    (folder / "tables").mkdir(parents=True)
    tables: dict[str, tuple[int, str]] = {}
    with ledger.reading() as session:
        for table in dump.tables_of(session.connection()):
            lines = list(dump.lines_of(session.connection(), table))
            content = "".join(f"{line}\n" for line in lines).encode()
            (folder / "tables" / f"{table.name}.jsonl.gz").write_bytes(gzip.compress(content))
            tables[table.name] = (len(lines), hashlib.sha256(content).hexdigest())
    facts = {"made_at": NOW.isoformat(), "day": str(DAY), "revision": revision, "head": journal.FIRST}
    manifest = facts | {"tables": tables, "documents": [], "counts": {CLIENT: {"of": {"another kind": 1}}}}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def test_everything_comes_back(backed_up: Path, empty: Ledger, tmp_path: Path) -> None:
    """Rows, counts, journal chain and papers are those of the backup, also on the other kind of database."""
    target = restored(backed_up, empty, tmp_path)

    manifest = backup.read_manifest(backed_up)
    assert tables_apart(backed_up, empty) == ["Tabelle meta"], "it notes that it was put back, and nothing else"
    assert [target.get(name) for name in manifest.documents] == [PAPER]
    with empty.reading() as session:
        assert list(journal.faults(session)) == []
    assert manifest.counts[CLIENT]["invoices"] == {"drafted": 1}


def test_a_restored_ledger_goes_on(backed_up: Path, empty: Ledger, tmp_path: Path) -> None:
    """New rows get new ids: the counter of the database begins behind those that were filled in."""
    restored(backed_up, empty, tmp_path)

    with empty.writing() as session:
        assert add_invoice(session, "2").id > 1


def test_a_changed_row_shows(backed_up: Path, empty: Ledger, tmp_path: Path) -> None:
    """The comparison names the table in which a restored ledger departs from its backup."""
    restored(backed_up, empty, tmp_path)
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE invoices SET gross = gross + 1")

    assert set(tables_apart(backed_up, empty)) == {"Tabelle invoices", "Tabelle meta"}


def test_a_restored_ledger_says_so_until_adopted(backed_up: Path, empty: Ledger, tmp_path: Path) -> None:
    """Without a word from the command that restored it, the ledger itself knows, until a person takes it over."""
    restored(backed_up, empty, tmp_path)

    with empty.writing() as session:
        assert "Sicherung vom 02.11.2026" in restoring.put_back(session)
        restoring.adopt(session, Word("Jana", "Platte defekt"), 2, NOW)
        assert restoring.put_back(session) == ""
        assert stops.barrier(session, CLIENT, Kind.SEND_INVOICE) is None
    with empty.reading() as session:
        events = list(session.scalars(select(JournalRow.event).order_by(JournalRow.id)))
    assert [event for event in events if " unknown" not in event][-3:] == ["stopped", "started", "ledger adopted"]


def test_an_older_backup_is_compared_and_then_migrated(empty: Ledger, archive: Archive, tmp_path: Path) -> None:
    """A backup of the schema before ours is equal row for row, notes that it was put back, and has our schema."""
    before = f"{int(wanted_revision()) - 1:04}"
    older = Ledger(f"sqlite:///{tmp_path / 'older.db'}")
    upgrade(older, before)
    with older.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO meta (key, value) VALUES ('umlaut', 'Größe')")
    folder = backup_of_older(older, before, tmp_path / "backups" / "older")
    older.close()

    restored(folder, empty, tmp_path)

    assert revisions(empty) == (wanted_revision(), wanted_revision())
    with empty.reading() as session:
        assert restoring.put_back(session)


def test_a_used_ledger_is_never_overwritten(ledger: Ledger, backed_up: Path, tmp_path: Path) -> None:
    """Restoring over a ledger with jobs in it is refused, and nothing in it changes."""
    with pytest.raises(BackupFault, match="nicht leer"):
        restored(backed_up, ledger, tmp_path)

    assert tables_apart(backed_up, ledger) == []


def test_a_changed_backup_is_refused(backed_up: Path, empty: Ledger, tmp_path: Path) -> None:
    """One other byte in a table of the backup is found, and the ledger stays empty."""
    path = backed_up / "tables" / "invoices.jsonl.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"RB-1", b"RB-2")))

    with pytest.raises(BackupFault, match="invoices.jsonl.gz wurde nach der Sicherung verändert"):
        restored(backed_up, empty, tmp_path)
    with empty.reading() as session:
        assert journal.entries(session, 1) == []


def test_a_backup_of_a_newer_program_is_refused(backed_up: Path, empty: Ledger, tmp_path: Path) -> None:
    """A schema that this program does not know yet is named, with the cure."""
    path = backed_up / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"revision": "9999"}), "utf-8")

    with pytest.raises(BackupFault, match=r"Stand 9999.*Abhilfe"):
        restored(backed_up, empty, tmp_path)


@pytest.mark.parametrize("content", [None, "{", "{}", '{"tables": 3}'])
def test_what_is_no_backup_is_refused(empty: Ledger, tmp_path: Path, content: str | None) -> None:
    """A folder without a readable manifest ends in a German sentence."""
    folder = tmp_path / "backups" / "x"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "manifest.json").write_text(content, "utf-8")

    with pytest.raises(BackupFault, match="Abhilfe"):
        restored(folder, empty, tmp_path)


def test_old_backups_go_and_the_archive_stays(
    ledger: Ledger, archive: Archive, backed_up: Path, tmp_path: Path
) -> None:
    """Of three backups the newest two are kept; sent papers are shared by all and never deleted."""
    target = backed_up.parent
    later = [make(ledger, archive, target, seconds) for seconds in (1, 2)]

    assert backup.prune(target, 2) == [backed_up]
    assert backup.backups(target) == later
    assert Archive(target / "archive").get(backup.read_manifest(later[0]).documents[0]) == PAPER


def test_a_backup_that_was_cut_off_does_not_count(backed_up: Path) -> None:
    """A folder without its final name is no backup, and the next backup of that moment replaces it."""
    backed_up.replace(backed_up.with_name(backed_up.name + ".unfertig"))

    assert backup.backups(backed_up.parent) == []


def test_the_same_rows_give_the_same_text(ledger: Ledger, backed_up: Path) -> None:
    """Reading a table twice gives the same lines: a comparison finds changes and nothing else."""
    with ledger.reading() as session:
        connection = session.connection()
        tables = dump.tables_of(connection)
        assert [[*dump.lines_of(connection, table)] for table in tables] == [
            [*dump.lines_of(connection, table)] for table in tables
        ]
