"""What the command line's library says around our commands is German, whatever the machine speaks."""

import os
import re
from collections.abc import Iterator

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from desk.cli import app
from tests.forked import rechnungsbote

ENGLISH = re.compile(
    r"\busage|options\b|\bargs\b|\bcommand|this message|default:|required|try '|<(?:str|int|bool|path)|%y|aborted",
    re.IGNORECASE,
)
COMPLAINTS = {
    "extnd": "Den Befehl „extnd“ gibt es nicht. Gemeint ist vielleicht 'extend'.",
    "xxxxxxxx": "Den Befehl „xxxxxxxx“ gibt es nicht.",
    "extend": "Es fehlt: NUMMER.",
    "extend RE1": "Es fehlt: --until.",
    "lift": "Es fehlt: WAS. Möglich ist: block, promise, dispute, extension, write-off",
    "lift foo": "WAS: „foo“ gibt es hier nicht. Möglich ist: 'block', 'promise', 'dispute', 'extension', 'write-off'.",
    "extend RE1 --until 3": "--until: „3“ ist kein Tag. Erwartet wird JJJJ-MM-TT, etwa 2026-10-31.",
    "run --at x": "--at: Erwartet wird ein Zeitpunkt, etwa 2026-10-31T08:00.",
    "demo --days x": "--days: Erwartet wird eine ganze Zahl.",
    "demo --days 0": "--days: Erwartet wird mindestens 1.",
    "demo --days 121": "--days: Erwartet wird höchstens 120.",
    "demo --days": "Zur Option --days fehlt der Wert.",
    "demo --dayz 3": "Die Option --dayz gibt es nicht. Gemeint ist vielleicht --days.",
    "demo --foreign": "Die Option --foreign gibt es nicht.",
    "demo a b": "Zu viel angegeben: a b",
    "status --json=3": "Die Option --json hat keinen Wert.",
    "payment add RE1 1.234 --on 2026-10-31": "BETRAG: „1.234“ kann 1.234,00 € oder 1,234 heißen",
}


def commands(command: TyperCommand | TyperGroup, *before: str) -> Iterator[tuple[str, ...]]:
    """Every command with the words that lead to it, groups included."""
    yield before
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, *before, name)


@pytest.mark.parametrize("words", [each for each in commands(get_command(app)) if each != ("sandbox",)])  # type: ignore[arg-type]
def test_help_is_german(words: tuple[str, ...]) -> None:
    """The help of every command says nothing in English."""
    ended = rechnungsbote(*words, "--help", environment=os.environ | {"COLUMNS": "200"})
    assert (ended.returncode, "Aufruf: " in ended.stdout, ended.stderr) == (0, True, "")
    assert ENGLISH.findall(ended.stdout) == []


@pytest.mark.parametrize("typed", COMPLAINTS)
def test_complaints_are_german(typed: str) -> None:
    """What cannot be understood is said with the usage, where help is, and one German sentence."""
    ended = rechnungsbote(*typed.split(), environment=os.environ | {"LANGUAGE": "en", "LC_ALL": "C.UTF-8"})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"Fehler: {COMPLAINTS[typed]}" in ended.stderr
    assert ENGLISH.findall(ended.stderr) == []
