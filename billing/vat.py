"""Line amounts, VAT per rate and totals: the arithmetic of an invoice, rounded once per line and once per rate.

EN 16931: BT-131 line net amount, BG-23 VAT breakdown (BT-116 to BT-119), BT-106 to BT-115 totals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.jobs import Charge, Discount, Line, PriceMode
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

    `line_total` is the sum of the lines (BT-106), `discount` the reduction of the whole document (BT-107), `charges`
    what is added to it (BT-108), all in the price mode's sense; `net` BT-109, `vat` BT-110, `gross` BT-112, `paid`
    BT-113.
    """

    line_total: Decimal
    discount: Decimal
    groups: tuple[VatGroup, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal
    charges: Decimal = Decimal("0.00")
    paid: Decimal = Decimal("0.00")

    @property
    def due(self) -> Decimal:
        """What is still to be paid (BT-115)."""
        return self.gross - self.paid


def line_amount(line: Line) -> Decimal:
    """Quantity times price with the line's discount and surcharge, to the cent, net or gross as priced (BT-131)."""
    factor = HUNDRED - line.discount_percent + line.surcharge_percent
    return to_cent(line.quantity * line.unit_price * factor / HUNDRED)


def totals(
    lines: Sequence[Line],
    mode: PriceMode,
    discount: Discount,
    charges: Sequence[Charge] = (),
    paid: Decimal = Decimal(0),
) -> Totals:
    """The sums of a document: one rounding per line, one per rate; discount and charges are spread over the rates."""
    sums = rate_sums(lines)
    line_total = sum(sums.values(), Decimal("0.00"))
    reduction = discount_amount(line_total, discount) if sums else Decimal("0.00")
    added = [charge_amount(line_total, charge) for charge in charges] if sums else []
    changed = _changed(sums, reduction, added)
    groups = tuple(_group(rate, changed[rate], mode) for rate in sorted(changed))
    net = sum((group.net for group in groups), Decimal("0.00"))
    vat = sum((group.vat for group in groups), Decimal("0.00"))
    return Totals(line_total, reduction, groups, net, vat, net + vat, sum(added, Decimal("0.00")), to_cent(paid))


def rate_sums(lines: Sequence[Line]) -> dict[Decimal, Decimal]:
    """The priced lines' amounts by VAT rate, as priced."""
    sums: dict[Decimal, Decimal] = {}
    for line in lines:
        if not line.is_text:
            rate = plain_rate(line.vat_rate)
            sums[rate] = sums.get(rate, Decimal(0)) + line_amount(line)
    return sums


def plain_rate(rate: Decimal) -> Decimal:
    """A rate in the form by which groups are kept: 19.00 and 19 are one."""
    return rate.normalize() + 0


def _changed(sums: dict[Decimal, Decimal], reduction: Decimal, added: Sequence[Decimal]) -> dict[Decimal, Decimal]:
    """The sums per rate after discount and charges; each is spread by the lines' sums, not by one another's result."""
    changed = spread(sums, reduction)
    for amount in added:
        charged = spread(sums, -amount)
        changed = {rate: changed[rate] + charged[rate] - sums[rate] for rate in sums}
    return changed


def discount_amount(line_total: Decimal, discount: Discount) -> Decimal:
    """The document's reduction in its currency: the percentage of the lines' sum plus the fixed amount."""
    return to_cent(line_total * discount.percent / HUNDRED + discount.amount)


def charge_amount(line_total: Decimal, charge: Charge) -> Decimal:
    """What a charge adds to the document: the percentage of the lines' sum plus the fixed amount."""
    return to_cent(line_total * charge.percent / HUNDRED + charge.amount)


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
