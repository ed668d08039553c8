"""Records with typed values, and the strings that answers show for them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.clock import BERLIN
from sandbox.sevdesk.errors import Json


@dataclass(frozen=True)
class Ref:
    """A reference to another record, in JSON {"id": ..., "objectName": ...}."""

    id: int
    name: str


@dataclass(frozen=True)
class Record:
    """One stored object; `created` and `updated` are cut to seconds as answers show them.

    `spoiled` are raw values that answers show instead of the true ones.
    """

    name: str
    id: int
    created: datetime
    updated: datetime
    fields: Json
    spoiled: Json = field(default_factory=dict)

    @property
    def ref(self) -> Ref:
        """The reference that others hold."""
        return Ref(self.id, self.name)

    def __getitem__(self, field: str) -> Any:
        """A typed value; fields that were never set are None."""
        return self.fields.get(field)


def plain(value: bool | int | Decimal) -> int | float:
    """One of the few values that answers show as a number."""
    return float(value) if Decimal(value) % 1 else int(value)


def decimal_text(value: Decimal) -> str:
    """A number as answers spell it: 119, 21.4, 0.05."""
    return f"{value.normalize():f}" if value else "0"


def midnight(day: date) -> datetime:
    """The start of a calendar day in Europe/Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN)


def shown(value: Any) -> Any:
    """A value as it stands in an answer: nearly everything becomes a string, booleans 1 and 0."""
    match value:
        case bool():
            return "1" if value else "0"
        case Decimal():
            return decimal_text(value)
        case int():
            return str(value)
        case datetime():
            return value.astimezone(BERLIN).isoformat(timespec="seconds")
        case date():
            return shown(midnight(value))
        case Ref():
            return {"id": str(value.id), "objectName": value.name}
    return value
