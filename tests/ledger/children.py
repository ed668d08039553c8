"""What tests let other processes do: each says that it is ready, and goes on when the test says so.

The processes are forked from a server that has loaded everything: starting one takes milliseconds.
"""

import multiprocessing
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from ledger import effects
from ledger.archive import Archive
from ledger.database import open_ledger
from ledger.effects import Kind, Settlement, State
from ledger.journal import record
from ledger.owners import this_process
from ledger.spool import Spool
from tests.ledger.samples import CLIENT, LEASE, NOW

SECONDS = 120
"""How long a child may take for anything."""

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.ledger.children"])

Ready = Callable[[], None]


@dataclass
class Child:
    """A process that waits for the test's word."""

    process: ForkServerProcess
    line: Connection

    def kill(self) -> None:
        """End it in the middle of what it does (SIGKILL), and wait until it is gone."""
        self.process.kill()
        self.process.join(SECONDS)

    def said(self) -> str:
        """The next word from it."""
        assert self.line.poll(SECONDS), "the child says nothing"
        word: str = self.line.recv()
        return word


@contextmanager
def child(what: Callable[..., str | None], *arguments: object) -> Iterator[Child]:
    """A child that is where `what` calls `ready`; killed at the end if it still runs."""
    ours, its = SERVER.Pipe()
    process = SERVER.Process(target=run, args=(its, what, arguments))
    process.start()
    its.close()
    started = Child(process, ours)
    try:
        assert started.said() == "ready"
        yield started
    finally:
        started.kill()
        ours.close()


def go(*children: Child) -> list[str]:
    """Let ready children go on at the same moment, and wait for their end; what they answered."""
    for one in children:
        one.line.send("go")
    answers = [one.said() for one in children]
    for one in children:
        one.process.join(SECONDS)
    assert [one.process.exitcode for one in children] == [0] * len(children)
    return answers


def run(line: Connection, what: Callable[..., str | None], arguments: tuple[object, ...]) -> None:
    """The life of a child."""

    def ready() -> None:
        line.send("ready")
        line.recv()

    line.send(what(ready, *arguments) or "")


def open_empty(ready: Ready, url: str) -> None:
    """Open a ledger that may have no tables yet."""
    ready()
    open_ledger(url).close()


def do_all(ready: Ready, url: str, deeds: Path) -> None:
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
            with deeds.open("a", encoding="utf-8") as file:
                file.write(f"{effect_id}\n")
            with ledger.writing() as session:
                effects.settle(session, flight, Settlement(State.DONE), NOW)
    ledger.close()


def hold(ready: Ready, url: str, effect_id: int, phase: str) -> None:
    """Take an effect, come to a phase, and hang."""
    ledger = open_ledger(url)
    now = datetime.now(UTC)
    with ledger.writing() as session:
        flight = effects.take(session, effect_id, this_process(), now, LEASE)
    assert flight is not None
    if phase != effects.CLAIMED:
        with ledger.writing() as session:
            effects.reach(session, flight, phase, now)
    ready()


def write(ready: Ready, url: str, number: int) -> None:
    """Write journal entries, one transaction each."""
    ledger = open_ledger(url)
    ready()
    for count in range(number):
        with ledger.writing() as session:
            record(session, datetime.now(UTC), CLIENT, "entry", owner=this_process(), count=count)
    ledger.close()


def put(ready: Ready, root: Path, size: int, most: int) -> str:
    """Put so many bytes into the archive where files may have `most` bytes; says what came of it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    ready()
    try:
        return Archive(root).put(b"x" * size)
    except OSError as error:
        return type(error).__name__


def note(ready: Ready, url: str, folder: Path, effect_id: int) -> None:
    """Take a mail, come to its dot, note in the spool that it was accepted, and hang before telling the ledger."""
    ledger = open_ledger(url)
    now = datetime.now(UTC)
    with ledger.writing() as session:
        flight = effects.take(session, effect_id, this_process(), now, LEASE)
    assert flight is not None
    with ledger.writing() as session:
        effects.reach(session, flight, "dot", now)
    Spool(folder, this_process()).note(flight, {"answer": "250 OK"})
    ready()
