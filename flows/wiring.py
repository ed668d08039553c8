"""Wiring: from a client's file to connections, rules and memory; every complaint names the file and line."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from config.client import policy_of, seller_of
from config.loading import LoadedClient, beside, load_clients, problem_at, problems_from, problems_of
from config.problems import ConfigError, ConfigProblem
from config.secrets import SecretsMissing, resolve_options, secret_names_of
from config.settings import Settings
from documents.look import Look
from documents.mail import Sender
from flows.clock import Clock
from flows.work import Work
from ledger.archive import Archive
from ledger.database import Ledger, open_ledger
from ledger.owners import this_process
from ledger.spool import Spool

secrets_in_use: set[str] = set()
"""Every secret that was resolved in this process: no log line may show one."""


@dataclass(frozen=True, slots=True)
class House:
    """What all clients of one installation share."""

    settings: Settings
    ledger: Ledger
    clients: tuple[LoadedClient, ...]
    problems: tuple[ConfigProblem, ...]

    def client(self, name: str) -> LoadedClient:
        """The client of that name. Raises `ConfigError` when it is unknown or its file has mistakes."""
        for loaded in self.clients:
            if loaded.config.name == name:
                return loaded
        own = [problem for problem in self.problems if Path(problem.file).stem == name]
        known = ", ".join(loaded.config.name for loaded in self.clients) or "keiner"
        missing = ConfigProblem(
            str(self.settings.clients), 0, name, "Diesen Mandanten gibt es nicht.", f"Bekannt: {known}."
        )
        raise ConfigError(own or [missing])


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    """Open the ledger and read all clients' files. Raises `LedgerUnavailable`."""
    clients, problems = load_clients(settings)
    ledger = open_ledger(settings.database_url)
    try:
        yield House(settings, ledger, tuple(clients), tuple(problems))
    finally:
        ledger.close()


@contextmanager
def at_work(house: House, loaded: LoadedClient, at: datetime | None = None) -> Iterator[Work]:
    """Connect one client. Raises `ConfigError` with every complaint of its connectors; makes no request."""
    systems = Systems(house.settings, loaded)
    config, owner = loaded.config, this_process()
    jobs, invoices = systems.connect(config.jobs.system), systems.connect(config.invoices.system)
    payments = systems.connect(config.payments.system)
    courier = systems.connect(config.mail.system) if config.mail else None
    look = systems.check(lambda: look_of(loaded), ("look",))
    systems.raise_problems()
    try:
        yield Work(
            client=config.name,
            config=config,
            settings=house.settings,
            ledger=house.ledger,
            archive=Archive(house.settings.archive),
            spool=Spool(house.settings.home / "spool", owner),
            clock=Clock(at),
            owner=owner,
            source=jobs,
            accounting=invoices,
            payments=payments,
            pdfs=invoices,
            courier=courier,
            seller=seller_of(config),
            sender=sender_of(loaded),
            look=look,
            policy=policy_of(config),
        )
    finally:
        systems.close()
