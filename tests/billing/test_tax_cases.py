"""Which tax case is lawful for whom: §§ 4, 12, 13b and 19 UStG."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.invoices import Draft
from billing.jobs import Line, Site, TaxCase
from billing.parties import Certificate, Seller
from billing.tax_cases import owes_tax, tax_problems
from tests.billing.legal_samples import AUSTRIAN, BUILDER, SELLER, SMALL, SWISS, free, priced
from tests.billing.samples import drafted

UNTIL_JUNE = Certificate("1TG-77", date(2026, 6, 30), date(2023, 7, 1))


def codes(draft: Draft, seller: Seller = SELLER) -> list[str]:
    """The codes of what is wrong."""
    return [problem.code for problem in tax_problems(draft, seller)]


def test_the_standard_case_is_lawful() -> None:
    """19 % for a consumer: nothing to say."""
    assert codes(drafted()) == []


def test_small_business_can_never_show_vat() -> None:
    """§ 19 UStG: whatever the case says, VAT on the document of a small business is a problem."""
    for case in TaxCase:
        assert "small-business-vat" in codes(replace(drafted(), tax_case=case), SMALL)
    assert codes(free(TaxCase.STANDARD), SMALL) == []
    assert codes(free(TaxCase.SMALL_BUSINESS), SMALL) == []


def test_vat_that_cancels_out_is_shown_all_the_same() -> None:
    """Two groups whose VAT adds up to zero still show VAT (§ 14c UStG)."""
    rows = (("1", "100", 19), ("-1", "19", 7), ("-1", "252.43", 7))
    lines = [Line("A", Decimal(quantity), "", Decimal(price), Decimal(rate)) for quantity, price, rate in rows]
    assert priced(*lines).totals.vat == 0
    assert "small-business-vat" in codes(priced(*lines), SMALL)


def test_others_cannot_claim_to_be_small() -> None:
    """A job that says § 19 UStG for a firm that is none is held."""
    assert codes(free(TaxCase.SMALL_BUSINESS)) == ["not-small-business"]


@pytest.mark.parametrize("case", [case for case in TaxCase if case is not TaxCase.STANDARD])
def test_tax_free_documents_show_no_vat(case: TaxCase) -> None:
    """§ 14c UStG: every case without VAT refuses VAT."""
    assert "vat-shown" in codes(replace(drafted(), tax_case=case))


@pytest.mark.parametrize(
    ("done", "owes"), [(date(2026, 6, 30), True), (date(2026, 7, 1), False), (date(2023, 6, 30), False)]
)
def test_the_certificate_must_hold_when_the_work_was_done(done: date, owes: bool) -> None:
    """§ 13b (5) UStG: USt 1 TG until 30 June; work done that day is reverse charge, the day after is not."""
    facts: dict[str, Any] = {
        "customer": replace(BUILDER, reverse_charge=UNTIL_JUNE),
        "site": Site.CONSTRUCTION,
        "performed_from": date(2023, 6, 1),
        "performed_until": done,
    }
    assert owes_tax(replace(drafted(), **facts)) is owes
    assert codes(replace(drafted(), **facts)) == (["reverse-charge-due"] if owes else [])
    assert codes(free(TaxCase.REVERSE_CHARGE, **facts)) == ([] if owes else ["reverse-charge-certificate"])


def test_other_work_is_no_construction() -> None:
    """A builder who buys planning or goods pays VAT as everybody does."""
    customer = replace(BUILDER, reverse_charge=Certificate("1", date(2099, 1, 1)))
    for site in (Site.ELSEWHERE, Site.PROPERTY):
        assert codes(replace(drafted(), customer=customer, site=site)) == []


def test_consumers_never_owe_the_tax() -> None:
    """§ 13b UStG is for entrepreneurs, and the e-invoice needs their VAT id."""
    assert codes(free(TaxCase.REVERSE_CHARGE)) == ["reverse-charge-consumer", "customer-vat-id"]


def test_a_register_number_will_do() -> None:
    """BR-AE-02: VAT id or register id of the customer."""
    customer = replace(BUILDER, vat_id="", register_number="HRB 1")
    assert codes(free(TaxCase.REVERSE_CHARGE, customer=customer)) == []


def test_abroad_the_seller_needs_a_vat_id() -> None:
    """A service to an Austrian firm: reverse charge, with both VAT ids (§ 14a (1) UStG)."""
    assert codes(free(TaxCase.REVERSE_CHARGE, customer=AUSTRIAN)) == []
    assert codes(free(TaxCase.REVERSE_CHARGE, customer=AUSTRIAN), replace(SELLER, vat_id="")) == ["seller-vat-id"]


def test_goods_to_the_eu() -> None:
    """§ 6a UStG: another EU country, the customer's VAT id from abroad, and one's own."""
    case = TaxCase.INTRA_COMMUNITY
    assert codes(free(case, customer=AUSTRIAN)) == []
    assert codes(free(case, customer=BUILDER)) == ["not-eu", "customer-vat-id"]
    assert codes(free(case, customer=replace(AUSTRIAN, vat_id=""))) == ["customer-vat-id"]
    assert codes(free(case, customer=replace(AUSTRIAN, vat_id="EL123456789"))) == []
    assert codes(free(case, customer=AUSTRIAN), replace(SELLER, vat_id="")) == ["seller-vat-id"]


def test_exports() -> None:
    """§ 6 UStG: only outside of the EU."""
    assert codes(free(TaxCase.EXPORT, customer=SWISS)) == []
    assert codes(free(TaxCase.EXPORT, customer=AUSTRIAN)) == ["not-export"]
    assert codes(free(TaxCase.EXPORT)) == ["not-export"]


def test_an_exemption_names_its_provision() -> None:
    """§ 14 (4) no. 8 UStG: a note why exempt."""
    assert codes(free(TaxCase.EXEMPT)) == ["exemption"]
    assert codes(free(TaxCase.EXEMPT, exemption="Umsatzsteuerfrei nach § 4 Nr. 21 UStG")) == []


def test_zero_is_a_rate() -> None:
    """§ 12 (3) UStG: photovoltaics at 0 % are an ordinary invoice, beside 19 % as well."""
    assert codes(free(TaxCase.STANDARD)) == []


def test_rates_of_other_years_are_no_rates() -> None:
    """16 % of 2020 is refused."""
    lines = (Line("Arbeit", Decimal(1), "", Decimal(100), Decimal(16)),)
    assert codes(priced(*lines)) == ["vat-rate"]


@pytest.mark.parametrize("case", TaxCase)
def test_every_problem_is_a_german_sentence(case: TaxCase) -> None:
    """Each one ends with a full stop and cites a provision or says what to do."""
    for draft in (free(case), replace(drafted(), tax_case=case), free(case, customer=AUSTRIAN)):
        for problem in tax_problems(draft, replace(SELLER, vat_id="")):
            assert problem.message.endswith(".")
            assert "§" in problem.message
