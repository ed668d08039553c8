"""Amounts, dates and names as German readers expect them, and text from outside made printable."""

import unicodedata

from documents.languages import GERMAN

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

amount = GERMAN.amount
price = GERMAN.price
quantity = GERMAN.quantity
percent = GERMAN.percent
grouped = GERMAN.grouped
day = GERMAN.day


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
    if plain.isprintable():
        return plain.strip()
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
