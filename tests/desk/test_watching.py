"""Whoever watches a run sees it move; whoever keeps what it says in a file finds nothing but that."""

import os
import pty
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from tests.flows.business import TODAY, Business
from tests.sandbox.running import ROOT

COMMAND = [sys.executable, "-m", "desk.cli", "run", "--at", TODAY[:19]]


def watched(business: Business, stdout: int | None, stderr: int | None) -> tuple[str, str]:
    """What a terminal showed of a run, and what it wrote to a pipe. None: to the terminal."""
    terminal, theirs = pty.openpty()
    shown: list[bytes] = []
    reading = threading.Thread(target=_read, args=[terminal, shown])
    reading.start()
    environment = business.environment() | {"TERM": "xterm", "COLUMNS": "120"}
    outs = [theirs if given is None else given for given in (stdout, stderr)]
    ended = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdin=theirs, stdout=outs[0], stderr=outs[1])
    os.close(theirs)
    piped = b"".join(part for part in ended.communicate() if part)
    reading.join()
    os.close(terminal)
    assert ended.returncode == 0
    return b"".join(shown).decode(), piped.decode()


def _read(terminal: int, into: list[bytes]) -> None:
    # Once nobody is at the other side any more, reading fails.
    with suppress(OSError):
        while read := os.read(terminal, 4096):
            into.append(read)


@pytest.mark.parametrize(("stdout", "stderr"), [(None, None), (subprocess.PIPE, None), (None, subprocess.PIPE)])
def test_a_run_shows_on_a_terminal_how_far_it_is(business: Business, stdout: int | None, stderr: int | None) -> None:
    """Also where the result goes to a file: then the moving line is on standard error, and the file has none of it."""
    business.finished_job()
    shown, piped = watched(business, stdout, stderr)
    assert "sommer: Aufträge abholen" in shown
    assert "Entwürfe: 1, Rechnungen: 1" in shown
    report = "sommer, Rechnungen versenden: 2 erledigt"
    assert report in (piped if stdout else shown)
    assert "\x1b" not in piped
    assert "Entwürfe: 1" not in piped
