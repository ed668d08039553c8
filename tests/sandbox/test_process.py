"""The stage as a process: ready line, help, folder, certificate and a clean end."""

import subprocess
import sys
from pathlib import Path

from tests.sandbox.running import ROOT, running


def test_ready_line_and_clean_end(tmp_path: Path) -> None:
    """One JSON line tells everything; SIGTERM ends with 0 although a client waits; the key is no file."""
    with running(tmp_path / "folder", "--world", "leer", "--rate", "2") as stage:
        assert stage.ready.keys() == {"http", "smtp", "api_key", "folder"}
        assert stage.ready["smtp"].keys() == {"host", "port", "starttls", "username", "password", "ca_file"}
        assert (
            Path(stage.ready["smtp"]["ca_file"]).read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")
        )
        statuses = [stage.get("profile").status_code for _ in range(6)]
        assert statuses[:4] == [200] * 4
        assert 429 in statuses
        assert sorted(p.name for p in stage.folder.iterdir()) == ["ca.pem", "mails", "requests.jsonl"]


def test_help_is_german() -> None:
    """--help explains every option in German."""
    command = [sys.executable, "-m", "sandbox", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for word in ("Die Bühne", "--world {leer,malerbetrieb}", "unbegrenzt", "--now ISO", "SIGTERM"):
        assert word in " ".join(text.split())
