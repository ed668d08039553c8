"""What we ask of foreign systems. A method is one request (or one paged list) and one translation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from billing.comparing import Booked
from billing.invoices import Draft
from billing.jobs import Job
from billing.payments import PaymentFact

Reach = Callable[[str], None]
"""`reach(phase)` commits that the effect has come to `phase`; raises if the right to go on was lost meanwhile."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign that a job is done: the id of the document that gave it and the version it had."""

    external_id: str
    version: str
    updated_on: date


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment state of one invoice out of a list, by the accounting system's id."""

    external_id: str
    updated_on: date
    fact: PaymentFact


class JobSource(Protocol):
    """Says which jobs are done, and what was done."""

    def signals(self, since: date) -> Iterator[Signal]:
        """All signals whose document changed on or after `since`, by pages, each id once."""

    def job(self, external_id: str) -> Job:
        """The job behind a signal, with customer and lines as they are now."""


class AccountingSystem(Protocol):
    """Makes invoices and knows their numbers."""

    def create(self, draft: Draft, reach: Reach) -> str:
        """Create and issue the invoice; its id. Calls `reach("sending")` before the first byte that could act."""

    def read(self, external_id: str) -> Booked:
        """The invoice as it is booked now."""

    def find(self, draft: Draft, since: date) -> list[str]:
        """Ids of all invoices made on or after `since` that carry the draft's marker: a complete search, all pages."""


class PaymentSource(Protocol):
    """Knows what has been paid."""

    def changes(self, since: date, now: datetime) -> Iterator[Payment]:
        """Payment states of the invoices that changed on or after `since`, by pages; `now` is when they were read."""

    def state(self, external_id: str, now: datetime) -> PaymentFact:
        """The payment state of one invoice, read afresh."""


class PdfSource(Protocol):
    """Gives the accounting system's own PDF."""

    def pdf(self, external_id: str) -> bytes:
        """The PDF of an issued invoice; begins with %PDF."""


class Courier(Protocol):
    """Brings a finished message to one recipient."""

    def send(self, message: bytes, recipient: str, reach: Reach) -> str:
        """Hand over exactly these bytes; the receiver's answer. Calls `reach("dot")` before the point of no return."""
