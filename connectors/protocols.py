"""What we ask of foreign systems. A method is one request (or one paged list) and one translation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

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


@dataclass(frozen=True, slots=True)
class Costs:
    """Requests at most: to read a finished job, to create and read back an invoice, for a look that finds nothing."""

    job: int
    invoice: int
    idle: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """An event that a system sends to an address."""

    external_id: str
    event: str
    callback_url: str


class Topic(StrEnum):
    """What an event makes worth looking at."""

    JOBS = "jobs"
    PAYMENTS = "payments"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Event:
    """A hint that something has changed upstream; the same `key` is the same event, however often it comes."""

    key: str
    name: str
    external_id: str
    occurred_at: datetime
    topic: Topic


class Capability(StrEnum):
    """What some systems can do and others cannot; a connection names its own in `capabilities`."""

    ISSUES_AT_ONCE = "legt Rechnungen fertig an"
    ISSUES_LATER = "legt Entwürfe an und stellt sie in einem zweiten Schritt fertig"
    OWN_NUMBERS = "vergibt Rechnungsnummern"
    HOLDS_MARKER = "bewahrt unser Zeichen im Beleg"
    LISTS_PAYMENTS = "nennt Zahlungsstände in Listen"
    BOOKS_PAYMENTS = "nimmt Zahlungen entgegen"
    OWN_PDF = "liefert ein eigenes PDF"
    OWN_EINVOICE = "liefert eine eigene E-Rechnung"
    MARKS_SENT = "führt Rechnungen als versendet"
    EVENTS = "meldet Ereignisse"
    SENDS_MAIL = "versendet Nachrichten"


@runtime_checkable
class JobSource(Protocol):
    """Says which jobs are done, and what was done."""

    def signals(self, since: date) -> Iterator[Signal]:
        """All signals whose document changed on or after `since`, by pages, each id once."""

    def job(self, external_id: str) -> Job:
        """The job behind a signal, with customer and lines as they are now."""


@runtime_checkable
class AccountingSystem(Protocol):
    """Makes invoices and knows their numbers."""

    def create(self, draft: Draft, reach: Reach) -> str:
        """Create and issue the invoice; its id. Calls `reach("sending")` before the first byte that could act."""

    def read(self, external_id: str) -> Booked:
        """The invoice as it is booked now."""

    def find(self, draft: Draft, since: date) -> list[str]:
        """Ids of all invoices made on or after `since` that carry the draft's marker: a complete search, all pages."""


@runtime_checkable
class DraftIssuer(Protocol):
    """An accounting system whose invoices come into being as drafts (`Capability.ISSUES_LATER`).

    Its `create` issues the draft too, but a crash, a fault or a wrong sum between the two steps leaves a draft: `find`
    adopts it by its marker, `read` says that it is not issued, and once it has been compared `issue` finishes it.
    """

    def issue(self, external_id: str) -> None:
        """Issue a draft of ours, so that it gets its number; does nothing to an invoice that is issued already."""


@runtime_checkable
class PaymentSource(Protocol):
    """Knows what has been paid."""

    def changes(self, since: date, now: datetime) -> Iterator[Payment]:
        """Payment states of the invoices that changed on or after `since`, by pages; `now` is when they were read."""

    def state(self, external_id: str, now: datetime) -> PaymentFact:
        """The payment state of one invoice, read afresh."""


@runtime_checkable
class PaymentBook(Protocol):
    """Can be told of payments that the bank reported (`Capability.BOOKS_PAYMENTS`)."""

    def book(self, external_id: str, amount: Decimal, received_on: date, reach: Reach) -> None:
        """Book a payment of this invoice; after an unknown outcome its state tells whether that was done."""


@runtime_checkable
class PdfSource(Protocol):
    """Gives the accounting system's own PDF."""

    def pdf(self, external_id: str) -> bytes:
        """The PDF of an issued invoice; begins with %PDF."""


@runtime_checkable
class EventSource(Protocol):
    """Calls an address of ours when something changes (`Capability.EVENTS`); lost calls cost nothing."""

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions there are."""

    def subscribe(self, callback_url: str) -> list[str]:
        """Make sure that every event we want goes to the address; the names of those that were missing."""

    def unsubscribe(self, callback_url: str) -> int:
        """Delete all subscriptions that go to the address; how many there were."""


class Gatekeeper(Protocol):
    """Knows whether a call to our address really comes from the system."""

    def event(self, raw_body: bytes, signature: str) -> Event:
        """The event of a call. Raises `NotAuthorised` for a foreign one, `UnexpectedAnswer` for an unreadable one."""


@runtime_checkable
class Courier(Protocol):
    """Brings a finished message to one recipient."""

    def send(self, message: bytes, recipient: str, reach: Reach) -> str:
        """Hand over exactly these bytes; the receiver's answer. Calls `reach("dot")` before the point of no return."""
