"""`python -m tests.operation.startup`: `rechnungsbote up --demo` from start to end, judged from outside.

Everything comes up; a run that Prefect scheduled by itself bills and mails; a killed worker comes back; a client's file
that appears, rests and goes changes Prefect within seconds, a broken one nobody else; SIGTERM ends all of it. Prints
what it saw as JSON and ends with 0 when all of it was so.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.settings import PREFIX
from desk.demo import CLIENT
from tests.operation.scale import free_port, tell
from tests.sandbox.running import ROOT

PATIENCE = 400
SECOND = "zweiter"


class Installation:
    """A running `up --demo` and what can be asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder / "demo", folder / "up.log"
        self.ports = [free_port() for _ in range(3)]
        prefect, desk, receive = map(str, self.ports)
        command = [sys.executable, "-m", "desk.cli", "up", "--demo", "--folder", str(self.folder)]
        command += ["--port", prefect, "--desk-port", desk, "--receive-port", receive]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Prefect's answer to a query."""
        api, caller = f"http://127.0.0.1:{self.ports[0]}/api", str(uuid.uuid4())
        with urllib.request.urlopen(f"{api}/csrf-token?client={caller}", timeout=20) as answer:  # noqa: S310 our own
            token = json.load(answer)["token"]
        headers = {"Content-Type": "application/json", "Prefect-Csrf-Token": token, "Prefect-Csrf-Client": caller}
        request = urllib.request.Request(f"{api}/{path}", json.dumps(body).encode(), headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)

    def deployments(self, client: str) -> list[dict[str, Any]]:
        """What Prefect knows of a client."""
        found: list[dict[str, Any]] = self.ask("deployments/filter", {"deployments": {"tags": {"all_": [client]}}})
        return found

    def is_scheduled(self, client: str) -> bool:
        """Whether any flow of a client runs by itself."""
        return any(schedule["active"] for found in self.deployments(client) for schedule in found["schedules"])

    def runs_by_itself(self) -> list[str]:
        """Names of finished runs that Prefect had scheduled."""
        runs = self.ask("flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "limit": 200})
        return [run["name"] for run in runs if run["auto_scheduled"]]

    def mails(self) -> int:
        """How many mails the stage has taken."""
        return len(list((self.folder / "buehne" / "mails").glob("*.eml")))

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Another command on the same installation."""
        places = {"HOME": "var", "CLIENTS": "clients", "SECRETS": "secrets"}
        ours = {PREFIX + name: str(self.folder / place) for name, place in places.items()}
        command = [sys.executable, "-m", "desk.cli", *arguments]
        return subprocess.run(command, cwd=ROOT, env=os.environ | ours, capture_output=True, text=True, check=True)

    def pid_of(self, child: str) -> int:
        """The process id that the log told last for a child."""
        lines = [line for line in self.log.read_text("utf-8").splitlines() if f"child={child} " in f"{line} "]
        return next(int(line.rpartition("pid=")[2]) for line in reversed(lines) if "pid=" in line)


def main() -> int:
    """Go through it all once."""
    folder = Path(tempfile.mkdtemp(prefix="startup-"))
    tell(f"Protokoll: {folder / 'up.log'}")
    installation = Installation(folder)
    seen: dict[str, Any] = {}
    try:
        _go_through(installation, seen)
    finally:
        tell(json.dumps(seen, indent=2, ensure_ascii=False))
        if installation.process.poll() is None:
            installation.process.terminate()
        seen["exit"] = installation.process.wait(120)
    seen["ports_free"] = [_is_free(port) for port in installation.ports]
    tell(json.dumps({name: seen[name] for name in ("exit", "ports_free")}))
    return 0 if seen["exit"] == 0 and all(seen["ports_free"]) else 1


def _go_through(installation: Installation, seen: dict[str, Any]) -> None:
    _until(lambda: "Alles läuft" in installation.log.read_text("utf-8"), "up kam nicht hoch", installation)
    _until(lambda: installation.is_scheduled(CLIENT), "der Mandant wurde nicht angemeldet", installation)
    _until(lambda: bool(installation.runs_by_itself()), "kein Lauf kam von selbst", installation)
    _until(lambda: installation.mails() > 0, "keine Mail kam an", installation)
    seen["runs_by_itself"], seen["mails"] = installation.runs_by_itself()[:5], installation.mails()
    before = installation.pid_of("Arbeiter")
    os.kill(before, signal.SIGKILL)
    _until(lambda: installation.pid_of("Arbeiter") != before, "der Arbeiter kam nicht wieder", installation)
    seen["worker_came_back"] = True
    clients = installation.folder / "clients"
    text = (clients / f"{CLIENT}.yaml").read_text("utf-8")
    (clients / f"{SECOND}.yaml").write_text(text.replace(f"name: {CLIENT}", f"name: {SECOND}"), "utf-8")
    _until(lambda: installation.is_scheduled(SECOND), "der neue Mandant wurde nicht angemeldet", installation)
    installation.command("pause", SECOND, "--reason", "Umzug")
    _until(lambda: not installation.is_scheduled(SECOND), "der ruhende Mandant läuft weiter", installation)
    (clients / "kaputt.yaml").write_text("name: kaputt\n", "utf-8")
    (clients / f"{SECOND}.yaml").unlink()
    _until(lambda: not installation.deployments(SECOND), "der entfernte Mandant ist noch da", installation)
    seen["client_came_rested_and_went"] = True
    assert installation.is_scheduled(CLIENT), "ein anderer Mandant wurde berührt"


def _until(is_true: Callable[[], bool], otherwise: str, installation: Installation) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if is_true():
                return
        except OSError:
            pass
        if time.monotonic() > end or installation.process.poll() is not None:
            sys.exit(f"{otherwise}; siehe {installation.log}")
        time.sleep(1)


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
