"""Values of requests: numbers and booleans also as strings, dates in three forms, references as objects."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.clock import BERLIN
from sandbox.sevdesk.errors import MISLEADING, ApiError, Json, refused
from sandbox.sevdesk.records import Ref

Reader = Callable[[Any, str], Any]
"""From a JSON value and its field's name to a typed value; 422 for what cannot be read."""
TRUTHS = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}
TOO_MUCH = Decimal(10) ** 12
YEARS = range(1970, 2100)
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_UNIX = re.compile(r"\d{1,11}", re.ASCII)


def text(value: Any, field: str) -> str:
    """A string; numbers count as their digits."""
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise refused(f"{field}: expected string")


def number(value: Any, field: str) -> Decimal:
    """A finite number."""
    try:
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool) and abs(Decimal(value)) < TOO_MUCH:
            return Decimal(value)
    except InvalidOperation:
        pass
    raise refused(f"{field}: expected number")


def whole(value: Any, field: str) -> int:
    """An integer."""
    found = number(value, field)
    if found % 1:
        raise refused(f"{field}: expected integer")
    return int(found)


def truth(value: Any, field: str) -> bool:
    """A boolean: true, "true", 1 or "1"; in Python 1 is the key True."""
    if not isinstance(value, bool | int | str) or value not in TRUTHS:
        raise refused(f"{field}: expected boolean")
    return TRUTHS[value]


def day(value: Any, field: str) -> date:
    """The calendar day in Europe/Berlin of a Unix timestamp, dd.mm.yyyy or an ISO date."""
    try:
        found = read_day(value)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in YEARS:
        raise refused(f"{field}: expected timestamp or dd.mm.yyyy")
    return found


def read_day(value: Any) -> date:
    """As `day`; anything else is a ValueError."""
    written = str(value)
    if _UNIX.fullmatch(written):
        return datetime.fromtimestamp(int(written), UTC).astimezone(BERLIN).date()
    if german := _GERMAN.fullmatch(written):
        dd, mm, yyyy = german.groups()
        return date(int(yyyy), int(mm), int(dd))
    instant = datetime.fromisoformat(written)
    return instant.astimezone(BERLIN).date() if instant.tzinfo else instant.date()


def one_of(*allowed: str) -> Reader:
    """A reader of strings from a closed list."""

    def read(value: Any, field: str) -> str:
        if (found := text(value, field)) not in allowed:
            raise refused(f"{field}: invalid value '{found}'")
        return found

    return read


def reference(*names: str) -> Reader:
    """A reader of references to one of these kinds."""

    def read(value: Any, field: str) -> Ref:
        if not isinstance(value, dict) or value.get("objectName") not in names:
            raise refused(MISLEADING)
        try:
            return Ref(whole(value.get("id"), field), value["objectName"])
        except ApiError:
            raise refused(MISLEADING) from None

    return read


def read(readers: Mapping[str, Reader], given: Json) -> Json:
    """The known fields that the request names; null stays None, unknown fields are ignored."""
    return {
        name: None if given[name] is None else reader(given[name], name)
        for name, reader in readers.items()
        if name in given
    }


def demand(fields: Json, *names: str) -> None:
    """422 for the first field that is missing."""
    for name in names:
        if fields.get(name) is None:
            raise refused(f"Missing required field '{name}'")


def marked(given: Any, name: str) -> Json:
    """A nested model of a save call: an object with its objectName and mapAll, or 422."""
    if not isinstance(given, dict) or given.get("objectName") != name:
        raise refused(MISLEADING)
    if not given.get("mapAll") or not truth(given["mapAll"], "mapAll"):
        raise refused(f"{name}: mapAll is required")
    return given
