"""A real `rechnungsbote` that kills itself (SIGKILL) at its n-th point: around every commit, effect and fsync.

The hooks sit in the libraries below the product (database driver, HTTP transport, SMTP client, operating system), so
that no line of the product knows of them. Every point passed is a line in a trace file, written before going on.
The processes are forked from a server that has loaded everything: starting one takes milliseconds.
"""

import os
import resource
import signal
import smtplib
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

import desk.cli
from tests.forked import SERVER

SECONDS = 180
"""How long a run may take before it counts as stuck."""

Spoil = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code (-9 when it killed itself), the points it passed and what it said."""

    code: int
    points: tuple[str, ...]
    said: str = field(default="", compare=False)

    @property
    def was_killed(self) -> bool:
        """Whether it reached the point it was to die at."""
        return self.code == -signal.SIGKILL


@dataclass
class Running:
    """A command on its way."""

    process: ForkServerProcess
    trace: Path

    def ended(self) -> Ended:
        """Wait for its end."""
        self.process.join(SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
            raise AssertionError(f"a command is stuck; it came to {self.trace.read_text('utf-8').splitlines()[-3:]}")
        points = tuple(self.trace.read_text("utf-8").splitlines())
        return Ended(self.process.exitcode or 0, points, _said_beside(self.trace).read_text("utf-8"))

    def is_stopped(self) -> bool:
        """Whether it is frozen (SIGSTOP)."""
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def wake(self) -> None:
        """Let a frozen one go on."""
        if self.process.pid:
            os.kill(self.process.pid, signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a process: it dies at point `die_at` (0: never), freezes at the first point named `freeze_at`.

    Its files may grow to `disk` bytes. `spoil` breaks the product before it starts: what the checks must catch.
    """

    die_at: int = 0
    freeze_at: str = ""
    disk: int = resource.RLIM_INFINITY
    spoil: Spoil | None = None


def start(arguments: Sequence[str], settings: Mapping[str, str], folder: Path, fate: Fate) -> Running:
    """Begin one command in a process of its own."""
    handle, name = tempfile.mkstemp(dir=folder, prefix="trace-")
    os.close(handle)
    trace = Path(name)
    _said_beside(trace).touch()
    process = SERVER.Process(target=_live, args=(list(arguments), dict(settings), trace, fate))
    process.start()
    return Running(process, trace)


def _said_beside(trace: Path) -> Path:
    return trace.with_suffix(".said")


class _Points:
    """Counts what the process passes, and ends it at the chosen one."""

    def __init__(self, trace: Path, fate: Fate) -> None:
        self._file = os.open(trace, os.O_WRONLY | os.O_APPEND)
        self._fate, self._freeze_at = fate, fate.freeze_at
        self._passed = 0

    def __call__(self, what: str) -> None:
        self._passed += 1
        os.write(self._file, f"{what}\n".encode())
        if self._passed == self._fate.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if what == self._freeze_at:
            self._freeze_at = ""
            os.kill(os.getpid(), signal.SIGSTOP)


def _live(arguments: list[str], settings: dict[str, str], trace: Path, fate: Fate) -> None:
    os.environ.update(settings)
    output = os.open(_said_beside(trace), os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    points = _Points(trace, fate)
    _watch_commits(points)
    _watch_requests(points)
    _watch_mails(points)
    _watch_disk(points)
    if fate.spoil:
        fate.spoil()
    resource.setrlimit(resource.RLIMIT_FSIZE, (fate.disk, fate.disk))
    sys.argv = ["rechnungsbote", *arguments]
    desk.cli.main()


def _watch_commits(points: _Points) -> None:
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        _around(dialect, "do_commit", lambda *_: "commit", points)


def _watch_requests(points: _Points) -> None:
    def what(_transport: Any, request: httpx.Request) -> str:
        return "" if request.method == "GET" else f"{request.method} {request.url.path}"

    _around(httpx.HTTPTransport, "handle_request", what, points)


def _watch_mails(points: _Points) -> None:
    """Before DATA, before the final dot, between the dot and its answer, and after the answer."""
    asked = {"dot": False}
    send, answer = smtplib.SMTP.send, smtplib.SMTP.getreply

    def sending(server: smtplib.SMTP, content: Any) -> None:
        asked["dot"] = content == b".\r\n"
        if asked["dot"]:
            points("before dot")
        send(server, content)
        if asked["dot"]:
            points("after dot")

    def answered(server: smtplib.SMTP) -> tuple[int, bytes]:
        reply = answer(server)
        if asked["dot"]:
            asked["dot"] = False
            points("after answer to dot")
        return reply

    _around(smtplib.SMTP, "rcpt", lambda *_: "RCPT", points)
    vars_of = {"send": sending, "getreply": answered}
    for name, watched in vars_of.items():
        setattr(smtplib.SMTP, name, watched)


def _watch_disk(points: _Points) -> None:
    _around(os, "fsync", lambda *_: "fsync", points)


def _around(owner: Any, name: str, what: Callable[..., str], points: _Points) -> None:
    """Put a point before and after each call of a library function that `what` has a word for."""
    call = getattr(owner, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        word = what(*args)
        if word:
            points(f"before {word}")
        result = call(*args, **kwargs)
        if word:
            points(f"after {word}")
        return result

    setattr(owner, name, watched)
