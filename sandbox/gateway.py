"""What stands before the API: login, rate limit, ordered faults and the journal (an ASGI application)."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.types import Message, Receive, Scope, Send

from sandbox import failing
from sandbox.answer import Answer, send_answer
from sandbox.clock import real_now
from sandbox.connections import reset
from sandbox.faults import HttpFault
from sandbox.lexoffice.api import STALE

if TYPE_CHECKING:
    from sandbox.stage import Stage


@dataclass
class Exchange:
    """One request on its way: what came in and what became of it."""

    scope: Scope
    body: bytes
    call_api: Callable[["Exchange"], Awaitable[Answer]]
    fault: HttpFault | None = None
    executed: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def carry_out(self) -> Answer:
        """Let the API do it."""
        self.executed = True
        return await self.call_api(self)


class Gateway:
    """Passes requests to the API of the stage and control requests to the control interface."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/_control"):
            await self._stage.control(scope, receive, send)
            return
        await self._serve(Exchange(scope, await _body(receive), self._api, tasks=self._tasks), send)

    async def _serve(self, exchange: Exchange, send: Send) -> None:
        started, real, sandbox = time.monotonic(), real_now(), self._stage.clock.now()
        answer: Answer | None = None
        try:
            answer = await self._answer(exchange)
            if answer is None:
                reset(dict(exchange.scope))
            else:
                await send_answer(answer, send)
        finally:
            self._stage.journal.add(
                real_time=real.isoformat(),
                sandbox_time=sandbox.isoformat(),
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
        if not self._authorised(exchange.scope):
            return failing.unauthorised()
        if not self._stage.bucket.take():
            return failing.too_many(self._stage.bucket.retry_after)
        exchange.fault = self._stage.faults.take_http(exchange.scope["method"], exchange.scope["path"])
        if exchange.fault is None:
            return await exchange.carry_out()
        return await failing.KINDS[exchange.fault.kind](exchange, exchange.fault)

    def _authorised(self, scope: Scope) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(given, b"Bearer " + self._stage.api_key.encode())

    async def _api(self, exchange: Exchange) -> Answer:
        """Call the API and collect its answer."""
        answer = Answer(500)

        async def receive() -> Message:
            return {"type": "http.request", "body": exchange.body, "more_body": False}

        async def send(part: Message) -> None:
            if part["type"] == "http.response.start":
                answer.status, answer.headers = part["status"], list(part["headers"])
            else:
                answer.body += part.get("body", b"")

        scope = dict(exchange.scope)
        if exchange.fault is not None and exchange.fault.kind == "stale":
            scope[STALE] = True
        await self._stage.api(scope, receive, send)
        return answer


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
    return body
