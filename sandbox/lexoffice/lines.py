"""The rules for one line item."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.lexoffice.errors import Json, Violation
from sandbox.lexoffice.kinds import Kind
from sandbox.lexoffice.numbers import is_number, places

TAX_RATES = (0, 7, 19)
NAME_LIMIT, DESCRIPTION_LIMIT = 255, 2000
Violations = Iterator[Violation]


def line_violations(kind: Kind, line: Any, field: str, *, from_gross: bool, tax_free: bool) -> Violations:
    """All broken rules of one line item; `field` is its place, e.g. lineItems[0]."""
    if not isinstance(line, dict):
        yield Violation(field, "NOTNULL", "darf nicht leer sein")
        return
    yield from _texts(line, field)
    if line.get("type") == "text":
        return
    yield from _article(line, field)
    yield from _quantity(line, field)
    price = line.get("unitPrice")
    if isinstance(price, dict):
        yield from _price(price, f"{field}.unitPrice", from_gross=from_gross, tax_free=tax_free)
    elif kind.priced:
        yield Violation(f"{field}.unitPrice", "NOTNULL", "darf nicht leer sein")


def leading_price(price: Json, *, from_gross: bool) -> Any:
    """The price that counts: grossAmount in gross documents, else netAmount."""
    return price.get("grossAmount") if from_gross else price.get("netAmount")


def _texts(line: Json, field: str) -> Violations:
    name, description = line.get("name") or "", line.get("description") or ""
    if not name and (line.get("type") != "text" or not description):
        yield Violation(f"{field}.name", "NOTNULL", "darf nicht leer sein")
    if len(name) > NAME_LIMIT:
        yield Violation(f"{field}.name", "SIZE", f"höchstens {NAME_LIMIT} Zeichen")
    if len(description) > DESCRIPTION_LIMIT:
        yield Violation(f"{field}.description", "SIZE", f"höchstens {DESCRIPTION_LIMIT} Zeichen")


def _article(line: Json, field: str) -> Violations:
    kind, article = line.get("type"), line.get("id")
    if kind not in ("service", "material", "custom"):
        yield Violation(f"{field}.type", "VALUE", "Wert ist nicht zulässig")
    elif kind == "custom" and article is not None:
        yield Violation(f"{field}.id", "NULL", "muss bei freien Positionen leer sein")
    elif kind != "custom" and article is None:
        yield Violation(f"{field}.id", "NOTNULL", "darf nicht leer sein")


def _quantity(line: Json, field: str) -> Violations:
    quantity, discount = line.get("quantity"), line.get("discountPercentage")
    if quantity is None:
        yield Violation(f"{field}.quantity", "NOTNULL", "darf nicht leer sein")
    elif not is_number(quantity) or places(quantity) > 4:
        yield Violation(f"{field}.quantity", "DIGITS", "höchstens 4 Nachkommastellen")
    if not line.get("unitName"):
        yield Violation(f"{field}.unitName", "NOTNULL", "darf nicht leer sein")
    if discount is not None and (not is_number(discount) or not 0 <= discount <= 100 or places(discount) > 2):
        yield Violation(f"{field}.discountPercentage", "RANGE", "0 bis 100, höchstens 2 Nachkommastellen")


def _price(price: Json, field: str, *, from_gross: bool, tax_free: bool) -> Violations:
    name, amount = "grossAmount" if from_gross else "netAmount", leading_price(price, from_gross=from_gross)
    if amount is None:
        yield Violation(f"{field}.{name}", "NOTNULL", "darf nicht leer sein")
    elif not is_number(amount) or places(amount) > 4:
        yield Violation(f"{field}.{name}", "DIGITS", "höchstens 4 Nachkommastellen")
    if price.get("currency") != "EUR":
        yield Violation(f"{field}.currency", "VALUE", "nur EUR")
    rate = price.get("taxRatePercentage")
    if rate is None:
        yield Violation(f"{field}.taxRatePercentage", "NOTNULL", "darf nicht leer sein")
    elif not is_number(rate) or Decimal(rate) not in ((0,) if tax_free else TAX_RATES):
        yield Violation(f"{field}.taxRatePercentage", "VALUE", "Steuersatz ist nicht zulässig")
