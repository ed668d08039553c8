"""The fonts that come with the project, and the characters they can print."""

from dataclasses import fields, is_dataclass
from functools import lru_cache

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from documents.errors import MissingGlyph
from documents.templates import FONTS

FAMILY = "Source Sans 3"
FACES = ("SourceSans3-Regular.ttf", "SourceSans3-SemiBold.ttf", "SourceSans3-Italic.ttf")
# How owners call the fields of the invoice; other fields keep their code name.
_FIELD_NAMES = {
    "customer_name": "Name des Kunden", "recipient": "Anschrift des Kunden", "rows": "Positionen", "title": "Titel",
    "introduction": "Einleitung", "remark": "Bemerkung", "order_number": "Auftragsnummer", "seller": "Firmendaten",
    "closing": "Schlusstext", "footer": "Fußzeile", "name": "Bezeichnung", "description": "Beschreibung",
    "unit": "Einheit",
}  # fmt: skip


@lru_cache(maxsize=1)
def covered() -> frozenset[str]:
    """The characters that every bundled face has, and the line feed."""
    maps = [set(TTFont(FONTS / face, lazy=True).getBestCmap()) for face in FACES]
    return frozenset(map(chr, set.intersection(*maps))) | {"\n"}


def check_glyphs(view: object, path: str = "") -> None:
    """Raise `MissingGlyph` for the first character in a text of `view` (a tree of dataclasses) that cannot be printed.

    Without this the layout engine would silently take a font of the machine, or print a box.
    """
    if isinstance(view, str):
        for character in view:
            if character not in covered():
                raise MissingGlyph(character, path)
    elif isinstance(view, tuple):
        for at, item in enumerate(view, 1):
            check_glyphs(item, f"{path} {at}")
    elif is_dataclass(view):
        for field in fields(view):
            name = _FIELD_NAMES.get(field.name, field.name)
            check_glyphs(getattr(view, field.name), f"{path}, {name}" if path else name)
