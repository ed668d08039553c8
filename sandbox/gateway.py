"""What stands before the API: login, rate limit, ordered faults and the journal (an ASGI application)."""

import asyncio
import ipaddress
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.types import Message, Receive, Scope, Send

from sandbox import failing
from sandbox.answer import Answer, message, send_answer
from sandbox.clock import real_now
from sandbox.connections import reset
from sandbox.faults import HttpFault
from sandbox.scope import STALE
from sandbox.system import System

if TYPE_CHECKING:
    from sandbox.stage import Stage


@dataclass
class Exchange:
    """One request on its way: what came in and what became of it.

    It keeps to the system it came for, so that a late effect does not land on a stage that was reset meanwhile.
    """

    scope: Scope
    body: bytes
    system: System
    fault: HttpFault | None = None
    executed: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def carry_out(self) -> Answer:
        """Let the API do it."""
        self.executed = True
        answer = Answer(500)

        async def receive() -> Message:
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def send(part: Message) -> None:
            if part["type"] == "http.response.start":
                answer.status, answer.headers = part["status"], list(part["headers"])
            else:
                answer.body += part.get("body", b"")

        stale = {STALE: True} if self.fault is not None and self.fault.kind == "stale" else {}
        await self.system.api({**self.scope, **stale}, receive, send)
        return answer


class Gateway:
    """Passes requests to the system they are for and control requests to the control interface."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/_control"):
            await self._control(scope, receive, send)
            return
        system = self._stage.system_for(scope["path"])
        await self._serve(Exchange(scope, await _body(receive), system, tasks=self._tasks), send)

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The control interface has no login, so only this machine may use it."""
        if is_loopback(scope["client"]):
            await self._stage.control(scope, receive, send)
        else:
            await send_answer(message(403, "Forbidden"), send)

    async def _serve(self, exchange: Exchange, send: Send) -> None:
        started, real, sandbox = time.monotonic(), real_now(), self._stage.clock.now()
        journal = self._stage.journal
        answer: Answer | None = None
        try:
            answer = await self._answer(exchange)
            if answer is None:
                reset(dict(exchange.scope))
            else:
                await send_answer(answer, send)
        finally:
            journal.add(
                real_time=real.isoformat(),
                sandbox_time=sandbox.isoformat(),
                system=exchange.system.name,
                method=exchange.scope["method"],
                path=exchange.scope["path"],
                query=exchange.scope["query_string"].decode("ascii", "replace"),
                status=answer.status if answer else None,
                executed=exchange.executed,
                fault=exchange.fault.kind if exchange.fault else None,
                milliseconds=round((time.monotonic() - started) * 1000),
            )

    async def _answer(self, exchange: Exchange) -> Answer | None:
        """The answer, or None when the connection is to be reset instead."""
        system = exchange.system
        if not system.authorised(dict(exchange.scope["headers"]).get(b"authorization", b"")):
            return system.refuse(401)
        if not system.bucket.take():
            return system.refuse(429, retry_after=system.bucket.retry_after)
        exchange.fault = self._stage.faults.take_http(exchange.scope["method"], exchange.scope["path"])
        if exchange.fault is None:
            return await exchange.carry_out()
        return await failing.KINDS[exchange.fault.kind](exchange, exchange.fault)


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Whether a peer is this machine."""
    return client is not None and ipaddress.ip_address(client[0]).is_loopback


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
    return body
