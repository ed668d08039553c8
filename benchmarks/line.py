"""The whole line: N finished jobs of the sandbox become issued, archived and mailed invoices; how many a minute.

`python -m benchmarks.line --invoices 200` starts a stage without quota for every variant (SQLite and PostgreSQL, one
and two worker processes), fills it with jobs, lets `rechnungsbote run` do all of it, and prints invoices per minute,
CPU per invoice and stage, the largest memory of a process, and the rate as a share of what bare WeasyPrint prints with
as many processes in the same run. `--growth` compares N with 5 N; `--prefect` lets the flows do the same under a server
of their own and prints what share of the wall time Prefect took. `--json FILE` writes the figures.

A worker that prints ahead keeps `1 + printers` processes busy. On a machine with fewer cores than all of them, stage
and database need, `--slice 0.25` shows what more workers bring: every process, of the line as of bare WeasyPrint,
gets a core of its own that is a quarter as fast (`benchmarks/slices.py`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from benchmarks import bare
from benchmarks.orchestration import Orchestrated, run_flows
from benchmarks.render import LINES
from benchmarks.slices import Slices
from benchmarks.stages import Stage, stages_of
from config.settings import PREFIX
from tests.conftest import POSTGRES
from tests.flows.business import TODAY, Business
from tests.operation.scale import until
from tests.sandbox.running import ROOT, line, running

SETTLING = 3
"""Seconds until the stage, like Lexware, shows a new voucher in its lists."""
SERVERS = 2
"""The stage and the database want a core each."""
WORKS = (
    "Wände streichen",
    "Decke streichen, zweimal",
    "Türblatt lackieren, beidseitig",
    "Fenster schleifen und lackieren",
    "Raufaser tapezieren",
    "Löcher spachteln und schleifen",
    "Sockelleisten abnehmen und wieder anbringen",
    "Heizkörper reinigen, schleifen und zweimal lackieren, einschließlich der Leitungen bis zur Wand",
    "Boden abdecken",
    "Anfahrt",
    "Material nach Aufmaß",
)
"""What was done; one in eleven goes over two lines of the invoice."""
OTHERS = "print ahead and start"
"""The CPU time outside the stages: of the processes that print ahead, and of starting."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One variant: times in seconds, memory in MB, `share` of the bare renderer's rate."""

    database: str
    workers: int
    invoices: int
    wall: float
    cpu: float
    memory: float
    share: float
    stages: dict[str, Stage]

    @property
    def per_minute(self) -> float:
        """Invoices per minute."""
        return self.invoices / self.wall * 60


def main() -> None:
    """Measure all variants and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=2000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--printers", type=int, help="processes of each worker that print ahead; 0: one core a worker")
    parser.add_argument("--slice", type=float, help="share of a core that each process gets as its own")
    parser.add_argument("--growth", action="store_true", help="also five times as many, on SQLite with one worker")
    parser.add_argument("--prefect", action="store_true", help="also under Prefect, on SQLite with one worker")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    if options.printers is not None:
        os.environ[f"{PREFIX}PRINTERS"] = str(options.printers)
    print(
        f"{'Datenbank':<11}{'Prozesse':>9}{'Rechn.':>8}{'je Minute':>11}{'CPU/Rechn.':>12}{'Speicher':>10}{'Anteil':>8}"
    )
    found = [
        shown(measured(database, workers, options.invoices, options.slice))
        for database in options.database
        for workers in options.workers
    ]
    print_scaling(found, sliced=bool(options.slice))
    if options.growth:
        alone = [each for each in found if (each.database, each.workers) == ("sqlite", 1)]
        one = alone[0] if alone else shown(measured("sqlite", 1, options.invoices, options.slice))
        five = shown(measured("sqlite", 1, 5 * options.invoices, options.slice))
        found += [five]
        print(f"5-mal so viele: Zeit x {five.wall / one.wall:.2f}, Speicher x {five.memory / one.memory:.2f}")
    under = shown_share(under_prefect(options.invoices)) if options.prefect else None
    if options.json:
        figures = {"line": [asdict(each) for each in found], "prefect": under and asdict(under)}
        options.json.write_text(json.dumps(figures, indent=1), "utf-8")


def shown(figures: Figures) -> Figures:
    """Print a line and pass the figures on."""
    print(
        f"{figures.database:<11}{figures.workers:>9}{figures.invoices:>8}{figures.per_minute:>11.0f}"
        f"{figures.cpu / figures.invoices * 1000:>9.0f} ms{figures.memory:>7.0f} MB{figures.share:>8.0%}",
        flush=True,
    )
    in_stages = sum(stage.cpu for stage in figures.stages.values())
    costs = {name: stage.cpu for name, stage in figures.stages.items()} | {OTHERS: figures.cpu - in_stages}
    parts = (f"{name} {seconds / figures.invoices * 1000:.0f}" for name, seconds in costs.items())
    print(f"           CPU je Rechnung in ms: {', '.join(parts)}", flush=True)
    return figures


def print_scaling(found: Sequence[Figures], *, sliced: bool) -> None:
    """How much faster the most workers are than one, per database."""
    for database in dict.fromkeys(each.database for each in found):
        walls = {each.workers: each.wall for each in found if each.database == database}
        if len(walls) > 1:
            most = max(walls)
            print(f"{database}: {most} Prozesse sind {walls[min(walls)] / walls[most]:.2f}-mal so schnell wie einer")
            cores = len(os.sched_getaffinity(0))
            if not sliced and cores < most + SERVERS:
                print(
                    f"  auf {cores} Kernen, die sie mit Bühne und Datenbank teilen; --slice 0.4 misst, als gäbe es mehr"
                )


def measured(database: str, workers: int, invoices: int, share: float | None = None) -> Figures:
    """Set the stage, run the line, and see that every invoice was mailed once.

    Machines that others use too change their speed within minutes. So bare WeasyPrint prints before and after the line;
    or beside it all the time, where every process has a slice of its own.
    """
    with tempfile.TemporaryDirectory() as place, _database(database, Path(place)) as url:
        folder = Path(place) / "stage"
        with running(folder, "--world", "leer", "--rate", "0") as stage:
            business = Business(stage, _made(Path(place) / "business"), database_url=url)
            fill(business, invoices)
            logs = [Path(place) / f"run-{number}.log" for number in range(workers)]
            if share:
                with bare.printing(workers, share) as rate:
                    wall, cpu, memory = run_beside(business, url, workers, logs, share)
                    documents = rate()
            else:
                before = bare.rate(workers)
                wall, cpu, memory = run_beside(business, url, workers, logs)
                documents = statistics.mean((before, bare.rate(workers)))
            mails = len(list((folder / "mails").glob("*.eml")))
        if mails != invoices:
            raise SystemExit(f"{mails} Mails für {invoices} Rechnungen: hier stimmt etwas nicht.")
        return Figures(database, workers, invoices, wall, cpu, memory, invoices / wall / documents, stages_of(*logs))


def fill(business: Business, invoices: int) -> None:
    """So many finished jobs of one customer, and no limit of a day below them."""
    limits = f"limits: {{mails_per_day: {invoices}, invoices_per_day: {invoices}}}\n"
    business.client_file.write_text(business.client_file.read_text("utf-8") + limits, "utf-8")
    contact = business.customer()
    for number in range(invoices):
        lines = [line(2, 80 + at, name=WORKS[(number * 7 + at * at) % len(WORKS)]) for at in range(LINES)]
        business.finished_job(contact, lineItems=lines)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def run_beside(
    business: Business, url: str, workers: int, logs: Sequence[Path] = (), share: float | None = None
) -> tuple[float, float, float]:
    """Wall and CPU seconds and the largest resident memory in MB of all processes together.

    In slices the wall time begins when every worker has: what a slow core needs to load the program is not the line.
    """
    command = [sys.executable, "-m", "desk.cli", "run", "--at", TODAY[:19]]
    began = time.monotonic()
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=environment_of(business, url, log), stdout=subprocess.DEVNULL)
        for log in (*logs, *[None] * (workers - len(logs)))
    ]
    with ExitStack() as stack:
        if share:
            until(lambda: all(log.exists() for log in logs), "Ein Lauf beginnt nicht")
            began = time.monotonic()
            slices = stack.enter_context(Slices(share))
            stack.enter_context(slices.given_to([process.pid for process in processes]))
        usages = [os.wait4(process.pid, 0) for process in processes]
        wall = time.monotonic() - began
    if any(os.waitstatus_to_exitcode(status) for _, status, _ in usages):
        raise SystemExit("Ein Lauf ging nicht gut aus; mit weniger Rechnungen von Hand nachsehen.")
    cpu = sum(usage.ru_utime + usage.ru_stime for _, _, usage in usages)
    return wall, cpu, max(usage.ru_maxrss for _, _, usage in usages) / 1024


def environment_of(business: Business, url: str, log: Path | None) -> dict[str, str]:
    """The variables of a process that works for this business, and tells its stages to a file if there is one."""
    settings = business.settings
    ours = {"HOME": settings.home, "CLIENTS": settings.clients, "SECRETS": settings.secrets, "DATABASE_URL": url}
    if log:
        ours |= {"LOG_FILE": log, "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", "LOG_FILE_MB": 1000}
    return os.environ | {f"{PREFIX}{name}": str(value) for name, value in ours.items()}


def under_prefect(invoices: int) -> Orchestrated:
    """The same stages as flows under a Prefect server of their own."""
    with tempfile.TemporaryDirectory() as place, _database("sqlite", Path(place)) as url:
        folder = Path(place) / "stage"
        with running(folder, "--world", "leer", "--rate", "0") as stage:
            business = Business(stage, _made(Path(place) / "business"), database_url=url)
            fill(business, invoices)
            time.sleep(SETTLING)
            log = Path(place) / "run.log"
            seconds = run_flows(Path(place), environment_of(business, url, log))
            mails = len(list((folder / "mails").glob("*.eml")))
        if mails != invoices:
            raise SystemExit(f"{mails} Mails für {invoices} Rechnungen: hier stimmt etwas nicht.")
        return Orchestrated(invoices, seconds, sum(stage.seconds for stage in stages_of(log).values()))


def shown_share(figures: Orchestrated) -> Orchestrated:
    """Print what Prefect adds and pass the figures on."""
    print(
        f"unter Prefect: {figures.invoices} Rechnungen in {figures.wall:.1f} s, davon {figures.share:.1%}"
        f" ({figures.wall - figures.work:.1f} s) Orchestrierung",
        flush=True,
    )
    return figures


@contextmanager
def _database(kind: str, place: Path) -> Iterator[str]:
    """The URL of a new, empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{place / 'ledger.db'}"
        return
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    name = f"rb_bench_{os.getpid()}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        raise SystemExit(f"PostgreSQL antwortet nicht ({error.orig}). Ohne es: --database sqlite") from error
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


if __name__ == "__main__":
    main()
