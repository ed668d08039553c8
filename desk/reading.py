"""Reading what people type."""

import re
from decimal import Decimal

import typer

AMOUNT = re.compile(r"\d{1,9}([.,]\d{1,2})?")


def amount_of(text: str | None) -> Decimal | None:
    """An amount in euro, cents after a point or comma; None where nothing was typed. Raises `typer.BadParameter`."""
    if text is None:
        return None
    if not AMOUNT.fullmatch(text):
        raise typer.BadParameter(f"Erwartet wird ein Betrag in Euro wie 100 oder 100.00, nicht {text}.")
    return Decimal(text.replace(",", ".")).quantize(Decimal("0.01"))
