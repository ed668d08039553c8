"""Which notes the law wants on an invoice, as facts; the words stand in `documents/legal_words.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.contents import RuleSet, rule_set
from billing.invoices import Draft
from billing.jobs import Site, TaxCase
from billing.labour import labour_gross
from billing.parties import CustomerKind, Seller


class NoteKind(StrEnum):
    """A note that the law or custom wants."""

    SMALL_BUSINESS = "small_business"
    REVERSE_CHARGE = "reverse_charge"
    INTRA_COMMUNITY = "intra_community"
    EXPORT = "export"
    EXEMPT = "exempt"
    ZERO_RATE = "zero_rate"
    KEEP_TWO_YEARS = "keep_two_years"
    DEFAULT_AFTER_30_DAYS = "default_after_30_days"
    WITHHOLDING_EXEMPTION = "withholding_exemption"
    LABOUR_SHARE = "labour_share"


TAX_NOTES = {
    TaxCase.SMALL_BUSINESS: NoteKind.SMALL_BUSINESS,
    TaxCase.REVERSE_CHARGE: NoteKind.REVERSE_CHARGE,
    TaxCase.INTRA_COMMUNITY: NoteKind.INTRA_COMMUNITY,
    TaxCase.EXPORT: NoteKind.EXPORT,
    TaxCase.EXEMPT: NoteKind.EXEMPT,
}


@dataclass(frozen=True, slots=True)
class LegalNote:
    """A note with what it says: `text` a certificate number or exemption, `day` a date, `amount` in euro gross."""

    kind: NoteKind
    text: str = ""
    day: date | None = None
    amount: Decimal | None = None


def tax_note(draft: Draft, seller: Seller) -> LegalNote | None:
    """The note on a tax that is not charged (§ 14 (4) no. 8, § 14a (5) UStG); None in the standard case."""
    case = effective_case(draft, seller)
    if case in TAX_NOTES:
        return LegalNote(TAX_NOTES[case], draft.exemption if case is TaxCase.EXEMPT else "")
    has_zero = any(group.rate == 0 for group in draft.totals.groups)
    return LegalNote(NoteKind.ZERO_RATE) if has_zero else None


def effective_case(draft: Draft, seller: Seller) -> TaxCase:
    """The tax case of a document: for a small business there is no standard case (§ 19 UStG)."""
    if seller.small_business and draft.tax_case is TaxCase.STANDARD:
        return TaxCase.SMALL_BUSINESS
    return draft.tax_case


def legal_notes(draft: Draft, seller: Seller) -> tuple[LegalNote, ...]:
    """Every note that has to stand on the document, the tax note first."""
    found = (rule(draft, seller) for rule in RULES)
    return tuple(note for note in found if note is not None)


def keep_two_years(draft: Draft, seller: Seller) -> LegalNote | None:
    """§ 14b (1) s. 5 with § 14 (4) no. 9 UStG: private customer and work on a building or land; full invoices only."""
    if _is_private(draft) and draft.on_building and rule_set(draft, seller) is RuleSet.FULL:
        return LegalNote(NoteKind.KEEP_TWO_YEARS)
    return None


def default_after_30_days(draft: Draft, _seller: Seller) -> LegalNote | None:
    """§ 286 (3) BGB: consumers come into default after 30 days only if the invoice says so."""
    return LegalNote(NoteKind.DEFAULT_AFTER_30_DAYS) if _is_private(draft) and draft.is_payable else None


def withholding_exemption(draft: Draft, seller: Seller) -> LegalNote | None:
    """§ 48b EStG: construction work for a customer who would have to withhold 15 %, while the certificate is valid."""
    certificate = seller.withholding_exemption
    if certificate is None or _is_private(draft) or draft.site is not Site.CONSTRUCTION:
        return None
    if not certificate.covers(draft.issue_date):
        return None
    return LegalNote(NoteKind.WITHHOLDING_EXEMPTION, certificate.number, certificate.valid_until)


def labour_share(draft: Draft, _seller: Seller) -> LegalNote | None:
    """§ 35a EStG: the labour in the sum, gross, for private customers."""
    amount = labour_gross(draft)
    if not _is_private(draft) or not amount:
        return None
    return LegalNote(NoteKind.LABOUR_SHARE, amount=amount)


def _is_private(draft: Draft) -> bool:
    return draft.customer.kind is CustomerKind.CONSUMER


RULES: tuple[Callable[[Draft, Seller], LegalNote | None], ...] = (
    tax_note,
    keep_two_years,
    labour_share,
    withholding_exemption,
    default_after_30_days,
)
