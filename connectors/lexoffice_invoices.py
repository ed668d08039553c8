"""Our drafts as Lexware Office's invoices, and its invoices and payments as ours: pure translations.

Amounts are EUR; prices and quantities have at most four decimals, sums and discounts two.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any

from billing.comparing import Booked
from billing.invoices import Draft
from billing.jobs import Line, PriceMode, TaxCase, Terms
from billing.parties import Customer
from billing.payments import PaymentFact
from connectors.errors import CannotExpress
from connectors.fields import BERLIN, Item
from connectors.lexoffice_limits import UUID, inexpressible, remark_of, title_of
from connectors.protocols import Payment

SOURCE = "lexoffice"
NOTHING_OPEN = frozenset({"paid", "paidoff", "voided", "transferred"})
TAX_TYPES: Mapping[TaxCase, str] = {
    TaxCase.SMALL_BUSINESS: "vatfree",
    TaxCase.EXEMPT: "vatfree",
    TaxCase.INTRA_COMMUNITY: "intraCommunitySupply",
    TaxCase.EXPORT: "thirdPartyCountryDelivery",
}


def complaint_in(answer: Any) -> str:
    """What an error body says, in any of the three forms: gateway, regular with `details`, legacy `IssueList`."""
    if not isinstance(answer, Mapping):
        return ""
    message = answer.get("message")
    parts = [message] if isinstance(message, str) else []
    parts += [_pair(detail, "field", "message") for detail in _objects(answer.get("details"))]
    parts += [_pair(issue, "source", "i18nKey") for issue in _objects(answer.get("IssueList"))]
    return "; ".join(part for part in parts if part)


def payment_from(row: Item, now: datetime) -> Payment | None:
    """A row of the voucher list as a payment state read at `now`; None for a draft, which nobody owes."""
    status = row.text("voucherStatus")
    if status == "draft":
        return None
    _in_euro(row)
    unknown = Decimal(0) if status in NOTHING_OPEN else row.amount("totalAmount")
    fact = PaymentFact(SOURCE, row.amount_or("openAmount", unknown), status == "voided", row.stamp("updatedDate"), now)
    return Payment(row.text("id"), row.day("updatedDate"), fact)


def payment_fact_from(answer: Item, now: datetime) -> PaymentFact:
    """The answer of /v1/payments/{id}, read at `now`; it names no version."""
    _in_euro(answer)
    return PaymentFact(SOURCE, answer.amount("openAmount"), answer.text("voucherStatus") == "voided", "", now)


def booked_from(invoice: Item) -> Booked:
    """An invoice as it stands in the books."""
    total = invoice.part("totalPrice")
    status = invoice.text("voucherStatus")
    address = invoice.part("address")
    return Booked(
        external_id=invoice.text("id"),
        number=invoice.text("voucherNumber"),
        version=invoice.stamp("updatedDate"),
        is_issued=status != "draft",
        is_voided=status == "voided",
        issue_date=invoice.day("voucherDate"),
        due_date=invoice.day("dueDate") if invoice.has("dueDate") else None,
        customer_id=address.text_or("contactId"),
        customer_name=address.text_or("name"),
        net=total.amount("totalNetAmount"),
        vat=total.amount("totalTaxAmount"),
        gross=total.amount("totalGrossAmount"),
        vat_by_rate={
            rate.amount("taxRatePercentage"): rate.amount("taxAmount") for rate in invoice.parts("taxAmounts")
        },
        line_count=len(invoice.parts("lineItems")),
        text=texts_of(invoice),
        currency=total.text("currency"),
    )


def texts_of(invoice: Item) -> str:
    """The free texts of an invoice: where our marker stands."""
    return "\n".join((invoice.text_or("introduction"), invoice.text_or("remark")))


def preceding_id(draft: Draft) -> str:
    """The Lexware document that the invoice follows; empty when the job came from elsewhere."""
    return next((found for found in (draft.order_id, draft.source_id) if UUID.fullmatch(found)), "")


def payload_for(draft: Draft) -> dict[str, Any]:
    """The body of POST /v1/invoices. Raises `CannotExpress` with every reason why Lexware could not say it exactly."""
    problems = list(inexpressible(draft))
    if problems:
        raise CannotExpress(" ".join(problems))
    payload: dict[str, Any] = {
        "voucherDate": _midnight(draft.issue_date),
        "address": _address_payload(draft.customer),
        "lineItems": [_line_payload(line, _tax_type(draft)) for line in draft.lines],
        "totalPrice": _total_payload(draft),
        "taxConditions": _tax_payload(draft),
        "paymentConditions": _terms_payload(draft.terms, draft.customer.language),
        "shippingConditions": _shipping_payload(draft),
        "title": title_of(draft),
        "remark": remark_of(draft),
        "language": draft.customer.language,
    }
    if draft.introduction:
        payload["introduction"] = draft.introduction
    if draft.references.buyer:
        payload["xRechnung"] = {"buyerReference": draft.references.buyer}
    return payload


def terms_label(terms: Terms, language: str) -> str:
    """The payment terms in words (BT-20)."""
    days, early = terms.days_until_due, terms.early_payment
    percent = f"{early.percent.normalize():f}" if early else ""
    if language == "en":
        full = f"Payable within {days} days without deduction." if days else "Payable at once without deduction."
        return f"{percent} % discount for payment within {early.days} days. {full}" if early else full
    full = f"Zahlbar innerhalb von {days} Tagen ohne Abzug." if days else "Zahlbar sofort ohne Abzug."
    if not early:
        return full
    return f"{percent.replace('.', ',')} % Skonto bei Zahlung innerhalb von {early.days} Tagen. {full}"


def _tax_type(draft: Draft) -> str:
    if draft.tax_case is TaxCase.STANDARD:
        return "gross" if draft.price_mode is PriceMode.GROSS else "net"
    if draft.tax_case is TaxCase.REVERSE_CHARGE:
        return "constructionService13b" if draft.customer.address.country_code == "DE" else "externalService13b"
    return TAX_TYPES[draft.tax_case]


def _tax_payload(draft: Draft) -> dict[str, Any]:
    conditions = {"taxType": _tax_type(draft)}
    return conditions | ({"taxTypeNote": draft.exemption} if draft.exemption else {})


def _address_payload(customer: Customer) -> dict[str, Any]:
    if customer.external_id:
        return {"contactId": customer.external_id}
    address = {
        "name": customer.name,
        "supplement": customer.address.supplement,
        "street": customer.address.street,
        "zip": customer.address.postcode,
        "city": customer.address.city,
        "countryCode": customer.address.country_code,
    }
    return {name: text for name, text in address.items() if text}


def _line_payload(line: Line, tax_type: str) -> dict[str, Any]:
    texts = {"name": line.name, "description": line.description}
    filled = {name: text for name, text in texts.items() if text}
    if line.is_text:
        return {"type": "text", **filled}
    return {
        "type": "custom",
        **filled,
        "quantity": line.quantity.normalize(),
        "unitName": line.unit,
        "unitPrice": {
            "currency": "EUR",
            "grossAmount" if tax_type == "gross" else "netAmount": line.unit_price.normalize(),
            "taxRatePercentage": line.vat_rate.normalize(),
        },
        "discountPercentage": line.discount_percent.normalize(),
    }


def _total_payload(draft: Draft) -> dict[str, Any]:
    total: dict[str, Any] = {"currency": "EUR"}
    if draft.discount.percent:
        total["totalDiscountPercentage"] = draft.discount.percent.normalize()
    if draft.discount.amount:
        total["totalDiscountAbsolute"] = draft.discount.amount.normalize()
    return total


def _terms_payload(terms: Terms, language: str) -> dict[str, Any]:
    conditions: dict[str, Any] = {
        "paymentTermLabel": terms_label(terms, language),
        "paymentTermDuration": terms.days_until_due,
    }
    if terms.early_payment:
        conditions["paymentDiscountConditions"] = {
            "discountPercentage": terms.early_payment.percent.normalize(),
            "discountRange": terms.early_payment.days,
        }
    return conditions


def _shipping_payload(draft: Draft) -> dict[str, Any]:
    first = {"shippingDate": _midnight(draft.performed_from)}
    if draft.performed_until == draft.performed_from:
        return {"shippingType": "service", **first}
    return {"shippingType": "serviceperiod", **first, "shippingEndDate": _midnight(draft.performed_until)}


def _midnight(day: date) -> str:
    """The only form of a date that Lexware accepts: yyyy-MM-dd'T'HH:mm:ss.SSSXXX."""
    return datetime.combine(day, time_of_day(), BERLIN).isoformat(timespec="milliseconds")


def _in_euro(answer: Item) -> None:
    if answer.text_or("currency", "EUR") != "EUR":
        raise answer.unexpected("currency", "ist nicht EUR")


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _pair(entry: Mapping[str, Any], where: str, what: str) -> str:
    return " ".join(text for text in (entry.get(where), entry.get(what)) if isinstance(text, str))
