"""Charges on lines and documents beside discounts: everything adds up and is spread by the lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices import Payment, PaymentMeans
from billing.jobs import Charge, Discount, Line, PriceMode
from billing.vat import charge_amount, line_amount, totals
from tests.billing.legal_samples import LINES, big

TWO_RATES = [Line("A", Decimal(1), "", Decimal(200), Decimal(19)), Line("B", Decimal(1), "", Decimal(100), Decimal(7))]
CHARGES = st.lists(
    st.builds(Charge, st.just("Fracht"), percent=st.decimals(0, 20, places=1), amount=st.decimals(0, 99, places=2)),
    max_size=3,
)


def test_a_line_surcharge_is_of_quantity_times_price() -> None:
    """25 % night work and 10 % off are both of the same base, rounded once."""
    line = Line(
        "Nachtarbeit", Decimal(2), "Std.", Decimal("50.01"), Decimal(19), Decimal(10), surcharge_percent=Decimal(25)
    )
    assert line_amount(line) == Decimal("115.02")


def test_a_charge_shares_the_rates_of_the_lines() -> None:
    """30 euro freight on 200 at 19 % and 100 at 7 %: 20 and 10."""
    sums = totals(TWO_RATES, PriceMode.NET, Discount(), [Charge("Fracht", amount=Decimal(30))])
    assert [group.net for group in sums.groups] == [Decimal(110), Decimal(220)]
    assert (sums.charges, sums.net) == (Decimal(30), Decimal(330))


def test_discount_and_charge_are_of_the_lines() -> None:
    """10 % off and 5 % on are both of the lines' sum, not of one another."""
    sums = totals(TWO_RATES, PriceMode.NET, Discount(percent=Decimal(10)), [Charge("Bio", percent=Decimal(5))])
    assert (sums.discount, sums.charges, sums.net) == (Decimal(30), Decimal(15), Decimal(285))


def test_percentage_and_amount_of_a_charge_add_up() -> None:
    """A charge may have both; they are rounded together."""
    assert charge_amount(Decimal("99.99"), Charge("x", Decimal(5), Decimal("1.00"))) == Decimal("6.00")


def test_without_lines_nothing_is_recorded() -> None:
    """A discount or charge on nothing is not claimed to have been taken."""
    sums = totals([], PriceMode.NET, Discount(amount=Decimal(5)), [Charge("x", amount=Decimal(3))])
    assert (sums.discount, sums.charges, sums.net) == (Decimal(0), Decimal(0), Decimal(0))


def test_what_is_due() -> None:
    """BT-115 is the gross less what is paid."""
    sums = totals(TWO_RATES, PriceMode.NET, Discount(), paid=Decimal("45.00"))
    assert sums.due == sums.gross - Decimal(45)


@pytest.mark.parametrize("means", PaymentMeans)
def test_only_transfers_are_payable(means: PaymentMeans) -> None:
    """A GiroCode is for open transfers only."""
    assert big(payment=Payment(means)).is_payable is (means is PaymentMeans.TRANSFER)


@given(
    LINES,
    st.sampled_from(PriceMode),
    st.builds(Discount, percent=st.decimals(0, 30, places=1), amount=st.decimals(0, 9, places=2)),
    CHARGES,
)
def test_sums_add_up_with_charges(
    lines: list[Line], mode: PriceMode, discount: Discount, charges: list[Charge]
) -> None:
    """Lines less discount plus charges are the net or, with gross prices, the gross sum, to the cent."""
    sums = totals(lines, mode, discount, charges)
    expected = sums.line_total - sums.discount + sums.charges
    assert (sums.net if mode is PriceMode.NET else sums.gross) == expected
    assert sums.gross == sums.net + sums.vat == sum((group.net + group.vat for group in sums.groups), Decimal(0))
