"""From a job of the plan to the request body of its order confirmation and its delivery note."""

from datetime import date, datetime
from decimal import Decimal

from sandbox.lexoffice.dates import midnight, shown
from sandbox.lexoffice.errors import Json
from sandbox.plan import Job, Line


def document_request(job: Job, contact_id: str, terms: Json | None, now: datetime, days: tuple[date, date]) -> Json:
    """The complete body; `days` are the first and the last day of the work."""
    discounts = {
        "totalDiscountPercentage": job.discount_percent,
        "totalDiscountAbsolute": job.discount_absolute,
    }
    request: Json = {
        "voucherDate": shown(now),
        "introduction": f"Auftrag: {job.title}",
        "address": {"contactId": contact_id},
        "lineItems": [_line(line, job.tax) for line in job.lines],
        "totalPrice": {"currency": "EUR"} | {name: value for name, value in discounts.items() if value is not None},
        "taxConditions": {"taxType": job.tax},
        "shippingConditions": _shipping(*days),
    }
    return request | ({"paymentConditions": terms} if terms else {})


def _shipping(first: date, last: date) -> Json:
    if first == last:
        return {"shippingType": "service", "shippingDate": midnight(last)}
    return {"shippingType": "serviceperiod", "shippingDate": midnight(first), "shippingEndDate": midnight(last)}


def _line(line: Line, tax: str) -> Json:
    texts = {"name": line.name} | ({"description": line.description} if line.description else {})
    if line.quantity is None:
        return {"type": "text", **texts}
    price = {"currency": "EUR", f"{tax}Amount": line.price, "taxRatePercentage": line.rate}
    found = {"type": "custom", **texts, "quantity": _plain(line.quantity), "unitName": line.unit, "unitPrice": price}
    return found | ({"discountPercentage": _plain(line.discount)} if line.discount else {})


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == int(value) else value
