"""Our drafts as Lexware Office's invoices, and its invoices and payments as ours: pure translations.

Amounts are EUR; prices and quantities have at most four decimals, sums and discounts two.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
from connectors.protocols import Payment

SOURCE = "lexoffice"
NOTHING_OPEN = frozenset({"paid", "paidoff", "voided", "transferred"})
MAX_LINES = 300
MAX_DECIMALS = 4
TITLES = {"de": "Rechnung", "en": "Invoice"}
MARKER_LINES = {"de": "Vorgang {}", "en": "Reference {}"}
WITHOUT_CONTACT = frozenset({TaxCase.STANDARD, TaxCase.SMALL_BUSINESS, TaxCase.EXEMPT})
TAX_TYPES: Mapping[TaxCase, str] = {
    TaxCase.SMALL_BUSINESS: "vatfree",
    TaxCase.EXEMPT: "vatfree",
    TaxCase.INTRA_COMMUNITY: "intraCommunitySupply",
    TaxCase.EXPORT: "thirdPartyCountryDelivery",
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


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
        text="\n".join((invoice.text_or("introduction"), invoice.text_or("remark"))),
        currency=total.text("currency"),
    )


def preceding_id(draft: Draft) -> str:
    """The Lexware document that the invoice follows; empty when the job came from elsewhere."""
    return next((found for found in (draft.order_id, draft.source_id) if _UUID.fullmatch(found)), "")


def payload_for(draft: Draft) -> dict[str, Any]:
    """The body of POST /v1/invoices. Raises `CannotExpress` with every reason why Lexware could not say it exactly."""
    problems = list(_inexpressible(draft))
    if problems:
        raise CannotExpress(" ".join(problems))
    payload: dict[str, Any] = {
        "voucherDate": _midnight(draft.issue_date),
        "address": _address_payload(draft.customer),
        "lineItems": [_line_payload(line, _tax_type(draft)) for line in draft.lines],
        "totalPrice": _total_payload(draft),
        "taxConditions": {"taxType": _tax_type(draft)},
        "paymentConditions": _terms_payload(draft.terms, draft.customer.language),
        "shippingConditions": _shipping_payload(draft),
        "title": _title(draft),
        "remark": _remark(draft),
        "language": draft.customer.language,
    }
    if draft.introduction:
        payload["introduction"] = draft.introduction
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


def _inexpressible(draft: Draft) -> Iterator[str]:
    yield from _inexpressible_head(draft)
    if len(draft.lines) > MAX_LINES:
        yield f"Die Rechnung hat {len(draft.lines)} Positionen, Lexware Office erlaubt {MAX_LINES}. Bitte aufteilen."
    for number, line in enumerate(draft.lines, start=1):
        yield from (f"Position {number}: {problem}" for problem in _inexpressible_line(line))


def _inexpressible_head(draft: Draft) -> Iterator[str]:
    customer = draft.customer
    if draft.currency != "EUR":
        yield f"Lexware Office kennt nur EUR, nicht {draft.currency}."
    if customer.language not in TITLES:
        yield f"Lexware Office schreibt Rechnungen auf Deutsch oder Englisch, nicht „{customer.language}“."
    if customer.external_id and not _UUID.fullmatch(customer.external_id):
        yield f"{customer.name} ist kein Kontakt in Lexware Office. Bitte dort anlegen und verknüpfen."
    if not customer.external_id and draft.tax_case not in WITHOUT_CONTACT:
        yield f"Steuerfreie Rechnungen dieser Art brauchen einen Kontakt in Lexware Office; {customer.name} ist keiner."
    if draft.discount.percent and draft.discount.amount:
        yield "Lexware Office kennt je Rechnung nur einen Rabatt: in Prozent oder als Betrag."
    if _decimals(draft.discount.percent) > 2 or _decimals(draft.discount.amount) > 2:
        yield "Der Rabatt hat mehr als zwei Nachkommastellen."
    for word, text, limit in (
        ("Titel", _title(draft), 25),
        ("Einleitung", draft.introduction, 2000),
        ("Schlusstext", _remark(draft), 2000),
    ):
        if len(text) > limit:
            yield f"{word} ist länger als {limit} Zeichen. Bitte kürzen."


def _inexpressible_line(line: Line) -> Iterator[str]:
    if not line.name and not (line.is_text and line.description):
        yield "Die Bezeichnung fehlt."
    if len(line.name) > 255:
        yield "Die Bezeichnung ist länger als 255 Zeichen. Bitte kürzen."
    if len(line.description) > 2000:
        yield "Die Beschreibung ist länger als 2000 Zeichen. Bitte kürzen."
    if line.is_text:
        return
    if not line.unit:
        yield "Die Einheit fehlt, zum Beispiel Stunde oder Stück."
    if _decimals(line.quantity) > MAX_DECIMALS or _decimals(line.unit_price) > MAX_DECIMALS:
        yield "Menge oder Preis hat mehr als vier Nachkommastellen."
    if _decimals(line.discount_percent) > 2 or not 0 <= line.discount_percent <= 100:
        yield "Der Rabatt muss zwischen 0 und 100 % liegen und höchstens zwei Nachkommastellen haben."


def _tax_type(draft: Draft) -> str:
    if draft.tax_case is TaxCase.STANDARD:
        return "gross" if draft.price_mode is PriceMode.GROSS else "net"
    if draft.tax_case is TaxCase.REVERSE_CHARGE:
        return "constructionService13b" if draft.customer.address.country_code == "DE" else "externalService13b"
    return TAX_TYPES[draft.tax_case]


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


def _title(draft: Draft) -> str:
    return draft.title or TITLES.get(draft.customer.language, "")


def _remark(draft: Draft) -> str:
    line = MARKER_LINES.get(draft.customer.language, "{}").format(draft.marker)
    return f"{draft.remark}\n\n{line}" if draft.remark else line


def _midnight(day: date) -> str:
    """The only form of a date that Lexware accepts: yyyy-MM-dd'T'HH:mm:ss.SSSXXX."""
    return datetime.combine(day, time_of_day(), BERLIN).isoformat(timespec="milliseconds")


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else MAX_DECIMALS + 1


def _in_euro(answer: Item) -> None:
    if answer.text_or("currency", "EUR") != "EUR":
        raise answer.unexpected("currency", "ist nicht EUR")


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _pair(entry: Mapping[str, Any], where: str, what: str) -> str:
    return " ".join(text for text in (entry.get(where), entry.get(what)) if isinstance(text, str))
