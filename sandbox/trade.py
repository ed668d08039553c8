"""What a world does in the accounting system it plays in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from sandbox.arithmetic import cents
from sandbox.plan import Customer, Job, Payment


@dataclass(frozen=True)
class Work:
    """A job with what the calendar and the system add: its customer's id, first and last day of the work."""

    job: Job
    customer: Customer
    contact_id: str
    days: tuple[date, date]


@dataclass(frozen=True)
class Paper:
    """What became of a step of a job: in words, the document's number and the facts for the report."""

    what: str
    number: str
    facts: dict[str, str]


class Trade(Protocol):
    """One organisation in its accounting system; contact and invoice ids are the system's."""

    def new_customer(self, customer: Customer) -> str:
        """Enter a customer and return the contact's id."""
        ...

    def name(self, contact_id: str) -> str:
        """The customer's name as in an address."""
        ...

    def mail_addresses(self, contact_id: str) -> list[str]:
        """All of the customer's mail addresses."""
        ...

    def confirm(self, work: Work) -> Paper:
        """Confirm the order."""
        ...

    def finish(self, work: Work, made: dict[str, str]) -> Paper:
        """Give the signal that the job is done; `made` are the facts of the steps before."""
        ...

    def numbered_invoices(self, contact_id: str) -> Iterable[tuple[str, str]]:
        """Id and number of every invoice that may be this customer's."""
        ...

    def pay(self, invoice_id: str, payment: Payment) -> tuple[Decimal, str] | None:
        """Book the customer's payment: amount in EUR and invoice number; None when there is nothing to pay."""
        ...

    def opened(self) -> None:
        """The stage opens: whatever lags may catch up."""
        ...


def amount_of(payment: Payment, gross: Decimal, owed: Decimal) -> Decimal:
    """What a customer pays of an invoice, EUR."""
    if payment.again:
        return gross
    wanted = owed if payment.share is None else cents(gross * payment.share)
    return min(wanted, owed)
