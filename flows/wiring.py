"""Wiring: from a client's file to connections, rules and memory; every complaint names the file and line."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from config.client import Client, seller_of
from config.loading import LoadedClient, load_clients
from config.problems import ConfigError, ConfigProblem
from config.settings import Settings
from connectors import bank_access, breaker, rate
from documents.mail import Sender
from documents.press_room import PressRoom
from documents.rules_check import OfficialRules, Sample, SampledRules
from flows.around import current_policies
from flows.attached import board_of, filing_of, mailbox_of, times_of
from flows.bank import bank_csv_of
from flows.clock import Clock
from flows.connections import check_kinds, configured, connect_all, secrets_in_use
from flows.folders import check_folders
from flows.hooks import hooks_of
from flows.looks import look_of, looks_of
from flows.watching import watch
from flows.work import Work
from ledger import pauses
from ledger.archive import Archive
from ledger.database import Ledger, open_ledger
from ledger.object_archive import open_archive
from ledger.owners import this_process
from ledger.spool import Spool
from ledger.witness import Witness

QUOTA = "quota"
"""The folder in which all processes of an installation share the quota of each account."""

BREAKERS = "breakers"
"""The folder in which all processes of an installation share which accounts are left alone at present."""

BANKS = "banks"
"""The folder in which all processes of an installation remember their access to banks; no secret lies there."""

WITNESS = "witness.json"
"""The file that shows when an old ledger was put back; it lies beside the ledger, not in it."""

MOST_PRINTERS = 4
"""With so many, printing takes less of an invoice than all else, which one process does alone."""


@dataclass(frozen=True, slots=True)
class House:
    """What all clients of one installation share."""

    settings: Settings
    ledger: Ledger
    clients: tuple[LoadedClient, ...]
    problems: tuple[ConfigProblem, ...]
    archive: Archive

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

    def rests(self, name: str) -> str:
        """Why nothing is done for a client at present, in German; empty while it is worked for."""
        with self.ledger.reading() as session:
            pause = pauses.of(session, name)
        return f"{name} ruht seit {pause.made_at:%d.%m.%Y}: {pause.reason} ({pause.made_by})" if pause else ""


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    """Open the ledger and read all clients' files. Raises `LedgerUnavailable`."""
    clients, problems = load_clients(settings)
    ledger = open_ledger(settings.database_url)
    rate.share(settings.home / QUOTA)
    breaker.share(settings.home / BREAKERS)
    bank_access.share(settings.home / BANKS)
    try:
        yield House(settings, ledger, tuple(clients), tuple(problems), open_archive(settings.archive))
    finally:
        ledger.close()


@contextmanager
def at_work(house: House, loaded: LoadedClient, at: datetime | None = None) -> Iterator[Work]:
    """Connect one client. Raises `ConfigError` with every complaint of its connectors; makes no request.

    With `at` the clock starts at that instant instead of now: a rehearsal.
    """
    config, owner = loaded.config, this_process()
    hooks = hooks_of(house.settings, loaded, secrets_in_use.update)
    bank_csv_of(loaded)
    systems = connect_all(house.settings, loaded)
    accounting = systems[config.invoices.system]
    try:
        work = Work(
            client=config.name,
            config=config,
            settings=house.settings,
            ledger=house.ledger,
            archive=house.archive,
            spool=Spool(house.settings.home / "spool", owner),
            witness=Witness(house.settings.home / WITNESS),
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
            looks=looks_of(loaded),
            rules=official_rules(),
            press=press_room(house.settings.printers),
            policies=current_policies(house.ledger, config),
            hooks=hooks,
            mailbox=mailbox_of(loaded, systems),
            times=times_of(loaded, systems),
            operator_courier=systems[way] if (way := _way_to_operator(config)) else None,
            filing=filing_of(loaded, systems),
            board=board_of(loaded, systems),
            bank=systems[config.payments.bank] if config.payments.bank else None,
            post=systems[config.post.system] if config.post else None,
        )
        watch(work)
        yield work
    finally:
        for system in systems.values():
            system.close()


@lru_cache
def official_rules() -> SampledRules:
    """The official e-invoice rules in their own process, one for all clients; it ends with this one."""
    rules = OfficialRules()
    atexit.register(rules.close)
    return SampledRules(rules, Sample())


@lru_cache
def press_room(processes: int | None) -> PressRoom:
    """The processes that print ahead, one set for all clients; one for each core, up to a few, if not given."""
    room = PressRoom(min(len(os.sched_getaffinity(0)), MOST_PRINTERS) if processes is None else processes)
    atexit.register(room.close)
    return room


def problems_in(settings: Settings, loaded: LoadedClient) -> list[ConfigProblem]:
    """Everything in a client's file that only the connectors and the documents can judge; connects to nothing."""
    problems: list[ConfigProblem] = []
    for name in loaded.config.systems:
        try:
            configured(settings, loaded, name)
        except ConfigError as error:
            problems.extend(error.problems)
    for judge in (
        check_kinds,
        bank_csv_of,
        check_folders,
        looks_of,
        partial(hooks_of, settings, remember=secrets_in_use.update),
    ):
        try:
            judge(loaded)
        except ConfigError as error:
            problems.extend(error.problems)
    # A connection that nobody knows is met twice: where it is configured and where it is judged.
    return list(dict.fromkeys(problems))


def _way_to_operator(config: Client) -> str:
    """The connection that takes messages to the operator; empty for none."""
    return config.alerts.system or (config.mail.system if config.mail else "")


def sender_of(config: Client) -> Sender | None:
    """Under whose name mails go out; None for a client that sends none."""
    if config.mail is None:
        return None
    return Sender(config.mail.sender, config.mail.from_name, config.mail.reply_to)
