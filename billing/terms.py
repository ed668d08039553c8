"""When an invoice is due and what paying early is worth."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.jobs import EarlyPayment, Terms
from billing.money import to_cent


@dataclass(frozen=True, slots=True)
class EarlyOffer:
    """Skonto in figures: pay `amount` (= gross less `saving`) up to and including `until`."""

    until: date
    percent: Decimal
    saving: Decimal
    amount: Decimal


def due_date(issue_date: date, terms: Terms) -> date:
    """The printed due date (BT-9): the invoice day is not counted (§ 187 (1) BGB)."""
    return issue_date + timedelta(terms.days_until_due)


def early_offer(issue_date: date, gross: Decimal, early: EarlyPayment) -> EarlyOffer:
    """What a customer who pays early saves and pays, to the cent."""
    saving = to_cent(gross * early.percent / 100)
    return EarlyOffer(issue_date + timedelta(early.days), early.percent, saving, gross - saving)
