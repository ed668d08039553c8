"""Amounts, dates and names as German readers expect them, and text from outside made printable."""

import unicodedata
from datetime import date
from decimal import Decimal

from billing.money import to_cent

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}

# Last line of an address abroad, in capitals (DIN 5008).
COUNTRIES = {
    "AL": "Albanien", "AT": "Österreich", "BA": "Bosnien und Herzegowina", "BE": "Belgien", "BG": "Bulgarien",
    "CA": "Kanada", "CH": "Schweiz", "CY": "Zypern", "CZ": "Tschechische Republik", "DK": "Dänemark",
    "EE": "Estland", "ES": "Spanien", "FI": "Finnland", "FR": "Frankreich", "GB": "Vereinigtes Königreich",
    "GR": "Griechenland", "HR": "Kroatien", "HU": "Ungarn", "IE": "Irland", "IS": "Island", "IT": "Italien",
    "LI": "Liechtenstein", "LT": "Litauen", "LU": "Luxemburg", "LV": "Lettland", "MC": "Monaco",
    "ME": "Montenegro", "MK": "Nordmazedonien", "MT": "Malta", "NL": "Niederlande", "NO": "Norwegen",
    "PL": "Polen", "PT": "Portugal", "RO": "Rumänien", "RS": "Serbien", "SE": "Schweden", "SI": "Slowenien",
    "SK": "Slowakei", "TR": "Türkei", "UA": "Ukraine", "US": "Vereinigte Staaten",
}  # fmt: skip


def amount(value: Decimal, currency: str = "EUR") -> str:
    """Two places, points between thousands, sign of the currency: `1.256,40 €`. Spaces do not break."""
    return f"{grouped(to_cent(value), 2)}{NO_BREAK}{CURRENCY_SIGNS.get(currency, currency)}"


def price(value: Decimal, currency: str = "EUR") -> str:
    """A unit price: all of its places, at least two."""
    return f"{grouped(value, max(2, _places(value)))}{NO_BREAK}{CURRENCY_SIGNS.get(currency, currency)}"


def quantity(value: Decimal) -> str:
    """A quantity without needless zeros: `2,5`, `1.200`."""
    return grouped(value, _places(value))


def percent(value: Decimal) -> str:
    """`19 %`, `2,5 %`."""
    return f"{quantity(value)}{NO_BREAK}%"


def grouped(value: Decimal, places: int) -> str:
    """A number with German separators and a real minus sign."""
    text = f"{abs(value):,.{places}f}".translate(str.maketrans(",.", ".,"))
    return MINUS + text if value < 0 else text


def day(value: date) -> str:
    """`02.11.2026`."""
    return f"{value:%d.%m.%Y}"


def iban_groups(iban: str) -> str:
    """An IBAN in groups of four, as banks print it."""
    plain = "".join(iban.split()).upper()
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def country(code: str) -> str:
    """The line for mail abroad, in capitals; empty for Germany."""
    return "" if code in ("", "DE") else COUNTRIES.get(code, code).upper()


def clean(text: str) -> str:
    """Text from outside in composed form, without control and format characters; line feeds stay.

    Format characters (category Cf) include the marks that turn the direction of writing, which can disguise an amount.
    """
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(_printable(character) for character in plain).strip()


def one_line(text: str) -> str:
    """Cleaned text on one line."""
    return " ".join(clean(text).split())


def _printable(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Cf"):
        return ""
    return " " if category.startswith("Z") else character


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
