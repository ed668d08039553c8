"""A small supervisor: children started in order, their lines logged, restarted with back-off, stopped in reverse."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
HEALTHY_SECONDS = 60.0
"""A child that lived so long begins its pauses anew."""
LOOK_SECONDS = 5.0
LONGEST_LINE = 1 << 20
TRACE = "Traceback (most recent call last)"
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG: a supervisor that is killed leaves no orphans behind that hold its ports."""

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Child:
    """A program to be kept running. `ready` is awaited before the next one starts; `grace` is its time to end."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_within: float = 120.0
    grace: float = 30.0


class NotReady(Exception):
    """A child did not come up in its time; the message is German."""


class Supervisor:
    """Keeps the wanted children running until it is told to stop. `wanted` may name more children later on."""

    def __init__(self, wanted: Callable[[], Sequence[Child]], started: Callable[[], None] = lambda: None) -> None:
        self._wanted, self._started = wanted, started
        self._kept: dict[str, asyncio.Task[None]] = {}
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Let everything end in order."""
        self._stop.set()

    async def run(self) -> None:
        """Start, keep, and at SIGINT or SIGTERM stop all children. Raises `NotReady` after stopping them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        try:
            await self._start_missing()
            if not self._stop.is_set():
                self._started()
            while not await self._stopped_within(LOOK_SECONDS):
                await self._start_missing()
        finally:
            await self._end_all()

    async def _start_missing(self) -> None:
        for child in self._wanted():
            if child.name not in self._kept and not self._stop.is_set():
                self._kept[child.name] = asyncio.create_task(self._keep(child))
                await self._until_ready(child)

    async def _until_ready(self, child: Child) -> None:
        end = time.monotonic() + child.ready_within
        while child.ready and not self._stop.is_set() and not await child.ready():
            if time.monotonic() > end:
                raise NotReady(
                    f"{child.name} ist nach {child.ready_within:.0f} Sekunden nicht bereit. Abhilfe: Protokoll darüber."
                )
            await self._stopped_within(0.3)

    async def _keep(self, child: Child) -> None:
        """Run a child again and again; cancelled, it is ended and waited for."""
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = await _run(child)
            pause = FIRST_PAUSE if time.monotonic() - began >= HEALTHY_SECONDS else pause
            log.warning("ended, starts again", child=child.name, code=code, pause=round(pause))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return self._stop.is_set()

    async def _end_all(self) -> None:
        for name, task in reversed(self._kept.items()):
            log.info("stops", child=name)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _run(child: Child) -> int:
    """One life of a child; its exit code. Cancelled, the child gets SIGTERM, and after its grace SIGKILL."""
    process = await asyncio.create_subprocess_exec(
        *child.command,
        env=os.environ | dict(child.environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=LONGEST_LINE,
        # A group of its own: Ctrl-C reaches only us, and we end the children in order.
        start_new_session=True,
        preexec_fn=_prepare,
    )
    log.info("starts", child=child.name, pid=process.pid)
    reading = asyncio.create_task(_log_lines(child.name, process))
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await _end(process, child.grace)
        raise
    finally:
        # What it started itself must not outlive it: the next one would find its ports and runs taken.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await reading


async def _end(process: asyncio.subprocess.Process, grace: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), grace)


async def _log_lines(name: str, process: asyncio.subprocess.Process) -> None:
    if process.stdout is None:
        return
    inside = False
    async for line in process.stdout:
        text = line.decode("utf-8", "replace").rstrip()
        # Of a trace people need the last line, which says what happened; developers see all of it at DEBUG.
        inside = text.startswith(TRACE) or (inside and text.startswith((" ", "\t")))
        if any(letter.isalnum() for letter in text):
            (log.debug if inside else log.info)(text, child=name)


def _prepare() -> None:
    """In the child before it runs: it dies with us, and SIGINT means what it should."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if _libc:
        _libc.prctl(_DIE_WITH_PARENT, signal.SIGTERM)
