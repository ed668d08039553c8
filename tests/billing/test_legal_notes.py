"""Which notes stand on an invoice, and the labour share."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices import Draft, Kind, Payment, PaymentMeans
from billing.jobs import Discount, Line, PriceMode, Site, TaxCase
from billing.labour import labour_gross
from billing.legal_notes import LegalNote, NoteKind, effective_case, legal_notes
from billing.parties import Certificate, CustomerKind, Seller
from tests.billing.legal_samples import SELLER, SMALL, big, free, priced
from tests.billing.samples import ERIKA

BUSINESS = replace(ERIKA, kind=CustomerKind.BUSINESS)
EXEMPTED = replace(SELLER, withholding_exemption=Certificate("2175733", date(2027, 12, 31)))


def kinds(draft: Draft, seller: Seller = SELLER) -> list[NoteKind]:
    """The kinds of notes on a document."""
    return [note.kind for note in legal_notes(draft, seller)]


def test_a_bathroom_for_a_private_customer() -> None:
    """Two-year note, labour share and the note on default; no more."""
    lines = (replace(big().lines[0], is_labour=True),)
    found = legal_notes(big(lines=lines, site=Site.CONSTRUCTION), EXEMPTED)
    assert found == (
        LegalNote(NoteKind.KEEP_TWO_YEARS),
        LegalNote(NoteKind.LABOUR_SHARE, amount=Decimal("1190.00")),
        LegalNote(NoteKind.DEFAULT_AFTER_30_DAYS),
    )


def test_entrepreneurs_get_none_of_them() -> None:
    """A business customer reads nothing of §§ 14b UStG, 35a EStG, 286 (3) BGB."""
    lines = (replace(big().lines[0], is_labour=True),)
    assert kinds(big(customer=BUSINESS, lines=lines, site=Site.CONSTRUCTION)) == []


@pytest.mark.parametrize(("site", "told"), [(Site.ELSEWHERE, False), (Site.PROPERTY, True), (Site.CONSTRUCTION, True)])
def test_two_years_for_works_on_property(site: Site, told: bool) -> None:
    """§ 14b (1) s. 5 UStG: in connection with land or a building."""
    assert (NoteKind.KEEP_TWO_YEARS in kinds(big(site=site))) is told


def test_small_invoices_need_no_two_year_note() -> None:
    """§ 33 UStDV does not ask for it, nor § 34a UStDV."""
    small = priced(Line("Arbeit", Decimal(1), "Std.", Decimal(80), Decimal(19)))
    assert NoteKind.KEEP_TWO_YEARS not in kinds(replace(small, site=Site.PROPERTY))
    assert NoteKind.KEEP_TWO_YEARS not in kinds(replace(free(TaxCase.STANDARD), site=Site.PROPERTY), SMALL)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.CREDIT_NOTE},
        {"payment": Payment(PaymentMeans.DIRECT_DEBIT)},
        {"payment": Payment(PaymentMeans.SETTLED)},
    ],
)
def test_no_default_where_nothing_is_asked_for(changes: dict[str, Any]) -> None:
    """Who need not transfer anything is not warned of default."""
    assert kinds(big(**changes)) == []


def test_the_certificate_is_shown_while_it_holds() -> None:
    """§ 48b EStG: on construction invoices to businesses, with number and last day."""
    works = big(customer=BUSINESS, site=Site.CONSTRUCTION)
    shown = LegalNote(NoteKind.WITHHOLDING_EXEMPTION, "2175733", date(2027, 12, 31))
    assert legal_notes(works, EXEMPTED) == (shown,)
    assert legal_notes(works, SELLER) == ()
    assert legal_notes(replace(works, site=Site.PROPERTY), EXEMPTED) == ()
    assert legal_notes(replace(works, issue_date=date(2028, 1, 1)), EXEMPTED) == ()


@pytest.mark.parametrize("case", [case for case in TaxCase if case is not TaxCase.STANDARD])
def test_every_tax_case_has_its_note(case: TaxCase) -> None:
    """§ 14 (4) no. 8 UStG: why no VAT is charged stands first."""
    assert kinds(free(case))[0].value == case.value


def test_the_note_on_an_exemption_says_which() -> None:
    """BT-120 is the text that was given."""
    assert legal_notes(free(TaxCase.EXEMPT, exemption="§ 4 Nr. 21 UStG"), SELLER)[0].text == "§ 4 Nr. 21 UStG"


def test_a_small_business_has_no_standard_case() -> None:
    """§ 19 UStG holds whatever the source reports."""
    assert effective_case(free(TaxCase.STANDARD), SMALL) is TaxCase.SMALL_BUSINESS
    assert kinds(free(TaxCase.STANDARD), SMALL)[0] is NoteKind.SMALL_BUSINESS


def test_photovoltaics_name_the_provision() -> None:
    """§ 12 (3) UStG: one line at 0 % among others brings the note."""
    lines = (Line("Anlage", Decimal(1), "Set", Decimal(9000)), big().lines[0])
    assert kinds(priced(*lines))[0] is NoteKind.ZERO_RATE


def test_labour_with_its_vat() -> None:
    """Labour of 435.00 net at 19 % is 517.65 euro; material does not count."""
    lines = (
        Line("Arbeit", Decimal("7.25"), "Std.", Decimal(60), Decimal(19), is_labour=True),
        Line("Farbe", Decimal(20), "l", Decimal("12.50"), Decimal(19)),
    )
    assert labour_gross(priced(*lines)) == Decimal("517.65")


def test_labour_shares_the_discount() -> None:
    """10 % off the document is 10 % off the labour, with net and with gross prices."""
    lines = (
        Line("Arbeit", Decimal(1), "", Decimal(100), Decimal(19), is_labour=True),
        Line("Farbe", Decimal(1), "", Decimal(300), Decimal(19)),
    )
    ten = Discount(percent=Decimal(10))
    assert labour_gross(priced(*lines, discount=ten)) == Decimal("107.10")
    assert labour_gross(priced(*lines, mode=PriceMode.GROSS, discount=ten)) == Decimal("90.00")


def test_lines_that_cancel_out_have_no_share() -> None:
    """Where a rate adds up to nothing there is no proportion to share by."""
    lines = (
        Line("Arbeit", Decimal(1), "", Decimal(100), Decimal(19), is_labour=True),
        Line("Rücknahme", Decimal(-1), "", Decimal(100), Decimal(19)),
    )
    assert labour_gross(priced(*lines)) == 0


@given(
    st.lists(st.tuples(st.integers(1, 99999), st.sampled_from((7, 19))), min_size=1, max_size=6),
    st.sampled_from(PriceMode),
    st.integers(0, 50),
)
def test_if_all_is_labour_the_share_is_the_gross(cents: list[tuple[int, int]], mode: PriceMode, percent: int) -> None:
    """Nothing but labour: the share is the invoice total, up to a cent per rate."""
    lines = [
        Line("Arbeit", Decimal(1), "", Decimal(value).scaleb(-2), Decimal(rate), is_labour=True)
        for value, rate in cents
    ]
    draft = priced(*lines, mode=mode, discount=Discount(percent=Decimal(percent)))
    assert abs(labour_gross(draft) - draft.totals.gross) <= Decimal("0.02")
