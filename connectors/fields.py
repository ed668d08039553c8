"""Reading foreign objects: what must be there is there and of its kind, or `UnexpectedAnswer` names the place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from connectors.errors import UnexpectedAnswer

BERLIN = ZoneInfo("Europe/Berlin")
LARGEST_EXPONENT = 20


@dataclass(frozen=True, slots=True)
class Item:
    """One object of an answer and its `place` in it, such as "Rechnung.lineItems[2]", for messages."""

    data: Mapping[str, Any]
    place: str

    def has(self, name: str) -> bool:
        """Whether there is a value; null counts as none."""
        return self.data.get(name) is not None

    def text(self, name: str) -> str:
        """A string that must be there and not empty, without control characters."""
        text = self.text_or(name)
        return text or self._missing(name)

    def text_or(self, name: str, default: str = "") -> str:
        """A string, or `default` where the system left it out."""
        value = self.data.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return "".join(filter(_is_ordinary, value.replace("\r\n", "\n"))).strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self._wrong(name, "kein Text")

    def amount(self, name: str) -> Decimal:
        """A number that must be there, also where it comes as a string such as "1337.00"."""
        value = self.data.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            return self._missing(name) if value is None else self._wrong(name, "keine Zahl")
        try:
            number = Decimal(value)
        except InvalidOperation:
            return self._wrong(name, "keine Zahl")
        if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
            return self._wrong(name, "keine brauchbare Zahl")
        return number

    def amount_or(self, name: str, default: Decimal) -> Decimal:
        """A number, or `default` where the system left it out."""
        return self.amount(name) if self.has(name) else default

    def count(self, name: str) -> int:
        """A whole number that must be there."""
        number = self.amount(name)
        return int(number) if number == number.to_integral_value() else self._wrong(name, "keine ganze Zahl")

    def flag(self, name: str) -> bool:
        """A truth value; left out means no."""
        value = self.data.get(name, False)
        if value is None or isinstance(value, bool):
            return bool(value)
        return self._wrong(name, "weder ja noch nein")

    def moment(self, name: str) -> datetime:
        """An instant that must be there, with its offset."""
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError:
            return self._wrong(name, "kein Zeitpunkt")
        return moment if moment.tzinfo else self._wrong(name, "ein Zeitpunkt ohne Zeitzone")

    def day(self, name: str) -> date:
        """The calendar day in Europe/Berlin of an instant that must be there."""
        return self.moment(name).astimezone(BERLIN).date()

    def stamp(self, name: str) -> str:
        """An instant that must be there as text: UTC to the second, so that order of text is order of time."""
        return self.moment(name).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def part(self, name: str) -> "Item":
        """An object that must be there."""
        value = self.data.get(name)
        if not isinstance(value, Mapping):
            return self._missing(name) if value is None else self._wrong(name, "kein Objekt")
        return Item(value, f"{self.place}.{name}")

    def part_or_empty(self, name: str) -> "Item":
        """An object, or an empty one where the system left it out."""
        return self.part(name) if self.has(name) else Item({}, f"{self.place}.{name}")

    def parts(self, name: str) -> list["Item"]:
        """The objects of a list; left out means none."""
        values = self.data.get(name, [])
        if values is None:
            return []
        if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
            return self._wrong(name, "keine Liste von Objekten")
        return [Item(value, f"{self.place}.{name}[{place}]") for place, value in enumerate(values)]

    def texts(self, name: str) -> list[str]:
        """The strings of a list; left out means none."""
        values = self.data.get(name) or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            return self._wrong(name, "keine Liste von Texten")
        return [value.strip() for value in values]

    def unexpected(self, name: str, what: str) -> UnexpectedAnswer:
        """The error for a value that is not what is documented; the value itself is not repeated."""
        place = f"{self.place}.{name}".rstrip(".")
        return UnexpectedAnswer(
            f"Die Antwort ist anders als erwartet: {place} {what}. Bitte den Beleg im Quellsystem prüfen.", place
        )

    def _missing(self, name: str) -> NoReturn:
        raise self.unexpected(name, "fehlt")

    def _wrong(self, name: str, what: str) -> NoReturn:
        raise self.unexpected(name, f"ist {what}")


def item(data: Any, place: str) -> Item:
    """The root of an answer that must be an object; `place` is what people call it."""
    if not isinstance(data, Mapping):
        raise Item({}, place).unexpected("", "ist kein Objekt")
    return Item(data, place)


def _is_ordinary(letter: str) -> bool:
    """Neither a control character (line break and tab may stay) nor half of a surrogate pair."""
    return (letter >= " " and letter != "\x7f" and not "\ud800" <= letter <= "\udfff") or letter in "\n\t"
