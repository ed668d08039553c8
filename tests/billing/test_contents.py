"""What must stand on an invoice (§ 14 (4) UStG, §§ 33, 34a UStDV): a missing content is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.contents import CONTENTS, RuleSet, content_problems, rule_set
from billing.invoices import Draft, Kind, PartPayment, Payment, Reference
from billing.jobs import References, TaxCase
from billing.part_payments import final
from billing.parties import Address, CustomerKind, Seller
from billing.vat import VatGroup
from tests.billing.legal_samples import SELLER, SMALL, big, free
from tests.billing.samples import ERIKA, drafted

PART = PartPayment(
    "AR-1", date(2026, 9, 1), date(2026, 9, 14), (VatGroup(Decimal(19), Decimal("100.00"), Decimal("19.00")),)
)


def codes(draft: Draft, seller: Seller = SELLER) -> list[str]:
    """The codes of what is missing."""
    return [problem.code for problem in content_problems(draft, seller)]


def test_nothing_is_missing() -> None:
    """An invoice in order has no problem."""
    assert codes(big()) == []


def test_which_list_applies() -> None:
    """Small up to 250.00 euro, never for § 13b or the EU; a small business has its own."""
    assert rule_set(drafted(), SELLER) is RuleSet.SMALL_INVOICE
    assert rule_set(big(), SELLER) is RuleSet.FULL
    assert rule_set(drafted(), SMALL) is RuleSet.SMALL_BUSINESS
    for case in (TaxCase.REVERSE_CHARGE, TaxCase.INTRA_COMMUNITY):
        assert rule_set(replace(drafted(), tax_case=case), SELLER) is RuleSet.FULL


@pytest.mark.parametrize(("gross", "rules"), [("250.00", RuleSet.SMALL_INVOICE), ("250.01", RuleSet.FULL)])
def test_the_limit_is_gross(gross: str, rules: RuleSet) -> None:
    """§ 33 UStDV: 250 euro including VAT."""
    draft = drafted()
    assert rule_set(replace(draft, totals=replace(draft.totals, gross=Decimal(gross))), SELLER) is rules


NOWHERE, NOBODY = replace(ERIKA, address=Address()), replace(ERIKA, name=" ")
NAMELESS = (replace(drafted().lines[0], name=" "),)
BROKEN: list[tuple[str, Callable[[], tuple[Draft, Seller]]]] = [
    ("seller-name", lambda: (big(), replace(SELLER, address=Address()))),
    ("seller-name", lambda: (big(), replace(SELLER, name=""))),
    ("customer-name", lambda: (big(customer=NOBODY), SELLER)),
    ("customer-address", lambda: (big(customer=NOWHERE), SELLER)),
    ("tax-number", lambda: (big(), replace(SELLER, tax_number="", vat_id=""))),
    ("lines", lambda: (big(lines=NAMELESS), SELLER)),
    ("lines", lambda: (big(lines=()), SELLER)),
    ("lines", lambda: (big(lines=(replace(big().lines[0], quantity=Decimal(0)),)), SELLER)),
    ("performed", lambda: (big(performed_until=big().performed_from - timedelta(1)), SELLER)),
    ("preceding", lambda: (big(kind=Kind.CORRECTION), SELLER)),
    ("preceding", lambda: (big(kind=Kind.CANCELLATION), SELLER)),
    ("preceding", lambda: (big(kind=Kind.CREDIT_NOTE), SELLER)),
    ("deductions", lambda: (replace(final(big(), [PART]), kind=Kind.INVOICE), SELLER)),
    ("deductions-list", lambda: (final(_business(issue_date=date(2028, 1, 1)), [PART]), SELLER)),
    ("paid", lambda: (big(payment=Payment(paid_amount=Decimal(10))), SELLER)),
    ("leitweg-id", lambda: (_public("04011000-1234512345-07"), SELLER)),
]


def _business(**changes: Any) -> Draft:
    return big(customer=replace(ERIKA, kind=CustomerKind.BUSINESS), **changes)


def _public(reference: str) -> Draft:
    return big(customer=replace(ERIKA, kind=CustomerKind.PUBLIC), references=References(buyer=reference))


@pytest.mark.parametrize(("code", "case"), BROKEN)
def test_each_missing_content_is_named(code: str, case: Callable[[], tuple[Draft, Seller]]) -> None:
    """One content missing gives exactly its problem, in a German sentence."""
    draft, seller = case()
    (problem,) = content_problems(draft, seller)
    assert problem.code == code
    assert problem.message.endswith(".")


def test_every_content_is_tried() -> None:
    """No row of the table is left without a case above."""
    assert {content.code for content in CONTENTS} == {code for code, _ in BROKEN}


def test_a_small_invoice_needs_less() -> None:
    """§ 33 UStDV: neither customer nor tax number nor date of supply."""
    small = replace(drafted(), customer=replace(NOWHERE, name=""))
    assert codes(small, replace(SELLER, tax_number="", vat_id="")) == []


def test_a_small_business_names_its_customer() -> None:
    """§ 34a UStDV: the customer and a tax number, also under 250 euro."""
    poor = replace(free(TaxCase.STANDARD), customer=NOWHERE)
    assert codes(poor, replace(SMALL, tax_number="", vat_id="")) == ["customer-address", "tax-number"]


def test_the_problem_names_the_provision() -> None:
    """The message cites the list that applies and the customer it is about."""
    (problem,) = content_problems(big(customer=NOWHERE), SELLER)
    assert "§ 14 Abs. 4 UStG" in problem.message
    assert "Erika Beispiel" in problem.message


def test_private_customers_may_get_a_list_for_ever() -> None:
    """The end of the list of part payments concerns e-invoices, which consumers need not get."""
    assert codes(final(big(issue_date=date(2028, 1, 1)), [PART])) == []
    assert codes(final(_business(issue_date=date(2027, 12, 31)), [PART])) == []


def test_other_references_are_the_customers_business() -> None:
    """What does not look like a Leitweg-ID is not judged; a right one passes."""
    assert codes(_public("Kostenstelle 12")) == codes(_public("04011000-1234512345-06")) == []


def test_tax_and_contents_are_told_together() -> None:
    """Nobody mends one thing only to hear of the next."""
    draft = replace(big(customer=NOWHERE), tax_case=TaxCase.EXPORT, preceding=(Reference("1", date(2026, 1, 1)),))
    assert codes(draft) == ["customer-address", "vat-shown", "not-export"]
