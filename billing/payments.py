"""Where an invoice stands, computed from the facts at the moment of reading and never stored."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Standing(StrEnum):
    """The status word that owners read."""

    OPEN = "offen"
    PARTLY_PAID = "teilbezahlt"
    PAID = "bezahlt"
    OVERDUE = "überfällig"
    VOIDED = "storniert"
    DISPUTED = "strittig"
    IN_DEFAULT = "in Verzug"
    DEFERRED = "gestundet"
    UNCOLLECTIBLE = "uneinbringlich"


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """What a source said about one invoice at one instant: `open_amount` in the invoice's currency, `read_at` aware."""

    source: str
    open_amount: Decimal
    is_voided: bool
    version: str
    read_at: datetime


def standing(gross: Decimal, fact: PaymentFact | None, due_date: date, today: date, disputed: str = "") -> Standing:
    """The status of an issued invoice; without any payment fact the whole amount is open.

    A due date that passes makes it overdue, also when partly paid; `disputed` is the reason of an open dispute.
    """
    if fact and fact.is_voided:
        return Standing.VOIDED
    open_amount = fact.open_amount if fact else gross
    if open_amount <= 0:
        return Standing.PAID
    if disputed:
        return Standing.DISPUTED
    if today > due_date:
        return Standing.OVERDUE
    return Standing.PARTLY_PAID if open_amount < gross else Standing.OPEN
