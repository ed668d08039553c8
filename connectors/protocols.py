"""What we ask of foreign systems. A method is one request (or one paged list) and one translation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from billing.comparing import Booked
from billing.invoices import Draft
from billing.jobs import Job
from billing.parties import Customer
from billing.payments import PaymentFact
from billing.work_entries import WorkEntry
from connectors.statements import FileRead

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


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The document that cancels an invoice: its own id and number there, `gross` (negative) in the invoice's currency.

    Source: BT-3 384, BG-3; § 31 (5) UStDV.
    """

    external_id: str
    number: str
    issue_date: date
    gross: Decimal


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
    CANCELS = "storniert Rechnungen mit einem eigenen Beleg"
    SENDS_MAIL = "versendet Nachrichten"
    POSTS_LETTERS = "druckt Briefe und bringt sie zur Post"
    RECEIVES_MAIL = "liest eingehende Nachrichten"
    RECORDS_TIME = "nennt erfasste Zeiten"
    SHOWS_TASKS = "zeigt Aufgaben und meldet, welche erledigt sind"
    KNOWS_CONTACTS = "kennt die heutige Anschrift und Mailadresse eines Kunden"
    FILES = "nimmt Kopien der Belege auf"
    READS_BANK = "liest Umsätze eines Bankkontos"


@dataclass(frozen=True, slots=True)
class Card:
    """A task as it hangs on a board outside: `uid` is its own for ever, `changed_at` the time of its last change."""

    uid: str
    title: str
    text: str
    due_on: date | None
    is_done: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class MailPlace:
    """Where a mail lies in a mailbox: numbers grow within one `validity` and mean nothing in another (RFC 9051 2.3.1).

    A mailbox that numbers nothing gives 0.
    """

    validity: str
    number: int


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail as it was received, cut off where it becomes too long."""

    place: MailPlace
    content: bytes


@runtime_checkable
class JobSource(Protocol):
    """Says which jobs are done, and what was done."""

    def signals(self, since: date) -> Iterator[Signal]:
        """All signals whose document changed on or after `since`, by pages, each id once."""

    def job(self, external_id: str) -> Job:
        """The job behind a signal, with customer and lines as they are now."""


@runtime_checkable
class TimeSource(Protocol):
    """Knows what was worked, for whom and for how long (`Capability.RECORDS_TIME`)."""

    @property
    def lists_everything(self) -> bool:
        """Whether work that is not listed any more was deleted there."""

    def entries(self, since: date) -> Iterator[WorkEntry]:
        """All work on or after `since`, each id once, as it is recorded now; running timers are left out."""


@runtime_checkable
class ContactDirectory(Protocol):
    """Knows how a customer is reached now (`Capability.KNOWS_CONTACTS`)."""

    def contact(self, external_id: str) -> Customer:
        """The customer as he is kept there at this moment, by the id that jobs name. Raises `NotFound`."""


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
class Sweeper(Protocol):
    """Can say cheaply whether one of our invoices was made twice over there."""

    def doubled(self, drafts: Sequence[Draft], since: date) -> dict[str, list[str]]:
        """The markers that stand on several invoices made on or after `since`, with their ids.

        Cancelled ones do not count. One list for all drafts; single documents are read only where two look alike.
        """


@runtime_checkable
class DraftIssuer(Protocol):
    """An accounting system whose invoices come into being as drafts (`Capability.ISSUES_LATER`).

    Its `create` issues the draft too, but a crash, a fault or a wrong sum between the two steps leaves a draft: `find`
    adopts it by its marker, `read` says that it is not issued, and once it has been compared `issue` finishes it.
    """

    def issue(self, external_id: str) -> None:
        """Issue a draft of ours, so that it gets its number; does nothing to an invoice that is issued already."""


@runtime_checkable
class Canceller(Protocol):
    """An accounting system that cancels an issued invoice by a document of its own (`Capability.CANCELS`)."""

    def cancel(self, external_id: str, reach: Reach) -> Cancellation:
        """Cancel the invoice; after an unknown outcome `cancellation` tells whether that was done.

        Calls `reach("sending")` before the first byte that could act.
        """

    def cancellation(self, external_id: str) -> Cancellation | None:
        """The document that cancels the invoice, None while there is none: a complete search, all pages."""


@runtime_checkable
class PaymentSource(Protocol):
    """Knows what has been paid."""

    def changes(self, since: date, now: datetime) -> Iterator[Payment]:
        """Payment states of the invoices that changed on or after `since`, by pages; `now` is when they were read."""

    def state(self, external_id: str, now: datetime) -> PaymentFact:
        """The payment state of one invoice, read afresh."""


@runtime_checkable
class BankSource(Protocol):
    """Gives the booked lines of bank accounts: a folder of files, or the bank itself."""

    def files(self, since: date, now: datetime) -> Iterator[FileRead]:
        """What was booked on or after `since`, and perhaps more; nothing while it was read not long before `now`."""


@runtime_checkable
class BankAccess(Protocol):
    """A bank whose customer has to confirm now and then that we may read."""

    def confirm(self, ask: Callable[[str], str], wait: Callable[[float], None]) -> None:
        """Let a person confirm: `ask` shows the bank's words and gives a TAN, `wait` pauses for so many seconds."""


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
        """Make sure that the events we want, and no others, go to the address; the names of those that were missing."""

    def unsubscribe(self, callback_url: str) -> int:
        """Delete all subscriptions that go to the address; how many there were."""


class Gatekeeper(Protocol):
    """Knows whether a call to our address really comes from the system; `header` holds its signature."""

    @property
    def header(self) -> str:
        """The name of that header."""

    def event(self, raw_body: bytes, signature: str) -> Event:
        """The event of a call. Raises `NotAuthorised` for a foreign one, `UnexpectedAnswer` for an unreadable one."""


@runtime_checkable
class Announcer(Protocol):
    """A job source that calls us when something changes (`Capability.EVENTS`)."""

    @property
    def events(self) -> EventSource:
        """Where its calls go to."""

    def gate(self) -> Gatekeeper:
        """Who judges its calls. Raises `CannotExpress` where the client has not given what that takes."""

    def done(self, external_id: str) -> Job | None:
        """The job behind the document of an event, read now; None unless that says a job is done."""


@runtime_checkable
class Metered(Protocol):
    """A connection whose requests are rationed; `account` names the ration that others may share."""

    costs: Costs

    @property
    def account(self) -> str:
        """The account's name in the shared quota."""

    def seconds_for(self, requests: int) -> float:
        """How long the quota makes so many requests take at least."""


@runtime_checkable
class Courier(Protocol):
    """Brings a finished message to one recipient."""

    def send(self, message: bytes, recipient: str, reach: Reach) -> str:
        """Hand over exactly these bytes; the receiver's answer. Calls `reach("dot")` before the point of no return."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished PDF whose first page shows the address in its window (DIN 5008 form B), and our key for it."""

    pdf: bytes
    key: str
    is_registered: bool = False


class LetterStage(StrEnum):
    """How far a letter has come: WAITING to be printed, HELD until a person acts there, POSTED, or GONE unprinted."""

    WAITING = "waiting"
    HELD = "held"
    POSTED = "posted"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class LetterProgress:
    """What the service says: the address that it has read from the page, and what it knows beyond."""

    stage: LetterStage
    address: str
    said: str = ""


@runtime_checkable
class PostOffice(Protocol):
    """Prints letters and brings them to the post (`Capability.POSTS_LETTERS`)."""

    def post(self, letter: Letter, reach: Reach) -> str:
        """Order a letter; the order's id. Calls `reach("sending")` before the first byte that could act."""

    def find(self, key: str, since: date) -> list[str]:
        """Ids of all orders on or after `since` that carry the key: a complete search, all pages."""

    def progress(self, external_id: str) -> LetterProgress:
        """How far the order has come."""


@runtime_checkable
class Recaller(Protocol):
    """A letter service that gives a letter back which has not been printed yet."""

    def recall(self, external_id: str) -> None:
        """Take the order back; doing it twice is like doing it once. Raises `NeedsPerson` where it is too late."""


@runtime_checkable
class Filing(Protocol):
    """Keeps copies of documents where people look for them (`Capability.FILES`)."""

    def file(self, path: str, content: bytes) -> None:
        """Put these bytes under a relative path with `/` between folders; those that are missing come into being.

        The same bytes under the same path are there once, however often they come, so a fault is always `TryLater`
        and never unknown. Raises `Conflict` if something else lies there: nothing is overwritten.
        """


@runtime_checkable
class TaskBoard(Protocol):
    """Shows our tasks where people work already (`Capability.SHOWS_TASKS`)."""

    def show(self, card: Card) -> None:
        """Put a card up, or change the one with its `uid`; doing it twice is like doing it once."""

    def ticked(self) -> list[str]:
        """The `uid` of every card that somebody has ticked off there: one request."""


@runtime_checkable
class ReturnAddresses(Protocol):
    """A courier whose mails can be told apart by the address that bounces go to."""

    def mail_behind(self, address: str) -> str | None:
        """The local part of the Message-ID that an address proves, empty for none; None without such addresses."""


@runtime_checkable
class Mailbox(Protocol):
    """Holds what came back: bounces, automatic replies, answers (`Capability.RECEIVES_MAIL`). Changes nothing there."""

    def arrivals(self, after: MailPlace | None, since: date) -> Iterator[ReceivedMail]:
        """The mails after a place, oldest first; all since a day where the place is unknown or means nothing any more.

        A mail may come again; whoever reads remembers what he knows.
        """
