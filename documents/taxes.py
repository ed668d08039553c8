"""The VAT category of every amount (BT-118) and the words that the law wants beside it, on paper and in the XML."""

from dataclasses import dataclass
from decimal import Decimal

from billing.jobs import TaxCase


@dataclass(frozen=True, slots=True)
class Category:
    """A VAT category: `code` BT-118, `reason` BT-120 and on paper, `reason_code` BT-121 (VATEX list)."""

    code: str
    reason: str = ""
    reason_code: str = ""


STANDARD = Category("S")
ZERO = Category("Z")
CASES = {
    TaxCase.SMALL_BUSINESS: Category("E", "Kein Ausweis von Umsatzsteuer, da Kleinunternehmer gemäß § 19 UStG"),
    # § 14a (5) UStG prescribes these very words.
    TaxCase.REVERSE_CHARGE: Category("AE", "Steuerschuldnerschaft des Leistungsempfängers", "VATEX-EU-AE"),
    TaxCase.INTRA_COMMUNITY: Category(
        "K", "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b UStG)", "VATEX-EU-IC"
    ),
    TaxCase.EXPORT: Category("G", "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a UStG)", "VATEX-EU-G"),
    TaxCase.EXEMPT: Category("E", "Umsatzsteuerfrei nach § 4 UStG"),
}


def category(case: TaxCase, rate: Decimal, *, small_business: bool) -> Category:
    """The category of an amount at `rate` percent; a small business (§ 19 UStG) has only one."""
    if small_business and case is TaxCase.STANDARD:
        return CASES[TaxCase.SMALL_BUSINESS]
    if case is not TaxCase.STANDARD:
        return CASES[case]
    return STANDARD if rate else ZERO


def note(case: TaxCase, *, small_business: bool) -> str:
    """What stands on the paper about the tax; empty in the standard case."""
    return category(case, Decimal(0), small_business=small_business).reason
