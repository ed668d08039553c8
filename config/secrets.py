"""Secrets stand outside the client's file: in the environment, in the secrets folder or in a Prefect block."""

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, SecretStr

from billing.system_words import cause_of
from config.problems import Finding, KeyPath, dotted, looks_secret
from config.settings import ENV_FILE, Settings, environment

_NAMES = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}"),
    "file": re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"),
    "block": re.compile(r"[a-z0-9][a-z0-9-]{0,99}"),
}
_MOST_BYTES = 64 * 1024
_LEAST_LETTERS = 4
"""A shorter secret guards nothing, and hiding it in logs would blacken half of every line."""

_HOW = "{env: NAME}  (Umgebung),  {file: NAME}  (Ordner secrets)  oder  {block: NAME}  (Prefect)"


class SecretUnavailable(Exception):
    """A secret cannot be had. Neither `message` nor `cure` ever quotes a value."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(f"{message} Abhilfe: {cure}")
        self.message = message
        self.cure = cure


class SecretsMissing(Exception):
    """Some secrets of a connection cannot be had; `findings` names each with its path in the options."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            "\n".join(f"{dotted(found.path)}: {found.message} Abhilfe: {found.cure}" for found in findings)
        )
        self.findings = findings


class Resolved(NamedTuple):
    """Options with `SecretStr` in place of references, and the plain values to be hidden in every log line."""

    options: dict[str, Any]
    secrets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret lies: `kind` is env, file or block."""

    kind: str
    name: str


def is_reference(value: object) -> bool:
    """Whether a value has the form `{env: NAME}`, `{file: NAME}` or `{block: NAME}`."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _NAMES


def reference_of(value: object) -> Reference:
    """The reference that a value is. Raises `SecretUnavailable` for a plain value or an impossible name."""
    if not isinstance(value, Mapping):
        raise SecretUnavailable(
            "Ein Geheimnis darf nicht in dieser Datei stehen.",
            f"Verweis setzen: {_HOW}. Stand der Wert schon in einer Datei, beim Anbieter einen neuen holen.",
        )
    if not is_reference(value):
        raise SecretUnavailable(
            "Der Verweis auf das Geheimnis hat nicht die richtige Form.", f"Verweis setzen: {_HOW}."
        )
    kind, name = next(iter(value.items()))
    if not isinstance(name, str) or not _NAMES[kind].fullmatch(name):
        raise SecretUnavailable(
            f"Der Name nach  {kind}:  ist nicht erlaubt.",
            "Nur Buchstaben, Ziffern und _ . - verwenden, keinen Pfad.",
        )
    return Reference(kind, name)


def resolve(reference: Mapping[str, object], settings: Settings) -> SecretStr:
    """The secret behind a reference. Raises `SecretUnavailable` with the cure."""
    found = reference_of(reference)
    sources: dict[str, Callable[[], str]] = {
        "env": lambda: _from_environment(found.name),
        "file": lambda: _from_file(settings.secrets / found.name),
        "block": lambda: _from_block(found.name),
    }
    secret = sources[found.kind]().strip("\r\n")
    if len(secret) < _LEAST_LETTERS:
        raise SecretUnavailable(
            f"Das Geheimnis {found.name} ist leer oder kürzer als {_LEAST_LETTERS} Zeichen.",
            "Den ganzen Wert eintragen.",
        )
    return SecretStr(secret)


def resolve_options(
    options: Mapping[str, object], settings: Settings, secret_names: frozenset[str] = frozenset()
) -> Resolved:
    """All options of a connection with its secrets. `secret_names` are options that must be references besides those
    whose names tell (see `secret_names_of`). Raises `SecretsMissing` naming every one.
    """
    walk = _Walk(settings, secret_names)
    resolved = {name: walk.value(value, (name,)) for name, value in options.items()}
    if walk.findings:
        raise SecretsMissing(tuple(walk.findings))
    return Resolved(resolved, frozenset(walk.secrets))


def secret_names_of(model: type[BaseModel]) -> frozenset[str]:
    """The fields of a connector's settings that are annotated as secret."""
    fields = model.model_fields.items()
    return frozenset(field.alias or name for name, field in fields if "SecretStr" in str(field.annotation))


class _Walk:
    """Goes through the options of one connection and gathers what it finds."""

    def __init__(self, settings: Settings, secret_names: frozenset[str]) -> None:
        self.settings = settings
        self.secret_names = secret_names
        self.secrets: set[str] = set()
        self.findings: list[Finding] = []

    def value(self, value: object, path: KeyPath) -> object:
        """The value with references replaced."""
        if value is None:
            return None
        if is_reference(value) or looks_secret(path[-1]) or path[-1] in self.secret_names:
            return self._secret(value, path)
        if isinstance(value, Mapping):
            return {name: self.value(item, (*path, name)) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item, (*path, position)) for position, item in enumerate(value)]
        return value

    def _secret(self, value: object, path: KeyPath) -> SecretStr | None:
        try:
            reference = reference_of(value)
            secret = resolve({reference.kind: reference.name}, self.settings)
        except SecretUnavailable as error:
            self.findings.append(Finding(path, error.message, error.cure))
            return None
        self.secrets.add(secret.get_secret_value())
        return secret


def _from_environment(name: str) -> str:
    value = environment().get(name)
    if not value:
        raise SecretUnavailable(
            f"Die Umgebungsvariable {name} ist nicht gesetzt.",
            f"{name}=...  in die Umgebung des Dienstes eintragen.",
        )
    if name not in os.environ:
        _check_mode(ENV_FILE, ENV_FILE.stat().st_mode, name)
    return value


def _from_file(place: Path) -> str:
    try:
        with place.open("rb") as file:
            _check_mode(place, os.fstat(file.fileno()).st_mode, place.name)
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise SecretUnavailable(
            f"Die Datei {place} gibt es nicht.", f"Wert in {place} speichern, dann  chmod 600 {place}"
        ) from None
    except OSError as error:
        raise SecretUnavailable(
            f"Die Datei {place} ist nicht lesbar ({cause_of(error)}).", "Rechte der Datei prüfen."
        ) from None
    if len(content) > _MOST_BYTES:
        raise SecretUnavailable(f"Die Datei {place} ist zu groß für ein Geheimnis.", "Richtige Datei ablegen.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretUnavailable(f"Die Datei {place} ist kein Text in UTF-8.", "Wert neu speichern.") from None


def _check_mode(place: Path, mode: int, name: str) -> None:
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretUnavailable(
            f"Die Datei {place} mit {name} ist für andere Benutzer lesbar (Rechte {stat.S_IMODE(mode):o}).",
            f"chmod 600 {place}",
        )


def _from_block(name: str) -> str:
    # Importing prefect takes about two seconds, and most installations keep their secrets elsewhere.
    from prefect.blocks.system import Secret

    try:
        # Without _sync a call from an async flow would give a coroutine; prefect's annotations do not know it.
        value = Secret.load(name, _sync=True).get()  # type: ignore[call-arg, union-attr]
    except ValueError:
        raise SecretUnavailable(
            f"Den Prefect-Block {name} gibt es nicht.",
            "In der Prefect-Oberfläche einen Block der Art Secret anlegen.",
        ) from None
    return str(value)
