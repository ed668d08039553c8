"""Upkeep: see to it that the systems which can call us do, at the address where we listen."""

from connectors.errors import ConnectorError
from connectors.protocols import Announcer, EventSource
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work

PATH = "/callbacks"


def address_of(base_url: str, client: str, system: str) -> str:
    """Where a client's connection calls us."""
    return f"{base_url.rstrip('/')}{PATH}/{client}/{system}"


def keep_up(work: Work) -> list[Entry]:
    """Subscribe to what is missing and cancel what still goes to a former address of this client.

    Safe every day: the system cancels subscriptions by itself when a call met a 404 or 410.
    """
    base_url = work.settings.callback_url
    if not base_url or not isinstance(work.source, Announcer):
        return []
    system = work.config.jobs.system
    address = address_of(base_url, work.client, system)
    try:
        made = work.source.events.subscribe(address)
        cancelled = _cancel_strays(work.source.events, address)
    except ConnectorError as error:
        return [Entry(Result.WAITING, f"Rückrufe von {system}", error.message, channel_after(error))]
    done = [Entry(Result.DONE, f"Rückruf {event}", "Abonniert.") for event in made]
    return done + [Entry(Result.DONE, stray, f"{number} Abonnements beendet.") for stray, number in cancelled]


def _cancel_strays(events: EventSource, address: str) -> list[tuple[str, int]]:
    this_client = address.rpartition("/")[0] + "/"
    found = {known.callback_url for known in events.subscriptions()}
    strays = sorted(url for url in found - {address} if url.startswith(this_client))
    return [(stray, events.unsubscribe(stray)) for stray in strays]
