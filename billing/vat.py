"""Line amounts, VAT per rate and totals: the arithmetic of an invoice, rounded once per line and once per rate.

EN 16931: BT-131 line net amount, BG-23 VAT breakdown (BT-116 to BT-119), BT-106 to BT-112 totals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.jobs import Discount, Line, PriceMode
from billing.money import CENT, to_cent

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class VatGroup:
    """All that is taxed at one rate (BG-23): `net` BT-116, `vat` BT-117, `rate` BT-119 in percent."""

    rate: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a document in its currency, two places each.

    `line_total` is the sum of the lines (BT-106) and `discount` the reduction of the whole document (BT-107), both in
    the price mode's sense; `net` BT-109, `vat` BT-110, `gross` BT-112.
    """

    line_total: Decimal
    discount: Decimal
    groups: tuple[VatGroup, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal


def line_amount(line: Line) -> Decimal:
    """Quantity times price less the line's discount, to the cent, net or gross as the document is priced (BT-131)."""
    return to_cent(line.quantity * line.unit_price * (HUNDRED - line.discount_percent) / HUNDRED)


def totals(lines: Sequence[Line], mode: PriceMode, discount: Discount) -> Totals:
    """The sums of a document: one rounding per line, one per rate, the document's discount spread over the rates."""
    priced = [line for line in lines if not line.is_text]
    sums: dict[Decimal, Decimal] = {}
    for line in priced:
        rate = line.vat_rate.normalize() + 0
        sums[rate] = sums.get(rate, Decimal(0)) + line_amount(line)
    line_total = sum(sums.values(), Decimal("0.00"))
    reduction = discount_amount(line_total, discount)
    reduced = spread(sums, reduction)
    groups = tuple(_group(rate, reduced[rate], mode) for rate in sorted(reduced))
    net = sum((group.net for group in groups), Decimal("0.00"))
    vat = sum((group.vat for group in groups), Decimal("0.00"))
    return Totals(line_total, reduction, groups, net, vat, net + vat)


def discount_amount(line_total: Decimal, discount: Discount) -> Decimal:
    """The document's reduction in its currency: the percentage of the lines' sum plus the fixed amount."""
    return to_cent(line_total * discount.percent / HUNDRED + discount.amount)


def spread(sums: dict[Decimal, Decimal], reduction: Decimal) -> dict[Decimal, Decimal]:
    """Take a reduction off the sums per rate in proportion; the largest sum bears the rounding, so nothing is lost."""
    line_total = sum(sums.values(), Decimal(0))
    if not reduction or not sums:
        return dict(sums)
    # Sums that cancel out have no proportion: then the largest bears it all.
    shares = {
        rate: to_cent(reduction * amount / line_total) if line_total else CENT * 0 for rate, amount in sums.items()
    }
    largest = max(sums, key=lambda rate: (abs(sums[rate]), rate))
    shares[largest] += reduction - sum(shares.values(), Decimal(0))
    return {rate: amount - shares[rate] for rate, amount in sums.items()}


def _group(rate: Decimal, amount: Decimal, mode: PriceMode) -> VatGroup:
    if mode is PriceMode.NET:
        return VatGroup(rate, amount, to_cent(amount * rate / HUNDRED))
    vat = to_cent(amount * rate / (HUNDRED + rate))
    return VatGroup(rate, amount - vat, vat)
