"""Lexware Office (formerly lexoffice), Public API v1: finished jobs, invoices, payments and their PDF.

Facts from the vendor's documentation and its change log up to August 2025. Two requests a second for the whole
organisation; dates in lists are whole days in Europe/Berlin; there is no idempotency key, so invoices carry our marker.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal

import httpx
from pydantic import BaseModel, Field

from billing.comparing import Booked
from billing.invoices import Draft
from billing.jobs import Job
from billing.parties import Customer
from billing.payments import PaymentFact
from connectors.account import Account, open_account, segment
from connectors.doubles import Listed, doubles
from connectors.errors import CannotExpress, Conflict, NotFound, OutcomeUnknown, Rejected, UnexpectedAnswer
from connectors.fields import Item, item
from connectors.http import HttpClient
from connectors.lexoffice_contacts import Contacts
from connectors.lexoffice_events import Gate, PublicKeyFile, Subscriptions, load_public_key
from connectors.lexoffice_invoices import (
    booked_from,
    complaint_in,
    payload_for,
    payment_fact_from,
    payment_from,
    preceding_id,
    texts_of,
)
from connectors.lexoffice_jobs import DELIVERY_NOTE, ORDER, SIGNALS, SignalKind, customer_now, job_from, signal_from
from connectors.paging import Page, read_backwards, read_since, settled, translate_each
from connectors.protocols import Capability, Costs, Payment, Reach, Signal
from connectors.settings import BaseUrl, CaFile, HeaderKey, Patience, Timeouts

SYSTEM = "Lexware Office"
PAGE_SIZE = 250
WINDOW_PAGES = 10_000 // PAGE_SIZE


class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say to use its Lexware Office."""

    api_key: HeaderKey = Field(description="API-Schlüssel, erzeugt unter Erweiterungen, Public API")
    base_url: BaseUrl = Field("https://api.lexware.io", description="Adresse der Schnittstelle")
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    signal: Literal["delivery_note", "order_confirmation", "order_archived", "quotation_accepted"] = Field(
        "delivery_note", description="Woran ein erledigter Auftrag zu erkennen ist"
    )
    webhook_public_key: PublicKeyFile | None = Field(
        None,
        description="Datei mit Lexwares öffentlichem Schlüssel für Rückrufe (PEM); vorher vergleichen",
    )
    rate: float = Field(1.9, gt=0, description="Anfragen je Sekunde; Lexware erlaubt 2 für alle Programme zusammen")
    burst: float = Field(3, ge=1, description="Anfragen, die ohne Pause hintereinander gehen dürfen")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="Fristen einer Anfrage in Sekunden")
    patience: Patience = Field(default_factory=Patience, description="Wiederholungen einer Anfrage")


class Lexoffice(Account):
    """One organisation at Lexware Office: job source, accounting system, payment source and PDF source in one."""

    capabilities = frozenset(
        {
            Capability.ISSUES_AT_ONCE,
            Capability.OWN_NUMBERS,
            Capability.HOLDS_MARKER,
            Capability.LISTS_PAYMENTS,
            Capability.OWN_PDF,
            Capability.KNOWS_CONTACTS,
            Capability.OWN_EINVOICE,
            Capability.EVENTS,
        }
    )

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        super().__init__(http)
        self._kind = SIGNALS[settings.signal]
        self.costs = Costs(job=3 if self._kind is DELIVERY_NOTE else 2, invoice=2, idle=2)
        self._key_file = settings.webhook_public_key
        self.events = Subscriptions(http, settings.signal)
        self._contacts = Contacts(http)
        self._profile: Item | None = None

    def signals(self, since: date) -> Iterator[Signal]:
        """The documents of the chosen kind that changed on or after `since`: one request for up to 250."""
        self._contacts.forget()
        kind = self._kind
        filters = {"voucherType": kind.voucher_type, **dict(kind.filters)}
        reading = read_since(self._list("signals", "updatedDate", filters), since, _changed_on, read_backwards)
        return translate_each(reading.rows, signal_from)

    def job(self, external_id: str) -> Job:
        """The job behind a signal: its document, the order before it, the contact; two or three requests."""
        return self._job_of(self._document(self._kind, external_id))

    def contact(self, external_id: str) -> Customer:
        """The customer as he is kept now: one request."""
        self._contacts.forget()
        return customer_now(self._contacts.get(external_id))

    def done(self, external_id: str) -> Job | None:
        """The job behind an event's document, as `job` reads it; None unless it is the client's sign of a finished job.

        Read by its id, because the voucher list lags behind the write that caused the event.
        """
        try:
            source = self._fetched(self._kind, external_id)
        except NotFound:
            return None
        return self._job_of(self._finished(self._kind, source)) if self._kind.is_shown_by(source) else None

    def create(self, draft: Draft, reach: Reach) -> str:
        """Create the invoice at once finalised (a draft could not be finalised later by API); its id."""
        payload = payload_for(draft)
        params = {"finalize": "true"}
        preceding = preceding_id(draft)
        if preceding:
            params["precedingSalesVoucherId"] = preceding
        reach("sending")
        answer = self._http.post("/v1/invoices", "create", payload, params)
        try:
            return item(answer, "Rechnung").text("id")
        except UnexpectedAnswer as error:
            message = "Lexware Office hat die Rechnung wohl angelegt, aber nicht benannt. Sie wird dort gesucht."
            raise OutcomeUnknown(message, error.evidence) from error

    def read(self, external_id: str) -> Booked:
        """The invoice as it is booked now."""
        return booked_from(self._invoice(external_id, "read"))

    def find(self, draft: Draft, since: date) -> list[str]:
        """Ids of all invoices made on or after `since` for the draft's customer that carry its marker."""
        filters = {"voucherType": "invoice", "voucherStatus": "any"}
        if draft.customer.external_id:
            filters["contactId"] = draft.customer.external_id
        reading = read_since(self._list("find", "createdDate", filters), since, lambda row: row.day("createdDate"))
        rows = settled(reading)
        # One-time recipients have no contact to filter by, but neither has their row.
        rows = rows if draft.customer.external_id else [row for row in rows if not row.has("contactId")]
        return [row.text("id") for row in rows if self._carries(row.text("id"), draft.marker)]

    def doubled(self, drafts: Sequence[Draft], since: date) -> dict[str, list[str]]:
        """Markers that stand on several invoices: one list, and only invoices that look alike are read."""
        filters = {"voucherType": "invoice", "voucherStatus": "any"}
        reading = read_since(self._list("sweep", "createdDate", filters), since, lambda row: row.day("createdDate"))
        listed = [
            Listed(row.text("id"), row.text_or("contactId"), row.amount("totalAmount"))
            for row in settled(reading)
            if row.text("voucherStatus") != "voided"
        ]
        return doubles(listed, drafts, self._carries)

    def changes(self, since: date, now: datetime) -> Iterator[Payment]:
        """Payment states of the invoices that changed on or after `since`: one request for up to 250."""
        filters = {"voucherType": "invoice", "voucherStatus": "any"}
        reading = read_since(self._list("changes", "updatedDate", filters), since, _changed_on, read_backwards)
        return translate_each(reading.rows, lambda row: payment_from(row, now))

    def state(self, external_id: str, now: datetime) -> PaymentFact:
        """The payment state of one invoice. Raises `Conflict` when it has become a draft again."""
        try:
            answer = self._http.get(f"/v1/payments/{segment(external_id)}", "state")
        except Rejected as error:
            message = "Die Rechnung ist in Lexware Office wieder ein Entwurf. Bitte dort fertigstellen oder stornieren."
            raise Conflict(message, error.evidence) from error
        return payment_fact_from(item(answer, "Zahlung"), now)

    def pdf(self, external_id: str) -> bytes:
        """Lexware Office's own PDF of an issued invoice."""
        content = self._http.get_file(f"/v1/invoices/{segment(external_id)}/file", "pdf", "application/pdf")
        # With another Accept header Lexware sends base64 under the same content type.
        if not content.startswith(b"%PDF"):
            raise UnexpectedAnswer(
                f"{SYSTEM} hat statt des PDF etwas anderes geliefert. Bitte später erneut versuchen."
            )
        return content

    def gate(self) -> Gate:
        """Who decides about callbacks. Raises `CannotExpress` without the key file; asks once for the organisation."""
        if self._key_file is None:
            raise CannotExpress("Für Rückrufe fehlt webhook_public_key: die Datei mit Lexwares öffentlichem Schlüssel.")
        return Gate(load_public_key(self._key_file), self._organisation().text("organizationId"))

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _list(self, purpose: str, sort: str, filters: dict[str, str]) -> Callable[[date, int], Page]:
        def fetch(since: date, number: int) -> Page:
            params: dict[str, str | int] = {
                **filters,
                f"{sort}From": since.isoformat(),
                "sort": f"{sort},ASC",
                "size": PAGE_SIZE,
                "page": number,
            }
            answer = item(self._http.get("/v1/voucherlist", purpose, params), "voucherlist")
            pages = answer.count("totalPages")
            return Page(answer.parts("content"), min(pages, WINDOW_PAGES), more=pages > WINDOW_PAGES)

        return fetch

    def _job_of(self, source: Item) -> Job:
        order = self._order_of(source)
        is_order = self._kind.resource == ORDER.resource or order is not source
        return job_from(
            source,
            order,
            self._contact_of(order),
            order_id=order.text("id") if is_order else "",
            is_small_business=self._is_small_business(order),
        )

    def _document(self, kind: SignalKind, external_id: str) -> Item:
        return self._finished(kind, self._fetched(kind, external_id))

    def _fetched(self, kind: SignalKind, external_id: str) -> Item:
        return item(self._http.get(f"/v1/{kind.resource}/{segment(external_id)}", "job"), kind.word)

    def _finished(self, kind: SignalKind, document: Item) -> Item:
        status = document.text("voucherStatus")
        if status != kind.status:
            number = document.text_or("voucherNumber")
            message = (
                f"{kind.word} {number} steht auf „{status}“ statt „{kind.status}“. Bitte in {SYSTEM} fertigstellen."
            )
            raise CannotExpress(message)
        return document

    def _order_of(self, source: Item) -> Item:
        """The order that a delivery note follows; any other document, or a note without an order, is its own."""
        related = source.parts("relatedVouchers")
        orders = [voucher.text("id") for voucher in related if voucher.text("voucherType") == ORDER.voucher_type]
        if self._kind is not DELIVERY_NOTE or not orders:
            return source
        if len(orders) > 1:
            number = source.text("voucherNumber")
            raise CannotExpress(f"Lieferschein {number} gehört zu mehreren Aufträgen. Bitte von Hand abrechnen.")
        return self._document(ORDER, orders[0])

    def _contact_of(self, document: Item) -> Item | None:
        contact_id = document.part_or_empty("address").text_or("contactId")
        return self._contacts.get(contact_id) if contact_id else None

    def _is_small_business(self, document: Item) -> bool:
        """Only documents without VAT make the question worth a request; the answer holds for the organisation."""
        if document.part("taxConditions").text("taxType") != "vatfree":
            return False
        return self._organisation().flag("smallBusiness")

    def _organisation(self) -> Item:
        if self._profile is None:
            self._profile = item(self._http.get("/v1/profile", "profile"), "Profil")
        return self._profile

    def _invoice(self, external_id: str, purpose: str) -> Item:
        return item(self._http.get(f"/v1/invoices/{segment(external_id)}", purpose), "Rechnung")

    def _carries(self, external_id: str, marker: str) -> bool:
        try:
            # Only the texts are read: an odd invoice of somebody else must not make ours impossible to find.
            return marker in texts_of(self._invoice(external_id, "find"))
        except NotFound:
            return False


def connect(
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Lexoffice:
    """The organisation of `settings`. All connections to one account share one token bucket in this process."""
    key = settings.api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"}
    http = open_account(SYSTEM, settings.base_url, settings, headers, (key,), transport, sleep, complaint_in)
    return Lexoffice(http, settings)


def _changed_on(row: Item) -> date:
    return row.day("updatedDate")
