"""What each ordered HTTP fault does to a request; None means that the connection is reset without an answer."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sandbox.answer import Answer
from sandbox.faults import HttpFault

if TYPE_CHECKING:
    from sandbox.gateway import Exchange

_NUMBER = re.compile(rb"(:\s*)-?\d+(\.\d+)?(?=\s*[,}\]])")
_QUOTED_AMOUNT = re.compile(rb'("(?:sum|price|quantity|amount)\w*"\s*:\s*)"-?\d+(?:\.\d+)?"')
_PAGE = b"<!DOCTYPE html><html><head><title>Wartung</title></head><body><h1>Wartungsarbeiten</h1></body></html>"
Outcome = Awaitable[Answer | None]
log = logging.getLogger(__name__)


async def _timeout_after(exchange: "Exchange", fault: HttpFault) -> Answer:
    await exchange.carry_out()
    await asyncio.sleep(fault.delay)
    return exchange.system.refuse(504)


async def _timeout_before(exchange: "Exchange", fault: HttpFault) -> Answer:
    await asyncio.sleep(fault.delay)
    return exchange.system.refuse(504)


async def _reset_before(exchange: "Exchange", fault: HttpFault) -> None:
    await asyncio.sleep(fault.delay)


async def _reset_after(exchange: "Exchange", fault: HttpFault) -> None:
    await exchange.carry_out()
    await asyncio.sleep(fault.delay)


async def _late(exchange: "Exchange", fault: HttpFault) -> Answer:
    task = asyncio.create_task(_afterwards(exchange, fault.delay))
    exchange.tasks.add(task)
    task.add_done_callback(exchange.tasks.discard)
    return exchange.system.refuse(504)


async def _afterwards(exchange: "Exchange", delay: float) -> None:
    await asyncio.sleep(delay)
    answer = await exchange.carry_out()
    log.info("late effect of %s: %s", exchange.scope["path"], answer.status)


async def _double(exchange: "Exchange", fault: HttpFault) -> Answer:
    await exchange.carry_out()
    return await exchange.carry_out()


async def _html(exchange: "Exchange", fault: HttpFault) -> Answer:
    await _perhaps(exchange, fault)
    return Answer(fault.status or 200, _PAGE, [(b"content-type", b"text/html; charset=utf-8")])


async def _cut(exchange: "Exchange", fault: HttpFault) -> Answer:
    answer = await exchange.carry_out()
    answer.body = answer.body[: len(answer.body) // 2]
    return answer


async def _nan(exchange: "Exchange", fault: HttpFault) -> Answer:
    answer = await exchange.carry_out()
    answer.body = _QUOTED_AMOUNT.sub(rb'\1"NaN"', _NUMBER.sub(rb"\1NaN", answer.body))
    return answer


async def _huge(exchange: "Exchange", fault: HttpFault) -> Answer:
    answer = await exchange.carry_out()
    answer.padding = fault.megabytes * 1024 * 1024
    return answer


async def _refusal(exchange: "Exchange", fault: HttpFault) -> Answer:
    await _perhaps(exchange, fault)
    return exchange.system.refuse(int(fault.kind), fault.message, fault.retry_after)


async def _silence(exchange: "Exchange", fault: HttpFault) -> None:
    await _perhaps(exchange, fault)
    await asyncio.sleep(fault.delay or 3600)


async def _stale(exchange: "Exchange", fault: HttpFault) -> Answer:
    return await exchange.carry_out()


async def _perhaps(exchange: "Exchange", fault: HttpFault) -> None:
    if fault.effect:
        await exchange.carry_out()
    await asyncio.sleep(0 if fault.kind == "silence" else fault.delay)


KINDS: dict[str, Callable[["Exchange", HttpFault], Outcome]] = {
    "gateway-timeout-after-effect": _timeout_after,
    "gateway-timeout-before-effect": _timeout_before,
    "reset-before": _reset_before,
    "reset-after-effect": _reset_after,
    "late-effect": _late,
    "double-effect": _double,
    "html": _html,
    "cut": _cut,
    "nan": _nan,
    "huge": _huge,
    **dict.fromkeys(("401", "402", "403", "409", "422", "429", "500", "503"), _refusal),
    "silence": _silence,
    "stale": _stale,
}
