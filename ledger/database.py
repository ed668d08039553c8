"""Opening the ledger: one engine, short transactions, the same guarantees on SQLite and PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, inspect, make_url, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

MIGRATIONS = Path(__file__).parent / "migrations"

# Settings of every PostgreSQL connection; as patient with other writers as SQLite's busy_timeout below. A worker that
# froze in the middle of a transaction, or whose line was cut, loses it instead of holding up all others for ever.
GUARANTEES = "-c synchronous_commit=on -c timezone=UTC -c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"
BUSY_SECONDS = 30
RESTED_SECONDS = 10.0
USED_AT = "used-at"
WRITERS = 0x5242_4C45_4447_4552
"""The advisory lock of whoever writes to the ledger on PostgreSQL."""


class LedgerUnavailable(Exception):
    """The database cannot be used as it is; the message is German and names the cure."""


class Clash(Exception):
    """Another worker has written the same business fact first; nothing of this transaction was kept."""


class Ledger:
    """An open ledger. `writing()` is one transaction; no network call belongs inside it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(make_url(url))
        reads: dict[str, Any] = {"ledger_reads": True}
        if self.engine.dialect.name == "postgresql":
            reads |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**reads)
        self._mover = self.engine.execution_options(ledger_moves=True)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at the end, or leaves nothing behind.

        Writers queue up from their first statement on, so that what a transaction reads stays true until it commits.
        Raises `Clash` when another worker has written the same business fact meanwhile.
        """
        with self._transaction(self.engine) as session:
            yield session

    @contextmanager
    def moving(self) -> Iterator[Session]:
        """A transaction that only moves one effect to its next phase by conditional updates, and writes no journal.

        What it reads need not stay true, so on PostgreSQL it does not queue up with the writers: many of an invoice's
        transactions are of this kind, and many workers run beside each other.
        """
        with self._transaction(self._mover) as session:
            yield session

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except IntegrityError as error:
            if _is_clash(error):
                raise Clash(str(error.orig)) from error
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; it sees one state of the ledger and never waits for a writer."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session
            if self.engine.dialect.name == "postgresql":
                # Its server lets a reader write nothing, and with a rollback psycopg forgets all it has prepared.
                session.expunge_all()
                session.commit()

    def try_writing(self) -> None:
        """Take and give back the writer's place. Raises `DatabaseError` when the database may only be read."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SELECT 1")

    def clock(self) -> datetime:
        """What the database's own clock says: its server's, where there is one."""
        query = "SELECT now()" if self.engine.dialect.name == "postgresql" else "SELECT CURRENT_TIMESTAMP"
        with self._reader.connect() as connection:
            told = connection.exec_driver_sql(query).scalar_one()
        instant = told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=UTC)
        return instant.astimezone(UTC)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_ledger(url: str) -> Ledger:
    """Open a ledger of the right schema; an empty database gets it. Raises `LedgerUnavailable` with the cure."""
    with _reachable(url):
        ledger = Ledger(url)
        have, want = revisions(ledger)
    if have is None:
        upgrade(ledger)
    elif have != want:
        ledger.close()
        raise LedgerUnavailable(
            f"Das Hauptbuch hat den Stand {have}, dieses Programm braucht {want}."
            " Abhilfe: alle Läufe anhalten, sichern, dann  rechnungsbote db upgrade"
        )
    return ledger


def revisions(ledger: Ledger) -> tuple[str | None, str]:
    """The schema revision the database has (None when it is empty) and the one this program needs."""
    with ledger.engine.connect().execution_options(ledger_reads=True) as connection:
        is_new = not inspect(connection).has_table("alembic_version")
        have = None if is_new else connection.scalar(text("SELECT version_num FROM alembic_version"))
    return have, wanted_revision()


def wanted_revision() -> str:
    """The schema revision this program needs."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def upgrade(ledger: Ledger, revision: str = "head") -> None:
    """Bring the schema to this program's revision, or an older one. Raises `LedgerUnavailable` when refused."""
    # Alembic takes half a second to load, and only this rare moment needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = ledger.engine
    with _reachable(ledger.url):
        command.upgrade(config, revision)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        # What the URL asks for comes first: our guarantees have the last word.
        options = f"{url.query.get('options', '')} {GUARANTEES}"
        connect_args = {"options": options, "connect_timeout": 10}
        engine = create_engine(url, connect_args=connect_args)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_ask_if_rested, engine.dialect))
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[USED_AT] = time.monotonic()


def _ask_if_rested(dialect: Any, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that rested is asked whether it still lives; asking each time takes a sixth of a big run."""
    if time.monotonic() - record.info.get(USED_AT, 0.0) < RESTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        # The pool opens a new one and hands that out.
        raise exc.DisconnectionError from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # We begin transactions ourselves (below): the driver would take the write lock too late.
    connection.isolation_level = None
    # SQLite folds A to Z only; people search for özdemir and mean Özdemir.
    connection.create_function("lower", 1, _lower, deterministic=True)
    for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


@retry(
    retry=retry_if_exception(_is_busy), wait=wait_random(0.01, 0.05), stop=stop_after_delay(BUSY_SECONDS), reraise=True
)
def _write_ahead(connection: sqlite3.Connection) -> None:
    # Of processes that open a new file at once one switches it over. SQLite tells the others that it is locked without
    # letting them wait (its busy handler would be a deadlock here), and they ask again.
    connection.execute("PRAGMA journal_mode=WAL")


def _lower(value: object) -> str | None:
    return None if value is None else str(value).lower()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED" if _reads(connection) else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    # One writer at a time, as on SQLite: nearly every transaction ends at the journal's head anyway, and rows locked
    # in another order before it would be a deadlock.
    if not _reads(connection) and not connection.get_execution_options().get("ledger_moves"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


def _reads(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("ledger_reads"))


def _is_clash(error: IntegrityError) -> bool:
    """Whether a unique constraint was hit (SQLSTATE 23505), and not another rule of the schema."""
    return getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE constraint" in str(error.orig)


@contextmanager
def _reachable(url: str) -> Iterator[None]:
    try:
        yield
    except (exc.DatabaseError, OSError) as error:
        shown = make_url(url).render_as_string(hide_password=True)
        raise LedgerUnavailable(
            f"Das Hauptbuch {shown} ist nicht erreichbar."
            " Abhilfe: Datenbankserver, Zugangsdaten und Schreibrechte prüfen (RECHNUNGSBOTE_DATABASE_URL)."
        ) from error


DatabaseError = SQLAlchemyError
"""Any failure of the database, for callers that must not import SQLAlchemy."""

Transaction = Session
"""What `writing()` gives, for callers that must not import SQLAlchemy."""
