"""The end of contracts: to the day, with a term or without, and never longer than the law lets consumers be bound."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contract_ends import FAIR_CONTRACTS, earliest_end, overpaid, unfair_terms
from billing.contracts import Agreed, Billed
from billing.parties import CustomerKind
from tests.billing.test_contracts import TERMS, contract

BEGIN = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("agreed", "received_on", "expected"),
    [
        ({}, date(2026, 5, 10), date(2026, 5, 10)),
        ({"notice_days": 14}, date(2026, 5, 10), date(2026, 5, 24)),
        ({"notice_months": 1}, date(2027, 1, 31), date(2027, 2, 28)),
        ({"term_months": 12}, date(2026, 5, 10), date(2027, 2, 28)),
        ({"term_months": 12, "notice_months": 1}, date(2027, 1, 28), date(2027, 2, 28)),
        ({"term_months": 12, "notice_months": 1}, date(2027, 2, 10), date(2027, 3, 10)),
        ({"term_months": 12, "notice_months": 1}, date(2029, 7, 3), date(2029, 8, 3)),
        ({"term_months": 12, "renewal_months": 12, "notice_months": 3}, date(2026, 11, 30), date(2027, 2, 28)),
        ({"term_months": 12, "renewal_months": 12, "notice_months": 3}, date(2026, 12, 1), date(2028, 2, 29)),
        ({"trial_days": 30, "term_months": 12}, date(2026, 3, 30), date(2026, 3, 30)),
        ({"trial_days": 30, "term_months": 12}, date(2026, 2, 1), date(2026, 3, 30)),
        ({"term_months": 12}, date(2026, 2, 1), date(2027, 2, 28)),
        ({"notice_months": 3}, date(2026, 2, 1), date(2026, 5, 1)),
        ({}, date(2026, 2, 1), date(2026, 2, 28)),
        ({"trial_days": 30, "term_months": 12}, date(2026, 3, 31), date(2027, 2, 28)),
    ],
)
def test_the_earliest_end(agreed: dict[str, Any], received_on: date, expected: date) -> None:
    """In the trial its end; with notice; the term's end if the notice is in time; else the next one."""
    assert earliest_end(contract(BEGIN, **agreed), received_on) == expected


@given(st.integers(0, 36), st.sampled_from((0, 1, 12)), st.integers(0, 3), st.integers(0, 28), st.integers(0, 2000))
def test_the_end_is_never_before_notice_or_term(term: int, renewal: int, months: int, days: int, after: int) -> None:
    """And whoever gives notice later never ends earlier."""
    made = contract(BEGIN, term_months=term, renewal_months=renewal, notice_months=months, notice_days=days)
    received = BEGIN + timedelta(after)
    end = earliest_end(made, received)
    assert end >= received
    assert earliest_end(made, received + timedelta(1)) >= end


@pytest.mark.parametrize(
    ("agreed", "count"),
    [
        (Agreed(term_months=24, notice_months=1), 0),
        (Agreed(term_months=25), 1),
        (Agreed(term_months=12, renewal_months=1), 1),
        (Agreed(notice_months=1, notice_days=1), 1),
        (Agreed(notice_days=28), 0),
        (Agreed(notice_days=29), 1),
        (Agreed(term_months=36, renewal_months=12, notice_months=3), 3),
    ],
)
def test_what_binds_a_consumer_too_long_is_named(agreed: Agreed, count: int) -> None:
    """Two years at most, no renewal for a fixed time, a month's notice; firms may agree on more."""
    assert len(unfair_terms(agreed, CustomerKind.CONSUMER, BEGIN)) == count
    assert not unfair_terms(agreed, CustomerKind.BUSINESS, BEGIN)
    assert not unfair_terms(agreed, CustomerKind.CONSUMER, FAIR_CONTRACTS - timedelta(1))


def test_what_is_paid_beyond_the_end() -> None:
    """Of 49 euro for November ten of thirty days come back."""
    made = contract(date(2026, 11, 1))
    assert overpaid(made, Billed(date(2026, 11, 30)), date(2026, 11, 20), TERMS) == Decimal("16.33")
    assert overpaid(made, Billed(date(2026, 11, 30)), date(2026, 11, 30), TERMS) == 0
    assert overpaid(made, Billed(), date(2026, 11, 20), TERMS) == 0
