"""Positions and discounts of a document, and the sums that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox import arithmetic
from sandbox.arithmetic import HUNDRED, Amount, Totals, cents
from sandbox.sevdesk.errors import Json

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """Totals of a document, and what discounts took off, EUR."""

    totals: Totals
    discounts: Decimal


def sums_of(positions: Sequence[Json], discounts: Sequence[Json], *, show_net: bool) -> Sums:
    """Positions lead with net or gross prices as `show_net` says; optional positions do not count.

    How the vendor rounds is not published: here each position is rounded to the cent and taxed once per rate.
    """
    counted = [position for position in positions if not position.get("optional")]
    amounts = [Amount(worth(position), position["taxRate"]) for position in counted]
    whole = sum((amount.value for amount in amounts), NOTHING)
    percent, absolute = _discounts(discounts, whole)
    totals = arithmetic.totals(amounts, from_gross=not show_net, absolute=absolute, percent=percent)
    off = cents(whole * percent / HUNDRED) + absolute + sum((_taken_off(p) for p in counted), NOTHING)
    return Sums(totals, off)


def worth(position: Json) -> Decimal:
    """What a position amounts to in its own price form."""
    return arithmetic.line_amount(position["quantity"], position["price"], position.get("discount") or NOTHING)


def sum_fields(sums: Sums) -> Json:
    """The sums as fields of a document; the account's currency is EUR, so foreign sums are zero."""
    found = {"sumNet": sums.totals.net, "sumTax": sums.totals.tax, "sumGross": sums.totals.gross}
    foreign = dict.fromkeys((f"{name}ForeignCurrency" for name in (*found, "sumDiscounts")), NOTHING)
    return found | {"sumDiscounts": sums.discounts} | foreign


def price_fields(position: Json, *, show_net: bool) -> Json:
    """The prices that follow from a position's price and rate."""
    price, rate = position["price"], position["taxRate"]
    other = arithmetic.other_price(price, rate, from_gross=not show_net)
    net, gross = (price, other) if show_net else (other, price)
    return {"priceNet": net, "priceTax": gross - net, "priceGross": gross, "sumDiscount": _taken_off(position)}


def accounting_fields(position: Json, *, show_net: bool) -> Json:
    """The sums of an invoice's position."""
    amount = [Amount(worth(position), position["taxRate"])]
    sums = arithmetic.totals(amount, from_gross=not show_net, absolute=NOTHING, percent=NOTHING)
    return {"sumNetAccounting": sums.net, "sumTaxAccounting": sums.tax, "sumGrossAccounting": sums.gross}


def _taken_off(position: Json) -> Decimal:
    return cents(position["quantity"] * position["price"]) - worth(position)


def _discounts(discounts: Sequence[Json], whole: Decimal) -> tuple[Decimal, Decimal]:
    """One percentage stays a percentage of each rate; several become one amount."""
    if len(discounts) == 1 and discounts[0]["percentage"] and discounts[0]["discount"]:
        return discounts[0]["value"], NOTHING
    return NOTHING, sum((_absolute(discount, whole) for discount in discounts), NOTHING)


def _absolute(discount: Json, whole: Decimal) -> Decimal:
    value = cents(whole * discount["value"] / HUNDRED) if discount["percentage"] else discount["value"]
    return Decimal(value if discount["discount"] else -value)
