"""What must stand on an invoice before it is issued (§ 14 (4) UStG), as a table: which content, for which invoices.

| content | full | up to 250 EUR, § 33 UStDV | small business, § 34a UStDV |
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.drafting import Problem
from billing.invoices import Draft, Kind
from billing.jobs import TaxCase
from billing.leitweg import is_leitweg_id, looks_like_leitweg_id
from billing.parties import CustomerKind, Seller
from billing.tax_cases import tax_problems

SMALL_INVOICE = Decimal("250.00")
# BMF 15.10.2024 Rn. 48: until then the list of part payments may be an attachment inside the e-invoice.
LAST_DAY_OF_LISTS = date(2027, 12, 31)
_NEVER_SMALL = frozenset({TaxCase.REVERSE_CHARGE, TaxCase.INTRA_COMMUNITY})
_FINAL = frozenset({Kind.FINAL, Kind.PARTIAL_FINAL_CONSTRUCTION, Kind.FINAL_CONSTRUCTION})


class RuleSet(StrEnum):
    """Which provision lists the contents."""

    FULL = "§ 14 Abs. 4 UStG"
    SMALL_INVOICE = "§ 33 UStDV"
    SMALL_BUSINESS = "§ 34a UStDV"


ALL = frozenset(RuleSet)
FULL_ONLY = frozenset({RuleSet.FULL})
NOT_SMALL = frozenset({RuleSet.FULL, RuleSet.SMALL_BUSINESS})


@dataclass(frozen=True, slots=True)
class Content:
    """One content: asked for in `rule_sets`, there if `is_there`; else the problem says so in German."""

    code: str
    rule_sets: frozenset[RuleSet]
    is_there: Callable[[Draft, Seller], bool]
    message: str


def rule_set(draft: Draft, seller: Seller) -> RuleSet:
    """Which list of contents applies; § 13b and intra-community supplies are never small invoices (§ 33 s. 3)."""
    if seller.small_business:
        return RuleSet.SMALL_BUSINESS
    if abs(draft.totals.gross) <= SMALL_INVOICE and draft.tax_case not in _NEVER_SMALL:
        return RuleSet.SMALL_INVOICE
    return RuleSet.FULL


def content_problems(draft: Draft, seller: Seller) -> tuple[Problem, ...]:
    """Everything that the law wants on this invoice and that is missing or wrong; none means it may be issued."""
    rules = rule_set(draft, seller)
    missing = [
        Problem(content.code, content.message.format(customer=draft.customer.name.strip(), rules=rules.value))
        for content in CONTENTS
        if rules in content.rule_sets and not content.is_there(draft, seller)
    ]
    return (*missing, *tax_problems(draft, seller))


def _lines_are_named(draft: Draft, _seller: Seller) -> bool:
    priced = [line for line in draft.lines if not line.is_text]
    return bool(priced) and all(line.name.strip() and line.quantity for line in priced)


def _refers(draft: Draft, _seller: Seller) -> bool:
    return bool(draft.preceding) or not draft.kind.changes_another


def _deducts_rightly(draft: Draft, _seller: Seller) -> bool:
    # A cancelled final invoice turns its deductions around.
    return not draft.deductions or draft.kind in _FINAL or draft.kind is Kind.CANCELLATION


def _list_is_allowed(draft: Draft, _seller: Seller) -> bool:
    is_private = draft.customer.kind is CustomerKind.CONSUMER
    return not draft.deductions or is_private or draft.issue_date <= LAST_DAY_OF_LISTS


def _reference_is_right(draft: Draft, _seller: Seller) -> bool:
    is_public = draft.customer.kind is CustomerKind.PUBLIC
    reference = draft.buyer_reference
    return not (is_public and looks_like_leitweg_id(reference)) or is_leitweg_id(reference)


def _paid_is_deducted(draft: Draft, _seller: Seller) -> bool:
    paid = sum((part.gross for part in draft.deductions), draft.payment.paid_amount)
    return paid == draft.totals.paid


CONTENTS = (
    Content(
        "seller-name",
        ALL,
        lambda draft, seller: bool(seller.name.strip()) and seller.address.is_complete,
        "Name oder vollständige Anschrift des Rechnungsstellers fehlt ({rules}, Nr. 1)."
        " Bitte in der Mandantendatei ergänzen.",
    ),
    Content(
        "customer-name",
        NOT_SMALL,
        lambda draft, seller: bool(draft.customer.name.strip()),
        "Der Name des Kunden fehlt ({rules}, Nr. 1). Bitte beim Kunden ergänzen.",
    ),
    Content(
        "customer-address",
        NOT_SMALL,
        lambda draft, seller: draft.customer.address.is_complete,
        "{customer} hat keine vollständige Anschrift ({rules}, Nr. 1). Bitte beim Kunden ergänzen.",
    ),
    Content(
        "tax-number",
        NOT_SMALL,
        lambda draft, seller: bool(seller.tax_number.strip() or seller.vat_id.strip()),
        "Steuernummer oder USt-IdNr. des Rechnungsstellers fehlt ({rules}, Nr. 2)."
        " Bitte in der Mandantendatei ergänzen.",
    ),
    Content(
        "lines",
        ALL,
        _lines_are_named,
        "Eine Position hat keine Bezeichnung oder keine Menge ({rules}, Nr. 5). Bitte im Auftrag ergänzen.",
    ),
    Content(
        "performed",
        FULL_ONLY,
        lambda draft, seller: draft.performed_from <= draft.performed_until,
        "Der Leistungszeitraum endet, bevor er beginnt ({rules}, Nr. 6). Bitte im Auftrag berichtigen.",
    ),
    Content(
        "preceding",
        ALL,
        _refers,
        "Es fehlt Nummer und Datum der Rechnung, die geändert wird (§ 31 Abs. 5 UStDV). Bitte angeben.",
    ),
    Content(
        "deductions",
        ALL,
        _deducts_rightly,
        "Nur eine Schlussrechnung setzt Abschläge ab (§ 14 Abs. 5 Satz 2 UStG). Bitte die Rechnungsart prüfen.",
    ),
    Content(
        "deductions-list",
        ALL,
        _list_is_allowed,
        "Seit 2028 darf eine E-Rechnung Abschläge nicht mehr als Anlage absetzen (BMF 15.10.2024 Rn. 48)."
        " Bitte nur den Rest berechnen (Restrechnung).",
    ),
    Content(
        "paid",
        ALL,
        _paid_is_deducted,
        "Der schon bezahlte Betrag stimmt nicht mit den abgesetzten Zahlungen überein (§ 14 Abs. 5 UStG).",
    ),
    Content(
        "leitweg-id",
        ALL,
        _reference_is_right,
        "Die Prüfziffer der Leitweg-ID von {customer} stimmt nicht. Bitte beim Kunden berichtigen.",
    ),
)
