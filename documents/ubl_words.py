"""The words of UBL 2.1: elements and amounts in the form that the standard wants."""

from decimal import Decimal
from functools import lru_cache

from lxml import etree

from documents.cii import plain
from documents.german import clean

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
NAMESPACES = {"cac": CAC, "cbc": CBC}
ROOTS = {
    "Invoice": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "CreditNote": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
}


def node(name: str, *children: etree._Element | None) -> etree._Element:
    """An element (`cac:Party`) with those children that are there."""
    element = etree.Element(_qualified(name))
    element.extend([child for child in children if child is not None])
    return element


def within(name: str, first: etree._Element | None, *more: etree._Element | None) -> etree._Element | None:
    """An element around `first` and the others, or None if there is no `first`."""
    return None if first is None else node(name, first, *more)


def leaf(name: str, text: str, **attributes: str) -> etree._Element | None:
    """An element with text, or None if there is no text: empty elements are forbidden."""
    cleaned = clean(text)
    if not cleaned:
        return None
    element = etree.Element(_qualified(name), attributes)
    element.text = cleaned
    return element


def amount(name: str, value: Decimal, currency: str) -> etree._Element | None:
    """An amount with two places in its currency."""
    return leaf(name, plain(value), currencyID=currency)


@lru_cache(maxsize=256)
def _qualified(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
