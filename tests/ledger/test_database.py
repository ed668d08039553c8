"""The ledger's guarantees: one schema, whole transactions, writers that queue, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import IntegrityError

from ledger import database, effects, jobs, journal
from ledger.database import Clash, DatabaseError, Ledger, LedgerUnavailable, open_ledger, revisions
from ledger.effects import Kind
from ledger.journal import FIRST
from ledger.tables import Base, CursorRow, JobRow, MetaRow
from tests.billing.samples import JOB
from tests.ledger.children import child, go, open_empty
from tests.ledger.samples import CLIENT, NOW, add_invoice, new_invoice

OPENERS, ROUNDS = 3, 40
OFTEN = 10
"""More often than psycopg sees a statement before it has it prepared."""


def cursors(ledger: Ledger) -> list[str]:
    """The names of all cursors."""
    with ledger.reading() as session:
        return sorted(session.scalars(select(CursorRow.name)))


def move(ledger: Ledger, name: str) -> None:
    """A small write."""
    with ledger.writing() as session:
        jobs.move_cursor(session, CLIENT, name, NOW.date())


def test_migrations_make_exactly_the_tables(ledger: Ledger) -> None:
    """What the migrations made and what the code maps differ in nothing."""
    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_gets_tables_and_journal_head(empty_database: str) -> None:
    """The first opening makes the schema, a chain that begins at zero and the instance's own id."""
    ledger = open_ledger(empty_database)
    have, want = revisions(ledger)
    assert have == want
    with ledger.reading() as session:
        meta = dict(session.execute(select(MetaRow.key, MetaRow.value)).tuples().all())
    ledger.close()
    assert meta.keys() == {"journal-head", "instance"}
    assert meta["journal-head"] == FIRST
    assert len(meta["instance"]) == 32
    again = open_ledger(empty_database)
    with again.reading() as session:
        assert session.get_one(MetaRow, "instance").value == meta["instance"]
    again.close()


def test_two_processes_may_open_an_empty_database_at_once(empty_database: str) -> None:
    """Both get a ledger; the schema is made once."""
    with child(open_empty, empty_database) as one, child(open_empty, empty_database) as other:
        go(one, other)
    ledger = open_ledger(empty_database)
    with ledger.reading() as session:
        assert session.scalars(select(MetaRow.key).order_by(MetaRow.key)).all() == ["instance", "journal-head"]
    ledger.close()


def test_a_new_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """SQLite calls a file locked while another connection switches its journal over, and does not wait by itself."""

    def open_one(name: int) -> None:
        ledger = Ledger(f"sqlite:///{tmp_path}/{name}.db")
        gate.wait()
        ledger.try_writing()
        ledger.close()

    gate = threading.Barrier(OPENERS)
    with ThreadPoolExecutor(OPENERS) as openers:
        for name in range(ROUNDS):
            for opened in [openers.submit(open_one, name) for _ in range(OPENERS)]:
                opened.result()


def test_another_schema_is_refused_with_the_cure(ledger: Ledger) -> None:
    """A ledger of another revision is not touched; the message names the command."""
    _, want = revisions(ledger)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(LedgerUnavailable, match=r"Stand 9999, .* braucht 0.*rechnungsbote db upgrade"):
            open_ledger(ledger.url)
    finally:
        with ledger.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :want"), {"want": want})


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    """Who cannot be reached stands in the message, the secret does not."""
    with pytest.raises(LedgerUnavailable, match=r"nicht erreichbar.*RECHNUNGSBOTE_DATABASE_URL") as refused:
        open_ledger("postgresql+psycopg://bote:hunter2@127.0.0.1:1/ledger")
    assert "hunter2" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A path below a file is no place for a ledger."""
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(LedgerUnavailable, match="nicht erreichbar"):
        open_ledger(f"sqlite:///{tmp_path / 'file' / 'below' / 'ledger.db'}")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Some other file at the ledger's place is refused and left as it is."""
    path = tmp_path / "ledger.db"
    path.write_text("Dies ist keine Datenbank, sondern ein Brief." * 30, "utf-8")
    with pytest.raises(LedgerUnavailable, match="nicht erreichbar"):
        open_ledger(f"sqlite:///{path}")
    assert path.read_text("utf-8").startswith("Dies ist keine Datenbank")


def test_sqlite_is_durable_and_checks_keys(sqlite_ledger: Ledger) -> None:
    """Write-ahead log, a sync for each commit, foreign keys, and patience with other writers, on every connection."""
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
    with sqlite_ledger.engine.connect() as one, sqlite_ledger.engine.connect() as other:
        one.execution_options(ledger_reads=True)
        other.execution_options(ledger_reads=True)
        for connection in (one, other):
            found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted}
            assert found == wanted


@pytest.mark.postgres
def test_postgresql_is_durable_and_speaks_utc(postgresql_ledger: Ledger) -> None:
    """A commit is on disk before it returns, whatever the server's default is; times come in UTC."""
    with postgresql_ledger.engine.connect() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
        assert connection.scalar(text("SHOW timezone")) == "UTC"
        assert connection.scalar(text("SHOW lock_timeout")) == "30s"
        assert connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"


@pytest.mark.postgres
def test_options_in_the_url_are_kept(postgresql_ledger: Ledger) -> None:
    """A schema named in the URL is used, and the guarantees hold all the same."""
    url = make_url(postgresql_ledger.url).update_query_dict({"options": "-csearch_path=annex"})
    engine = create_engine(postgresql_ledger.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA annex"))
    ledger = open_ledger(url.render_as_string(hide_password=False))
    try:
        with ledger.engine.connect() as connection:
            assert connection.scalar(text("SHOW search_path")) == "annex"
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
            assert connection.scalar(text("SELECT count(*) FROM annex.meta")) == 2
    finally:
        ledger.close()
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA annex CASCADE"))
        engine.dispose()


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    """An error in the middle takes back everything, also what was flushed before."""

    def fails() -> None:
        with ledger.writing() as session:
            add_invoice(session)
            session.flush()
            raise RuntimeError("mitten im Satz")

    with pytest.raises(RuntimeError, match="mitten"):
        fails()
    with ledger.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name != MetaRow.__tablename__:
                assert session.execute(select(table)).all() == [], table.name
        assert session.get_one(MetaRow, "journal-head").value == FIRST


def write_job(ledger: Ledger, customer_id: int | None) -> None:
    """Write a cursor and, past all looking, a row for the job dn-1."""
    with ledger.writing() as session:
        jobs.move_cursor(session, CLIENT, "source", NOW.date())
        row = JobRow(client=CLIENT, source="lexware", external_id="dn-1", version="", number="", state="")
        row.customer_id, row.problems, row.body, row.seen_at, row.tried_at = customer_id, [], {}, NOW, None
        session.add(row)


def test_the_same_fact_written_twice_is_a_clash(ledger: Ledger) -> None:
    """The unique constraint speaks, and nothing of the second transaction is kept."""
    new_invoice(ledger)
    with pytest.raises(Clash):
        write_job(ledger, customer_id=None)
    assert cursors(ledger) == []


def test_another_broken_rule_is_no_clash(ledger: Ledger) -> None:
    """A row that points nowhere is a fault of ours, not another worker's success; foreign keys are enforced."""
    with pytest.raises(IntegrityError):
        write_job(ledger, customer_id=4711)
    assert issubclass(IntegrityError, DatabaseError)
    assert cursors(ledger) == []


def test_a_full_disk_leaves_what_was_committed(tmp_path: Path) -> None:
    """When the file cannot grow, no intent is half written: every effect that was planned is whole and sealed."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    invoice_id = new_invoice(ledger)
    with ledger.writing() as session:
        pages = session.scalars(text("PRAGMA page_count")).one()
        session.execute(text(f"PRAGMA max_page_count = {pages + 8}"))
    planned = []

    def plan_many() -> None:
        for number in range(1000):
            with ledger.writing() as session:
                effects.plan(session, CLIENT, Kind.SEND_INVOICE, f"mail-{number}", invoice_id, {"x": "x" * 500}, NOW)
            planned.append(number)

    with pytest.raises(DatabaseError, match="full"):
        plan_many()
    with ledger.reading() as session:
        assert len(effects.due(session, CLIENT, Kind.SEND_INVOICE, NOW)) == len(planned) > 0
        assert list(journal.faults(session)) == []
    ledger.close()


def test_reading_changes_nothing(ledger: Ledger) -> None:
    """What a reader sets aside is forgotten."""
    with ledger.reading() as session:
        session.add(CursorRow(client=CLIENT, name="source", day=NOW.date()))
    assert cursors(ledger) == []


def test_what_a_reader_writes_never_stays(ledger: Ledger) -> None:
    """Not even what has reached the database: there it is refused or taken back."""
    with suppress(DatabaseError), ledger.reading() as session:
        session.add(CursorRow(client=CLIENT, name="source", day=NOW.date()))
        session.flush()
    assert cursors(ledger) == []


def test_statements_stay_prepared_from_one_reading_to_the_next(postgresql_ledger: Ledger) -> None:
    """An invoice takes a hundred statements: to parse and plan each of them anew was a third of the server's work."""
    ledger = Ledger(postgresql_ledger.url)
    for _ in range(OFTEN):
        cursors(ledger)
    with ledger.reading() as session:
        prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    ledger.close()
    assert any("cursors" in statement for statement in prepared)


def test_a_reader_sees_one_state_and_never_waits(ledger: Ledger) -> None:
    """What is committed meanwhile shows in the next reading; a writer in the middle stops nobody from reading."""
    move(ledger, "a")
    with ledger.reading() as reader:
        names = select(CursorRow.name).order_by(CursorRow.name)
        assert reader.scalars(names).all() == ["a"]
        move(ledger, "b")
        assert reader.scalars(names).all() == ["a"]
    with ledger.writing() as session:
        jobs.move_cursor(session, CLIENT, "c", NOW.date())
        session.flush()
        assert cursors(ledger) == ["a", "b"]
    assert cursors(ledger) == ["a", "b", "c"]


def test_a_connection_that_died_at_rest_is_replaced(postgresql_ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off by the server while nobody used it: the next transaction gets another one and notices nothing."""
    monkeypatch.setattr(database, "RESTED_SECONDS", 0.0)
    ledger = Ledger(postgresql_ledger.url)
    with ledger.reading() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    with postgresql_ledger.reading() as admin:
        assert admin.scalar(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})

    assert cursors(ledger) == []
    ledger.close()


def test_writers_queue_up(ledger: Ledger) -> None:
    """A second writer begins when the first has ended, and sees all that it wrote: what it reads stays true."""
    inside = threading.Event()
    seen: list[str] = []

    def second() -> None:
        inside.wait(10)
        with ledger.writing() as session:
            seen.extend(session.scalars(select(CursorRow.name)))

    other = threading.Thread(target=second)
    other.start()
    with ledger.writing() as session:
        assert session.scalars(select(CursorRow.name)).all() == []
        inside.set()
        other.join(0.3)
        jobs.move_cursor(session, CLIENT, "first", NOW.date())
    other.join(10)
    assert seen == ["first"]


def test_times_survive(ledger: Ledger) -> None:
    """An instant comes back as the same instant, aware and in UTC, to the microsecond."""
    moment = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)
    with ledger.writing() as session:
        row_id = jobs.store(session, CLIENT, JOB, moment).id
    with ledger.reading() as session:
        row = jobs.get(session, row_id)
        assert row.seen_at == moment
        assert row.seen_at.tzinfo is UTC
