"""`demo`: 45 days of a painter's business in time lapse, on real protocols, through the real flows."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from billing.calendar import BERLIN
from config.settings import PREFIX, load_settings
from desk.console import Exit, err, out, table
from desk.logging import configure_logging
from desk.looking import FIGURES, RECEIVABLE_COLUMNS, receivable_cells
from flows.wiring import open_house
from ledger import overview
from ledger.archive import Archive
from ledger.database import Transaction

CLIENT = "malerbetrieb"
DAYS = 45
HERE = Path(__file__).parent
MARK = ".rechnungsbote-vorfuehrung"
QUOTA = 1000
MORNING = 9


@dataclass(frozen=True, slots=True)
class Stage:
    """The running sandbox: its address, how to log in, and its folder."""

    http: str
    smtp: dict[str, Any]
    api_key: str
    folder: Path

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the stage's control interface; with a body, tell it something."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.http}/_control/{path}", data, {"Content-Type": "application/json"})  # noqa: S310 our own stage on loopback
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


def demo(folder: Path, days: int) -> Exit:
    """Play `days` days that end today, and leave everything below `folder` for a look around."""
    if not _prepare(folder):
        return Exit.CONFIGURATION
    start = datetime.now(BERLIN).replace(hour=MORNING, minute=0, second=0, microsecond=0) - timedelta(days=days)
    out.print(f"Vorführung: {days} Tage eines Malerbetriebs im Zeitraffer. Alles liegt danach in {folder}/")
    out.print("Die Bühne (Lexware-Schnittstelle und Mailserver) spricht die echten Protokolle auf dieser Maschine.")
    out.print(f"Nur im Zeitraffer: {QUOTA} Anfragen je Sekunde statt 2, und Listen ohne Verzug.\n")
    with _stage(folder, start) as stage:
        _write_client(folder, stage, start)
        _settings_for(folder)
        configure_logging(load_settings())
        stage.control("index-lag", {"seconds": 0})
        _play(stage, start, days)
        _show(folder, stage)
    return Exit.FINE


def _prepare(folder: Path) -> bool:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        err.print(f"{folder} gehört nicht zu einer Vorführung und bleibt unberührt. Bitte --folder anders wählen.")
        return False
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("clients", "secrets"):
        (folder / name).mkdir(parents=True)
    (folder / MARK).touch()
    return True


@contextmanager
def _stage(folder: Path, start: datetime) -> Iterator[Stage]:
    command = [sys.executable, "-m", "sandbox", "--folder", str(folder / "buehne"), "--world", "malerbetrieb"]
    command += ["--now", start.isoformat(), "--rate", str(QUOTA), "--burst", str(QUOTA)]
    log = (folder / "buehne.log").open("w")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=HERE.parent) as process, log:
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise RuntimeError(f"Die Bühne ist nicht aufgegangen; siehe {folder / 'buehne.log'}.")
            told = json.loads(line)
            yield Stage(told["http"], told["smtp"], told["api_key"], Path(told["folder"]))
        finally:
            process.terminate()


def _write_client(folder: Path, stage: Stage, start: datetime) -> None:
    values = {f"smtp_{name}": value for name, value in stage.smtp.items()}
    since = (start - timedelta(days=1)).date()
    text = Template((HERE / "demo_client.yaml").read_text("utf-8")).safe_substitute(
        values, http=stage.http, since=since
    )
    (folder / "clients" / f"{CLIENT}.yaml").write_text(text, "utf-8")
    shutil.copy(HERE / "demo_logo.svg", folder / "clients" / "sommer.svg")
    for name, secret in (("lexware", stage.api_key), ("smtp", stage.smtp["password"])):
        file = folder / "secrets" / name
        file.touch(mode=0o600)
        file.write_text(secret, "utf-8")


def _settings_for(folder: Path) -> None:
    """The demo has settings of its own, and a Prefect server of its own within this process's reach."""
    settings = {"HOME": "var", "CLIENTS": "clients", "SECRETS": "secrets"}
    for name in [name for name in os.environ if name.startswith((PREFIX, "PREFECT_"))]:
        del os.environ[name]
    os.environ |= {PREFIX + name: str((folder / place).absolute()) for name, place in settings.items()}
    os.environ |= {
        PREFIX + "LOG_LEVEL": "ERROR",
        "PREFECT_HOME": str((folder / "prefect").absolute()),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        # Its server speaks plain HTTP on this machine; reading all certificates for each run would only take time.
        "PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "true",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _play(stage: Stage, start: datetime, days: int) -> None:
    out.print("Prefect startet …")
    from desk.rehearsal import play_day

    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(30), TimeElapsedColumn(), console=out, transient=True
    )
    seen = 0
    with bar:
        progress = bar.add_task("", total=days + 1)
        for day in range(days + 1):
            now = start + timedelta(days=day)
            stage.control("clock", {"now": now.isoformat()})
            bar.update(progress, description=f"{now:%d.%m.%Y}")
            for line in play_day(CLIENT, now):
                bar.console.print(escape(f"{now:%d.%m.} {line}"))
            happened = stage.control("world")["happened"]
            for event in happened[seen:]:
                bar.console.print(escape(f"{now:%d.%m.}   {event['what']}"), style="dim")
            seen = len(happened)
            bar.advance(progress)


def _show(folder: Path, stage: Stage) -> None:
    settings = load_settings()
    with open_house(settings) as house, house.ledger.reading() as session:
        today = datetime.now(BERLIN).date()
        receivables = overview.receivables(session, [CLIENT], today)
        cases = overview.cases(session, [CLIENT])
        tasks = overview.open_tasks(session, [CLIENT])
        papers = _hand_out(folder / "rechnungen", session, Archive(settings.archive))
    table(
        f"Forderungen am {today:%d.%m.%Y}",
        RECEIVABLE_COLUMNS,
        [receivable_cells(item) for item in receivables],
        figures=FIGURES,
        cut=("Kunde",),
    )
    counts = [(word, sum(item.standing == word for item in receivables)) for word in ("offen", "bezahlt", "überfällig")]
    counts.append(("gemahnt", sum(bool(item.notices) for item in receivables)))
    table("Zusammen", [word for word, _ in counts], [[number for _, number in counts]])
    table("Braucht einen Menschen", ("Was", "Warum"), [(case.subject, case.reason) for case in cases], free=("Warum",))
    table(
        "Aufgaben",
        ("Aufgabe", "Einzelheiten"),
        [(task.title, task.body) for task in tasks],
        free=("Aufgabe", "Einzelheiten"),
    )
    mails = len(list((stage.folder / "mails").glob("*.eml")))
    out.print(f"\n{papers} Rechnungen als PDF:  {folder}/rechnungen/")
    out.print(f"{mails} Mails (.eml):         {stage.folder}/mails/")
    out.print("\nWie es weitergeht:")
    number = next((item.number for item in receivables if item.notices), "RE1001")
    _write_environment(folder)
    hints = (
        (f"source {folder}/umgebung.sh", "die Einstellungen der Vorführung"),
        ("rechnungsbote status", "was wo steht"),
        (f"rechnungsbote show {number}", "der Weg einer Rechnung"),
        (f"rechnungsbote why {number}", "warum erinnert wurde oder warum nicht"),
        ("rechnungsbote check", "den eigenen Mandanten prüfen: config/clients/beispiel.yaml kopieren und ausfüllen"),
    )
    for command, what in hints:
        out.print(escape(f"  {command:<28}  {what}"), soft_wrap=True)


def _write_environment(folder: Path) -> None:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in os.environ.items() if name.startswith(PREFIX)]
    lines.append(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    (folder / "umgebung.sh").write_text("\n".join([*lines, ""]), "utf-8")


def _hand_out(folder: Path, session: Transaction, archive: Archive) -> int:
    """Copy the PDFs out of the archive under names that people read; how many there are."""
    folder.mkdir(exist_ok=True)
    papers = [paper for paper in overview.archived(session, CLIENT) if paper.media_type == "application/pdf"]
    for paper in papers:
        (folder / paper.name).write_bytes(archive.get(paper.sha256))
    return len(papers)
