"""What pydantic finds wrong, in German: the expectation of a field, the nearest known name, an example as cure."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from config.problems import KeyPath, without_login

OURS = "rechnungsbote"


@dataclass(frozen=True, slots=True)
class Expected:
    """Says in `Annotated` what a field wants; completes the sentence "Erwartet wird ..."."""

    text: str


def wrong(message: str, cure: str = "") -> PydanticCustomError:
    """The error that our own validators raise: a whole German sentence, and the cure."""
    return PydanticCustomError(OURS, "{message}", {"message": message, "cure": cure})


_SENTENCES = {
    "extra_forbidden": "Diesen Eintrag gibt es nicht.",
    "missing": "Der Eintrag fehlt.",
    "string_pattern_mismatch": "Die Schreibweise stimmt nicht.",
    "string_too_short": "Der Text ist zu kurz: mindestens {min_length} Zeichen.",
    "string_too_long": "Der Text ist zu lang: höchstens {max_length} Zeichen.",
    "too_short": "Es sind zu wenige Einträge: mindestens {min_length}.",
    "too_long": "Es sind zu viele Einträge: höchstens {max_length}.",
    "greater_than": "Der Wert muss größer als {gt} sein.",
    "greater_than_equal": "Der Wert muss mindestens {ge} sein.",
    "less_than": "Der Wert muss kleiner als {lt} sein.",
    "less_than_equal": "Der Wert darf höchstens {le} sein.",
    "multiple_of": "Der Wert muss ein Vielfaches von {multiple_of} sein.",
    "decimal_max_places": "Der Wert darf höchstens {decimal_places} Nachkommastellen haben.",
    "decimal_max_digits": "Der Wert darf höchstens {max_digits} Ziffern haben.",
    "finite_number": "Erwartet wird eine endliche Zahl.",
    "int_from_float": "Erwartet wird eine ganze Zahl ohne Nachkommastellen.",
}
_KINDS = {
    "string": "ein Text",
    "int": "eine ganze Zahl",
    "float": "eine Zahl",
    "decimal": "eine Zahl mit Punkt, etwa 5.00",
    "bool": "true oder false",
    "date": "ein Datum der Form 2026-11-01",
    "datetime": "ein Zeitpunkt der Form 2026-11-01T08:00:00+01:00",
    "timezone": "ein Zeitpunkt mit Zeitzone",
    "time": "eine Uhrzeit der Form 08:00",
    "timedelta": "eine Dauer",
    "dict": "ein Abschnitt mit eingerückten Einträgen  name: wert",
    "mapping": "ein Abschnitt mit eingerückten Einträgen  name: wert",
    "model": "ein Abschnitt mit eingerückten Einträgen  name: wert",
    "list": "eine Liste, je Zeile ein Eintrag mit -",
    "tuple": "eine Liste, je Zeile ein Eintrag mit -",
    "set": "eine Liste, je Zeile ein Eintrag mit -",
    "frozen": "eine Liste, je Zeile ein Eintrag mit -",
    "path": "ein Pfad zu einer Datei oder einem Ordner",
    "url": "eine Adresse der Form https://beispiel.de",
    "literal": "einer dieser Werte: {expected}",
    "enum": "einer dieser Werte: {expected}",
    "none": "nichts (leer)",
    "ip": "eine IP-Adresse",
    "uuid": "eine UUID",
}
_COLLECTIONS = frozenset({"model", "dict", "mapping", "list", "tuple", "set", "frozen"})


def message_for(error: ErrorDetails, field: FieldInfo | None) -> str:
    """The German sentence for one pydantic error."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == OURS:
        return str(context["message"])
    if kind == "value_error":
        # Connectors' own validators speak German.
        return without_login(str(context["error"]))
    if kind == "extra_forbidden":
        return _SENTENCES[kind]
    if kind == "missing":
        return f"Der Eintrag fehlt: {_description(field)}." if _description(field) else "Der Eintrag fehlt."
    if error["input"] is None:
        return f"Hier steht kein Wert. {_wanted(error, field)}".strip()
    if kind in _SENTENCES and not _expected(field):
        return _SENTENCES[kind].format_map(_Lenient(context))
    return _wanted(error, field) or f"Der Wert passt nicht ({kind})."


def cure_for(error: ErrorDetails, field: FieldInfo | None, known: Iterable[str]) -> str:
    """What to do about one pydantic error: an example of the field, or the nearest of the `known` names."""
    if error["type"] == OURS and error["ctx"]["cure"]:
        return str(error["ctx"]["cure"])
    name = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return nearest(name, known)
    if error["type"] == "string_type" and isinstance(error["input"], dict):
        return "Ein Text mit Doppelpunkt gehört in Anführungszeichen."
    example = _example(name, field)
    return f"zum Beispiel  {example}" if example else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that `name` probably should be, followed by all that are allowed."""
    allowed = {one.lower(): one for one in sorted(known)}
    if not allowed:
        return f"„{name}“ löschen."
    listing = f"Erlaubt sind: {', '.join(allowed.values())}."
    close = difflib.get_close_matches(name.lower(), allowed, n=1, cutoff=0.6)
    return f"Gemeint ist wohl „{allowed[close[0]]}“. {listing}" if close else listing


def field_at(model: type[BaseModel] | None, path: KeyPath) -> FieldInfo | None:
    """The field of a model that a path ends in, or of the collection whose item it names; None outside the model."""
    around, rest = _descend(model, path)
    if around is None or not 1 <= len(rest) <= 2:
        return None
    return _fields(around).get(str(rest[0]))


def names_at(model: type[BaseModel] | None, path: KeyPath) -> list[str]:
    """The names that may stand where the path ends."""
    around, rest = _descend(model, path)
    return list(_fields(around)) if around and len(rest) == 1 else []


def _descend(model: type[BaseModel] | None, path: KeyPath) -> tuple[type[BaseModel] | None, KeyPath]:
    """The innermost model around a path, and what of the path lies inside it."""
    while model is not None and len(path) > 1:
        field = _fields(model).get(str(path[0]))
        inner, is_collection = _inner(field.annotation) if field else (None, False)
        steps = 2 if is_collection else 1
        if inner is None or len(path) <= steps:
            break
        model, path = inner, path[steps:]
    return model, path


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model inside an annotation, and whether a key or position leads to it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    is_collection = get_origin(annotation) in (dict, list, tuple, Mapping)
    for argument in get_args(annotation):
        inner, deeper = _inner(argument)
        if inner:
            return inner, is_collection or deeper
    return None, False


def _wanted(error: ErrorDetails, field: FieldInfo | None) -> str:
    stem = error["type"].split("_")[0]
    # Of a collection the field's annotation also tells what an item must be; that is not what is missing here.
    expected = "" if stem in _COLLECTIONS else _expected(field)
    if not expected:
        expected = _KINDS.get(stem, "").format_map(_Lenient(_german_choice(error.get("ctx", {}))))
    return f"Erwartet wird {expected}." if expected else ""


def _german_choice(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value).replace("'", "").replace(" or ", " oder ") for name, value in context.items()}


def _expected(field: FieldInfo | None) -> str:
    return _expected_in([field.annotation, *field.metadata]) if field else ""


def _expected_in(parts: Iterable[Any]) -> str:
    for part in parts:
        if isinstance(part, Expected):
            return part.text
        inner = _expected_in([*get_args(part), *getattr(part, "metadata", ())]) if get_args(part) else ""
        if inner:
            return inner
    return ""


def _description(field: FieldInfo | None) -> str:
    return field.description if field and field.description else ""


def _example(name: str, field: FieldInfo | None) -> str:
    if not field or not field.examples:
        return ""
    example = field.examples[0]
    value = example.value if isinstance(example, Enum) else example
    return f"{field.alias or name}: {value}" if not name.isdecimal() else str(value)


class _Lenient(dict[str, Any]):
    """Leaves a placeholder empty that the error does not fill."""

    def __missing__(self, key: str) -> str:
        return ""
