"""What stands in the way of a start is told in a German sentence with its cure, and nothing is started."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prefect import __version__

from config.settings import PREFIX, Settings
from desk.preflight import DATABASE, REDIS, obstacles
from ledger import journal
from ledger.database import open_ledger
from tests.sandbox.running import ROOT

HOST = "127.0.0.1"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A healthy installation without clients."""
    for name in [name for name in os.environ if name.startswith((PREFIX, "PREFECT_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "clients").mkdir()
    return Settings(home=tmp_path / "var", clients=tmp_path / "clients")


def test_nothing_stands_in_the_way_of_a_healthy_start(settings: Settings) -> None:
    """Free ports, a fresh ledger and a clock that agrees: not a word."""
    assert list(obstacles(settings, {"Prefect": (HOST, 0)})) == []


def test_a_port_in_use(settings: Settings) -> None:
    """The sentence names what wants the port, the port, and how to find who has it."""
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        (told,) = obstacles(settings, {"Prefect": (HOST, port)})
    assert told.startswith(f"Prefect: Anschluss {port}")
    assert "Abhilfe:" in told


@pytest.mark.parametrize("variable", [*REDIS, DATABASE])
def test_a_service_that_is_away(settings: Settings, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Redis and Prefect's database are asked before anything relies on them; no password is shown."""
    scheme = "postgresql+asyncpg" if variable == DATABASE else "redis"
    monkeypatch.setenv(variable, f"{scheme}://name:geheim@{HOST}:1/0")
    (told,) = obstacles(settings, {})
    assert f"{HOST}:1" in told
    assert variable in told
    assert "geheim" not in told


def test_a_database_that_is_away(settings: Settings) -> None:
    """The ledger's own database is named with the variable that says where it is."""
    away = settings.model_copy(update={"database_url": f"postgresql+psycopg://x:geheim@{HOST}:1/x"})
    told = " ".join(obstacles(away, {}))
    assert "Hauptbuch" in told
    assert "RECHNUNGSBOTE_DATABASE_URL" in told
    assert "geheim" not in told


def test_another_schema(settings: Settings) -> None:
    """A ledger of another program version is told with both revisions and the command that mends it."""
    ledger = open_ledger(settings.database_url)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    ledger.close()
    (told,) = obstacles(settings, {})
    assert "9999" in told
    assert "rechnungsbote db upgrade" in told


def test_an_archive_that_takes_nothing(settings: Settings, tmp_path: Path) -> None:
    """A folder that cannot be written to is found before an invoice needs it."""
    (tmp_path / "datei").write_text("kein Ordner")
    blocked = settings.model_copy(update={"archive": str(tmp_path / "datei" / "archiv")})
    (told,) = obstacles(blocked, {})
    assert told.startswith("Archiv:")
    assert "Abhilfe:" in told


def test_a_clock_that_went_back(settings: Settings) -> None:
    """A journal from the future means that the clock is wrong, and reminders would leave on the wrong day."""
    ledger = open_ledger(settings.database_url)
    with ledger.writing() as session:
        journal.record(session, datetime.now(UTC) + timedelta(days=2), "sommer", "job collected")
    ledger.close()
    (told,) = obstacles(settings, {})
    assert told.startswith("Uhr:")
    assert "timedatectl" in told


def test_a_server_of_another_version(settings: Settings) -> None:
    """Both versions are named; the same version is no obstacle, and a silent server is one."""
    with _server("2.20.1") as api:
        (told,) = obstacles(settings, {}, api)
    assert "2.20.1" in told
    assert __version__ in told
    with _server(__version__) as api:
        assert list(obstacles(settings, {}, api)) == []
    (silent,) = obstacles(settings, {}, api)
    assert "PREFECT_API_URL" in silent


def test_up_says_it_and_starts_nothing(settings: Settings) -> None:
    """The command ends with 3 and the sentence, without a trace."""
    with socket.create_server((HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "desk.cli", "up", "--port", port, "--desk-port", port],
            cwd=ROOT,
            env=os.environ | {f"{PREFIX}HOME": str(settings.home), f"{PREFIX}CLIENTS": str(settings.clients)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.count("ist nicht frei") == 2
    assert "Traceback" not in ended.stderr


@contextmanager
def _server(version: str) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Tell the version, as /admin/version does."""
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(version).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer((HOST, 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_address[1]}/api"
        server.shutdown()
