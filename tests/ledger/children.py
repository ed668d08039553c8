"""What tests let other processes do: `python -m tests.ledger.children <what> <arguments>`.

A child says "ready" when it is where the test wants it, and goes on when its standard input says so.
"""

import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ledger import effects
from ledger.archive import Archive
from ledger.database import open_ledger
from ledger.effects import Kind, Settlement, State
from ledger.journal import record
from ledger.owners import this_process
from ledger.spool import Spool
from tests.ledger.samples import CLIENT, LEASE, NOW

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def child(*arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
    """A child that has become ready; killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.ledger.children", *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        guard = threading.Timer(30, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.communicate()[1]
            yield process
        finally:
            guard.cancel()
            process.kill()


def go(*processes: "subprocess.Popen[str]") -> list[str]:
    """Let ready children go on at the same moment, and wait for their end; what they said."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = []
    for process in processes:
        words, complaint = process.communicate(timeout=30)
        assert process.returncode == 0, complaint
        said.append(words)
    return said


def ready() -> None:
    """Tell the test, and wait for its word."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def open_empty(url: str) -> None:
    """Open a ledger that may have no tables yet."""
    ready()
    open_ledger(url).close()


def do_all(url: str, deeds: str) -> None:
    """Take and do all mails that are due; each deed is a line in the file `deeds`."""
    ledger = open_ledger(url)
    ready()
    with ledger.reading() as session:
        due = effects.due(session, CLIENT, Kind.SEND_INVOICE, NOW)
    for effect_id in due:
        with ledger.writing() as session:
            flight = effects.take(session, effect_id, this_process(), NOW, LEASE)
        if flight:
            with ledger.writing() as session:
                effects.reach(session, flight, "dot", NOW)
            with Path(deeds).open("a", encoding="utf-8") as file:
                file.write(f"{effect_id}\n")
            with ledger.writing() as session:
                effects.settle(session, flight, Settlement(State.DONE), NOW)
    ledger.close()


def hold(url: str, effect_id: str, phase: str) -> None:
    """Take an effect, come to a phase, and hang."""
    ledger = open_ledger(url)
    now = datetime.now(UTC)
    with ledger.writing() as session:
        flight = effects.take(session, int(effect_id), this_process(), now, LEASE)
    assert flight is not None
    if phase != effects.CLAIMED:
        with ledger.writing() as session:
            effects.reach(session, flight, phase, now)
    ready()


def write(url: str, number: str) -> None:
    """Write journal entries, one transaction each."""
    ledger = open_ledger(url)
    ready()
    for count in range(int(number)):
        with ledger.writing() as session:
            record(session, datetime.now(UTC), CLIENT, "entry", owner=this_process(), count=count)
    ledger.close()


def put(root: str, size: str, most: str) -> None:
    """Put so many bytes into the archive where files may have `most` bytes; says what came of it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    ready()
    try:
        sys.stdout.write(Archive(Path(root)).put(b"x" * int(size)))
    except OSError as error:
        sys.stdout.write(type(error).__name__)


def note(url: str, folder: str, effect_id: str) -> None:
    """Take a mail, come to its dot, note in the spool that it was accepted, and hang before telling the ledger."""
    ledger = open_ledger(url)
    now = datetime.now(UTC)
    with ledger.writing() as session:
        flight = effects.take(session, int(effect_id), this_process(), now, LEASE)
    assert flight is not None
    with ledger.writing() as session:
        effects.reach(session, flight, "dot", now)
    Spool(Path(folder), this_process()).note(flight, {"answer": "250 OK"})
    ready()


WHAT: dict[str, Callable[..., None]] = {
    "open": open_empty,
    "do-all": do_all,
    "hold": hold,
    "write": write,
    "put": put,
    "note": note,
}

if __name__ == "__main__":
    WHAT[sys.argv[1]](*sys.argv[2:])
