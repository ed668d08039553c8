"""Whether the page shows what the electronic invoice says: XML leads, paper must not deviate (BMF 2024 Rn. 31)."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree, html

from documents.cii import NAMESPACES
from documents.errors import DeviatingPaper
from documents.german import iban_groups, one_line
from documents.languages import GERMAN, Language

_SKIPPED = frozenset({"style", "script", "title", "head"})


def check_same_facts(xml: bytes, page: str, language: Language = GERMAN) -> None:
    """Raise `DeviatingPaper` unless the page shows number, recipient, gross, amount due and IBAN of the XML (CII).

    A client's own template could leave them out. What the XML does not say, such as the IBAN of a credit, is not
    looked for.
    """
    shown = printed_text(page)
    for what, value in _facts(etree.fromstring(xml), language):
        if one_line(value) not in shown:
            raise DeviatingPaper(what, value)


def printed_text(page: str) -> str:
    """The words of an HTML page on one line, without its head."""
    try:
        # Entities are refused by the layout; a page is ours, not from outside.
        parts = _texts(ET.fromstring(page))  # noqa: S314
    except ET.ParseError:
        parts = _texts(html.fromstring(page))
    return " ".join(" ".join(parts).split())


def _facts(root: etree._Element, language: Language) -> Iterator[tuple[str, str]]:
    currency = _fact(root, "ram:InvoiceCurrencyCode")
    due, iban = Decimal(_fact(root, "ram:DuePayableAmount")), _fact(root, "ram:IBANID")
    yield "Rechnungsnummer", _fact(root, "rsm:ExchangedDocument/ram:ID")
    yield "Empfänger", _fact(root, "ram:BuyerTradeParty/ram:Name")
    yield "Bruttobetrag", language.amount(Decimal(_fact(root, "ram:GrandTotalAmount")), currency)
    if due > 0:
        yield "Zahlbetrag", language.amount(due, currency)
    if iban:
        yield "IBAN", iban_groups(iban)


def _fact(root: etree._Element, path: str) -> str:
    return str(root.xpath(f"string(//{path})", namespaces=NAMESPACES))


def _texts(element: ET.Element | etree._Element) -> Iterator[str]:
    if element.tag not in _SKIPPED and isinstance(element.tag, str):
        if element.text:
            yield element.text
        for child in element:
            yield from _texts(child)
    if element.tail:
        yield element.tail
