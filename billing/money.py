"""Amounts of money: Decimal with a currency, and the one place where money is rounded."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_GERMAN = str.maketrans(",.", ".,")


def to_cent(value: Decimal) -> Decimal:
    """Commercial rounding to two places, half away from zero (DIN 1333): the only rounding of money in the product."""
    # Adding zero turns -0.00, which no paper should show, into 0.00.
    return value.quantize(CENT, rounding=ROUND_HALF_UP) + 0


def in_german(amount: Decimal, currency: str = "EUR") -> str:
    """An amount as people in Germany read it: `1.256,40 EUR`."""
    return f"{amount:,.2f} {currency}".translate(_GERMAN)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency. Refuses floats; adding two currencies is a `TypeError`."""

    amount: Decimal
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"money needs a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError(f"{self.amount} is no amount of money")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other).amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise TypeError(f"{self.currency} and {other.currency} cannot be reckoned together")
        return other


def euro(text: str | int | Decimal) -> Money:
    """An amount in euro: `euro("12.30")`."""
    return Money(Decimal(text))


def total(amounts: Iterable[Money], currency: str = "EUR") -> Money:
    """The sum of amounts of one currency; nothing adds up to zero."""
    result = Money(Decimal(0), currency)
    for amount in amounts:
        result += amount
    return result
