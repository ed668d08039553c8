"""Lines in net amounts, as EN 16931 wants them, also when the invoice is priced gross; equal to its totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from billing.invoices import Draft
from billing.jobs import Line, PriceMode
from billing.money import CENT, to_cent
from billing.vat import HUNDRED, line_amount, spread

PRICE_STEP = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class NetLine:
    """A priced line: `unit_price` BT-146 (never negative), `quantity` BT-129, `base` BT-137, `reduction` BT-136,
    `amount` BT-131. `texts` are the text lines printed above it (BT-127), the last line also has those below.
    """

    line: Line
    rate: Decimal
    quantity: Decimal
    unit_price: Decimal
    base: Decimal
    reduction: Decimal
    amount: Decimal
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reduction:
    """What the document's discount takes off the lines of one rate (BG-20): `base` BT-93, `amount` BT-92."""

    rate: Decimal
    base: Decimal
    amount: Decimal


def net_lines(draft: Draft) -> tuple[NetLine, ...]:
    """The priced lines in net amounts. Per rate they add up to the group's net plus its `reductions`."""
    priced = [line for line in draft.lines if not line.is_text]
    amounts = _net_amounts(draft, priced)
    texts = _texts(draft.lines)
    return tuple(
        _net_line(line, amount, draft.price_mode, above)
        for line, amount, above in zip(priced, amounts, texts, strict=True)
    )


def reductions(draft: Draft) -> tuple[Reduction, ...]:
    """The document's discount per rate, net; rates that bear nothing are left out."""
    sums = _sums(draft)
    reduced = spread(sums, draft.totals.discount)
    found = (
        Reduction(rate, _net(sums[rate], rate, draft.price_mode), _net(share, rate, draft.price_mode))
        for rate in sorted(sums)
        if (share := sums[rate] - reduced[rate])
    )
    return tuple(found)


def _sums(draft: Draft) -> dict[Decimal, Decimal]:
    sums: dict[Decimal, Decimal] = {}
    for line in draft.lines:
        if not line.is_text:
            rate = _rate(line)
            sums[rate] = sums.get(rate, Decimal(0)) + line_amount(line)
    return sums


def _net_amounts(draft: Draft, priced: Sequence[Line]) -> list[Decimal]:
    """Net amounts in the order of the lines; with gross prices each is within two cents of its exact share."""
    amounts = [line_amount(line) for line in priced]
    if draft.price_mode is PriceMode.NET:
        return amounts
    off = {reduction.rate: reduction.amount for reduction in reductions(draft)}
    for group in draft.totals.groups:
        places = [at for at, line in enumerate(priced) if _rate(line) == group.rate]
        exact = [amounts[at] * HUNDRED / (HUNDRED + group.rate) for at in places]
        shares = apportion(exact, group.net + off.get(group.rate, Decimal(0)))
        for at, share in zip(places, shares, strict=True):
            amounts[at] = share
    return amounts


def apportion(exact: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Round every amount to the cent so that together they give `total`; the worst rounded move first."""
    rounded = [to_cent(value) for value in exact]
    missing = int((total - sum(rounded, Decimal(0))) / CENT)
    step = CENT if missing > 0 else -CENT
    order = sorted(range(len(exact)), key=lambda at: (rounded[at] - exact[at]) * step)
    for turn in range(abs(missing)):
        rounded[order[turn % len(order)]] += step
    return rounded


def _net_line(line: Line, amount: Decimal, mode: PriceMode, texts: tuple[str, ...]) -> NetLine:
    unit_price = line.unit_price
    if mode is PriceMode.GROSS:
        exact = unit_price * HUNDRED / (HUNDRED + line.vat_rate)
        unit_price = exact.quantize(PRICE_STEP, rounding=ROUND_HALF_UP)
    # BR-27 forbids negative prices, so the quantity carries the sign.
    quantity = -line.quantity if unit_price < 0 else line.quantity
    base = to_cent(quantity * abs(unit_price))
    reduction = base - amount if line.discount_percent else Decimal("0.00")
    return NetLine(line, _rate(line), quantity, abs(unit_price), base, reduction, amount, texts)


def _texts(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """For every priced line the text lines above it; texts after the last priced line join that one."""
    found: list[tuple[str, ...]] = []
    waiting: list[str] = []
    for line in lines:
        if line.is_text:
            waiting.append(" ".join(part for part in (line.name, line.description) if part))
        else:
            found.append(tuple(waiting))
            waiting = []
    if waiting and found:
        found[-1] = (*found[-1], *waiting)
    return found


def _net(amount: Decimal, rate: Decimal, mode: PriceMode) -> Decimal:
    return amount if mode is PriceMode.NET else to_cent(amount * HUNDRED / (HUNDRED + rate))


def _rate(line: Line) -> Decimal:
    """The rate in the form that `billing.vat.totals` groups by."""
    return line.vat_rate.normalize() + 0
