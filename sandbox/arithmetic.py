"""The sums of a sales document, computed from its line items; EUR, two decimals, commercial rounding.

`net` documents add net amounts and put the tax on top once per rate; `gross` documents add gross amounts and take
the tax out once per rate. A document discount is spread over the rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Amount:
    """A line's contribution: its amount in the document's leading price form and its tax rate in percent."""

    value: Decimal
    rate: Decimal


@dataclass(frozen=True)
class RateSum:
    """Net and tax of one tax rate."""

    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Totals:
    """The sums of a document."""

    rates: tuple[RateSum, ...]

    @property
    def net(self) -> Decimal:
        """Sum of the net amounts."""
        return sum((r.net for r in self.rates), Decimal("0.00"))

    @property
    def tax(self) -> Decimal:
        """Sum of the taxes."""
        return sum((r.tax for r in self.rates), Decimal("0.00"))

    @property
    def gross(self) -> Decimal:
        """Net and tax together."""
        return self.net + self.tax


def cents(value: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return value.quantize(CENT, ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit_price: Decimal, discount_percent: Decimal) -> Decimal:
    """Quantity times unit price less the line's discount."""
    return cents(quantity * unit_price * (HUNDRED - discount_percent) / HUNDRED)


def other_price(price: Decimal, rate: Decimal, *, from_gross: bool) -> Decimal:
    """The net price of a gross one or the gross price of a net one, to four places."""
    factor = (HUNDRED + rate) / HUNDRED
    return (price / factor if from_gross else price * factor).quantize(FOUR_PLACES, ROUND_HALF_UP)


def totals(lines: Sequence[Amount], *, from_gross: bool, absolute: Decimal, percent: Decimal) -> Totals:
    """The sums of a document whose discount is `absolute` EUR or `percent` (at most one differs from zero)."""
    sums = {rate: sum(a.value for a in lines if a.rate == rate) for rate in sorted({a.rate for a in lines})}
    left = {rate: Decimal(value) for rate, value in sums.items()}
    for rate, part in _discounts(left, absolute, percent).items():
        left[rate] -= part
    return Totals(tuple(_rate_sum(rate, value, from_gross=from_gross) for rate, value in left.items()))


def _discounts(sums: dict[Decimal, Decimal], absolute: Decimal, percent: Decimal) -> dict[Decimal, Decimal]:
    """The discount of each rate; an absolute one is spread in proportion, the highest rate takes what is left."""
    # How the vendor spreads a discount over several rates is not published; EN 16931 wants it per rate (BG-20).
    if percent:
        return {rate: cents(value * percent / HUNDRED) for rate, value in sums.items()}
    whole, left, parts = sum(sums.values(), Decimal(0)), absolute, {}
    for rate, value in list(sums.items())[:-1]:
        parts[rate] = cents(absolute * value / whole) if whole else Decimal(0)
        left -= parts[rate]
    return parts | dict.fromkeys(list(sums)[-1:], left)


def _rate_sum(rate: Decimal, value: Decimal, *, from_gross: bool) -> RateSum:
    if from_gross:
        tax = cents(value * rate / (HUNDRED + rate))
        return RateSum(rate, cents(value - tax), tax)
    return RateSum(rate, cents(value), cents(value * rate / HUNDRED))
