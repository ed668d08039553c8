"""Our drafts as sevDesk's invoices, and its invoices as ours: pure translations.

Amounts are EUR. Prices go out as numbers and come back as text; tax rules are those of update 2.0.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from billing.comparing import Booked
from billing.invoices import Draft
from billing.jobs import Discount, Line, PriceMode, TaxCase
from billing.vat import line_amount, totals
from connectors.errors import CannotExpress
from connectors.fields import Item
from connectors.sevdesk_answers import day, stamp, yes
from connectors.sevdesk_jobs import number_or_zero
from connectors.sevdesk_limits import MARKER_LINES, TAX_RULES, TAX_TEXTS, inexpressible, rule_for
from connectors.sevdesk_records import unix_time

SOURCE = "sevdesk"
DRAFT, OPEN, PARTLY_PAID, PAID = "100", "200", "750", "1000"
NOTHING_YET = frozenset({"50", DRAFT})
STILL_OWED = frozenset({OPEN, PARTLY_PAID})
NORMAL = "RE"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the account decides about every invoice: ids of user, country and units, and how to say a few things.

    `number` is empty where sevDesk gives it. `dates_in_text`: the day of performance is written into the text.
    """

    user_id: str
    country_id: str
    unit_ids: Mapping[str, str]
    number: str = ""
    dates_in_text: bool = False
    is_einvoice: bool = False
    payment_method: int | None = None


def payload_for(draft: Draft, choices: Choices) -> dict[str, Any]:
    """The body of saveInvoice. Raises `CannotExpress` with every reason why sevDesk could not say it exactly.

    The last keys are all given and in the order the specification calls relevant.
    """
    problems = list(inexpressible(draft, choices.unit_ids, dates_in_text=choices.dates_in_text))
    if problems:
        raise CannotExpress(" ".join(problems))
    return {
        "invoice": _head(draft, choices),
        "invoicePosSave": [_position(number, line, choices) for number, line in enumerate(draft.lines)],
        "invoicePosDelete": None,
        "discountSave": _discounts(draft.discount) or None,
        "discountDelete": None,
        "takeDefaultAddress": False,
    }


def booked_from(invoice: Item, positions: Sequence[Item], *, is_voided: bool) -> Booked:
    """An invoice as it stands in the books; a draft has no number yet."""
    first_day = day(invoice, "invoiceDate")
    days = invoice.count("timeToPay") if invoice.text_or("timeToPay") else None
    return Booked(
        external_id=invoice.text("id"),
        number=invoice.text_or("invoiceNumber"),
        version=stamp(invoice, "update"),
        is_issued=invoice.text("status") not in NOTHING_YET and bool(invoice.text_or("invoiceNumber")),
        is_voided=is_voided,
        issue_date=first_day,
        due_date=None if days is None else first_day + timedelta(days),
        customer_id=invoice.part("contact").text("id"),
        customer_name=invoice.text_or("address").partition("\n")[0].strip(),
        net=invoice.amount("sumNet"),
        vat=invoice.amount("sumTax"),
        gross=invoice.amount("sumGross"),
        vat_by_rate=_vat_by_rate(invoice, positions),
        line_count=len(positions),
        text=texts_of(invoice),
        currency=invoice.text("currency"),
    )


def texts_of(invoice: Item) -> str:
    """The texts of an invoice in which our marker stands."""
    return "\n".join(str(invoice.data.get(name) or "") for name in ("customerInternalNote", "headText", "footText"))


def has_sums_of(draft: Draft, invoice: Item) -> bool:
    """Whether an invoice has the draft's sums; unreadable sums are not the same."""
    wanted = (draft.totals.net, draft.totals.vat, draft.totals.gross)
    names = ("sumNet", "sumTax", "sumGross")
    return all(invoice.has(name) and invoice.amount(name) == amount for name, amount in zip(names, wanted, strict=True))


def _head(draft: Draft, choices: Choices) -> dict[str, Any]:
    rule = rule_for(draft)
    early = draft.terms.early_payment
    return {
        "id": None,
        "objectName": "Invoice",
        "invoiceNumber": choices.number or None,
        "contact": _reference("Contact", draft.customer.external_id),
        "contactPerson": _reference("SevUser", choices.user_id),
        "invoiceDate": f"{draft.issue_date:%d.%m.%Y}",
        "header": f"{draft.title or 'Rechnung'} {choices.number}".strip(),
        "headText": _head_text(draft, choices),
        "footText": _html("\n\n".join(filter(None, (draft.remark, _marker_line(draft))))),
        "timeToPay": draft.terms.days_until_due,
        "discount": int(early.percent) if early else 0,
        "discountTime": early.days if early else 0,
        "address": _address(draft),
        "addressCountry": _reference("StaticCountry", choices.country_id),
        **({} if choices.dates_in_text else _delivery_dates(draft)),
        "status": DRAFT,
        "smallSettlement": draft.tax_case is TaxCase.SMALL_BUSINESS,
        "taxRate": 0,
        "taxRule": {"id": rule, "objectName": "TaxRule"},
        "taxText": draft.exemption or TAX_TEXTS[draft.tax_case],
        "taxType": TAX_RULES[rule],
        "invoiceType": NORMAL,
        "currency": draft.currency,
        "showNet": draft.price_mode is PriceMode.NET,
        "customerInternalNote": draft.marker,
        **({"origin": {"id": draft.order_id, "objectName": "Order"}} if draft.order_id.isdigit() else {}),
        "propertyIsEInvoice": choices.is_einvoice,
        **({"paymentMethod": _reference("PaymentMethod", choices.payment_method)} if choices.payment_method else {}),
        "mapAll": True,
    }


def _position(number: int, line: Line, choices: Choices) -> dict[str, Any]:
    position: dict[str, Any] = {
        "objectName": "InvoicePos",
        "mapAll": True,
        "quantity": line.quantity.normalize(),
        "price": line.unit_price.normalize(),
        "name": line.name,
        "unity": _reference("Unity", choices.unit_ids[line.unit]),
        "positionNumber": number,
        "taxRate": line.vat_rate.normalize(),
    }
    if line.description:
        position["text"] = line.description
    if line.discount_percent:
        position["discount"] = line.discount_percent.normalize()
    return position


def _discounts(discount: Discount) -> list[dict[str, Any]]:
    kinds = ((True, discount.percent), (False, discount.amount))
    return [
        {
            "discount": True,
            "text": "Rabatt",
            "percentage": is_percentage,
            "value": value.normalize(),
            "objectName": "Discounts",
            "mapAll": True,
        }
        for is_percentage, value in kinds
        if value
    ]


def _delivery_dates(draft: Draft) -> dict[str, Any]:
    """First day as dd.mm.yyyy, last day as Unix seconds: the specification wants it so."""
    first = {"deliveryDate": f"{draft.performed_from:%d.%m.%Y}"}
    if draft.performed_until == draft.performed_from:
        return first
    return first | {"deliveryDateUntil": unix_time(draft.performed_until)}


def _head_text(draft: Draft, choices: Choices) -> str:
    texts = [draft.introduction]
    if choices.dates_in_text:
        first, last = f"{draft.performed_from:%d.%m.%Y}", f"{draft.performed_until:%d.%m.%Y}"
        texts.append(f"Leistungsdatum: {first}" if first == last else f"Leistungszeitraum: {first} bis {last}")
    return _html("\n\n".join(filter(None, texts)))


def _marker_line(draft: Draft) -> str:
    return MARKER_LINES.get(draft.customer.language, "{}").format(draft.marker)


def _html(text: str) -> str:
    """sevDesk reads head and foot texts as HTML."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _address(draft: Draft) -> str:
    customer, address = draft.customer, draft.customer.address
    town = f"{address.postcode} {address.city}".strip()
    return "\n".join(filter(None, (customer.name, address.supplement, address.street, town)))


def _reference(kind: str, record_id: str | int) -> dict[str, Any]:
    return {"id": int(record_id), "objectName": kind}


def _vat_by_rate(invoice: Item, positions: Sequence[Item]) -> dict[Decimal, Decimal]:
    """VAT per rate: with one rate it is all VAT; else reckoned from the positions as they are booked.

    What the head's sum is below that of the positions is the reduction of the whole document.
    """
    lines = [_line_from(position) for position in positions]
    rates = {line.vat_rate for line in lines}
    if len(rates) <= 1:
        return {rate: invoice.amount("sumTax") for rate in rates}
    mode = PriceMode.NET if yes(invoice, "showNet") else PriceMode.GROSS
    told = invoice.amount("sumNet" if mode is PriceMode.NET else "sumGross")
    reduction = sum(map(line_amount, lines), Decimal(0)) - told
    return {group.rate: group.vat for group in totals(lines, mode, Discount(amount=reduction)).groups}


def _line_from(position: Item) -> Line:
    return Line(
        name="",
        quantity=position.amount("quantity"),
        unit_price=position.amount("price"),
        vat_rate=position.amount("taxRate").normalize() + 0,
        discount_percent=number_or_zero(position, "discount"),
    )
