"""The stage as a process: ready line, help, folder, certificate and a clean end."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sandbox.gateway import is_loopback
from tests.sandbox.running import ROOT, running


def test_ready_line_and_clean_end(tmp_path: Path) -> None:
    """One JSON line tells everything; the folder holds what --help says, SIGTERM ends with 0."""
    with running(tmp_path / "folder", "--world", "leer", "--rate", "2") as stage:
        told = {"http", "smtp", "imap", "api_key", "webhook_public_key", "sevdesk", "letterxpress", "fints", "folder"}
        assert stage.ready.keys() == told
        assert stage.ready["smtp"].keys() == {"host", "port", "starttls", "username", "password", "ca_file"}
        assert (
            Path(stage.ready["smtp"]["ca_file"]).read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")
        )
        statuses = [stage.get("profile").status_code for _ in range(6)]
        assert statuses[:4] == [200] * 4
        assert 429 in statuses
        kept = ["ca.pem", "callbacks.pem", "letters", "mails", "requests.jsonl"]
        assert sorted(p.name for p in stage.folder.iterdir()) == kept


def test_waiting_clients_do_not_hold_up_the_end(tmp_path: Path) -> None:
    """SIGTERM ends the stage with 0 within seconds although an answer and a mail transaction are pending."""
    with running(tmp_path / "folder", "--world", "leer") as stage, stage.smtp() as client:
        client.mail("rechnung@malerbetrieb-sommer.example")
        stage.control("faults", {"kind": "silence", "delay": 3600})
        with pytest.raises(httpx.ReadTimeout):
            stage.http.get("/v1/profile", timeout=0.1)
        stage.process.terminate()
        assert stage.process.wait(5) == 0


def test_control_is_for_this_machine_only() -> None:
    """The control interface has no login and answers only loopback peers."""
    assert is_loopback(("127.0.0.1", 5000))
    assert is_loopback(("::1", 5000))
    assert not is_loopback(("192.0.2.7", 5000))
    assert not is_loopback(None)


def test_help_is_german() -> None:
    """--help explains every option in German."""
    command = [sys.executable, "-m", "sandbox", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for word in (
        "Die Bühne",
        "--world {leer,leer-sevdesk,malerbetrieb,webagentur}",
        "unbegrenzt",
        "--now ISO",
        "SIGTERM",
    ):
        assert word in " ".join(text.split())
