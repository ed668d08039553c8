"""Reading sevDesk's answers: wrapped or not, one thing as a list of one, numbers, dates and truth values as text."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from connectors.errors import NotFound, UnexpectedAnswer
from connectors.fields import BERLIN, Item, item

TRUTH = {True: True, False: False, "1": True, "0": False, "true": True, "false": False, "": False}
NO_ID = frozenset({"", "0"})
LONGEST_TIMESTAMP = 11


def objects_in(answer: Any, place: str) -> list[Item]:
    """The things of an answer, whether they stand below `objects` or bare, as a list or alone; null means none."""
    inner = unwrapped(answer)
    if inner is None:
        return []
    rows = inner if isinstance(inner, list) else [inner]
    return [item(row, f"{place}[{number}]" if len(rows) > 1 else place) for number, row in enumerate(rows)]


def object_in(answer: Any, place: str) -> Item:
    """The one thing that was asked for by its id. Raises `NotFound` when the list is empty."""
    rows = objects_in(answer, place)
    if not rows:
        raise NotFound(f"sevDesk kennt diesen Beleg nicht ({place}). Bitte prüfen, ob er gelöscht wurde.")
    if len(rows) > 1:
        raise UnexpectedAnswer(f"sevDesk nennt mehrere Belege statt einem ({place}). Bitte dort prüfen.")
    return rows[0]


def unwrapped(answer: Any) -> Any:
    """What stands below `objects`; the published specification and the live system disagree where it does."""
    return answer["objects"] if isinstance(answer, Mapping) and "objects" in answer else answer


def complaint_in(answer: Any) -> str:
    """What an error body says: {"error": {"message": ..., "code": ...}}, with or without `objects`.

    Sources contradict each other about the delivery date of an invoice, so that complaint gets its cure.
    """
    inner = answer.get("error", answer) if isinstance(answer, Mapping) else None
    message = inner.get("message") if isinstance(inner, Mapping) else inner
    if not isinstance(message, str):
        return ""
    return f"{message} (Abhilfe: delivery_date: text einstellen)" if "deliveryDate" in message else message


def yes(row: Item, name: str) -> bool:
    """A truth value in any of sevDesk's forms: true, 1, "1", "true"; left out or empty means no."""
    value = row.data.get(name)
    if value is None:
        return False
    if isinstance(value, bool | int | str) and value in TRUTH:
        return TRUTH[value]
    raise row.unexpected(name, "ist weder ja noch nein")


def moment(row: Item, name: str) -> datetime:
    """An instant that must be there: ISO with offset, dd.mm.yyyy (midnight in Berlin) or Unix seconds."""
    text = row.text(name)
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_TIMESTAMP:
        return datetime.fromtimestamp(int(text), UTC)
    try:
        return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=BERLIN)
    except ValueError:
        return row.moment(name)


def day(row: Item, name: str) -> date:
    """The calendar day in Europe/Berlin of an instant that must be there."""
    return moment(row, name).astimezone(BERLIN).date()


def stamp(row: Item, name: str) -> str:
    """An instant that must be there as text: UTC to the second, so that order of text is order of time."""
    return moment(row, name).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def reference(row: Item, name: str) -> str:
    """The id of a nested thing such as {"id": "7", "objectName": "Contact"}; empty where there is none."""
    nested_id = row.part_or_empty(name).text_or("id")
    return "" if nested_id in NO_ID else nested_id


def refers_to(row: Item, name: str, kind: str, wanted: str) -> bool:
    """Whether a nested thing is the wanted one: filters may be ignored, so rows are looked at again."""
    named = row.part_or_empty(name).text_or("objectName", kind)
    return named == kind and reference(row, name) == wanted


def pdf_in(answer: Any) -> bytes:
    """The PDF of a getPdf answer: base64 below `content`, however the flag beside it is spelt."""
    document = object_in(answer, "PDF")
    try:
        content = base64.b64decode(document.text("content"), validate=True)
    except binascii.Error:
        content = b""
    if not content.startswith(b"%PDF"):
        raise UnexpectedAnswer("sevDesk hat statt des PDF etwas anderes geliefert. Bitte später erneut versuchen.")
    return content
