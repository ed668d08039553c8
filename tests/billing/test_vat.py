"""The sums of an invoice: they always add up, whatever the lines, rates and discounts."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.jobs import Discount, Line, PriceMode
from billing.vat import Totals, VatGroup, discount_amount, line_amount, spread, totals


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    """Numbers from `low` to `high` with so many places."""
    scale = 10**places
    return st.integers(low * scale, high * scale).map(lambda value: Decimal(value).scaleb(-places))


RATES = st.sampled_from([Decimal(0), Decimal(7), Decimal(19), Decimal("7.0"), Decimal("19.00")])
LINES = st.builds(
    Line,
    name=st.just("Arbeit"),
    quantity=decimals(-50, 1000, 4),
    unit_price=decimals(-100, 5000, 4),
    vat_rate=RATES,
    discount_percent=decimals(0, 100, 2),
    is_text=st.booleans(),
)
DISCOUNTS = st.builds(Discount, decimals(0, 100, 2), decimals(0, 500, 2))
MODES = st.sampled_from(PriceMode)


def priced(*lines: tuple[str, str, int]) -> list[Line]:
    """Lines of (quantity, unit price, rate)."""
    return [Line("Arbeit", Decimal(quantity), "h", Decimal(price), Decimal(rate)) for quantity, price, rate in lines]


def group(rate: int, net: str, vat: str) -> VatGroup:
    """One row of the VAT breakdown."""
    return VatGroup(Decimal(rate), Decimal(net), Decimal(vat))


def test_vat_is_rounded_once_per_rate() -> None:
    """3 x 0.33 at 19 % are 0.99 and 0.19 VAT; rounding each line would give 0.18."""
    assert totals(priced(*[("1", "0.33", 19)] * 3), PriceMode.NET, Discount()) == Totals(
        Decimal("0.99"),
        Decimal("0.00"),
        (group(19, "0.99", "0.19"),),
        Decimal("0.99"),
        Decimal("0.19"),
        Decimal("1.18"),
    )


def test_gross_prices_contain_their_vat() -> None:
    """119.00 gross at 19 % are 100.00 net and 19.00 VAT, and the sum stays what was offered."""
    sums = totals(priced(("1", "119.00", 19), ("2", "53.50", 7)), PriceMode.GROSS, Discount())
    assert sums.groups == (group(7, "100.00", "7.00"), group(19, "100.00", "19.00"))
    assert (sums.net, sums.vat, sums.gross) == (Decimal("200.00"), Decimal("26.00"), Decimal("226.00"))


def test_a_discount_is_spread_over_the_rates_in_proportion() -> None:
    """10 % off 200.00 at 19 % and 100.00 at 7 % take 20.00 and 10.00."""
    sums = totals(priced(("1", "200", 19), ("1", "100", 7)), PriceMode.NET, Discount(percent=Decimal(10)))
    assert sums.discount == Decimal("30.00")
    assert sums.groups == (group(7, "90.00", "6.30"), group(19, "180.00", "34.20"))


def test_the_largest_sum_bears_the_odd_cent() -> None:
    """0.01 off three equal rates cannot be shared: one rate bears it, and nothing is lost."""
    sums = {Decimal(rate): Decimal("1.00") for rate in (0, 7, 19)}
    assert spread(sums, Decimal("0.01")) == {
        Decimal(0): Decimal(1),
        Decimal(7): Decimal(1),
        Decimal(19): Decimal("0.99"),
    }


def test_percentage_and_amount_of_a_discount_add_up() -> None:
    """5 % of 99.99 and 1.00 are 6.00, rounded once."""
    assert discount_amount(Decimal("99.99"), Discount(Decimal(5), Decimal("1.00"))) == Decimal("6.00")


def test_a_discount_is_kept_when_the_lines_cancel_out() -> None:
    """Lines that add up to nothing over two rates still bear a fixed reduction."""
    sums = totals(priced(("1", "100", 19), ("-1", "100", 7)), PriceMode.NET, Discount(amount=Decimal(10)))
    assert sums.net == sums.line_total - sums.discount == Decimal("-10.00")


def test_text_lines_count_for_nothing() -> None:
    """A text line adds no amount and no rate, whatever it carries."""
    lines = priced(("1", "100", 19))
    text = Line("Hinweis", Decimal(1), "", Decimal(50), Decimal(7), is_text=True)
    assert totals([*lines, text], PriceMode.NET, Discount()) == totals(lines, PriceMode.NET, Discount())


def test_a_rate_is_one_rate_however_it_is_written() -> None:
    """19, 19.0 and 19.00 are one row of the breakdown."""
    lines = [Line("Arbeit", Decimal(1), "h", Decimal(10), Decimal(rate)) for rate in ("19", "19.0", "19.00")]
    assert [row.rate for row in totals(lines, PriceMode.NET, Discount()).groups] == [Decimal(19)]


def test_a_line_discount_is_taken_before_rounding() -> None:
    """3 x 0.35 less 5 % is 0.9975, so 1.00."""
    line = Line("Kabel", Decimal(3), "m", Decimal("0.35"), Decimal(19), Decimal(5))
    assert line_amount(line) == Decimal("1.00")


def test_no_lines_make_no_sum() -> None:
    """A document without prices has zeros and no breakdown."""
    assert totals([], PriceMode.NET, Discount()).gross == 0
    assert totals([], PriceMode.NET, Discount()).groups == ()


@given(st.lists(LINES, min_size=1, max_size=8), MODES, DISCOUNTS)
def test_sums_always_add_up(lines: list[Line], mode: PriceMode, discount: Discount) -> None:
    """Lines less discount give the groups, and the groups give net, VAT and gross, to the cent."""
    if all(line.is_text for line in lines):
        lines[0] = replace(lines[0], is_text=False)
    sums = totals(lines, mode, discount)
    assert sums.line_total == sum(line_amount(line) for line in lines if not line.is_text)
    assert sums.net == sum(row.net for row in sums.groups)
    assert sums.vat == sum(row.vat for row in sums.groups)
    assert sums.gross == sums.net + sums.vat
    assert (sums.net if mode is PriceMode.NET else sums.gross) == sums.line_total - sums.discount
    amounts = [sums.line_total, sums.discount, sums.net, sums.vat, sums.gross]
    amounts += [amount for row in sums.groups for amount in (row.net, row.vat)]
    assert all(amount.as_tuple().exponent == -2 for amount in amounts)


@given(st.lists(LINES, min_size=1, max_size=8), MODES, DISCOUNTS)
def test_vat_of_a_group_is_rounded_exactly_once(lines: list[Line], mode: PriceMode, discount: Discount) -> None:
    """Each group's VAT is the exact product of its base and rate, off by half a cent at most."""
    for row in totals(lines, mode, discount).groups:
        base = row.net if mode is PriceMode.NET else row.net + row.vat
        divisor = 100 if mode is PriceMode.NET else 100 + row.rate
        exact = Fraction(base) * Fraction(row.rate) / Fraction(divisor)
        assert abs(Fraction(row.vat) - exact) <= Fraction(1, 200)


@given(st.data(), st.lists(LINES, max_size=8), MODES, DISCOUNTS)
def test_the_order_of_lines_does_not_matter(
    data: st.DataObject, lines: list[Line], mode: PriceMode, discount: Discount
) -> None:
    """The same lines in another order make the same invoice."""
    shuffled = data.draw(st.permutations(lines))
    assert totals(shuffled, mode, discount) == totals(lines, mode, discount)


@given(st.lists(LINES, min_size=1, max_size=8), MODES)
def test_each_rate_appears_once_in_order(lines: list[Line], mode: PriceMode) -> None:
    """The breakdown has one row per rate, lowest first."""
    rates = [row.rate for row in totals(lines, mode, Discount()).groups]
    assert rates == sorted(set(rates))


@given(
    st.dictionaries(st.sampled_from([Decimal(0), Decimal(7), Decimal(19)]), decimals(-1000, 5000, 2), min_size=1),
    decimals(0, 500, 2),
)
def test_a_reduction_is_spread_without_loss(sums: dict[Decimal, Decimal], reduction: Decimal) -> None:
    """Whatever the sums are, exactly the reduction is taken off, in whole cents, and no rate is lost."""
    reduced = spread(sums, reduction)
    assert sum(sums.values()) - sum(reduced.values()) == reduction
    assert reduced.keys() == sums.keys()
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in reduced.values())


@given(st.lists(decimals(1, 5000, 2), min_size=1, max_size=3), decimals(0, 100, 2))
def test_a_percentage_never_turns_a_rate_around(amounts: list[Decimal], percent: Decimal) -> None:
    """Up to 100 % off leaves no rate below zero by more than its share of rounding."""
    sums = dict(zip((Decimal(19), Decimal(7), Decimal(0)), amounts, strict=False))
    reduced = spread(sums, discount_amount(sum(sums.values(), Decimal(0)), Discount(percent)))
    assert all(amount >= Decimal("-0.02") for amount in reduced.values())


@pytest.mark.parametrize("mode", PriceMode)
def test_all_taken_off_leaves_nothing(mode: PriceMode) -> None:
    """100 % off is zero net, VAT and gross."""
    sums = totals(priced(("3", "33.33", 19), ("1", "0.07", 7)), mode, Discount(percent=Decimal(100)))
    assert not any((sums.net, sums.vat, sums.gross))
