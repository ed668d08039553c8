"""When an invoice is due and what paying early is worth."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.jobs import EarlyPayment, Terms
from billing.terms import due_date, early_offer


@pytest.mark.parametrize(
    ("issued", "days", "due"),
    [
        (date(2026, 11, 2), 14, date(2026, 11, 16)),
        (date(2026, 11, 2), 0, date(2026, 11, 2)),
        (date(2028, 2, 15), 14, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
    ],
)
def test_the_invoice_day_is_not_counted(issued: date, days: int, due: date) -> None:
    """§ 187 (1) BGB: counting starts on the day after."""
    assert due_date(issued, Terms(days)) == due


def test_skonto_in_figures() -> None:
    """2 % within 10 days of 2.11.2026 on 1256.40: pay 1231.27 until 12.11.2026."""
    offer = early_offer(date(2026, 11, 2), Decimal("1256.40"), EarlyPayment(Decimal(2), 10))
    assert offer.until == date(2026, 11, 12)
    assert (offer.percent, offer.saving, offer.amount) == (Decimal(2), Decimal("25.13"), Decimal("1231.27"))


@given(
    st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2)),
    st.integers(1, 9900).map(lambda percent: Decimal(percent).scaleb(-2)),
    st.integers(1, 90),
)
def test_saving_and_amount_are_the_whole(issued: date, gross: Decimal, percent: Decimal, days: int) -> None:
    """What is saved and what is paid make up the invoice to the cent; the last day is that many days later."""
    offer = early_offer(issued, gross, EarlyPayment(percent, days))
    assert offer.saving + offer.amount == gross
    assert 0 <= offer.saving <= gross
    assert offer.until - issued == timedelta(days)
