"""From YAML 1.2 text to plain values, with the line of every key.

Values are built here from the parsed nodes, not by the library: numbers with a point become Decimal, dates and
numbers such as 01067 stay text, and a repeated key is a mistake instead of a silent choice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.problems import MISSING, KeyPath

MOST_BYTES = 256 * 1024
MOST_VALUES = 10_000

_STANDARD = "tag:yaml.org,2002:"
_KINDS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "map", "seq"})
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_SYNTAX = {
    "that cannot start any token": "Hier steht ein Zeichen, mit dem nichts anfangen darf (Tabulator, @, % oder `).",
    "mapping values are not allowed": "Hier passt kein weiterer Doppelpunkt; oft stimmt die Einrückung nicht.",
    "found undefined alias": "Hier wird mit * auf etwas verwiesen, das nicht mit & benannt ist.",
    "unexpected end of stream": "Ein Anführungszeichen wird nicht geschlossen.",
    "stream end": "Eine Klammer wird nicht geschlossen.",
    "expected ','": "In der Klammer fehlt ein Komma, oder sie wird nicht geschlossen.",
    "another document": "Die Datei enthält mehrere YAML-Dokumente (---); erlaubt ist eines.",
    "could not find expected ':'": "Nach dem Namen fehlt der Doppelpunkt.",
    "block end": "Die Einrückung stimmt nicht mit den Zeilen darüber überein.",
}
_SYNTAX_CURE = "Einrückung mit Leerzeichen prüfen; Texte mit : # @ * & in Anführungszeichen setzen."


class UnreadableYaml(Exception):
    """The text is no YAML that we accept. `line` and `column` count from 1; `message` and `cure` quote no content."""

    def __init__(self, line: int, column: int, message: str, cure: str = _SYNTAX_CURE) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a file, and for each path the line of its key or list item, counted from 1."""

    values: dict[str, object]
    lines: dict[KeyPath, int] = field(default_factory=lambda: {(): 1})

    def line_of(self, path: KeyPath) -> int:
        """The line of a path, or of the nearest thing around it that stands in the file."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def value_at(self, path: KeyPath) -> object:
        """The value at a path as it stands in the file, or `MISSING`."""
        value: Any = self.values
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return MISSING
        return value


def read_yaml(content: bytes) -> Document:
    """The document in a file's bytes. Raises `UnreadableYaml`."""
    if len(content) > MOST_BYTES:
        raise UnreadableYaml(1, 1, f"Die Datei ist größer als {MOST_BYTES // 1024} KiB.", "Datei prüfen.")
    try:
        return _build(_compose(_decode(content)))
    except RecursionError:
        raise UnreadableYaml(1, 1, "Die Datei ist zu tief verschachtelt.", "Klammern und << prüfen.") from None


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - before.rfind(b"\n")
        raise UnreadableYaml(
            line, column, "Die Datei ist nicht in UTF-8 gespeichert.", "Im Editor als UTF-8 speichern."
        ) from None


def _compose(text: str) -> Node | None:
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        # What is opened and never closed is noticed far below; the reader needs the place where it opens.
        is_open = "quoted scalar" in str(error.context) or "flow" in str(error.context)
        mark = error.context_mark if is_open else error.problem_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        last = max(text.count("\n") + (not text.endswith("\n")), 1)
        raise UnreadableYaml(min(line + 1, last), column + 1, _german_syntax(str(error))) from None
    except YAMLError:
        line, column = _control_character(text)
        raise UnreadableYaml(line, column, "Hier steht ein unsichtbares Steuerzeichen.", "Zeichen löschen.") from None
    return node


def _build(root: Node | None) -> Document:
    if root is None:
        return Document({})
    if not isinstance(root, MappingNode):
        raise _unreadable(root, "Die Datei muss aus Einträgen der Form  name: wert  bestehen.")
    builder = _Builder({(): 1})
    return Document(builder.mapping(root, ()), builder.lines)


def _german_syntax(problem: str) -> str:
    matches = (german for english, german in _SYNTAX.items() if english in problem)
    return next(matches, "Der Aufbau der Datei ist hier kein gültiges YAML.")


def _control_character(text: str) -> tuple[int, int]:
    for number, line in enumerate(text.split("\n"), 1):
        for column, letter in enumerate(line, 1):
            if not letter.isprintable() and letter not in "\t\r\u00a0":
                return number, column
    return 1, 1


@dataclass(slots=True)
class _Builder:
    """Builds values and notes lines; `count` and `open` stop aliases that multiply or contain themselves."""

    lines: dict[KeyPath, int]
    count: int = 0
    open: set[int] = field(default_factory=set)

    def mapping(self, node: MappingNode, path: KeyPath) -> dict[str, object]:
        self._enter(node)
        values: dict[str, object] = {}
        for key, value in _entries(node):
            # A key of an included mapping (<<) comes first and may be overridden; its lines go with it.
            here = (*path, key.value)
            if here in self.lines:
                self._forget(here)
            self.lines[here] = key.start_mark.line + 1
            values[key.value] = self.value(value, here)
        self.open.discard(id(node))
        return values

    def value(self, node: Node, path: KeyPath) -> object:
        self.count += 1
        if self.count > MOST_VALUES:
            raise _unreadable(node, f"Die Datei hat mehr als {MOST_VALUES} Einträge.")
        if str(node.tag).removeprefix(_STANDARD) not in _KINDS:
            raise _unreadable(node, "Eigene Typen mit ! gibt es hier nicht.")
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return self._sequence(node, path)
        return _scalar(node)

    def _sequence(self, node: SequenceNode, path: KeyPath) -> list[object]:
        self._enter(node)
        values = []
        for position, item in enumerate(node.value):
            self.lines[*path, position] = item.start_mark.line + 1
            values.append(self.value(item, (*path, position)))
        self.open.discard(id(node))
        return values

    def _enter(self, node: Node) -> None:
        if id(node) in self.open:
            raise _unreadable(node, "Ein mit & benannter Abschnitt enthält sich selbst.")
        self.open.add(id(node))

    def _forget(self, path: KeyPath) -> None:
        for known in [known for known in self.lines if known[: len(path)] == path]:
            del self.lines[known]


def _entries(node: MappingNode) -> Iterator[tuple[ScalarNode, Node]]:
    """Key and value nodes, those of included mappings (<<) first. Raises at a key that is no text or stands twice."""
    seen: dict[str, int] = {}
    own: list[tuple[ScalarNode, Node]] = []
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            raise _unreadable(key, "Ein Name muss ein einfacher Text sein.")
        if key.value in seen:
            raise _unreadable(
                key,
                f"Der Eintrag „{key.value}“ steht schon in Zeile {seen[key.value]}.",
                "Einen der beiden Einträge löschen.",
            )
        seen[key.value] = key.start_mark.line + 1
        if key.tag == f"{_STANDARD}merge":
            yield from _included(value)
        else:
            own.append((key, value))
    yield from own


def _included(node: Node) -> Iterator[tuple[ScalarNode, Node]]:
    parts = node.value if isinstance(node, SequenceNode) else [node]
    for part in reversed(parts):
        if not isinstance(part, MappingNode):
            raise _unreadable(part, "Nach << muss ein benannter Abschnitt stehen.")
        yield from _entries(part)


def _scalar(node: Node) -> object:
    """The value of a scalar. Whatever is not exactly what it would be written as stays text, so 01067 keeps its 0."""
    text = str(node.value)
    kind = str(node.tag).removeprefix(_STANDARD)
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "float" and _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text


def _unreadable(node: Node, message: str, cure: str = _SYNTAX_CURE) -> UnreadableYaml:
    return UnreadableYaml(node.start_mark.line + 1, node.start_mark.column + 1, message, cure)
