"""What none of our accounting systems can say exactly, and the limits of numbers that several share."""

from collections.abc import Iterator
from decimal import Decimal

from billing.invoices import Draft, Kind
from billing.jobs import Line

MAX_DECIMALS = 4
PLAIN_KINDS = frozenset({Kind.INVOICE, Kind.COLLECTIVE})


def beyond_a_plain_invoice(draft: Draft, system: str) -> Iterator[str]:
    """Kinds, charges and deductions that no API of an accounting system takes, as German sentences with the cure."""
    if draft.kind not in PLAIN_KINDS or draft.deductions:
        yield f"{system} nimmt über die Schnittstelle nur einfache Rechnungen an. Bitte dort von Hand anlegen."
    if draft.charges:
        yield f"{system} kennt keinen Zuschlag auf die ganze Rechnung. Bitte eine eigene Position daraus machen."


def odd_numbers(line: Line) -> Iterator[str]:
    """What is too fine or out of range in a line, as German sentences."""
    if decimals(line.quantity) > MAX_DECIMALS or decimals(line.unit_price) > MAX_DECIMALS:
        yield "Menge oder Preis hat mehr als vier Nachkommastellen."
    if decimals(line.discount_percent) > 2 or not 0 <= line.discount_percent <= 100:
        yield "Der Rabatt muss zwischen 0 und 100 % liegen und höchstens zwei Nachkommastellen haben."
    if line.surcharge_percent:
        yield "Ein Zuschlag in Prozent ist nicht möglich. Bitte eine eigene Position daraus machen."


def decimals(number: Decimal) -> int:
    """How many decimals a number needs; 1.50 needs one."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else MAX_DECIMALS + 1
