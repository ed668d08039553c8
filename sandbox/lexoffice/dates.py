"""The date forms of the API: answers carry the Europe/Berlin offset and exactly three millisecond digits."""

import re
from datetime import date, datetime, timedelta

from sandbox.clock import BERLIN

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}(Z|[+-]\d{2}:\d{2})", re.ASCII)


def shown(instant: datetime) -> str:
    """`yyyy-MM-dd'T'HH:mm:ss.SSSXXX` in Europe/Berlin."""
    return instant.astimezone(BERLIN).isoformat(timespec="milliseconds")


def parsed(text: object) -> datetime:
    """The instant of a date-time in exactly that form; anything else is a ValueError."""
    if not isinstance(text, str) or _FORM.fullmatch(text) is None:
        raise ValueError(f"not yyyy-MM-dd'T'HH:mm:ss.SSSXXX: {text!r}")
    return datetime.fromisoformat(text)


def day_of(text: str) -> date:
    """The calendar day in Europe/Berlin of a date-time of the API."""
    return parsed(text).astimezone(BERLIN).date()


def later(text: str, days: int) -> str:
    """A date-time moved by calendar days in Europe/Berlin."""
    return shown(parsed(text).astimezone(BERLIN) + timedelta(days=days))


def midnight(day: date) -> str:
    """The start of a calendar day in Europe/Berlin."""
    return shown(datetime(day.year, day.month, day.day, tzinfo=BERLIN))
