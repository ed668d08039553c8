"""Doors: the addresses at which foreign systems call us, one per client, and what happens to a call."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import structlog

from config.loading import LoadedClient
from config.problems import ConfigError
from connectors.protocols import Announcer, Event, Gatekeeper
from flows.connections import connect_all
from flows.wiring import House
from ledger import callbacks
from ledger.database import Ledger

log = structlog.get_logger()


@dataclass(slots=True)
class Door:
    """One client's door. Who guards it is asked for once, which may take a request to the foreign system."""

    client: str
    system: str
    announcer: Announcer
    ledger: Ledger
    _gate: Gatekeeper | None = None
    _lock: Lock = field(default_factory=Lock)

    def gate(self) -> Gatekeeper:
        """Who judges the calls. Raises `ConnectorError` while that cannot be known."""
        with self._lock:
            if self._gate is None:
                self._gate = self.announcer.gate()
            return self._gate

    def keep(self, event: Event, now: datetime) -> bool:
        """Write down what a call said; False when it was known."""
        callback = callbacks.Callback(
            self.system, event.key, event.name, event.topic, event.external_id, event.occurred_at
        )
        with self.ledger.writing() as session:
            return callbacks.keep(session, self.client, callback, now)


class Doors:
    """All doors of an installation. Opening them makes no request; a client with mistakes in its file has none."""

    def __init__(self, house: House) -> None:
        self._found: dict[tuple[str, str], Door] = {}
        self._connections: list[Any] = []
        self._clients = {Path(problem.file).stem for problem in house.problems}
        for loaded in house.clients:
            self._clients.add(loaded.config.name)
            if loaded.config.active:
                self._add(house, loaded)

    def __iter__(self) -> Iterator[Door]:
        return iter(self._found.values())

    def renew(self, house: House) -> None:
        """Go by other clients' files from now on. Who is at an old door at this moment still gets in."""
        fresh = Doors(house)
        self._connections += fresh._connections
        self._found, self._clients = fresh._found, fresh._clients

    def at(self, client: str, system: str) -> Door | None:
        """The door at an address; None where there is none."""
        return self._found.get((client, system))

    def may_open(self, client: str) -> bool:
        """Whether an address without a door belongs to a client, so that a call should be tried again later."""
        return client in self._clients

    def close(self) -> None:
        """Close all connections behind the doors."""
        for connection in self._connections:
            connection.close()

    def _add(self, house: House, loaded: LoadedClient) -> None:
        name, system = loaded.config.name, loaded.config.jobs.system
        try:
            systems = connect_all(house.settings, loaded)
        except ConfigError as error:
            log.warning("a client has no door", client=name, problems=[str(problem) for problem in error.problems])
            return
        self._connections.extend(systems.values())
        if isinstance(systems[system], Announcer):
            self._found[name, system] = Door(name, system, systems[system], house.ledger)
