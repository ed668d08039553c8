"""Whether the page shows what the electronic invoice says: XML leads, paper must not deviate (BMF 2024 Rn. 31)."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from documents.einvoice_reading import NAMESPACES, parse, root_name
from documents.errors import DeviatingPaper
from documents.german import iban_groups, one_line
from documents.languages import GERMAN, Language

_SKIPPED = frozenset({"style", "script", "title", "head"})
_DEAL = "rsm:SupplyChainTradeTransaction"
_SETTLEMENT = f"{_DEAL}/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_CII = {
    "number": "rsm:ExchangedDocument/ram:ID",
    "buyer": f"{_DEAL}/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty/ram:Name",
    "currency": f"{_SETTLEMENT}/ram:InvoiceCurrencyCode",
    "gross": f"{_SUMS}/ram:GrandTotalAmount",
    "due": f"{_SUMS}/ram:DuePayableAmount",
    "iban": f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
}
_UBL = {
    "number": "cbc:ID",
    "buyer": "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
    "currency": "cbc:DocumentCurrencyCode",
    "gross": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
    "due": "cac:LegalMonetaryTotal/cbc:PayableAmount",
    "iban": "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
}


def check_same_facts(xml: bytes, page: str, language: Language = GERMAN) -> None:
    """Raise `DeviatingPaper` unless the page shows number, recipient, gross, amount due and IBAN of the XML.

    A client's own template could leave them out. What the XML does not say, such as the IBAN of a credit, is not
    looked for.
    """
    shown = printed_text(page)
    for what, value in _facts(parse(xml), language):
        if one_line(value) not in shown:
            raise DeviatingPaper(what, value)


def printed_text(page: str) -> str:
    """The words of an HTML page on one line, without its head."""
    try:
        # The page is our own template's; data in it are escaped and cannot declare entities.
        parts = _texts(ET.fromstring(page))  # noqa: S314
    except ET.ParseError:
        # Slow to load, and our own templates are well formed: only a client's own may need it.
        from lxml import html

        parts = _texts(html.fromstring(page))
    return " ".join(" ".join(parts).split())


def _facts(root: etree._Element, language: Language) -> Iterator[tuple[str, str]]:
    paths = _CII if root_name(root) == "CrossIndustryInvoice" else _UBL
    said = {name: (root.findtext(path, "", NAMESPACES) or "").strip() for name, path in paths.items()}
    yield "Rechnungsnummer", said["number"]
    yield "Empfänger", said["buyer"]
    yield "Bruttobetrag", language.amount(Decimal(said["gross"]), said["currency"])
    if Decimal(said["due"]) > 0:
        yield "Zahlbetrag", language.amount(Decimal(said["due"]), said["currency"])
    if said["iban"]:
        yield "IBAN", iban_groups(said["iban"])


def _texts(element: ET.Element | etree._Element) -> Iterator[str]:
    if element.tag not in _SKIPPED and isinstance(element.tag, str):
        if element.text:
            yield element.text
        for child in element:
            yield from _texts(child)
    if element.tail:
        yield element.tail
