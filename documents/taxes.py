"""The VAT category of every amount (BT-118) and the words that the law wants beside it, on paper and in the XML."""

from dataclasses import dataclass
from decimal import Decimal

from billing.jobs import TaxCase
from billing.legal_notes import TAX_NOTES, LegalNote
from documents.legal_words import sentence


@dataclass(frozen=True, slots=True)
class Category:
    """A VAT category: `code` BT-118, `reason` BT-120 and on paper, `reason_code` BT-121 (VATEX list)."""

    code: str
    reason: str = ""
    reason_code: str = ""


STANDARD = Category("S")
ZERO = Category("Z")
CODES = {
    TaxCase.SMALL_BUSINESS: ("E", ""),
    TaxCase.REVERSE_CHARGE: ("AE", "VATEX-EU-AE"),
    TaxCase.INTRA_COMMUNITY: ("K", "VATEX-EU-IC"),
    TaxCase.EXPORT: ("G", "VATEX-EU-G"),
    TaxCase.EXEMPT: ("E", ""),
}


def category(case: TaxCase, rate: Decimal, *, small_business: bool, exemption: str = "") -> Category:
    """The category of an amount at `rate` percent; a small business (§ 19 UStG) has only one.

    `exemption` says why the case EXEMPT is exempt. The zero rate of § 12 (3) UStG has no reason (BR-Z-10).
    """
    if small_business and case is TaxCase.STANDARD:
        case = TaxCase.SMALL_BUSINESS
    if case is TaxCase.STANDARD:
        return STANDARD if rate else ZERO
    code, reason_code = CODES[case]
    return Category(code, sentence(LegalNote(TAX_NOTES[case], exemption)), reason_code)
