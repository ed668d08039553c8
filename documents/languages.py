"""How numbers, amounts and days are written in the languages of our documents."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.money import to_cent

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its `code`, the marks between thousands and before decimals, and the shapes of values.

    `money` holds `{number}` and `{sign}`, `share` a `{number}`; `months` are empty where days are all digits.
    """

    code: str
    thousands: str
    decimals: str
    money: str
    share: str
    months: tuple[str, ...] = ()

    def amount(self, value: Decimal, currency: str = "EUR") -> str:
        """Two places and the currency's sign: `1.256,40 €`, `€1,256.40`. Spaces do not break."""
        return self._money(to_cent(value), 2, currency)

    def price(self, value: Decimal, currency: str = "EUR") -> str:
        """A unit price: all of its places, at least two."""
        return self._money(value, max(2, _places(value)), currency)

    def quantity(self, value: Decimal) -> str:
        """A quantity without needless zeros: `2,5`, `1.200`."""
        return self.grouped(value, _places(value))

    def percent(self, value: Decimal) -> str:
        """`19 %`, `2.5%`."""
        return self.share.format(number=self.quantity(value))

    def grouped(self, value: Decimal, places: int) -> str:
        """A number with separators and a real minus sign."""
        return _signed(value, self._digits(value, places))

    def day(self, value: date) -> str:
        """`02.11.2026`, `2 Nov 2026`."""
        if not self.months:
            return f"{value:%d.%m.%Y}"
        return f"{value.day}{NO_BREAK}{self.months[value.month - 1]}{NO_BREAK}{value.year}"

    def _money(self, value: Decimal, places: int, currency: str) -> str:
        sign = CURRENCY_SIGNS.get(currency, f"{currency}{NO_BREAK}" if self.money.startswith("{sign}") else currency)
        return _signed(value, self.money.format(number=self._digits(value, places), sign=sign))

    def _digits(self, value: Decimal, places: int) -> str:
        marks = str.maketrans(",.", self.thousands + self.decimals)
        return f"{abs(value):,.{places}f}".translate(marks)


GERMAN = Language("de", ".", ",", f"{{number}}{NO_BREAK}{{sign}}", f"{{number}}{NO_BREAK}%")
ENGLISH = Language(
    "en", ",", ".", "{sign}{number}", "{number}%",
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)  # fmt: skip
LANGUAGES = {language.code: language for language in (GERMAN, ENGLISH)}


def _signed(value: Decimal, text: str) -> str:
    return MINUS + text if value < 0 else text


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
