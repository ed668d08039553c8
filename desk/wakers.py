"""Wakers: call somebody soon after the first knock, once more when others came meanwhile, and never twice at once."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds between two calls for the same client, so that a burst of events makes few."""


class Waker:
    """Knocks may come at any rate, on the event loop; `act` is awaited for one client at a time."""

    def __init__(self, act: Callable[[str], Awaitable[None]], pause: float = PAUSE) -> None:
        self._act, self._pause = act, pause
        self._knocked: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def knock(self, client: str) -> None:
        """There is news for a client."""
        self._knocked.add(client)
        if client not in self._tasks:
            self._tasks[client] = asyncio.create_task(self._serve(client))

    async def close(self) -> None:
        """Wait for what is being done; knocks that come now are left to the ledger."""
        self._knocked.clear()
        await asyncio.gather(*self._tasks.values())

    async def _serve(self, client: str) -> None:
        try:
            while client in self._knocked:
                self._knocked.discard(client)
                try:
                    await self._act(client)
                except Exception:
                    log.exception("waking failed", client=client)
                await asyncio.sleep(self._pause)
        finally:
            del self._tasks[client]
