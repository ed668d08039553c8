"""Which form an invoice must have: every row of the decision table, and its edges."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.einvoice_duty import TABLE, Circumstances, Form, circumstances, duty
from billing.jobs import References, TaxCase
from billing.leitweg import is_leitweg_id, looks_like_leitweg_id
from billing.parties import CustomerKind
from tests.billing.legal_samples import SMALL, big

LEITWEG = "04011000-1234512345-06"
USUAL = Circumstances(
    customer=CustomerKind.BUSINESS,
    supplied_on=date(2028, 3, 1),
    sent_on=date(2028, 3, 10),
    gross=Decimal("1190.00"),
)
THEN: dict[str, Any] = {"supplied_on": date(2027, 5, 2), "sent_on": date(2027, 5, 9)}
LAST_OF_2026, FIRST_OF_2027 = date(2026, 12, 31), date(2027, 1, 1)
ROWS: list[tuple[str, bool, dict[str, Any]]] = [
    ("0", False, {"country_code": "AT"}),
    ("1", False, {"customer": CustomerKind.CONSUMER}),
    ("2", True, {"customer": CustomerKind.PUBLIC}),
    ("3", False, {"tax_case": TaxCase.EXEMPT}),
    ("4", False, {"gross": Decimal("250.00")}),
    ("11", True, {"gross": Decimal("250.01")}),
    ("5", False, {"small_business": True}),
    ("6", False, {"supplied_on": date(2024, 12, 31)}),
    ("7", False, {"supplied_on": date(2025, 1, 1), "sent_on": LAST_OF_2026}),
    ("7", False, {"supplied_on": LAST_OF_2026, "sent_on": LAST_OF_2026}),
    ("8", True, {"supplied_on": LAST_OF_2026, "sent_on": FIRST_OF_2027}),
    ("8", True, {"supplied_on": date(2026, 12, 28), "sent_on": date(2027, 1, 4), "turnover": Decimal(300000)}),
    ("9", False, {**THEN, "turnover": Decimal("800000.00")}),
    ("11", True, {**THEN, "turnover": Decimal("800000.01")}),
    ("11", True, {**THEN, "turnover": None}),
    ("10", False, {**THEN, "by_edi": True}),
    ("11", True, {"supplied_on": date(2027, 12, 31), "sent_on": date(2028, 1, 1), "turnover": Decimal(1)}),
    ("11", True, {"supplied_on": date(2028, 1, 1), "sent_on": date(2028, 1, 1), "turnover": Decimal(1)}),
    ("11", True, {"tax_case": TaxCase.REVERSE_CHARGE}),
]


@pytest.mark.parametrize(("row", "is_compulsory", "changes"), ROWS)
def test_every_row_decides(row: str, is_compulsory: bool, changes: dict[str, Any]) -> None:
    """Each row of the table, at its edges, gives its duty and a reason that cites the law or the fact."""
    found = duty(replace(USUAL, **changes))
    assert (found.row, found.is_compulsory) == (row, is_compulsory)
    assert found.reason.endswith(".")


def test_every_row_is_tried() -> None:
    """No row of the table is left without a case above."""
    assert {row.name for row in TABLE} == {name for name, _, _ in ROWS}


def test_the_first_row_that_holds_wins() -> None:
    """A public customer gets an e-invoice over ten euro too; a small business none for a low sum."""
    assert duty(replace(USUAL, customer=CustomerKind.PUBLIC, gross=Decimal(10))).row == "2"
    assert duty(replace(USUAL, small_business=True, gross=Decimal(10))).row == "4"


def test_a_leitweg_id_makes_an_xrechnung() -> None:
    """Whoever has a Leitweg-ID gets an XRechnung, in the syntax chosen, even if his kind was never noted."""
    public = replace(USUAL, customer=CustomerKind.CONSUMER, buyer_reference=LEITWEG)
    assert (duty(public).form, duty(public).row) == (Form.XRECHNUNG_UBL, "2")
    assert duty(public, Form.XRECHNUNG_CII).form is Form.XRECHNUNG_CII


@pytest.mark.parametrize("reference", ["", "Kostenstelle 12", "04011000-1234512345-07"])
def test_without_a_leitweg_id_it_is_zugferd(reference: str) -> None:
    """A public customer without one, or with a mistyped one, gets the hybrid."""
    assert duty(replace(USUAL, customer=CustomerKind.PUBLIC, buyer_reference=reference)).form is Form.ZUGFERD


@given(
    st.sampled_from(CustomerKind),
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
    st.decimals(1, 9999, places=2),
    st.booleans(),
)
def test_there_is_always_a_decision(
    customer: CustomerKind, supplied_on: date, later: int, gross: Decimal, small_business: bool
) -> None:
    """The table leaves no case open, and from 2028 on only its exceptions are free."""
    facts = Circumstances(customer, supplied_on, supplied_on + timedelta(later), gross, small_business=small_business)
    found = duty(facts)
    if supplied_on.year >= 2028 and not found.is_compulsory:
        assert found.row in {"1", "4", "5"}


@pytest.mark.parametrize("text", [LEITWEG, "992-90009-96", " 04011000-1234512345-06 "])
def test_leitweg_ids_pass(text: str) -> None:
    """Published examples have right check digits."""
    assert is_leitweg_id(text)


@pytest.mark.parametrize("text", ["", "04011000", "04011000-1234512345-60", "0401A000-1-06", "04011000--06", "1-06"])
def test_everything_else_is_none(text: str) -> None:
    """Wrong digits, letters in the coarse part, missing parts."""
    assert not is_leitweg_id(text)


@given(st.text(max_size=40))
def test_any_text_can_be_asked(text: str) -> None:
    """Whatever stands in a reference, the answer is yes or no."""
    assert not is_leitweg_id(text) or looks_like_leitweg_id(text)


@given(st.integers(10, 10**12 - 1), st.from_regex(r"[A-Z0-9]{1,30}", fullmatch=True))
def test_one_changed_digit_is_found(coarse: int, fine: str) -> None:
    """ISO 7064 mod 97-10: the right check digits pass, every other pair fails."""
    right = [pair for pair in range(2, 99) if is_leitweg_id(f"{coarse}-{fine}-{pair:02d}")]
    assert len(right) == 1


def test_the_facts_of_a_draft() -> None:
    """Supplier, customer, sums and days come from the draft."""
    draft = big(performed_until=date(2026, 12, 28), references=References(buyer=LEITWEG))
    facts = circumstances(draft, SMALL, date(2027, 1, 4), Decimal(300000))
    assert (facts.supplied_on, facts.sent_on, facts.gross) == (date(2026, 12, 28), date(2027, 1, 4), Decimal(1190))
    assert (facts.small_business, facts.buyer_reference, facts.turnover) == (True, LEITWEG, Decimal(300000))
