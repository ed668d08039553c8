"""What sources say about payments, and the words for where an invoice stands."""

from dataclasses import dataclass
from datetime import datetime
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
