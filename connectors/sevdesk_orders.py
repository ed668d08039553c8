"""sevDesk's order list: which documents say that a job is done, and everything that belongs to one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from billing.jobs import Job
from billing.parties import Customer
from connectors.account import segment
from connectors.errors import CannotExpress
from connectors.fields import Item
from connectors.http import HttpClient
from connectors.paging import settled, translate_each
from connectors.protocols import Signal
from connectors.sevdesk_answers import day, object_in, reference, refers_to, stamp
from connectors.sevdesk_jobs import (
    ACCEPTED,
    DRAFT,
    INVOICED,
    PARTLY_INVOICED,
    REJECTED,
    STATUS_WORDS,
    Names,
    OrderFile,
    customer_from,
    job_from,
)
from connectors.sevdesk_payments import OWED_TYPES
from connectors.sevdesk_records import ContactFile, Records, points_to, rows, since_filter


@dataclass(frozen=True, slots=True)
class SignalKind:
    """A document that says "done": its type among the orders, and the statuses that count."""

    word: str
    order_type: str
    statuses: frozenset[str]


ORDER, DELIVERY_NOTE = "AB", "LI"
NOT_REJECTED = frozenset(STATUS_WORDS) - {REJECTED}
SIGNALS = {
    "order_accepted": SignalKind("Auftragsbestätigung", ORDER, frozenset({ACCEPTED})),
    "delivery_note": SignalKind("Lieferschein", DELIVERY_NOTE, NOT_REJECTED),
    "delivery_note_sent": SignalKind("Lieferschein", DELIVERY_NOTE, NOT_REJECTED - {DRAFT}),
    "tag": SignalKind("Auftragsbestätigung", ORDER, NOT_REJECTED),
}


class Orders:
    """The orders of one account under the client's signal; `tag` is empty unless the signal is a tag."""

    def __init__(self, http: HttpClient, records: Records, signal: str, tag: str) -> None:
        self._http = http
        self._records = records
        self._kind = SIGNALS[signal]
        self._tag = tag
        self._tagged: dict[str, date] = {}

    def signals(self, since: date) -> Iterator[Signal]:
        """The documents of the chosen kind that changed on or after `since`: one request for up to 500.

        Orders that carry the chosen tag are all read, because nobody promises that tagging changes an order.
        """
        self._records.forget_contacts()
        filters: dict[str, str | int] = {"orderType": self._kind.order_type}
        if len(self._kind.statuses) == 1:
            filters["status"] = next(iter(self._kind.statuses))
        if self._tag:
            filters |= {f"tags[0]{name}": value for name, value in self._tag_filter().items()}
        else:
            filters |= since_filter("updateAfter", since)
        found = rows(self._http, "/Order", "signals", filters).rows
        return translate_each(found, lambda row: self._signal(row, since))

    def job(self, external_id: str) -> Job:
        """The job behind a signal: its document, the order before it, positions, discounts, invoices, the contact."""
        source = self._document(external_id)
        order = self._order_of(source)
        order_id, contact_id = order.text("id"), reference(order, "contact")
        file = OrderFile(
            order,
            self._of_order(order_id, "getPositions"),
            self._of_order(order_id, "getDiscounts"),
            self._invoices_of(order_id),
        )
        contact = self._records.contact(contact_id) if contact_id else None
        names = Names(self._records.units(), self._countries_of(contact) if contact else {})
        return job_from(source, file, contact, names, self._performed_on(source))

    def customer(self, contact_id: str) -> Customer:
        """A contact as he is kept now."""
        self._records.forget_contacts()
        contact = self._records.contact(contact_id)
        return customer_from(contact, Names({}, self._countries_of(contact)), "")

    def _countries_of(self, contact: ContactFile) -> dict[str, str]:
        countries = {reference(row, "country") for row in contact.addresses}
        return {country: self._records.country_code(country) for country in countries}

    def _tag_filter(self) -> dict[str, str]:
        tag_id = self._records.tag_id(self._tag)
        self._tagged = self._records.tagged_orders(tag_id)
        return {"[id]": tag_id, "[objectName]": "Tag"}

    def _signal(self, row: Item, since: date) -> Signal | None:
        external_id, changed_on = row.text("id"), day(row, "update")
        if row.text("orderType") != self._kind.order_type or row.text("status") not in self._kind.statuses:
            return None
        if self._tag:
            if external_id not in self._tagged:
                return None
            changed_on = max(changed_on, self._tagged[external_id])
        return Signal(external_id, stamp(row, "update"), changed_on) if changed_on >= since else None

    def _document(self, external_id: str) -> Item:
        """The document of a signal. What is invoiced already passes too: the job says so."""
        document = self._order(external_id)
        status, number = document.text("status"), document.text_or("orderNumber")
        if status not in STATUS_WORDS:
            raise document.unexpected("status", "hat einen unbekannten Wert")
        if status not in self._kind.statuses | {PARTLY_INVOICED, INVOICED}:
            raise CannotExpress(
                f"{self._kind.word} {number} steht auf „{STATUS_WORDS[status]}“ und gilt so nicht als erledigt."
                " Bitte in sevDesk prüfen."
            )
        return document

    def _order_of(self, source: Item) -> Item:
        """The order confirmation that a delivery note follows; any other document is its own."""
        origin = reference(source, "origin")
        if source.text("orderType") != DELIVERY_NOTE or not origin:
            return source
        order = self._order(origin)
        if order.text("status") == REJECTED:
            raise CannotExpress(f"Auftrag {order.text('orderNumber')} ist abgelehnt. Bitte in sevDesk prüfen.")
        return order

    def _order(self, external_id: str) -> Item:
        return object_in(self._http.get(f"/Order/{segment(external_id)}", "job"), "Auftrag")

    def _of_order(self, order_id: str, what: str) -> list[Item]:
        return settled(rows(self._http, f"/Order/{segment(order_id)}/{what}", "job"))

    def _invoices_of(self, order_id: str) -> list[Item]:
        filters = {"showAll": "true", **points_to("origin", "Order", order_id)}
        found = settled(rows(self._http, "/Invoice", "job", filters))
        own = [row for row in found if refers_to(row, "origin", "Order", order_id)]
        return [row for row in own if row.text_or("invoiceType") in OWED_TYPES]

    def _performed_on(self, source: Item) -> date:
        """A delivery note counts on its own day, a tagged order since it has the tag, an accepted one as changed."""
        if source.text("orderType") == DELIVERY_NOTE:
            return day(source, "orderDate")
        if self._tag and not self._tagged:
            self._tag_filter()
        return self._tagged.get(source.text("id"), day(source, "update"))
