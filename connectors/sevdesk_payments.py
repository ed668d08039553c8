"""What has been paid or cancelled at sevDesk. No status says "cancelled", so the cancellations are asked for."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing.money import in_german
from billing.payments import PaymentFact
from connectors.errors import CannotExpress
from connectors.fields import Item
from connectors.http import HttpClient
from connectors.paging import settled, translate_each
from connectors.protocols import Cancellation, Payment
from connectors.sevdesk_answers import day, reference, refers_to, stamp
from connectors.sevdesk_invoices import NOTHING_YET, PAID, SOURCE, STILL_OWED
from connectors.sevdesk_jobs import number_or_zero
from connectors.sevdesk_records import points_to, rows, since_filter, unix_time

OWED_TYPES = frozenset({"RE", "TR", "AR", "ER"})
CANCELLATION = "SR"
CANCELLATIONS = {"showAll": "true", "invoiceType": CANCELLATION}


def changes(http: HttpClient, since: date, now: datetime) -> Iterator[Payment]:
    """Payment states of the invoices that changed on or after `since`; a cancellation speaks for its invoice."""
    filters = {"showAll": "true", **since_filter("updateAfter", since)}
    found = rows(http, "/Invoice", "changes", filters).rows
    is_calm = all(str(row.data.get("status")) in STILL_OWED | NOTHING_YET for row in found)
    cancelled = frozenset() if is_calm else _cancelled(http)
    ids = {str(row.data.get("id")) for row in found}

    def translate(row: Item) -> Payment | None:
        if day(row, "update") < since:
            return None
        if row.text("invoiceType") == CANCELLATION and reference(row, "origin") not in ids:
            fact = payment_fact_from(row, is_voided=True, now=now)
            return Payment(reference(row, "origin"), day(row, "update"), fact)
        return payment_from(row, cancelled, now)

    return translate_each(found, translate)


def cancellations(http: HttpClient, external_id: str, purpose: str) -> list[Item]:
    """The cancellations of an invoice: none, or one."""
    found = settled(rows(http, "/Invoice", purpose, {**CANCELLATIONS, **points_to("origin", "Invoice", external_id)}))
    return [row for row in found if _is_cancellation(row) and refers_to(row, "origin", "Invoice", external_id)]


def cancellation_from(row: Item) -> Cancellation:
    """A cancellation out of the invoice list. Raises `UnexpectedAnswer` where the row is something else."""
    if not _is_cancellation(row):
        raise row.unexpected("invoiceType", "ist keine Stornorechnung (SR)")
    return Cancellation(row.text("id"), row.text("invoiceNumber"), day(row, "invoiceDate"), row.amount("sumGross"))


def payment_from(row: Item, cancelled: frozenset[str], now: datetime) -> Payment | None:
    """A row of the invoice list as a payment state read at `now`; None for what nobody owes.

    `cancelled` are the ids of the invoices to which a cancellation exists.
    """
    if row.text("invoiceType") not in OWED_TYPES or row.text("status") in NOTHING_YET:
        return None
    fact = payment_fact_from(row, is_voided=row.text("id") in cancelled, now=now)
    return Payment(row.text("id"), day(row, "update"), fact)


def payment_fact_from(invoice: Item, *, is_voided: bool, now: datetime) -> PaymentFact:
    """What is still open of an invoice; a status that is not documented is an error unless it is cancelled."""
    if invoice.text_or("currency", "EUR") != "EUR":
        raise invoice.unexpected("currency", "ist nicht EUR")
    status = invoice.text("status")
    if not is_voided and status not in STILL_OWED | {PAID}:
        raise invoice.unexpected("status", "hat einen unbekannten Wert")
    owed = invoice.amount("sumGross") - number_or_zero(invoice, "paidAmount")
    is_settled = is_voided or status == PAID
    return PaymentFact(SOURCE, Decimal(0) if is_settled else owed, is_voided, stamp(invoice, "update"), now)


def booking_for(invoice: Item, amount: Decimal, received_on: date, account: int) -> dict[str, Any]:
    """The body of bookAmount: N for a part, FULL_PAYMENT for the rest. Raises `CannotExpress` for more than is open."""
    if invoice.text("status") not in STILL_OWED:
        raise CannotExpress(f"Rechnung {invoice.text_or('invoiceNumber')} ist in sevDesk nicht offen.")
    owed = invoice.amount("sumGross") - number_or_zero(invoice, "paidAmount")
    if not 0 < amount <= owed:
        raise CannotExpress(
            f"Zu Rechnung {invoice.text_or('invoiceNumber')} sind {in_german(owed)} offen, nicht {in_german(amount)}."
            " Bitte von Hand buchen."
        )
    return {
        "amount": amount,
        "date": unix_time(received_on),
        "type": "FULL_PAYMENT" if amount == owed else "N",
        "checkAccount": {"id": account, "objectName": "CheckAccount"},
        "createFeed": True,
    }


def _cancelled(http: HttpClient) -> frozenset[str]:
    found = settled(rows(http, "/Invoice", "changes", CANCELLATIONS))
    return frozenset(reference(row, "origin") for row in found if _is_cancellation(row))


def _is_cancellation(row: Item) -> bool:
    return row.data.get("invoiceType") == CANCELLATION
