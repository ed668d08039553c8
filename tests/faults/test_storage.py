"""The ground gives way: a full disk, a database that only reads, a database that goes away in mid-send."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from tests.conftest import POSTGRES, Server
from tests.faults.crashing import Fate
from tests.faults.outside import Expected, look, violations
from tests.faults.stories import COPY_TO, Firm, begin
from tests.sandbox.running import Stage, eventually

KIB = 1024
EXPECTED = Expected(copy_to=COPY_TO)


@pytest.mark.slow
@pytest.mark.parametrize("room", [0, 64 * KIB])
def test_a_full_disk_lets_nothing_out_that_is_not_written_down(firm: Firm, room: int) -> None:
    """Wherever the disk ends, what left is known: with room again everything follows, once."""
    firm.business.finished_job()
    firm.ended.append(firm.start(Fate(disk=room)).ended())
    assert firm.ended[-1].code in (0, 1, 3)
    if not room:
        assert (firm.business.upstream(), firm.business.mails()) == ([], [])
    for _ in "123":
        firm.later()
    assert violations(look(firm.business, firm.ended), EXPECTED) == []


@pytest.fixture
def on_postgresql(server: Server, fault_stage: Stage, tmp_path: Path) -> Firm:
    """A firm with an empty ledger on PostgreSQL, set up by a first run without work."""
    with _as_admin() as admin:
        name = make_url(server.empty).database
        admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.execute(text(f"CREATE DATABASE {name}"))
    firm = begin(fault_stage, tmp_path / "firm", database_url=server.empty)
    firm.run()
    firm.business.finished_job()
    return firm


@pytest.mark.slow
@pytest.mark.postgres
def test_a_database_that_only_reads_lets_nothing_out(on_postgresql: Firm, server: Server) -> None:
    """No row, no effect: the run ends with a German sentence and its code, and the next one goes on."""
    firm, settings = on_postgresql, on_postgresql.business.settings
    with _reader_of(server.empty) as url:
        firm.business.settings = settings.model_copy(update={"database_url": url})
        ended = firm.later()
        assert ended.code == 3
    assert "Das Hauptbuch" in ended.said
    assert (firm.business.upstream(), firm.business.mails()) == ([], [])
    firm.business.settings = settings
    for _ in "12":
        firm.later()
    assert violations(look(firm.business, firm.ended), EXPECTED) == []


@pytest.mark.slow
@pytest.mark.postgres
def test_a_database_that_goes_away_after_the_dot_loses_nothing(on_postgresql: Firm, server: Server) -> None:
    """The server takes the mail, the database is gone before that is written down: the spool knows."""
    firm, name = on_postgresql, make_url(server.empty).database
    firm.business.fault(smtp="slow-dot", seconds=1.5)
    running = firm.start()
    assert eventually(firm.business.mails, 60)
    with _as_admin() as admin:
        admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        admin.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        )
        firm.ended.append(running.ended())
        admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    for _ in "12":
        firm.later()
    seen = look(firm.business, firm.ended)
    assert violations(seen, EXPECTED) == []
    assert seen.cases == [], "what the spool knows is known"


@contextmanager
def _reader_of(url: str) -> Iterator[str]:
    """The URL of the same database for a role that may only read."""
    role = f"{make_url(url).database}_reader"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"))
        yield make_url(url).set(username=role, password=None).render_as_string()
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    engine.dispose()


@contextmanager
def _as_admin() -> Iterator[Connection]:
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
