"""Wiring: from a client's file to connections, rules and memory; every complaint names the file and line."""

import atexit
import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

import connectors
from config.client import Client, policy_of, seller_of
from config.loading import LoadedClient, beside, load_clients, problem_at, problems_from, problems_of
from config.problems import ConfigError, ConfigProblem
from config.secrets import SecretsMissing, resolve_options, secret_names_of
from config.settings import Settings
from connectors import rate
from documents.look import Look
from documents.mail import Sender
from documents.rules_check import OfficialRules, Sample, SampledRules
from flows.clock import Clock
from flows.work import Work
from ledger.archive import Archive
from ledger.database import Ledger, open_ledger
from ledger.owners import this_process
from ledger.spool import Spool

QUOTA = "quota"
"""The folder in which all processes of an installation share the quota of each account."""

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
    rate.share(settings.home / QUOTA)
    try:
        yield House(settings, ledger, tuple(clients), tuple(problems))
    finally:
        ledger.close()


@contextmanager
def at_work(house: House, loaded: LoadedClient, at: datetime | None = None) -> Iterator[Work]:
    """Connect one client. Raises `ConfigError` with every complaint of its connectors; makes no request.

    With `at` the clock starts at that instant instead of now: a rehearsal.
    """
    config, owner = loaded.config, this_process()
    systems = connect_all(house.settings, loaded)
    accounting = systems[config.invoices.system]
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
            source=systems[config.jobs.system],
            accounting=accounting,
            payments=systems[config.payments.system],
            pdfs=accounting,
            courier=systems[config.mail.system] if config.mail else None,
            seller=seller_of(config),
            sender=sender_of(config),
            look=look_of(loaded),
            rules=official_rules(),
            policy=policy_of(config),
        )
    finally:
        for system in systems.values():
            system.close()


@lru_cache
def official_rules() -> SampledRules:
    """The official e-invoice rules in their own process, one for all clients; it ends with this one."""
    rules = OfficialRules()
    atexit.register(rules.close)
    return SampledRules(rules, Sample())


def connect_all(settings: Settings, loaded: LoadedClient) -> dict[str, Any]:
    """The client's connections by name. Raises `ConfigError` with the complaints of all of them."""
    problems: list[ConfigProblem] = []
    found: dict[str, tuple[ModuleType, Any]] = {}
    for name in loaded.config.systems:
        try:
            found[name] = _settings_of(settings, loaded, name)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return {name: module.connect(options) for name, (module, options) in found.items()}


def problems_in(settings: Settings, loaded: LoadedClient) -> list[ConfigProblem]:
    """Everything in a client's file that only the connectors and the documents can judge; connects to nothing."""
    problems: list[ConfigProblem] = []
    for name in loaded.config.systems:
        try:
            _settings_of(settings, loaded, name)
        except ConfigError as error:
            problems.extend(error.problems)
    try:
        look_of(loaded)
    except ConfigError as error:
        problems.extend(error.problems)
    return problems


def look_of(loaded: LoadedClient) -> Look:
    """The client's look with paths made whole. Raises `ConfigError`."""
    section = loaded.config.look
    try:
        return Look(
            language=section.language,
            accent=section.accent,
            logo=beside(loaded, section.logo),
            footer=section.footer,
            closing=(section.closing,) if section.closing else (),
            templates=beside(loaded, section.templates),
        )
    except ValidationError as error:
        raise ConfigError(problems_from(error, loaded, ("look",), Look)) from None


def sender_of(config: Client) -> Sender | None:
    """Under whose name mails go out; None for a client that sends none."""
    if config.mail is None:
        return None
    return Sender(config.mail.sender, config.mail.from_name, config.mail.reply_to)


def _settings_of(settings: Settings, loaded: LoadedClient, name: str) -> tuple[ModuleType, Any]:
    system, prefix = loaded.config.systems[name], ("systems", name)
    module = _module(loaded, name, system.module)
    try:
        resolved = resolve_options(system.options, settings, secret_names_of(module.Settings))
        secrets_in_use.update(resolved.secrets)
        return module, module.Settings(**resolved.options)
    except SecretsMissing as error:
        raise ConfigError(problems_of(error, loaded, prefix)) from None
    except ValidationError as error:
        raise ConfigError(problems_from(error, loaded, prefix, module.Settings)) from None


def _module(loaded: LoadedClient, name: str, module: str) -> ModuleType:
    known = [found.name for found in pkgutil.iter_modules(connectors.__path__)]
    if module in known:
        found = importlib.import_module(f"connectors.{module}")
        if hasattr(found, "connect"):
            return found
    names = ", ".join(each for each in known if hasattr(importlib.import_module(f"connectors.{each}"), "connect"))
    path = ("systems", name, "module")
    raise ConfigError([problem_at(loaded, path, "Diesen Anschluss gibt es nicht.", f"Möglich sind: {names}.")])
