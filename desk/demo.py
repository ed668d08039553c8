"""`demo`: 45 days of two businesses in time lapse, on real protocols, through the real flows."""

import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from billing.calendar import BERLIN
from billing.payments import Standing
from config.settings import PREFIX, Settings, load_settings
from desk.console import Exit, err, out, table
from desk.demo_contracts import sign_contracts
from desk.looking import FIGURES, RECEIVABLE_COLUMNS, receivable_cells
from flows.around import around_all
from flows.logs import configure_logging
from flows.wiring import open_house
from ledger import accounts, overview
from ledger.receivables import Receivable, receivables
from ledger.tables import TaskRow

CLIENT = "malerbetrieb"
PAPERS = "rechnungen"
"""The folder in which the clients' filings lie."""
CLIENTS = {CLIENT: "demo_client.yaml", "webagentur": "demo_agency.yaml"}
"""The clients, by the worlds they live in, and the files they are written from: Lexware Office and sevDesk."""
SHORT = {
    CLIENT: "schedule: {payments: 0 6 * * 1-5, reconcile: 0 5 * * 1, contracts: '30 5 * * 1,4'}",
    "webagentur": """
schedule:
  poll: 0 9 * * 1,3,5
  payments: 0 6 * * 1
  reminders: 30 9 * * 1
  reconcile: 0 5 1 * *
""",
}
"""When their flows run: seldom enough for a time lapse of two minutes."""
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
    sevdesk: dict[str, str]
    letters: dict[str, str]
    folder: Path

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the stage's control interface; with a body, tell it something."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.http}/_control/{path}", data, {"Content-Type": "application/json"})  # noqa: S310 our own stage on loopback
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


def demo(folder: Path, days: int) -> Exit:
    """Play `days` days that end today, and leave everything below `folder` for a look around."""
    if not prepare(folder):
        return Exit.CONFIGURATION
    start = datetime.now(BERLIN).replace(hour=MORNING, minute=0, second=0, microsecond=0) - timedelta(days=days)
    length = f"{days} Tage" if days > 1 else "ein Tag"
    out.print(f"Vorführung: {length} im Zeitraffer, ein Malerbetrieb (Lexware Office) und eine Webagentur (sevDesk).")
    out.print(f"Die Bühne spricht die echten Protokolle auf dieser Maschine. Alles liegt danach in {folder}/")
    out.print(f"Nur im Zeitraffer: {QUOTA} Anfragen je Sekunde statt 2, und Listen ohne Verzug.\n")
    with stage_open(folder, start) as stage:
        for client in CLIENTS:
            write_client(folder, stage, start, client)
            with (folder / "clients" / f"{client}.yaml").open("a", encoding="utf-8") as file:
                file.write(SHORT[client])
        _settings_for(folder)
        configure_logging(load_settings())
        stage.control("index-lag", {"seconds": 0})
        sign_contracts(load_settings(), CLIENT, stage.control("contacts"), start)
        _play(stage, start, days)
        _show(folder, stage)
    return Exit.FINE


def prepare(folder: Path) -> bool:
    """Make room for a demo; False where the folder belongs to somebody else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        err.print(f"{folder} gehört nicht zu einer Vorführung und bleibt unberührt. Bitte --folder anders wählen.")
        return False
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("clients", "secrets", *(f"{PAPERS}/{client}" for client in CLIENTS)):
        (folder / name).mkdir(parents=True)
    (folder / MARK).touch()
    return True


@contextmanager
def stage_open(folder: Path, start: datetime) -> Iterator[Stage]:
    """The stage as a process of its own, its clock at `start`."""
    command = [sys.executable, "-m", "sandbox", "--folder", str(folder / "buehne")]
    command += ["--world", ",".join(CLIENTS)]
    command += ["--now", start.isoformat(), "--rate", str(QUOTA), "--burst", str(QUOTA)]
    log = (folder / "buehne.log").open("w")
    # A session of its own: Ctrl-C ends us first, and the stage when nobody needs it any more.
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, cwd=HERE.parent, start_new_session=True
        ) as process,
        log,
    ):
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise RuntimeError(f"Die Bühne ist nicht aufgegangen; siehe {folder / 'buehne.log'}.")
            told = json.loads(line)
            yield Stage(
                told["http"],
                told["smtp"],
                told["api_key"],
                told["sevdesk"],
                told["letterxpress"],
                Path(told["folder"]),
            )
        finally:
            process.terminate()


def write_client(folder: Path, stage: Stage, start: datetime, client: str = CLIENT) -> None:
    """A client of the demo with its secrets, connected to the stage."""
    values = {f"smtp_{name}": value for name, value in stage.smtp.items()}
    since = (start - timedelta(days=1)).date()
    text = Template((HERE / CLIENTS[client]).read_text("utf-8")).safe_substitute(
        values, http=stage.http, sevdesk=stage.sevdesk["base_url"], letters=stage.letters["base_url"], since=since
    )
    (folder / "clients" / f"{client}.yaml").write_text(text, "utf-8")
    shutil.copy(HERE / "demo_logo.svg", folder / "clients" / "sommer.svg")
    passwords = {"lexware": stage.api_key, "sevdesk": stage.sevdesk["api_key"], "smtp": stage.smtp["password"]}
    passwords["briefe"] = stage.letters["api_key"]
    for name, secret in passwords.items():
        file = folder / "secrets" / name
        file.touch(mode=0o600)
        file.write_text(secret, "utf-8")


def open_account(settings: Settings) -> tuple[str, str]:
    """An owner of both clients who can sign in at the desk: name and a password that only this demo has."""
    # The hash of a password takes long to load, and only the end of a demo needs it.
    from desk.web import passwords
    from desk.web.access import Role

    name, password = "vorfuehrung", secrets.token_hex(6)
    with open_house(settings) as house, house.ledger.writing() as session:
        roles = {accounts.EVERYONE: Role.OWNER.value}
        accounts.add(session, name, passwords.hash_of(password), roles, "Vorführung", datetime.now(BERLIN))
    return name, password


def places_for(folder: Path) -> None:
    """The demo has settings of its own: whatever the environment says of a real installation is left out."""
    settings = {"HOME": "var", "CLIENTS": "clients", "SECRETS": "secrets"}
    for name in [name for name in os.environ if name.startswith((PREFIX, "PREFECT_"))]:
        del os.environ[name]
    os.environ |= {PREFIX + name: str((folder / place).absolute()) for name, place in settings.items()}


def _settings_for(folder: Path) -> None:
    """The demo has a Prefect server of its own within this process's reach."""
    places_for(folder)
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
    seen: Counter[str] = Counter()
    with bar:
        progress = bar.add_task("", total=days + 1)
        for day in range(days + 1):
            now = start + timedelta(days=day)
            stage.control("clock", {"now": now.isoformat()})
            bar.update(progress, description=f"{now:%d.%m.%Y}")
            for client in CLIENTS:
                for line in play_day(client, now):
                    bar.console.print(escape(f"{now:%d.%m.} {client}: {line}"))
            for what in _news(stage, seen):
                bar.console.print(escape(f"{now:%d.%m.}   {what}"), style="dim")
            bar.advance(progress)


def _news(stage: Stage, seen: Counter[str]) -> Iterator[str]:
    """What has happened in the worlds since it was last told."""
    for world in stage.control("worlds"):
        happened = world["happened"]
        yield from (event["what"] for event in happened[seen[world["world"]] :])
        seen[world["world"]] = len(happened)


def _show(folder: Path, stage: Stage) -> None:
    settings = load_settings()
    with open_house(settings) as house, house.ledger.reading() as session:
        today = datetime.now(BERLIN).date()
        board = receivables(session, around_all(house.clients), today)
        cases = overview.cases(session, list(CLIENTS))
        tasks = overview.open_tasks(session, list(CLIENTS))
    _show_tables(board, cases, tasks, today)
    mails = len(list((stage.folder / "mails").glob("*.eml")))
    papers = len(list((folder / PAPERS).rglob("*.pdf")))
    out.print(f"\n{papers} Rechnungen als PDF:  {folder}/{PAPERS}/")
    out.print(f"{mails} Mails (.eml):         {stage.folder}/mails/")
    letters = len(list((stage.folder / "letters").glob("*.pdf")))
    out.print(f"{letters} {'Brief' if letters == 1 else 'Briefe'} (PDF):          {stage.folder}/letters/")
    _write_environment(folder)
    _show_hints(folder, next((item.number for item in board if item.notices), "RE1001"))


def _show_tables(
    board: Sequence[Receivable], cases: Sequence[overview.Case], tasks: Sequence[TaskRow], today: date
) -> None:
    for client in CLIENTS:
        table(
            f"{client}: Forderungen am {today:%d.%m.%Y}",
            RECEIVABLE_COLUMNS,
            [receivable_cells(item) for item in board if item.client == client],
            figures=FIGURES,
            cut=("Kunde",),
        )
    standings = Counter(item.standing for item in board)
    counts = [(word.value, standings[word]) for word in Standing if word in standings]
    counts.append(("gemahnt", sum(bool(item.notices) for item in board)))
    table("Zusammen", [word for word, _ in counts], [[number for _, number in counts]])
    table("Braucht einen Menschen", ("Was", "Warum"), [(case.subject, case.reason) for case in cases], free=("Warum",))
    table(
        "Aufgaben",
        ("Aufgabe", "Einzelheiten"),
        [(task.title, task.body) for task in tasks],
        free=("Aufgabe", "Einzelheiten"),
    )


def _show_hints(folder: Path, number: str) -> None:
    name, password = open_account(load_settings())
    out.print("\nWie es weitergeht:")
    hints = (
        (f"source {folder}/umgebung.sh", "die Einstellungen der Vorführung"),
        ("rechnungsbote status", "was wo steht"),
        (f"rechnungsbote show {number}", "der Weg einer Rechnung"),
        (f"rechnungsbote why {number}", "warum erinnert wurde oder warum nicht"),
        ("rechnungsbote desk", f"die Webseite; anmelden als {name} mit {password}"),
        ("rechnungsbote check", "den eigenen Mandanten prüfen: config/clients/beispiel.yaml kopieren und ausfüllen"),
    )
    for command, what in hints:
        out.print(escape(f"  {command:<28}  {what}"), soft_wrap=True)


def _write_environment(folder: Path) -> None:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in os.environ.items() if name.startswith(PREFIX)]
    lines.append(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    (folder / "umgebung.sh").write_text("\n".join([*lines, ""]), "utf-8")
