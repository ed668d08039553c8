"""The receiver: an ASGI application that takes in callbacks of foreign systems and wakes whoever answers them.

A call is judged by its signature over the raw bytes, written down once, and acknowledged; the work comes later.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.errors import ConnectorError, NotAuthorised
from flows.chain.upkeep import PATH
from flows.clock import Clock
from flows.doors import Door, Doors
from ledger import callbacks
from ledger.database import DatabaseError, Ledger

log = structlog.get_logger()

LARGEST = 64 * 1024
"""Bytes of a call; a pointer has a few hundred."""
SECONDS = 4
"""Until an answer: Lexware gives up after five."""

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
Knock = Callable[[str], None]
Result = TypeVar("Result")


def receiver(doors: Doors, ledger: Ledger, knock: Knock, lifespan: Lifespan | None = None) -> Starlette:
    """The application; `knock` is called with a client's name when there is news for it, and must not wait."""
    desk = _Receiver(doors, ledger, knock)
    path = f"{PATH}/{{client}}/{{system}}"
    routes = [Route("/health", desk.health), Route(path, desk.call, methods=["POST", "GET"])]
    return Starlette(routes=routes, lifespan=lifespan)


class _Refused(Exception):
    """A call that is not taken in, with the status that tells the caller whether to try again."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Receiver:
    def __init__(self, doors: Doors, ledger: Ledger, knock: Knock) -> None:
        self._doors, self._ledger, self._knock, self._clock = doors, ledger, knock, Clock()

    async def health(self, request: Request) -> Response:
        """Whether calls can be kept, and how many wait."""
        try:
            waiting = await _soon(asyncio.to_thread(self._waiting))
        except (TimeoutError, DatabaseError) as fault:
            return JSONResponse({"status": "ledger away", "fault": type(fault).__name__}, 503)
        return JSONResponse({"status": "ok", "waiting": waiting})

    async def call(self, request: Request) -> Response:
        """A call (POST), or the probe whether somebody is here (GET, HEAD).

        Never 404 or 410 at the address of a client we know: Lexware then cancels the subscription.
        """
        client, system = request.path_params["client"], request.path_params["system"]
        try:
            door = self._door(client, system)
            if request.method == "POST":
                await _soon(self._take_in(door, request))
        except (_Refused, TimeoutError, ClientDisconnect, DatabaseError) as fault:
            status = fault.status if isinstance(fault, _Refused) else 503
            log.warning("callback not taken in", client=client, system=system, status=status, why=str(fault))
            return Response(status_code=status)
        return Response(status_code=204)

    def _door(self, client: str, system: str) -> Door:
        door = self._doors.at(client, system)
        if door is None:
            raise _Refused(503 if self._doors.may_open(client) else 404, "no door here")
        return door

    async def _take_in(self, door: Door, request: Request) -> None:
        body = await _body(request)
        if await asyncio.to_thread(self._judge_and_keep, door, body, request):
            self._knock(door.client)

    def _judge_and_keep(self, door: Door, body: bytes, request: Request) -> bool:
        try:
            gate = door.gate()
        except ConnectorError as error:
            raise _Refused(503, error.message) from error
        try:
            event = gate.event(body, request.headers.get(gate.header, ""))
        except NotAuthorised as error:
            raise _Refused(401, error.message) from error
        except ConnectorError as error:
            raise _Refused(400, error.message) from error
        return door.keep(event, self._clock.now())

    def _waiting(self) -> int:
        with self._ledger.reading() as session:
            return sum(callbacks.waiting_by_client(session).values())


async def _body(request: Request) -> bytes:
    """The raw bytes of a call, never more than `LARGEST` of them in memory."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise _Refused(413, f"more than {LARGEST} bytes")
    return bytes(body)


async def _soon(work: Awaitable[Result]) -> Result:
    return await asyncio.wait_for(work, SECONDS)
