"""Reading an electronic invoice back, CII or UBL, into the figures that its sums are checked by."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from lxml import etree

from documents.cii import NAMESPACES as CII_NAMESPACES
from documents.cii import RSM
from documents.errors import InvalidEInvoice
from documents.ubl_words import NAMESPACES as UBL_NAMESPACES
from documents.ubl_words import ROOTS as UBL_ROOTS

ROOTS = {"CrossIndustryInvoice": RSM, **UBL_ROOTS}
NAMESPACES = {**CII_NAMESPACES, **UBL_NAMESPACES}
Group = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line: category and rate, BT-129, BT-146, the allowances less the charges, BT-131."""

    group: Group
    quantity: Decimal
    price: Decimal
    off: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReadTax:
    """A VAT group (BG-23): category and rate, BT-116, BT-117."""

    group: Group
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class ReadSums:
    """BG-22: BT-106 to BT-110, BT-112, BT-113, BT-115."""

    line_total: Decimal
    allowances: Decimal
    charges: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    paid: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True)
class ReadInvoice:
    """All figures of an electronic invoice; a charge in `reductions` is negative."""

    lines: tuple[ReadLine, ...]
    reductions: tuple[tuple[Group, Decimal], ...]
    taxes: tuple[ReadTax, ...]
    sums: ReadSums


def parse(xml: bytes) -> etree._Element:
    """The root element. Raises `InvalidEInvoice("XSD")` if it is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise InvalidEInvoice("XSD", f"Die E-Rechnung ist kein wohlgeformtes XML: {error.msg}.") from error
    if root.getroottree().docinfo.doctype:
        raise InvalidEInvoice("XSD", "Die E-Rechnung enthält eine DOCTYPE-Angabe; so etwas wird nicht gelesen.")
    return root


def root_name(root: etree._Element) -> str:
    """`CrossIndustryInvoice`, `Invoice` or `CreditNote`; raises `InvalidEInvoice("XSD")` for any other root."""
    name = etree.QName(root)
    if name.namespace != ROOTS.get(name.localname):
        raise InvalidEInvoice("XSD", f"{name.localname} ist keine E-Rechnung nach EN 16931.")
    return name.localname


def read(root: etree._Element) -> ReadInvoice:
    """The figures. Raises `InvalidEInvoice` for what is missing, doubled or no number."""
    return READERS[root_name(root)](root)


def _read_cii(root: etree._Element) -> ReadInvoice:
    settlement = one(root, "//ram:ApplicableHeaderTradeSettlement")
    sums = one(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    parts = every(settlement, "ram:SpecifiedTradeAllowanceCharge")
    return ReadInvoice(
        tuple(_cii_line(item) for item in every(root, "//ram:IncludedSupplyChainTradeLineItem")),
        tuple((_cii_group(one(part, "ram:CategoryTradeTax")), _cii_signed(part)) for part in parts),
        tuple(
            ReadTax(_cii_group(tax), _amount(tax, "ram:BasisAmount"), _amount(tax, "ram:CalculatedAmount"))
            for tax in every(settlement, "ram:ApplicableTradeTax")
        ),
        ReadSums(
            _amount(sums, "ram:LineTotalAmount"),
            _amount_or_zero(sums, "ram:AllowanceTotalAmount"),
            _amount_or_zero(sums, "ram:ChargeTotalAmount"),
            _amount(sums, "ram:TaxBasisTotalAmount"),
            _amount_or_zero(sums, "ram:TaxTotalAmount"),
            _amount(sums, "ram:GrandTotalAmount"),
            _amount_or_zero(sums, "ram:TotalPrepaidAmount"),
            _amount(sums, "ram:DuePayableAmount"),
        ),
    )


def _cii_line(item: etree._Element) -> ReadLine:
    settlement = one(item, "ram:SpecifiedLineTradeSettlement")
    return ReadLine(
        _cii_group(one(settlement, "ram:ApplicableTradeTax")),
        _amount(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"),
        _amount(item, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount"),
        sum((_cii_signed(part) for part in every(settlement, "ram:SpecifiedTradeAllowanceCharge")), Decimal(0)),
        _amount(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"),
    )


def _cii_signed(part: etree._Element) -> Decimal:
    amount = _amount(part, "ram:ActualAmount")
    return -amount if _text(part, "ram:ChargeIndicator/udt:Indicator") == "true" else amount


def _cii_group(tax: etree._Element) -> Group:
    return _text(tax, "ram:CategoryCode"), _rate(tax, "ram:RateApplicablePercent")


def _read_ubl(root: etree._Element) -> ReadInvoice:
    total = one(root, "cac:TaxTotal")
    sums = one(root, "cac:LegalMonetaryTotal")
    taxes = every(total, "cac:TaxSubtotal")
    parts = every(root, "cac:AllowanceCharge")
    return ReadInvoice(
        tuple(_ubl_line(item) for item in every(root, "cac:InvoiceLine|cac:CreditNoteLine")),
        tuple((_ubl_group(one(part, "cac:TaxCategory")), _ubl_signed(part)) for part in parts),
        tuple(
            ReadTax(
                _ubl_group(one(tax, "cac:TaxCategory")),
                _amount(tax, "cbc:TaxableAmount"),
                _amount(tax, "cbc:TaxAmount"),
            )
            for tax in taxes
        ),
        ReadSums(
            _amount(sums, "cbc:LineExtensionAmount"),
            _amount_or_zero(sums, "cbc:AllowanceTotalAmount"),
            _amount_or_zero(sums, "cbc:ChargeTotalAmount"),
            _amount(sums, "cbc:TaxExclusiveAmount"),
            _amount(total, "cbc:TaxAmount"),
            _amount(sums, "cbc:TaxInclusiveAmount"),
            _amount_or_zero(sums, "cbc:PrepaidAmount"),
            _amount(sums, "cbc:PayableAmount"),
        ),
    )


def _ubl_line(item: etree._Element) -> ReadLine:
    return ReadLine(
        _ubl_group(one(item, "cac:Item/cac:ClassifiedTaxCategory")),
        _amount(item, "cbc:InvoicedQuantity|cbc:CreditedQuantity"),
        _amount(item, "cac:Price/cbc:PriceAmount"),
        sum((_ubl_signed(part) for part in every(item, "cac:AllowanceCharge")), Decimal(0)),
        _amount(item, "cbc:LineExtensionAmount"),
    )


def _ubl_signed(part: etree._Element) -> Decimal:
    amount = _amount(part, "cbc:Amount")
    return -amount if _text(part, "cbc:ChargeIndicator") == "true" else amount


def _ubl_group(category: etree._Element) -> Group:
    return _text(category, "cbc:ID"), _rate(category, "cbc:Percent")


def _rate(element: etree._Element, path: str) -> Decimal:
    return _amount(element, path).normalize() + 0


def _amount_or_zero(element: etree._Element, path: str) -> Decimal:
    return _amount(element, path) if every(element, path) else Decimal("0.00")


def _amount(element: etree._Element, path: str) -> Decimal:
    text = _text(element, path)
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InvalidEInvoice("XSD", f"{path} ist keine Zahl: {text!r}.") from error


def _text(element: etree._Element, path: str) -> str:
    return (one(element, path).text or "").strip()


def one(element: etree._Element, path: str) -> etree._Element:
    """The only element of that path. Raises `InvalidEInvoice("XSD")` if there is none or more."""
    found = every(element, path)
    if len(found) != 1:
        raise InvalidEInvoice("XSD", f"{path} steht {len(found)}-mal statt einmal in der E-Rechnung.")
    return found[0]


def every(element: etree._Element, path: str) -> list[etree._Element]:
    """All elements of that path."""
    found = _compiled(path)(element)
    return [item for item in found if isinstance(item, etree._Element)] if isinstance(found, list) else []


@lru_cache(maxsize=128)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES)


READERS: dict[str, Callable[[etree._Element], ReadInvoice]] = {
    "CrossIndustryInvoice": _read_cii,
    "Invoice": _read_ubl,
    "CreditNote": _read_ubl,
}
