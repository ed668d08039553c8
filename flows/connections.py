"""A client's connections: found by their module's name, configured with resolved secrets, fit for what they are for."""

import importlib
import inspect
import pkgutil
from functools import lru_cache
from types import ModuleType
from typing import Any

from pydantic import ValidationError

import connectors
from config.checking import connections_in
from config.loading import LoadedClient, problem_at, problems_from, problems_of
from config.problems import ConfigError, ConfigProblem, KeyPath
from config.secrets import SecretsMissing, resolve_options, secret_names_of
from config.settings import Settings
from connectors.protocols import Capability

ISSUES = frozenset({Capability.ISSUES_AT_ONCE, Capability.ISSUES_LATER})
NEEDED: dict[KeyPath, frozenset[Capability]] = {
    ("invoices", "system"): ISSUES,
    ("payments", "system"): frozenset({Capability.LISTS_PAYMENTS}),
    ("payments", "bank"): frozenset({Capability.READS_BANK}),
    ("mail", "system"): frozenset({Capability.SENDS_MAIL}),
    ("post", "system"): frozenset({Capability.POSTS_LETTERS}),
    ("alerts", "system"): frozenset({Capability.SENDS_MAIL}),
    ("mailbox", "system"): frozenset({Capability.RECEIVES_MAIL}),
    ("times", "system"): frozenset({Capability.RECORDS_TIME}),
    ("task_board", "system"): frozenset({Capability.SHOWS_TASKS}),
    ("filing", "system"): frozenset({Capability.FILES}),
}
"""What a connection must be able to do, one of these, for the place in the client's file that names it."""

secrets_in_use: set[str] = set()
"""Every secret that was resolved in this process: no log line may show one."""


def connect_all(settings: Settings, loaded: LoadedClient) -> dict[str, Any]:
    """The client's connections by name. Raises `ConfigError` with the complaints of all of them."""
    problems: list[ConfigProblem] = []
    found: dict[str, tuple[ModuleType, Any]] = {}
    for name in loaded.config.systems:
        try:
            found[name] = configured(settings, loaded, name)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    check_kinds(loaded)
    return {name: module.connect(options) for name, (module, options) in found.items()}


def configured(settings: Settings, loaded: LoadedClient, name: str) -> tuple[ModuleType, Any]:
    """The module of a connection and its settings, secrets resolved; connects to nothing. Raises `ConfigError`."""
    system, prefix = loaded.config.systems[name], ("systems", name)
    module = _module(loaded, name)
    try:
        resolved = resolve_options(system.options, settings, secret_names_of(module.Settings))
        secrets_in_use.update(resolved.secrets)
        return module, module.Settings(**resolved.options)
    except SecretsMissing as error:
        raise ConfigError(problems_of(error, loaded, prefix)) from None
    except ValidationError as error:
        raise ConfigError(problems_from(error, loaded, prefix, module.Settings)) from None


def capabilities_of(loaded: LoadedClient, name: str) -> frozenset[Capability]:
    """What one of a client's connections can do; connects to nothing and needs no secret. Raises `ConfigError`."""
    return _capabilities(_module(loaded, name))


def check_kinds(loaded: LoadedClient) -> None:
    """Raise `ConfigError` with all places that name a connection which cannot do what it is named for."""
    problems = []
    for path, name in connections_in(loaded.config).items():
        needed = NEEDED.get(path)
        if needed and not needed & capabilities_of(loaded, name):
            fit = ", ".join(each for each, module in _all().items() if needed & _capabilities(module))
            cure = f"Eine Verbindung mit  module: {fit}."
            problems.append(problem_at(loaded, path, f"Die Verbindung {name} kann das nicht.", cure))
    if problems:
        raise ConfigError(problems)


def _module(loaded: LoadedClient, name: str) -> ModuleType:
    module = loaded.config.systems[name].module
    if module in _names():
        found = importlib.import_module(f"connectors.{module}")
        if hasattr(found, "connect"):
            return found
    path = ("systems", name, "module")
    cure = f"Möglich sind: {', '.join(_all())}."
    raise ConfigError([problem_at(loaded, path, "Diesen Anschluss gibt es nicht.", cure)])


def _names() -> list[str]:
    return [found.name for found in pkgutil.iter_modules(connectors.__path__)]


@lru_cache
def _all() -> dict[str, ModuleType]:
    """All connectors by name; only a mistake loads those that a client does not use."""
    modules = {name: importlib.import_module(f"connectors.{name}") for name in _names()}
    return {name: module for name, module in modules.items() if hasattr(module, "connect")}


def _capabilities(module: ModuleType) -> frozenset[Capability]:
    capabilities: frozenset[Capability] = inspect.signature(module.connect).return_annotation.capabilities
    return capabilities
