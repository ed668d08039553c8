"""`python -m tests.operation.scale`: three workers share one big run, and one of them is killed in the middle.

Everything is real: a stage with N finished jobs, PostgreSQL for the ledger and for Prefect, a Redis of its own, a
Prefect server without services, its services as a process of their own, and workers that are killed with all they
started. It ends with 0 when every invoice and every mail exists exactly once and the journal is sound.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, select, text

from config.settings import PREFIX
from desk.prefect_settings import DEFAULTS
from ledger import journal
from ledger.tables import AttemptRow
from tests.conftest import POSTGRES
from tests.flows.business import Business
from tests.sandbox.running import ROOT, running

WORKERS = 3
PATIENCE = 900
RUNNING = """
schedule: {poll: "* * * * *", reconcile: "* * * * *", payments: "0 6 * * *", reminders: "30 9 * * 1-5"}
running: {at_once: 3, chunk: 10}
"""


def main() -> int:
    """Run the proof and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=120, help="so viele erledigte Aufträge")
    jobs = parser.parse_args().jobs
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    tell(f"Protokolle: {folder}")
    with ExitStack() as stack:
        ledger_url, prefect_url = (stack.enter_context(_database(name)) for name in ("ledger", "prefect"))
        redis = stack.enter_context(_redis(folder))
        stage = stack.enter_context(running(folder / "stage", "--world", "leer", "--rate", "0"))
        firm = _business(Business(stage, folder, database_url=ledger_url, quiet_seconds=5, lease_seconds=60), jobs)
        os.environ.update(_environment(firm, prefect_url, redis))
        stack.enter_context(process_of(folder, "server", "prefect", "server", "start", "--no-services"))
        until(lambda: is_healthy(os.environ["PREFECT_API_URL"]), "Prefect antwortet nicht")
        stack.enter_context(process_of(folder, "services", "prefect", "server", "services", "start"))
        subprocess.run([sys.executable, "-m", "desk.cli", "register"], cwd=ROOT, check=True)
        began = time.monotonic()
        workers = [stack.enter_context(_worker(folder, number)) for number in range(WORKERS)]
        until(lambda: len(firm.mails()) >= jobs // 4, "kein Viertel der Mails kam an")
        os.killpg(workers[0].pid, signal.SIGKILL)
        killed_at = len(firm.mails())
        until(lambda: _is_done(firm, jobs), "nicht alles wurde fertig")
        return _verdict(firm, jobs, killed_at, time.monotonic() - began)


def _verdict(firm: Business, jobs: int, killed_at: int, seconds: float) -> int:
    recipients = [mail["envelope"]["recipients"][0] for mail in firm.mails()]
    unknown = [case for case in firm.cases() if case.state == "unknown"]
    with firm.house() as house, house.ledger.reading() as session:
        faults = list(journal.faults(session))
        owners = sorted(set(session.scalars(select(AttemptRow.owner))))
    found = {
        "jobs": jobs,
        "killed_after_mails": killed_at,
        "invoices": len(firm.upstream()),
        "mails": len(recipients),
        "mails_twice": len(recipients) - len(set(recipients)),
        "mails_unknown": len(unknown),
        "processes_that_worked": len(owners),
        "journal_faults": faults,
        "seconds": round(seconds, 1),
    }
    tell(json.dumps(found, indent=2))
    exact = found["invoices"] == jobs and not found["mails_twice"] and not faults
    return 0 if exact and len(recipients) + len(unknown) >= jobs and len(owners) > WORKERS - 1 else 1


def _business(firm: Business, jobs: int) -> Business:
    firm.stage.control("index-lag", {"seconds": 0})
    firm.client_file.write_text(firm.client_file.read_text("utf-8") + RUNNING, "utf-8")
    for number in range(jobs):
        firm.finished_job(firm.customer(emailAddresses={"business": [f"kunde{number}@haus.example"]}))
    return firm


def _is_done(firm: Business, jobs: int) -> bool:
    unknown = sum(case.state == "unknown" and case.kind.startswith("send") for case in firm.cases())
    return len(firm.mails()) >= jobs or (unknown > 0 and len(firm.mails()) + unknown >= jobs)


def _environment(firm: Business, prefect_url: str, redis: int) -> dict[str, str]:
    names = ("home", "clients", "secrets", "database_url", "quiet_seconds", "lease_seconds")
    ours = {PREFIX + name.upper(): str(getattr(firm.settings, name)) for name in names}
    port = free_port()
    return ours | DEFAULTS | {
        "PREFECT_HOME": str(firm.folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": prefect_url,
        "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{redis}/1",
        "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_REDIS_MESSAGING_URL": f"redis://127.0.0.1:{redis}/0",
    }  # fmt: skip


@contextmanager
def _database(name: str) -> Iterator[str]:
    """A database of its own; the URL in the form its user wants."""
    own = f"rb_scale_{name}_{os.getpid()}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {own}"))
    driver = "postgresql+asyncpg" if name == "prefect" else "postgresql+psycopg"
    try:
        yield make_url(POSTGRES).set(database=own, drivername=driver).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {own} WITH (FORCE)"))
        admin.dispose()


@contextmanager
def _redis(folder: Path) -> Iterator[int]:
    program = shutil.which("redis-server")
    if program is None:
        sys.exit("redis-server fehlt. Abhilfe: sudo apt-get install redis-server")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.terminate()


@contextmanager
def process_of(folder: Path, name: str, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a group of its own, its words in a file; the whole group ends with it."""
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def _worker(folder: Path, number: int) -> Iterator["subprocess.Popen[bytes]"]:
    with process_of(folder, f"worker{number}", "desk.cli", "worker", "--limit", "1") as process:
        yield process


def until(is_true: Callable[[], bool], otherwise: str) -> None:
    """Wait for something, and give up with a sentence."""
    end = time.monotonic() + PATIENCE
    while not is_true():
        if time.monotonic() > end:
            sys.exit(f"{otherwise} (nach {PATIENCE} s)")
        time.sleep(0.5)


def is_healthy(api: str) -> bool:
    """Whether Prefect's server answers."""
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=2) as answer:  # noqa: S310 our own server
            return bool(answer.status == 200)
    except OSError:
        return False


def tell(text: str) -> None:
    """A line for whoever started the proof."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
