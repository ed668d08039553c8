"""What people type into forms, read the German way; a mistake is told in a sentence beside the form."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from desk.reading import Mistake, amount_of

LONGEST = 500
LONGEST_SIGN = 40


@dataclass(frozen=True, slots=True)
class Given:
    """The fields of a form of action, read; empty ones are None."""

    reason: str = ""
    until: date | None = None
    on: date | None = None
    amount: Decimal | None = None
    once: str = ""
    """Sign of the form that was shown: pressed twice it is one wish."""


def day_of(text: str) -> date | None:
    """2026-11-21 as browsers send it, or 21.11.2026 as people type it; None for nothing. Raises `Mistake`."""
    plain = text.strip()
    if not plain:
        return None
    german = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", plain)
    try:
        return date(*map(int, reversed(german.groups()))) if german else date.fromisoformat(plain)
    except ValueError:
        raise Mistake(f"{text!r} ist kein Tag; gemeint ist etwas wie 21.11.2026.") from None


def given_of(reason: str, until: str, on: str, amount: str, once: str) -> Given:
    """All fields of a form. Raises `Mistake`."""
    return Given(" ".join(reason.split())[:LONGEST], day_of(until), day_of(on), amount_of(amount), once[:LONGEST_SIGN])
