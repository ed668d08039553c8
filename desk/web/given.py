"""What people type into forms, read the German way; a mistake is told in a sentence beside the form."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.money import to_cent

AMOUNT = re.compile(r"\d{1,3}(\.\d{3}){1,2}(,\d{1,2})?|\d{1,9}([.,]\d{1,2})?")
LONGEST = 500
LONGEST_SIGN = 40


class Mistake(ValueError):
    """What was typed cannot be taken; the message is German."""


@dataclass(frozen=True, slots=True)
class Given:
    """The fields of a form of action, read; empty ones are None."""

    reason: str = ""
    until: date | None = None
    on: date | None = None
    amount: Decimal | None = None
    once: str = ""
    """Sign of the form that was shown: pressed twice it is one wish."""


def amount_of(text: str) -> Decimal | None:
    """1.234,56 and 1234.56 and 1234 as an amount, None for nothing. Raises `Mistake`."""
    plain = text.replace("€", "").replace("EUR", "").replace(" ", "").replace("\u00a0", "")
    if not plain:
        return None
    if not AMOUNT.fullmatch(plain):
        raise Mistake(f"{text!r} ist kein Betrag; gemeint ist etwas wie 1.234,56.")
    if "," in plain or re.fullmatch(r"\d{1,3}(\.\d{3})+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    return to_cent(Decimal(plain))


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
