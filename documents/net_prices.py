"""Lines in net amounts, as EN 16931 wants them, also when the invoice is priced gross; equal to its totals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from billing.invoices import Draft
from billing.jobs import Line, PriceMode
from billing.money import CENT, to_cent
from billing.vat import HUNDRED, charge_amount, line_amount, plain_rate, rate_sums, spread
from documents.german import quantity

PRICE_STEP = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Change:
    """What is taken off a line (BG-27) or, if negative, added to it (BG-28), with its reason."""

    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class NetLine:
    """A priced line: `unit_price` BT-146 (never negative), `quantity` BT-129, `changes` BG-27 and BG-28, `amount`
    BT-131. `text` is what the text lines printed above it say (BT-127); the last line also has those below.
    """

    line: Line
    rate: Decimal
    quantity: Decimal
    unit_price: Decimal
    changes: tuple[Change, ...]
    amount: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Reduction:
    """What the document's discount takes off the lines of one rate (BG-20), or a charge adds if negative (BG-21)."""

    rate: Decimal
    base: Decimal
    amount: Decimal
    reason: str = ""


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
    """The document's discount and charges per rate, net; rates that bear nothing are left out."""
    sums = rate_sums(draft.lines)
    line_total = draft.totals.line_total
    parts = [(draft.totals.discount, draft.discount.reason or _discount_words(draft))]
    parts += [(-charge_amount(line_total, charge), charge.reason) for charge in draft.charges]
    return tuple(
        Reduction(rate, _net(sums[rate], rate, draft.price_mode), _net(share, rate, draft.price_mode), reason)
        for amount, reason in parts
        for rate, left in sorted(spread(sums, amount).items())
        if (share := sums[rate] - left)
    )


def _discount_words(draft: Draft) -> str:
    return f"Rabatt {quantity(draft.discount.percent)} %" if draft.discount.percent else "Rabatt"


def _net_amounts(draft: Draft, priced: Sequence[Line]) -> list[Decimal]:
    """Net amounts in the order of the lines; with gross prices each is within two cents of its exact share."""
    amounts = [line_amount(line) for line in priced]
    if draft.price_mode is PriceMode.NET:
        return amounts
    off = reductions(draft)
    for group in draft.totals.groups:
        places = [at for at, line in enumerate(priced) if plain_rate(line.vat_rate) == group.rate]
        exact = [amounts[at] * HUNDRED / (HUNDRED + group.rate) for at in places]
        taken = sum((part.amount for part in off if part.rate == group.rate), Decimal(0))
        shares = apportion(exact, group.net + taken)
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


def _net_line(line: Line, amount: Decimal, mode: PriceMode, text: str) -> NetLine:
    unit_price = line.unit_price
    if mode is PriceMode.GROSS:
        exact = unit_price * HUNDRED / (HUNDRED + line.vat_rate)
        unit_price = exact.quantize(PRICE_STEP, rounding=ROUND_HALF_UP)
    # BR-27 forbids negative prices, so the quantity carries the sign.
    signed = -line.quantity if unit_price < 0 else line.quantity
    base = to_cent(signed * abs(unit_price))
    changes = tuple(_changes(line, base, amount))
    return NetLine(line, plain_rate(line.vat_rate), signed, abs(unit_price), changes, amount, text)


def _changes(line: Line, base: Decimal, amount: Decimal) -> Iterator[Change]:
    """Discount and surcharge of a line; with both, the surcharge bears the rounding so that the amount comes out."""
    off = base - amount
    if line.discount_percent and line.surcharge_percent:
        off = to_cent(base * line.discount_percent / HUNDRED)
    if line.discount_percent and off:
        yield Change(off, f"Rabatt {quantity(line.discount_percent)} %")
        base -= off
    if line.surcharge_percent and base != amount:
        yield Change(base - amount, line.surcharge_reason or f"Zuschlag {quantity(line.surcharge_percent)} %")


def _texts(lines: Sequence[Line]) -> list[str]:
    """For every priced line the text lines above it; texts after the last priced line join that one."""
    found: list[list[str]] = []
    waiting: list[str] = []
    for line in lines:
        if line.is_text:
            waiting.append(" ".join(part for part in (line.name, line.description) if part))
        else:
            found.append(waiting)
            waiting = []
    if waiting and found:
        found[-1] += waiting
    return ["\n".join(texts) for texts in found]


def _net(amount: Decimal, rate: Decimal, mode: PriceMode) -> Decimal:
    return amount if mode is PriceMode.NET else to_cent(amount * HUNDRED / (HUNDRED + rate))
