"""What tests of several rooms share: ledgers on SQLite and on PostgreSQL, and Hypothesis on a busy machine."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, delete, insert, make_url, text
from sqlalchemy.exc import OperationalError

from ledger.database import Ledger, open_ledger
from ledger.journal import FIRST
from ledger.tables import Base, MetaRow

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))

# Two cores are shared by everything: how long one example takes says nothing about the code.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


class Server(NamedTuple):
    """A PostgreSQL server with databases of this test process."""

    empty: str
    migrated: str


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite ledger to copy."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    open_ledger(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Two databases on PostgreSQL, one empty and one migrated, dropped at the end."""
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
    urls = Server(*(url.set(database=name).render_as_string(hide_password=False) for name in names))
    open_ledger(urls.migrated).close()
    yield urls
    with admin.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


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


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite ledger of this test."""
    path = tmp_path / "ledger.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(server: Server) -> str:
    """The URL of a migrated PostgreSQL ledger, emptied for this test."""
    engine = create_engine(server.migrated)
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != MetaRow.__tablename__:
                connection.execute(table.delete())
        connection.execute(delete(MetaRow).where(MetaRow.key != "instance"))
        connection.execute(insert(MetaRow).values(key="journal-head", value=FIRST))
    engine.dispose()
    return server.migrated


@pytest.fixture(params=KINDS)
def ledger_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated, empty ledger, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """An open, empty ledger, on SQLite and on PostgreSQL."""
    opened = open_ledger(ledger_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_ledger(sqlite_url: str) -> Iterator[Ledger]:
    """An open, empty ledger on SQLite."""
    opened = open_ledger(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def postgresql_ledger(postgresql_url: str) -> Iterator[Ledger]:
    """An open, empty ledger on PostgreSQL."""
    opened = open_ledger(postgresql_url)
    yield opened
    opened.close()
