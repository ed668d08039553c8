"""Waking the flows: an event for Prefect, whose trigger starts the client's flow. Fails softly: the schedules come."""

import asyncio

import structlog
from prefect.events import Event
from prefect.events.clients import get_events_client
from prefect.settings import get_current_settings
from websockets.exceptions import WebSocketException

from flows.called import CALLED, resource_of

log = structlog.get_logger()

PATIENCE = 10
"""Seconds until an event that cannot be handed over is given up."""


async def wake_prefect(client: str) -> None:
    """Tell the Prefect server that callbacks of a client wait in the ledger."""
    if not get_current_settings().api.url:
        log.warning("PREFECT_API_URL is not set; only the schedule answers callbacks", client=client)
        return
    event = Event(event=CALLED, resource={"prefect.resource.id": resource_of(client)}, payload={"client": client})
    try:
        async with asyncio.timeout(PATIENCE), get_events_client(reconnection_attempts=0) as server:
            await server.emit(event)
    except (OSError, WebSocketException, ValueError) as fault:
        log.warning("prefect is away; the schedule will answer the callback", client=client, fault=repr(fault))
