"""Mistakes in a configuration, told so that the reader can mend them: file, line, path, value, expectation, cure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

HIDDEN = "(verdeckt)"
MISSING = object()
"""Stands for a value that is not there; None is a value of its own (an empty entry)."""

KeyPath = tuple[str | int, ...]
"""Where something stands in the file: keys and list positions, counted from 0."""

_SECRET_NAME = re.compile(
    r"(^|[_-])(pass(word|wort|wd|phrase)|kennwort|secret|token|pin"
    r"|(api|private|signing|access|secret|webhook|encryption)[_-]?key)$",
    re.IGNORECASE,
)
_LOGIN_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake. `line` counts from 1 and is 0 where there is no file; `value` is as shown, secrets already hidden.

    `message` says what is expected, `cure` what to do, both in German.
    """

    file: str
    line: int
    path: str
    message: str
    cure: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = f"{self.path} = {self.value}" if self.value else self.path
        rest = [f"    {self.message}"]
        if self.cure:
            rest.append(f"    Abhilfe: {self.cure}")
        return "\n".join([f"{place}  {subject}".rstrip(), *rest])


class ConfigError(Exception):
    """The configuration cannot be used; `problems` names every mistake that was found, `str()` prints a block each."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake before it is known in which line it stands."""

    path: KeyPath
    message: str
    cure: str = ""


def dotted(path: KeyPath) -> str:
    """The path as people write it: `dunning.levels[0].days`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")


def looks_secret(name: str | int) -> bool:
    """Whether a key of this name holds a secret, such as `password`, `api_key` or `access_token`."""
    return isinstance(name, str) and _SECRET_NAME.search(name) is not None


def without_login(text: str) -> str:
    """The text with user and password taken out of any URL."""
    return _LOGIN_IN_URL.sub(f"{HIDDEN}@", text)


def shown(value: object, path: KeyPath) -> str:
    """A value for the eyes of the reader: quoted, short, hidden when its path names a secret, empty for mappings."""
    if value is MISSING or isinstance(value, dict | list | tuple):
        return ""
    if any(looks_secret(part) for part in path):
        return HIDDEN
    if value is None or isinstance(value, bool):
        return {None: "(leer)", True: "true", False: "false"}[value]
    text = without_login(str(value))
    if len(text) > _LONGEST_VALUE:
        text = text[: _LONGEST_VALUE - 1] + "…"
    return f'"{_one_line(text)}"' if isinstance(value, str) else text


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "·" for letter in text)
