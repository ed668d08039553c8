"""Renewing: a program that stays reads the clients' files again when one has come, gone or changed."""

from dataclasses import replace

from config.loading import load_clients, stamp_of
from flows.wiring import House


class Renewing:
    """An installation that is up to date with the clients' files; everything else of it stays open."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._seen = stamp_of(house.settings.clients)

    def renew(self) -> bool:
        """Read the clients' files again if one has come, gone or changed; whether that was so."""
        now = stamp_of(self.house.settings.clients)
        if now == self._seen:
            return False
        clients, problems = load_clients(self.house.settings)
        self.house, self._seen = replace(self.house, clients=tuple(clients), problems=tuple(problems)), now
        return True
