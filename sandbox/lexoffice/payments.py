"""Payments: read through the API, recorded only by hand in the app (here: through the control interface)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sandbox.lexoffice.dates import midnight
from sandbox.lexoffice.documents import settled, update
from sandbox.lexoffice.errors import ApiError, Json
from sandbox.lexoffice.kinds import CREDIT_NOTE, INVOICE
from sandbox.lexoffice.office import Office, Payment, Voucher

ITEM_TYPES = {
    "partPaymentFinancialTransaction",
    "partPaymentCreditNote",
    "partPaymentCashBox",
    "manualPayment",
    "cashDiscount",
    "dunningCosts",
    "currencyConversion",
    "irrecoverableReceivable",
}


def payment_answer(office: Office, voucher: Voucher) -> Json:
    """The body of GET /v1/payments/{id}; 406 for a draft, 404 for documents that are never paid."""
    if voucher.kind not in (INVOICE, CREDIT_NOTE):
        raise ApiError(404, "Requested resource not found.")
    if voucher.status == "draft":
        raise ApiError(406, "Requesting payments is not possible in state draft.")
    owed = voucher.open_amount
    direction = "openExpense" if voucher.kind == CREDIT_NOTE else "openRevenue"
    answer = {
        "openAmount": str(owed) if office.settings.open_amount_as_string else owed,
        "currency": "EUR",
        "paymentStatus": direction if owed else "balanced",
        "voucherType": voucher.kind.voucher_type,
        "voucherStatus": voucher.status,
    }
    if voucher.status in ("paid", "paidoff"):
        answer["paidDate"] = voucher.paid_at or voucher.body["updatedDate"]
    return answer | {"paymentItems": _items(voucher)}


def record(
    office: Office, voucher: Voucher, amount: Decimal | None, day: date, item_type: str = "manualPayment"
) -> Voucher:
    """Book an incoming payment on an invoice; without `amount` the whole open amount.

    Paying a paid invoice again adds an item, its open amount stays zero.
    """
    if voucher.kind != INVOICE or voucher.status not in ("open", "paid"):
        raise ApiError(406, f"Ein Beleg im Zustand {voucher.status} kann nicht bezahlt werden.")
    if item_type not in ITEM_TYPES:
        raise ApiError(400, f"Unbekannte Zahlungsart {item_type}.")
    booked = replace(voucher, payments=(*voucher.payments, _payment(voucher, amount, day, item_type)))
    return update(office, settled(office, booked))


def _payment(voucher: Voucher, amount: Decimal | None, day: date, item_type: str) -> Payment:
    return Payment(item_type, midnight(day), voucher.open_amount if amount is None else amount)


def _items(voucher: Voucher) -> list[Json]:
    return [
        {"paymentItemType": p.item_type, "postingDate": p.posted, "amount": p.amount, "currency": "EUR"}
        for p in voucher.payments
    ]
