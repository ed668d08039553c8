"""The words of UN/CEFACT CII: elements, dates and numbers in the form that the standard wants."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from lxml import etree

from documents.german import clean
from documents.taxes import Category

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
NAMESPACES = {"rsm": RSM, "ram": RAM, "udt": UDT, "qdt": QDT}


def node(name: str, *children: etree._Element | None) -> etree._Element:
    """An element (`ram:Name`) with those children that are there."""
    element = etree.Element(_qualified(name))
    element.extend([child for child in children if child is not None])
    return element


def leaf(name: str, text: str, **attributes: str) -> etree._Element | None:
    """An element with text, or None if there is no text: empty elements are forbidden."""
    cleaned = clean(text)
    if not cleaned:
        return None
    element = etree.Element(_qualified(name), attributes)
    element.text = cleaned
    return element


def day_node(name: str, day: date) -> etree._Element:
    """A date in form 102 (CCYYMMDD)."""
    return node(name, leaf("udt:DateTimeString", f"{day:%Y%m%d}", format="102"))


def tax_node(name: str, category: Category, rate: Decimal) -> etree._Element:
    """The VAT of a line or allowance: category and rate in percent."""
    return node(
        name,
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:CategoryCode", category.code),
        leaf("ram:RateApplicablePercent", number(rate, 2)),
    )


def indicator(*, is_charge: bool) -> etree._Element:
    """Whether an amount is a charge (true) or an allowance (false)."""
    return node("ram:ChargeIndicator", leaf("udt:Indicator", "true" if is_charge else "false"))


def plain(amount: Decimal) -> str:
    """An amount with two places."""
    return f"{amount + 0:.2f}"  # adding nothing turns -0.00 into 0.00


def number(value: Decimal, places: int = 0) -> str:
    """A number with all of its places, at least `places`, without an exponent."""
    text = f"{value.normalize() + 0:f}"
    return text if len(text.partition(".")[2]) >= places else f"{value:.{places}f}"


def compact(identifier: str) -> str:
    """An IBAN, BIC or VAT id without spaces, in capitals."""
    return "".join(identifier.split()).upper()


@lru_cache(maxsize=256)
def _qualified(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
