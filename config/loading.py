"""Reads the clients' files: healthy ones are handed out, each mistake of the others is told with file and line."""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from billing.system_words import cause_of
from config.advice import advice
from config.checking import mistakes
from config.client import Client
from config.problems import HIDDEN, ConfigProblem, Finding, KeyPath, dotted, shown
from config.reading import Document, UnreadableYaml, read_yaml
from config.secrets import SecretsMissing
from config.settings import Settings
from config.wording import cure_for, field_at, message_for, names_at


@dataclass(frozen=True, slots=True)
class LoadedClient:
    """A client whose file is in order, with the file itself for later complaints; `hints` may stay as they are."""

    config: Client
    file: Path
    document: Document
    hints: tuple[ConfigProblem, ...] = ()


def load_clients(settings: Settings) -> tuple[list[LoadedClient], list[ConfigProblem]]:
    """All clients, ordered by name, and every problem of those that are not among them.

    No secret is read: that is for those who connect (`config.secrets.resolve_options`).
    """
    clients, problems = [], []
    if not settings.clients.is_dir():
        cure = "Ordner anlegen oder RECHNUNGSBOTE_CLIENTS richtig setzen."
        return [], [ConfigProblem(str(settings.clients), 0, "", "Diesen Ordner gibt es nicht.", cure)]
    for file in sorted(settings.clients.iterdir()):
        if file.suffix.lower() in (".yaml", ".yml") and not file.name.startswith("."):
            found = load_client(file)
            if isinstance(found, LoadedClient):
                clients.append(found)
            else:
                problems.extend(found)
    return clients, problems


def stamp_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of all clients' files: other ones want to be read again. Empty without the folder."""
    files = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    return tuple((file.name, found.st_mtime_ns, found.st_size) for file in files if (found := _stat(file)))


def load_client(file: Path) -> LoadedClient | list[ConfigProblem]:
    """The client of one file, or everything that is wrong with it."""
    if file.suffix != ".yaml":
        cure = f"Datei in {file.stem}.yaml umbenennen."
        return [ConfigProblem(str(file), 1, "", "Die Datei eines Mandanten endet auf .yaml.", cure)]
    try:
        document = read_yaml(file.read_bytes())
    except OSError as error:
        message = f"Die Datei ist nicht lesbar ({cause_of(error)})."
        return [ConfigProblem(str(file), 1, "", message, "Rechte der Datei prüfen.")]
    except UnreadableYaml as error:
        return [ConfigProblem(str(file), error.line, f"Spalte {error.column}", error.message, error.cure)]
    return _checked(file, document)


def problem_at(loaded: LoadedClient, path: KeyPath, message: str, cure: str = "") -> ConfigProblem:
    """A problem that another room found in this client's file, at the line of `path` or of what stands around it."""
    return _located(loaded.file, loaded.document, Finding(path, message, cure))


def problems_of(error: SecretsMissing, loaded: LoadedClient, prefix: KeyPath) -> list[ConfigProblem]:
    """The unresolved secrets of the connection that stands at `prefix`."""
    return [problem_at(loaded, (*prefix, *found.path), found.message, found.cure) for found in error.findings]


def problems_from(
    error: ValidationError, loaded: LoadedClient, prefix: KeyPath, model: type[BaseModel] | None = None
) -> list[ConfigProblem]:
    """A connector's complaints about the section at `prefix`, such as ("systems", "lexware").

    With `model`, the connector's settings, unknown names are answered with the nearest known one.
    """
    return _from_pydantic(error, loaded.file, loaded.document, model, prefix)


def beside(loaded: LoadedClient, place: str | None) -> Path | None:
    """Where a file lies that the client's file names, such as the logo."""
    return loaded.file.parent / place if place else None


def _checked(file: Path, document: Document) -> LoadedClient | list[ConfigProblem]:
    try:
        config = Client.model_validate(document.values)
    except ValidationError as error:
        return _from_pydantic(error, file, document, Client)
    wrong = mistakes(config, file)
    if wrong:
        return [_located(file, document, finding) for finding in wrong]
    hints = tuple(_located(file, document, finding) for finding in advice(config))
    return LoadedClient(config, file, document, hints)


def _from_pydantic(
    error: ValidationError,
    file: Path,
    document: Document,
    model: type[BaseModel] | None,
    prefix: KeyPath = (),
) -> list[ConfigProblem]:
    problems = [_translated(detail, file, document, model, prefix) for detail in error.errors(include_url=False)]
    return sorted(problems, key=lambda problem: problem.line)


def _translated(
    detail: ErrorDetails, file: Path, document: Document, model: type[BaseModel] | None, prefix: KeyPath
) -> ConfigProblem:
    # pydantic ends the place of a bad key with "[key]"; the key itself is what the reader finds.
    inner = tuple(part for part in detail["loc"] if part != "[key]")
    field = field_at(model, inner)
    path = (*prefix, *inner)
    return ConfigProblem(
        file=str(file),
        line=document.line_of(path),
        path=dotted(path),
        message=message_for(detail, field),
        cure=cure_for(detail, field, names_at(model, inner)),
        value=_shown_input(detail, path, document),
    )


def _shown_input(detail: ErrorDetails, path: KeyPath, document: Document) -> str:
    if detail["type"] == "missing" or detail["loc"][-1:] == ("[key]",):
        return ""
    # A misspelt name in a connection may hold a key or password, whatever it is called.
    if detail["type"] == "extra_forbidden":
        return HIDDEN if path[0] == "systems" else shown(document.value_at(path), path)
    return shown(detail["input"], path)


def _located(file: Path, document: Document, finding: Finding) -> ConfigProblem:
    value = document.value_at(finding.path)
    return ConfigProblem(
        str(file),
        document.line_of(finding.path),
        dotted(finding.path),
        finding.message,
        finding.cure,
        shown(value, finding.path),
    )


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None  # taken away while we look
