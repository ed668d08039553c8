"""The rules a sales document's request body must keep; every broken rule becomes one `details` entry of the 406."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.lexoffice.dates import parsed
from sandbox.lexoffice.errors import Json, Violation, invalid
from sandbox.lexoffice.kinds import QUOTATION, Kind
from sandbox.lexoffice.lines import line_violations
from sandbox.lexoffice.numbers import is_number, places

TAX_FREE_TYPES = {
    "vatfree",
    "intraCommunitySupply",
    "constructionService13b",
    "externalService13b",
    "thirdPartyCountryService",
    "thirdPartyCountryDelivery",
}
TAX_TYPES = {"net", "gross"} | TAX_FREE_TYPES
SHIPPING_TYPES = {"service", "serviceperiod", "delivery", "deliveryperiod", "none"}
TEXT_LIMITS = {"introduction": 2000, "remark": 2000, "deliveryTerms": 255, "title": 25}
MAX_LINES = 300

EMPTY = "darf nicht leer sein"
NOT_ALLOWED = "Wert ist nicht zulässig"
Violations = Iterator[Violation]


def check(kind: Kind, request: Json, contacts: dict[str, Json]) -> None:
    """Raise 406 with all broken rules."""
    broken = [
        *_dates(kind, request),
        *_address(request, contacts),
        *_lines(kind, request),
        *_total(kind, request),
        *_tax(request),
        *_terms(request),
        *_shipping(kind, request),
        *_texts(request),
    ]
    if broken:
        raise invalid(*broken)


def missing(field: str) -> Violation:
    """A required field is absent."""
    return Violation(field, "NOTNULL", EMPTY)


def wrong(field: str, rule: str = "VALUE", message: str = NOT_ALLOWED) -> Violation:
    """A field has a value that is not allowed."""
    return Violation(field, rule, message)


def _date(value: object, field: str) -> Violations:
    if value is None:
        yield missing(field)
        return
    try:
        parsed(value)
    except ValueError:
        yield wrong(field, "DATE_FORMAT", "muss die Form yyyy-MM-dd'T'HH:mm:ss.SSSXXX haben")


def _dates(kind: Kind, request: Json) -> Violations:
    yield from _date(request.get("voucherDate"), "voucherDate")
    if kind == QUOTATION:
        yield from _date(request.get("expirationDate"), "expirationDate")


def _address(request: Json, contacts: dict[str, Json]) -> Violations:
    address = request.get("address")
    if not isinstance(address, dict):
        yield missing("address")
        return
    contact_id = address.get("contactId")
    if contact_id is None:
        yield from (missing(f"address.{name}") for name in ("name", "countryCode") if not address.get(name))
    elif "customer" not in contacts.get(contact_id, {}).get("roles", {}):
        yield wrong("address.contactId", "REFERENCE", "Kontakt mit der Rolle Kunde nicht gefunden")


def _lines(kind: Kind, request: Json) -> Violations:
    lines = request.get("lineItems")
    if not isinstance(lines, list) or not lines:
        yield missing("lineItems")
        return
    if len(lines) > MAX_LINES:
        yield wrong("lineItems", "SIZE", f"höchstens {MAX_LINES} Positionen")
    tax_type = _part(request, "taxConditions").get("taxType")
    for index, line in enumerate(lines):
        yield from line_violations(
            kind, line, f"lineItems[{index}]", from_gross=tax_type == "gross", tax_free=tax_type in TAX_FREE_TYPES
        )


def _total(kind: Kind, request: Json) -> Violations:
    if not kind.priced:
        return
    total = request.get("totalPrice")
    if not isinstance(total, dict):
        yield missing("totalPrice")
        return
    if total.get("currency") != "EUR":
        yield wrong("totalPrice.currency")
    absolute, percent = total.get("totalDiscountAbsolute"), total.get("totalDiscountPercentage")
    if absolute is not None and percent is not None:
        yield wrong("totalPrice.totalDiscountPercentage", "EXCLUSIVE", "nur ein Gesamtrabatt ist möglich")
    yield from _discount(absolute, "totalPrice.totalDiscountAbsolute", None)
    yield from _discount(percent, "totalPrice.totalDiscountPercentage", Decimal(100))


def _discount(value: Any, field: str, most: Decimal | None) -> Violations:
    if value is None:
        return
    if not is_number(value) or value < 0 or places(value) > 2 or (most is not None and value > most):
        yield wrong(field)


def _tax(request: Json) -> Violations:
    tax_type = _part(request, "taxConditions").get("taxType")
    if tax_type is None:
        yield missing("taxConditions.taxType")
    elif tax_type not in TAX_TYPES:
        yield wrong("taxConditions.taxType")
    elif tax_type in TAX_FREE_TYPES - {"vatfree"} and not _part(request, "address").get("contactId"):
        yield wrong("address.contactId", "NOTNULL", f"{tax_type} verlangt einen Kontakt")
    sub_type = _part(request, "taxConditions").get("taxSubType")
    if sub_type not in (None, "distanceSales", "electronicServices"):
        yield wrong("taxConditions.taxSubType")


def _terms(request: Json) -> Violations:
    duration = _part(request, "paymentConditions").get("paymentTermDuration")
    if duration is not None and (not isinstance(duration, int) or duration < 0):
        yield wrong("paymentConditions.paymentTermDuration")


def _shipping(kind: Kind, request: Json) -> Violations:
    shipping = _part(request, "shippingConditions")
    if not shipping:
        yield from [missing("shippingConditions")] if kind.ships else []
        return
    shipping_type = shipping.get("shippingType")
    if shipping_type not in SHIPPING_TYPES:
        yield wrong("shippingConditions.shippingType")
    elif shipping_type != "none":
        yield from _date(shipping.get("shippingDate"), "shippingConditions.shippingDate")
    if shipping_type in ("serviceperiod", "deliveryperiod"):
        yield from _date(shipping.get("shippingEndDate"), "shippingConditions.shippingEndDate")


def _texts(request: Json) -> Violations:
    for name, limit in TEXT_LIMITS.items():
        text = request.get(name)
        if text is not None and (not isinstance(text, str) or len(text) > limit):
            yield wrong(name, "SIZE", f"höchstens {limit} Zeichen")
    if request.get("language") not in (None, "de", "en"):
        yield wrong("language")


def _part(request: Json, name: str) -> Json:
    part = request.get(name)
    return part if isinstance(part, dict) else {}
