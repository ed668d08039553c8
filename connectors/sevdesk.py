"""sevDesk, API v1 with bookkeeping of update 2.0: finished orders, invoices, payments and their PDF.

Facts from the official specification of July 2026 and live notes of others. No rate limit is published; there are no
events and no idempotency key, so invoices carry our marker. Filters may be ignored, so every row is looked at again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self

import httpx
from pydantic import BaseModel, Field, model_validator

from billing.comparing import Booked
from billing.invoices import Draft
from billing.jobs import Job
from billing.parties import Customer
from billing.payments import PaymentFact
from connectors.account import Account, open_account, segment
from connectors.errors import CannotExpress, Conflict, ConnectorError, NotAuthorised, OutcomeUnknown, UnexpectedAnswer
from connectors.fields import Item, item
from connectors.http import HttpClient
from connectors.paging import settled
from connectors.protocols import Cancellation, Capability, Costs, Payment, Reach, Signal
from connectors.settings import BaseUrl, CaFile, HeaderKey, Patience, Timeouts
from connectors.sevdesk_answers import complaint_in, object_in, objects_in, pdf_in, reference, unwrapped
from connectors.sevdesk_invoices import (
    DRAFT,
    NORMAL,
    NOTHING_YET,
    STILL_OWED,
    Choices,
    booked_from,
    has_sums_of,
    payload_for,
    texts_of,
)
from connectors.sevdesk_numbers import check_alone, next_number
from connectors.sevdesk_orders import Orders
from connectors.sevdesk_payments import (
    CANCELLATION,
    booking_for,
    cancellation_from,
    cancellations,
    changes,
    payment_fact_from,
)
from connectors.sevdesk_records import Records, points_to, rows, since_filter

SYSTEM = "sevDesk"
PDF_LIMIT = 28 * 1024 * 1024
"""20 MiB as base64."""

ISSUED_BY_HAND = {"sendType": "VPDF", "sendDraft": False}
"""Downloaded as a PDF: the invoice counts as sent and gets its number, and no mail leaves."""

ALL_TYPES = {"showAll": "true"}


class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say to use its sevDesk."""

    api_key: HeaderKey = Field(description="API-Token eines Administrators, 32 Zeichen")
    base_url: BaseUrl = Field("https://my.sevdesk.de/api/v1", description="Adresse der Schnittstelle")
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    signal: Literal["order_accepted", "delivery_note", "delivery_note_sent", "tag"] = Field(
        "order_accepted", description="Woran ein erledigter Auftrag zu erkennen ist"
    )
    tag: str = Field("", description="Name des Schlagworts an der Auftragsbestätigung, wenn signal: tag gilt")
    contact_person: int | None = Field(None, description="Nummer des sevDesk-Benutzers, wenn es mehrere gibt")
    numbering: Literal["on_issue", "sequence"] = Field(
        "on_issue", description="Wer die Nummer bildet: sevDesk beim Versenden, oder wir aus dem Nummernkreis"
    )
    delivery_date: Literal["field", "text"] = Field(
        "field", description="Ob das Leistungsdatum in sein Feld oder in den Einleitungstext geschrieben wird"
    )
    einvoice: bool = Field(False, description="Ob sevDesk eine ZUGFeRD-Rechnung daraus machen soll")
    check_account: int | None = Field(
        None, description="Nummer des Verrechnungs- oder Kassenkontos, auf das Zahlungen gebucht werden sollen"
    )
    payment_method: int | None = Field(None, description="Nummer der Zahlungsart, nötig für eine E-Rechnung")
    rate: float = Field(2, gt=0, description="Anfragen je Sekunde; sevDesk nennt keine Grenze, andere bleiben unter 4")
    burst: float = Field(4, ge=1, description="Anfragen, die ohne Pause hintereinander gehen dürfen")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="Fristen einer Anfrage in Sekunden")
    patience: Patience = Field(default_factory=Patience, description="Wiederholungen einer Anfrage")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.signal == "tag") != bool(self.tag):
            raise ValueError("tag gehört zu signal: tag, und umgekehrt.")
        if self.einvoice and self.payment_method is None:
            raise ValueError("einvoice braucht payment_method.")
        return self


class Sevdesk(Account):
    """One sevDesk account: job source, accounting system, payment source and PDF source in one."""

    capabilities = frozenset(
        {
            Capability.ISSUES_LATER,
            Capability.OWN_NUMBERS,
            Capability.HOLDS_MARKER,
            Capability.LISTS_PAYMENTS,
            Capability.BOOKS_PAYMENTS,
            Capability.OWN_PDF,
            Capability.KNOWS_CONTACTS,
            Capability.OWN_EINVOICE,
            Capability.MARKS_SENT,
            Capability.CANCELS,
        }
    )
    costs = Costs(job=10, invoice=4, idle=2)

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        super().__init__(http)
        self._settings = settings
        self._records = Records(http)
        self._orders = Orders(http, self._records, settings.signal, settings.tag)
        self._is_update_2 = False

    def signals(self, since: date) -> Iterator[Signal]:
        """The documents of the chosen kind that changed on or after `since`."""
        return self._orders.signals(since)

    def job(self, external_id: str) -> Job:
        """The job behind a signal."""
        self._require_update_2()
        return self._orders.job(external_id)

    def contact(self, external_id: str) -> Customer:
        """The customer as he is kept now: three requests."""
        return self._orders.customer(external_id)

    def create(self, draft: Draft, reach: Reach) -> str:
        """Save a draft invoice and issue it if its sums are ours; its id.

        Once the draft is saved, nothing that happens to the second request may make it look unsaved: whatever keeps
        it from being issued shows in `read`, and `issue` finishes it.
        """
        self._require_update_2()
        payload = payload_for(draft, self._choices(draft))
        reach("sending")
        answer = self._http.post("/Invoice/Factory/saveInvoice", "create", payload)
        try:
            saved = item(unwrapped(answer), "Rechnung").part("invoice")
            external_id = saved.text("id")
        except UnexpectedAnswer as error:
            message = "sevDesk hat die Rechnung wohl angelegt, aber nicht benannt. Sie wird dort gesucht."
            raise OutcomeUnknown(message, error.evidence) from error
        with suppress(ConnectorError):
            if has_sums_of(draft, saved):
                self._finish(saved)
        return external_id

    def issue(self, external_id: str) -> None:
        """Issue a draft, so that it gets its number and no mail leaves; an issued invoice stays as it is."""
        invoice = self._invoice(external_id, "issue")
        if invoice.text("status") == DRAFT:
            self._finish(invoice)

    def read(self, external_id: str) -> Booked:
        """The invoice as it is booked now."""
        invoice = self._invoice(external_id, "read")
        answer = self._http.get(f"/Invoice/{segment(external_id)}/getPositions", "read", {"limit": 1000})
        is_open = invoice.text("status") in STILL_OWED | NOTHING_YET
        is_voided = not is_open and bool(cancellations(self._http, external_id, "read"))
        return booked_from(invoice, objects_in(answer, "Positionen"), is_voided=is_voided)

    def find(self, draft: Draft, since: date) -> list[str]:
        """Ids of all invoices that carry the draft's marker: by our note, by the order, and all since `since`.

        Drafts count, cancellations and reminders do not, although they repeat the texts.
        """
        searches: list[dict[str, str | int]] = [{"customerIntenalNote": draft.marker}]  # sic
        if draft.order_id.isdigit():
            searches.append({**points_to("origin", "Order", draft.order_id)})
        searches.append({**since_filter("createAfter", since)})
        found: dict[str, None] = {}
        for filters in searches:
            for row in settled(rows(self._http, "/Invoice", "find", {**ALL_TYPES, **filters})):
                if row.data.get("invoiceType") == NORMAL and draft.marker in texts_of(row):
                    found[row.text("id")] = None
        return list(found)

    def doubled(self, drafts: Sequence[Draft], since: date) -> dict[str, list[str]]:
        """Markers that stand on several invoices; the list itself shows every text."""
        listed = settled(rows(self._http, "/Invoice", "sweep", {**ALL_TYPES, **since_filter("createAfter", since)}))
        cancelled = {reference(row, "origin") for row in listed if row.data.get("invoiceType") == CANCELLATION}
        ours = [row for row in listed if row.data.get("invoiceType") == NORMAL and row.text("id") not in cancelled]
        found = {draft.marker: [row.text("id") for row in ours if draft.marker in texts_of(row)] for draft in drafts}
        return {marker: ids for marker, ids in found.items() if len(ids) > 1}

    def changes(self, since: date, now: datetime) -> Iterator[Payment]:
        """Payment states of the invoices that changed on or after `since`: one request for up to 500."""
        return changes(self._http, since, now)

    def state(self, external_id: str, now: datetime) -> PaymentFact:
        """The payment state of one invoice. Raises `Conflict` when it has become a draft again."""
        invoice = self._invoice(external_id, "state")
        if invoice.text("status") in NOTHING_YET:
            raise Conflict("Die Rechnung ist in sevDesk wieder ein Entwurf. Bitte dort versenden oder stornieren.")
        is_voided = bool(cancellations(self._http, external_id, "state"))
        return payment_fact_from(invoice, is_voided=is_voided, now=now)

    def book(self, external_id: str, amount: Decimal, received_on: date, reach: Reach) -> None:
        """Book a received payment on the chosen account, in part or in full; never more than is open."""
        if self._settings.check_account is None:
            raise CannotExpress("Zum Buchen von Zahlungen fehlt check_account in der Konfiguration von sevDesk.")
        invoice = self._invoice(external_id, "book")
        body = booking_for(invoice, amount, received_on, self._settings.check_account)
        reach("sending")
        self._http.put(f"/Invoice/{segment(external_id)}/bookAmount", "book", body)

    def cancel(self, external_id: str, reach: Reach) -> Cancellation:
        """Cancel an issued invoice by a cancellation of type SR, which has its own number and counts as paid."""
        reach("sending")
        answer = self._http.post(f"/Invoice/{segment(external_id)}/cancelInvoice", "cancel", {})
        return cancellation_from(object_in(answer, "Stornorechnung"))

    def cancellation(self, external_id: str) -> Cancellation | None:
        """The cancellation whose origin is the invoice, the first if somebody made several."""
        return next(map(cancellation_from, cancellations(self._http, external_id, "cancel")), None)

    def pdf(self, external_id: str) -> bytes:
        """sevDesk's own PDF; asking for it marks nothing as sent."""
        path = f"/Invoice/{segment(external_id)}/getPdf"
        return pdf_in(self._http.get(path, "pdf", {"preventSendBy": "true"}, PDF_LIMIT))

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _require_update_2(self) -> None:
        """Tax rules exist only since update 2.0; asked once. Raises `NotAuthorised`: the account must change first."""
        if self._is_update_2:
            return
        answer = item(unwrapped(self._http.get("/Tools/bookkeepingSystemVersion", "version")), "Buchhaltung")
        version = answer.text("version")
        if version != "2.0":
            raise NotAuthorised(
                f"Das sevDesk-Konto arbeitet mit der Buchhaltung {version}, nötig ist sevdesk-Update 2.0."
                " Bitte in sevDesk umstellen lassen."
            )
        self._is_update_2 = True

    def _choices(self, draft: Draft) -> Choices:
        settings = self._settings
        return Choices(
            user_id=str(settings.contact_person or self._records.only_user()),
            country_id=self._records.country_id(draft.customer.address.country_code),
            unit_ids={name: unit_id for unit_id, name in self._records.units().items()},
            number=next_number(self._http, draft) if settings.numbering == "sequence" else "",
            dates_in_text=settings.delivery_date == "text",
            is_einvoice=settings.einvoice,
            payment_method=settings.payment_method,
        )

    def _finish(self, invoice: Item) -> None:
        """Mark a draft as downloaded, which issues it. Raises `Conflict` when another invoice has its number."""
        external_id, number = invoice.text("id"), invoice.text_or("invoiceNumber")
        if number:
            check_alone(self._http, number, external_id)
        self._http.put(f"/Invoice/{segment(external_id)}/sendBy", "issue", ISSUED_BY_HAND)

    def _invoice(self, external_id: str, purpose: str) -> Item:
        return object_in(self._http.get(f"/Invoice/{segment(external_id)}", purpose), "Rechnung")


def connect(
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Sevdesk:
    """The account of `settings`. All connections to one account share one token bucket."""
    key = settings.api_key.get_secret_value()
    headers = {"Authorization": key, "User-Agent": "Rechnungsbote"}
    base_url = settings.base_url.rstrip("/")
    http = open_account(SYSTEM, base_url, settings, headers, (key,), transport, sleep, complaint_in)
    return Sevdesk(http, settings)
