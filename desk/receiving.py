"""`receive`: the receiver as a server, with what it does by itself: keep subscriptions, wake flows or run them."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette

from config.problems import ConfigError
from desk.receiver import receiver
from desk.wakers import Waker
from flows.chain.steps import CYCLE, RESPOND, UPKEEP, Step, run_steps
from flows.doors import Doors
from flows.renewing import Renewing
from flows.wiring import House, at_work
from ledger import callbacks

log = structlog.get_logger()

DAY = 24 * 60 * 60
LOOK_SECONDS = 5
WORKERS = 4
"""Clients that are worked for at the same time; one of them never waits for a slow system of another."""
CALLERS = 64
"""Calls that are taken in at the same time; more are told to come again (503)."""


class Receiving:
    """All that goes on beside the calls.

    `wake` is awaited when callbacks of a client wait; without it they are answered here. Every `run_every` seconds
    the whole cycle runs for every client; with 0 it never does.
    """

    def __init__(self, house: House, wake: Callable[[str], Awaitable[None]] | None, run_every: float) -> None:
        self._renewing = Renewing(house)
        self.doors = Doors(house)
        self._waker = Waker(wake or self._respond)
        self._run_every = run_every
        self._workers = ThreadPoolExecutor(WORKERS, "client")

    @property
    def house(self) -> House:
        """The installation as the clients' files want it now."""
        return self._renewing.house

    def app(self) -> Starlette:
        """The application, which starts and ends everything else."""
        return receiver(self.doors, self.house.ledger, self._waker.knock, self._beside)

    @asynccontextmanager
    async def _beside(self, _app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(each) for each in self._tasks()]
        # What a crash left between writing down and waking.
        with self.house.ledger.reading() as session:
            for client in callbacks.waiting_by_client(session):
                self._waker.knock(client)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await self._waker.close()
            self._workers.shutdown(cancel_futures=True)
            self.doors.close()

    def _tasks(self) -> list[Coroutine[Any, Any, None]]:
        tasks = [_again(DAY, self._each_door), _again(LOOK_SECONDS, self._renew)]
        return [*tasks, _again(self._run_every, self._each_client)] if self._run_every else tasks

    async def _renew(self) -> None:
        if self._renewing.renew():
            self.doors.renew(self.house)
            log.info("clients read again", clients=[loaded.config.name for loaded in self.house.clients])

    async def _each_door(self) -> None:
        for door in self.doors:
            await self._in_thread(door.client, UPKEEP)

    async def _each_client(self) -> None:
        active = [loaded.config.name for loaded in self.house.clients if loaded.config.active]
        await asyncio.gather(*(self._in_thread(client, *CYCLE) for client in active))

    async def _respond(self, client: str) -> None:
        await self._in_thread(client, RESPOND)

    async def _in_thread(self, client: str, *steps: Step) -> None:
        await asyncio.get_running_loop().run_in_executor(self._workers, self._carry_out, client, steps)

    def _carry_out(self, client: str, steps: tuple[Step, ...]) -> None:
        """Some steps for one client; what went wrong is in the ledger and in the log, and delays nobody else."""
        try:
            with at_work(self.house, self.house.client(client)) as work:
                if self.house.rests(client):
                    return
                for report in run_steps(work, steps):
                    log.info(str(report), failures=[entry.text for entry in report.failures])
        except ConfigError as error:
            log.warning("client not worked for", client=client, problems=[str(found) for found in error.problems])
        except Exception:
            log.exception("run failed", client=client)


class _Server(uvicorn.Server):
    """uvicorn that ends in order at a signal, so that everything else is closed and the process ends with 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as the wish to end, and do not raise them again afterwards."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(receiving: Receiving, listener: socket.socket) -> None:
    """Take in calls until a signal ends the process."""
    config = uvicorn.Config(
        receiving.app(),
        access_log=False,
        log_level="warning",
        server_header=False,
        limit_concurrency=CALLERS,
        timeout_graceful_shutdown=30,
    )
    _Server(config).run([listener])


async def _again(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    """Now, and then each time so many seconds after it was done."""
    while True:
        await act()
        await asyncio.sleep(seconds)
