"""No command ends in a trace because of where its output goes."""

import os
import signal
import subprocess
import sys

import pytest

from tests.desk.commands import command
from tests.flows.business import Business
from tests.sandbox.running import ROOT


def shell(business: Business, line: str, **settings: str) -> "subprocess.CompletedProcess[bytes]":
    """How a line of bash ends in which `$R` is the command; its code is that of the command."""
    environment = os.environ | business.environment() | settings | {"R": f"{sys.executable} -m desk.cli"}
    words = ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("typed", ["clients", "clients --json"])
def test_nobody_reads_on(business: Business, typed: str) -> None:
    """A reader who has gone ends the command like the signal would: silently, with 141."""
    ended = shell(business, f"$R {typed} | (exec <&-; sleep 0)")
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
def test_a_closed_output(business: Business, closed: str) -> None:
    """What nobody wants to have is said to nobody."""
    ended = shell(business, f"$R clients {closed}")
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("settings", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_a_screen_that_knows_ascii_only(business: Business, settings: dict[str, str]) -> None:
    """Letters it cannot show are replaced."""
    ended = shell(business, "$R extend --help", **settings, PYTHONCOERCECLOCALE="0")
    assert (ended.returncode, ended.stderr, b"danach f?llig" in ended.stdout) == (0, b"", True)


def test_a_full_disk_is_told(business: Business) -> None:
    """An output that could not be written is no success."""
    ended = shell(business, "$R clients --json > /dev/full")
    assert ended.returncode == 3
    assert ended.stderr.decode() == "Die Ausgabe ist nicht ganz geschrieben: der Platz ist aufgebraucht.\n"


def test_what_is_no_text_is_told(business: Business) -> None:
    """Bytes that are not UTF-8 find no invoice and break no query."""
    ended = command(business, "show", "RE\udcff")
    assert (ended.returncode, "nicht in UTF-8" in ended.stderr) == (2, True)
