"""What tests of several rooms share: ledgers on SQLite and on PostgreSQL, and Hypothesis on a busy machine."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, delete, insert, make_url, text
from sqlalchemy.exc import OperationalError

from ledger.database import Ledger, open_ledger
from ledger.journal import FIRST, HEAD
from ledger.tables import Base, MetaRow

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))

# Two cores are shared by everything: how long one example takes says nothing about the code. CI always takes the same
# examples, so that it is red for what a change did; every other run draws new ones.
settings.register_profile(
    "shared", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("shared")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--update-expected`."""
    parser.addoption("--update-expected", action="store_true", help="rewrite golden files")


class Server(NamedTuple):
    """URLs of two databases of this test process on a PostgreSQL server."""

    empty: str
    ledger: str


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Two fresh databases on PostgreSQL, dropped at the end."""
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    names = [f"rb_{os.getpid()}_{worker}_{name}" for name in Server._fields]
    try:
        with admin.connect() as connection:
            for name in names:
                connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        pytest.skip(f"PostgreSQL does not answer at {make_url(POSTGRES).render_as_string()}: {error.orig}")
    url = make_url(POSTGRES)
    yield Server(*(url.set(database=name).render_as_string(hide_password=False) for name in names))
    with admin.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def postgresql(server: Server) -> Iterator[Ledger]:
    """A ledger on PostgreSQL for the whole session: its engine remembers how each statement reads."""
    opened = open_ledger(server.ledger)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger on SQLite for the whole session."""
    opened = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}")
    yield opened
    opened.close()


@pytest.fixture
def postgresql_ledger(postgresql: Ledger) -> Ledger:
    """An open, empty ledger on PostgreSQL."""
    return emptied(postgresql)


@pytest.fixture
def postgresql_url(postgresql_ledger: Ledger) -> str:
    """The URL of an empty ledger on PostgreSQL."""
    return postgresql_ledger.url


@pytest.fixture
def sqlite_ledger(sqlite: Ledger) -> Ledger:
    """An open, empty ledger on SQLite."""
    return emptied(sqlite)


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """An open, empty ledger, on SQLite and on PostgreSQL."""
    opened: Ledger = request.getfixturevalue(f"{request.param}_ledger")
    return opened


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("server").empty
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


def emptied(opened: Ledger) -> Ledger:
    """The ledger as its migrations left it: no rows but those about itself."""
    tables = [table for table in reversed(Base.metadata.sorted_tables) if table.name != MetaRow.__tablename__]
    wipe = [str(table.delete()) for table in tables]
    with opened.engine.begin() as connection:
        # PostgreSQL takes them all in one go, SQLite one by one.
        for statement in ["; ".join(wipe)] if connection.dialect.name == "postgresql" else wipe:
            connection.exec_driver_sql(statement)
        connection.execute(delete(MetaRow).where(MetaRow.key != "instance"))
        connection.execute(insert(MetaRow).values(key=HEAD, value=FIRST))
    return opened
