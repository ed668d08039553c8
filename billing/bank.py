"""A booked line of a bank account, as every bank file and bank connection gives it."""

from dataclasses import dataclass
from datetime import date

from billing.money import Money


@dataclass(frozen=True, slots=True)
class BankLine:
    """One booked movement. `amount` is signed: money that came in is positive.

    `id` is the same whenever the same movement is read again, whatever the file. `purpose` is the remittance text with
    the line breaks the bank put in. `creditor_reference` is the structured reference (ISO 11649, RF…), `end_to_end_id`
    and `mandate` the payer's own references, `return_reason` why a payment came back (ISO 20022 code or text).
    """

    id: str
    booked_on: date
    amount: Money
    value_on: date | None = None
    counterparty: str = ""
    iban: str = ""
    purpose: str = ""
    creditor_reference: str = ""
    end_to_end_id: str = ""
    mandate: str = ""
    return_reason: str = ""

    @property
    def received_on(self) -> date:
        """When the money counts as received: the earlier of booking and value date, in the payer's favour."""
        return min(self.booked_on, self.value_on or self.booked_on)
