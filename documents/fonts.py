"""The fonts that come with the project, and the characters they can print."""

from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from documents.errors import MissingGlyph
from documents.templates import FONTS

_POINT = 25.4 / 72  # millimetres
FAMILY = "Source Sans 3"
FACES = ("SourceSans3-Regular.ttf", "SourceSans3-SemiBold.ttf", "SourceSans3-Italic.ttf")
# How owners call the fields of the invoice; other fields keep their code name.
_FIELD_NAMES = {
    "customer_name": "Name des Kunden", "recipient": "Anschrift des Kunden", "rows": "Positionen", "title": "Titel",
    "introduction": "Einleitung", "remark": "Bemerkung", "order_number": "Auftragsnummer", "seller": "Firmendaten",
    "closing": "Schlusstext", "footer": "Fußzeile", "name": "Bezeichnung", "description": "Beschreibung",
    "unit": "Einheit",
}  # fmt: skip


def _opened(face: str) -> Any:
    # Only what prints needs to read fonts, and reading takes long to load.
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    return TTFont(FONTS / face, lazy=True)


def _codes(face: str) -> set[int]:
    with _opened(face) as font:
        return set(font.getBestCmap())


@lru_cache(maxsize=1)
def _advances() -> tuple[dict[str, int], int]:
    """The advance of every character of the regular face, and the units of its em square."""
    with _opened(FACES[0]) as font:
        metrics = font["hmtx"].metrics
        return {chr(code): metrics[name][0] for code, name in font.getBestCmap().items()}, font["head"].unitsPerEm


@lru_cache(maxsize=1)
def covered() -> frozenset[str]:
    """The characters that every bundled face has, and the line feed."""
    return frozenset(map(chr, set.intersection(*map(_codes, FACES)))) | {"\n"}


def width(text: str, points: float) -> float:
    """How wide a text in the regular face is, in millimetres, without kerning; every character must be covered."""
    advances, units = _advances()
    return sum(advances[character] for character in text) / units * points * _POINT


def wrapped(text: str, points: float, limit: float) -> int:
    """Into how many lines of `limit` millimetres a text breaks at its spaces."""
    lines, line = 1, ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer, points) > limit:
            lines += 1
            line = word
        else:
            line = longer
    return lines


def check_glyphs(view: object, path: str = "") -> None:
    """Raise `MissingGlyph` for the first character in a text of `view` (a tree of dataclasses) that cannot be printed.

    Without this the layout engine would silently take a font of the machine, or print a box.
    """
    if isinstance(view, str):
        if not covered().issuperset(view):
            raise MissingGlyph(next(character for character in view if character not in covered()), path)
    elif isinstance(view, tuple):
        for at, item in enumerate(view, 1):
            check_glyphs(item, f"{path} {at}")
    elif is_dataclass(view):
        for field in fields(view):
            name = _FIELD_NAMES.get(field.name, field.name)
            check_glyphs(getattr(view, field.name), f"{path}, {name}" if path else name)
