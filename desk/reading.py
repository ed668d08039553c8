"""Reading what people type."""

import re
from decimal import Decimal

import typer

from billing.money import to_cent

AMOUNT = re.compile(r"\d{1,9}([.,]\d{1,2})?")
GERMAN_AMOUNT = re.compile(rf"\d{{1,3}}(\.\d{{3}}){{1,2}}(,\d{{1,2}})?|{AMOUNT.pattern}")


class Mistake(ValueError):
    """What was typed cannot be taken; the message is German."""


def amount_of(text: str | None) -> Decimal | None:
    """An amount in euro, cents after a point or comma; None where nothing was typed. Raises `typer.BadParameter`."""
    if text is None:
        return None
    if not AMOUNT.fullmatch(text):
        raise typer.BadParameter(f"Erwartet wird ein Betrag in Euro wie 100 oder 100.00, nicht {text}.")
    return Decimal(text.replace(",", ".")).quantize(Decimal("0.01"))


def german_amount_of(text: str) -> Decimal | None:
    """1.234,56 and 1234.56 and 1234 as an amount, None for nothing. Raises `Mistake`."""
    plain = text.replace("€", "").replace("EUR", "").replace(" ", "").replace("\u00a0", "")
    if not plain:
        return None
    if not GERMAN_AMOUNT.fullmatch(plain):
        raise Mistake(f"{text!r} ist kein Betrag; gemeint ist etwas wie 1.234,56.")
    if "," in plain or re.fullmatch(r"\d{1,3}(\.\d{3})+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    return to_cent(Decimal(plain))
