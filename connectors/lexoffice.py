"""Lexware Office (formerly lexoffice), Public API v1: finished jobs, invoices, payments and their PDF.

Facts from the vendor's documentation and its change log up to August 2025. Two requests a second for the whole
organisation; dates in lists are whole days in Europe/Berlin; there is no idempotency key, so invoices carry our marker.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Literal
from urllib.parse import quote

import httpx
from pydantic import BaseModel, Field

from billing.comparing import Booked
from billing.invoices import Draft
from billing.jobs import Job
from billing.payments import PaymentFact
from connectors.errors import CannotExpress, Conflict, NotFound, OutcomeUnknown, Rejected, UnexpectedAnswer
from connectors.fields import Item, item
from connectors.http import HttpClient, open_client
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
from connectors.lexoffice_jobs import DELIVERY_NOTE, ORDER, SIGNALS, SignalKind, job_from, signal_from
from connectors.paging import Page, read_since, settled, translate_each
from connectors.protocols import Capability, Costs, Payment, Reach, Signal
from connectors.rate import account_key, bucket_for
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


class Lexoffice:
    """One organisation at Lexware Office: job source, accounting system, payment source and PDF source in one."""

    capabilities = frozenset(
        {
            Capability.ISSUES_AT_ONCE,
            Capability.OWN_NUMBERS,
            Capability.HOLDS_MARKER,
            Capability.LISTS_PAYMENTS,
            Capability.OWN_PDF,
            Capability.OWN_EINVOICE,
            Capability.EVENTS,
        }
    )
    costs = Costs(job=3, invoice=2, idle=2)

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        self._http = http
        self._kind = SIGNALS[settings.signal]
        self._key_file = settings.webhook_public_key
        self.events = Subscriptions(http, settings.signal)
        self._contacts: dict[str, Item] = {}
        self._profile: Item | None = None

    @property
    def account(self) -> str:
        """The account's name in the shared quota; empty where quota is not shared."""
        return self._http.bucket.account

    def seconds_for(self, invoices: int) -> float:
        """How long the quota makes so many invoices take at least, from the finished job to the read-back."""
        return self._http.bucket.seconds_for(invoices * (self.costs.job + self.costs.invoice))

    @property
    def requests(self) -> Counter[str]:
        """How many requests this process has made on the account, by purpose."""
        return Counter(self._http.bucket.counts)

    def signals(self, since: date) -> Iterator[Signal]:
        """The documents of the chosen kind that changed on or after `since`: one request for up to 250."""
        self._contacts.clear()
        kind = self._kind
        filters = {"voucherType": kind.voucher_type, **dict(kind.filters)}
        reading = read_since(self._list("signals", "updatedDate", filters), since, lambda row: row.day("updatedDate"))
        return translate_each(reading.rows, signal_from)

    def job(self, external_id: str) -> Job:
        """The job behind a signal: its document, the order before it, the contact; two or three requests."""
        source = self._document(self._kind, external_id)
        order = self._order_of(source)
        is_order = self._kind.resource == ORDER.resource or order is not source
        return job_from(
            source,
            order,
            self._contact_of(order),
            order_id=order.text("id") if is_order else "",
            is_small_business=self._is_small_business(order),
        )

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

    def changes(self, since: date, now: datetime) -> Iterator[Payment]:
        """Payment states of the invoices that changed on or after `since`: one request for up to 250."""
        filters = {"voucherType": "invoice", "voucherStatus": "any"}
        reading = read_since(self._list("changes", "updatedDate", filters), since, lambda row: row.day("updatedDate"))
        return translate_each(reading.rows, lambda row: payment_from(row, now))

    def state(self, external_id: str, now: datetime) -> PaymentFact:
        """The payment state of one invoice. Raises `Conflict` when it has become a draft again."""
        try:
            answer = self._http.get(f"/v1/payments/{_segment(external_id)}", "state")
        except Rejected as error:
            message = "Die Rechnung ist in Lexware Office wieder ein Entwurf. Bitte dort fertigstellen oder stornieren."
            raise Conflict(message, error.evidence) from error
        return payment_fact_from(item(answer, "Zahlung"), now)

    def pdf(self, external_id: str) -> bytes:
        """Lexware Office's own PDF of an issued invoice."""
        content = self._http.get_file(f"/v1/invoices/{_segment(external_id)}/file", "pdf", "application/pdf")
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

    def _document(self, kind: SignalKind, external_id: str) -> Item:
        answer = self._http.get(f"/v1/{kind.resource}/{_segment(external_id)}", "job")
        document = item(answer, kind.word)
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
        if not contact_id:
            return None
        if contact_id not in self._contacts:
            answer = self._http.get(f"/v1/contacts/{_segment(contact_id)}", "contact")
            self._contacts[contact_id] = item(answer, "Kontakt")
        return self._contacts[contact_id]

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
        return item(self._http.get(f"/v1/invoices/{_segment(external_id)}", purpose), "Rechnung")

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
    client = open_client(settings.base_url, headers, settings.timeouts, settings.ca_file, transport)
    bucket = bucket_for(account_key(settings.base_url, key), settings.rate, settings.burst, SYSTEM)
    http = HttpClient(
        SYSTEM,
        client,
        bucket,
        settings.patience,
        total_timeout=settings.timeouts.total,
        secrets=(key,),
        complaint_in=complaint_in,
        sleep=sleep,
    )
    return Lexoffice(http, settings)


def _segment(external_id: str) -> str:
    return quote(external_id, safe="")
