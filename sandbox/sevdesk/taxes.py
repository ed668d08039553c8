"""The tax rules of system version 2.0 (specification, section Tax Rules): which rates they allow."""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.sevdesk.account import Settings
from sandbox.sevdesk.errors import Json, refused
from sandbox.sevdesk.records import Ref, decimal_text

DOMESTIC = {Decimal(0), Decimal(7), Decimal(19)}
ZERO = {Decimal(0)}
RATES: dict[int, set[Decimal] | None] = {
    1: DOMESTIC, 2: ZERO, 3: DOMESTIC, 4: ZERO, 5: ZERO, 11: ZERO, 17: ZERO, 18: None, 19: None, 20: None, 21: ZERO,
}  # fmt: skip
"""Revenue rule to its rates in percent; None: the rates of the customer's country (OSS)."""
OLD_TYPES = {"default": 1, "eu": 3, "ss": 11}
NAMES_OF_OLD = {1: "default", 3: "eu", 11: "ss", 17: "noteu"}
PARTIAL_RULES = {1, 11}
NO_EINVOICE = {18, 19, 20}


def with_tax_rule(fields: Json, settings: Settings) -> Json:
    """The fields with the rule that holds; 422 without one that is known."""
    if settings.bookkeeping_version == "1.0":
        return fields | {"taxRule": None}
    rule = fields.get("taxRule")
    if rule is None and settings.map_old_tax_types and fields.get("taxType") in OLD_TYPES:
        rule = Ref(OLD_TYPES[fields["taxType"]], "TaxRule")
    if rule is None:
        raise refused("Missing required field 'taxRule'")
    if rule.id not in RATES:
        raise refused(f"taxRule {rule.id} is not allowed for this document")
    return fields | {"taxRule": rule, "taxType": NAMES_OF_OLD.get(rule.id)}


def check_rates(fields: Json, positions: Iterable[Json]) -> None:
    """422 for a rate that the rule or the small business does not allow."""
    rule: Ref | None = fields.get("taxRule")
    allowed = ZERO if fields.get("smallSettlement") else RATES[rule.id] if rule else None
    for position in positions:
        rate = position["taxRate"]
        if allowed is not None and rate not in allowed:
            raise refused(
                f"The taxRate {decimal_text(rate)} is not allowed for the taxRule {rule.id if rule else ''}".strip()
            )


def check_partial(fields: Json) -> None:
    """422 for a partial or advance invoice under a rule that has none."""
    rule: Ref | None = fields.get("taxRule")
    if rule is not None and rule.id not in PARTIAL_RULES:
        raise refused(f"invoiceType {fields['invoiceType']} is not allowed for the taxRule {rule.id}")
