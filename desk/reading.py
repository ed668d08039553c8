"""Reading what people type."""

import re
from decimal import Decimal

from billing.money import in_german, to_cent

PLAIN = re.compile(r"[0-9]{1,9}([.,][0-9]{1,2})?")
GROUPED = re.compile(r"[0-9]{1,3}(\.[0-9]{3}){1,2}(,[0-9]{1,2})?")
AMBIGUOUS = re.compile(r"([0-9]{1,3})[.,]([0-9]{3})")
"""1.234: a thousand and more where it is typed by hand, little more than one where a program wrote it."""
LONGEST = 40


class Mistake(ValueError):
    """What was typed cannot be taken; the message is German."""


def amount_of(text: str) -> Decimal | None:
    """1.234,56 and 1234,56 and 1234.56 as an amount in euro, None for nothing. Raises `Mistake`."""
    plain = re.sub(r"€|EUR|\s", "", text)
    if not plain:
        return None
    if two := AMBIGUOUS.fullmatch(plain):
        whole = in_german(Decimal(two[1] + two[2]), "€")
        raise Mistake(f"„{plain}“ kann {whole} oder {two[1]},{two[2]} heißen; bitte mit Cent schreiben, etwa 1234,00.")
    if GROUPED.fullmatch(plain):
        return to_cent(Decimal(plain.replace(".", "").replace(",", ".")))
    if PLAIN.fullmatch(plain):
        return to_cent(Decimal(plain.replace(",", ".")))
    raise Mistake(f"„{text.strip()[:LONGEST]}“ ist kein Betrag; gemeint ist etwas wie 1.234,56.")
