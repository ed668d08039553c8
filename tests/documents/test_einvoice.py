"""The electronic invoice: official schema and rules, sums to the cent, and what must be refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from billing.einvoice_duty import Form
from billing.invoices import Draft
from billing.jobs import Line, TaxCase
from billing.parties import Address, Seller
from billing.vat import totals
from documents.cii import NAMESPACES
from documents.einvoice import invoice_xml
from documents.einvoice_checks import check_sums
from documents.einvoice_facts import unit_code
from documents.einvoice_reading import parse, read
from documents.errors import InvalidEInvoice
from documents.rules_check import OfficialRules
from documents.samples import CONSUMER, SELLER, SMALL_SELLER, invoice, samples

NAMES = sorted(samples())


def found(xml: bytes, path: str) -> str:
    """The text of the first element of that path."""
    return str(etree.fromstring(xml).xpath(f"string(//{path})", namespaces=NAMESPACES))


@pytest.mark.parametrize("name", NAMES)
def test_samples_break_no_official_rule(name: str, rules: OfficialRules) -> None:
    """Every sample passes the official EN 16931 schematron without a finding, not even a warning."""
    assert rules.findings(invoice_xml(*samples()[name]), Form.ZUGFERD) == ()


@pytest.mark.parametrize("name", NAMES)
def test_samples_equal_golden_files(name: str, golden: Callable[[str, bytes], None]) -> None:
    """The XML of every sample is byte for byte the reviewed one."""
    golden(f"{name}.xml", invoice_xml(*samples()[name]))


def test_vat_is_rounded_once_per_rate() -> None:
    """Three lines of 0.33 at 19 % make 0.99 net and 0.19 VAT."""
    lines = tuple(Line("Dübel", Decimal(1), "Stück", Decimal("0.33"), Decimal(19)) for _ in range(3))
    xml = invoice_xml(invoice("RE-1", CONSUMER, lines), SELLER)
    assert (found(xml, "ram:TaxBasisTotalAmount"), found(xml, "ram:TaxTotalAmount")) == ("0.99", "0.19")


def test_negative_price_becomes_negative_quantity() -> None:
    """A price below zero, which BR-27 forbids, is expressed by the quantity."""
    lines = (
        Line("Anstrich", Decimal(10), "m²", Decimal(20), Decimal(19)),
        Line("Gutschein", Decimal(1), "", Decimal(-15), Decimal(19)),
    )
    xml = invoice_xml(invoice("RE-1", CONSUMER, lines), SELLER)
    assert b">-1</ram:BilledQuantity>" in xml
    assert b"<ram:ChargeAmount>15.00<" in xml


def test_text_lines_become_notes() -> None:
    """A heading on paper is a note of the line below it, so the XML tells everything the paper tells."""
    xml = invoice_xml(*samples()["steuersaetze"])
    assert found(xml, "ram:AssociatedDocumentLineDocument/ram:IncludedNote/ram:Content") == "Ausstattung"


def test_early_payment_is_written_for_machines_and_people() -> None:
    """BT-20 holds the Skonto step in the form of XRechnung on a line of its own."""
    terms = found(invoice_xml(*samples()["skonto-rabatt"]), "ram:SpecifiedTradePaymentTerms/ram:Description")
    assert terms.splitlines()[0] == "#SKONTO#TAGE=10#PROZENT=2.00#"


def test_seller_without_vat_id_is_identified() -> None:
    """A small business with only a tax number has it as identifier, since BR-CO-26 wants one."""
    xml = invoice_xml(*samples()["kleinunternehmer"])
    assert found(xml, "ram:SellerTradeParty/ram:ID") == SMALL_SELLER.tax_number


@pytest.mark.parametrize(
    ("unit", "code"),
    [("Stunde", "HUR"), ("Std.", "HUR"), ("m²", "MTK"), ("STÜCK", "H87"), ("Pauschale", "LS"), ("Sack", "C62")],
)
def test_units_have_codes(unit: str, code: str) -> None:
    """German units are known by their UN/ECE code; others count as one."""
    assert unit_code(unit) == code


def _broken_cases() -> dict[str, tuple[Draft, Seller]]:
    """Drafts and sellers that break one rule each, by the rule."""
    made, seller = samples()["verbraucher"]
    draft = made.draft
    vatless = tuple(replace(line, vat_rate=Decimal(0)) for line in draft.lines)
    free = replace(draft, lines=vatless, totals=totals(vatless, draft.price_mode, draft.discount))
    foreign = replace(CONSUMER.address, country_code="Österreich")
    return {
        "§ 14c UStG": (replace(draft, tax_case=TaxCase.REVERSE_CHARGE), seller),
        "BR-S-02": (draft, replace(seller, vat_id="", tax_number="")),
        "BR-AE-02": (replace(free, tax_case=TaxCase.REVERSE_CHARGE), seller),
        "BR-IC-02": (replace(free, tax_case=TaxCase.INTRA_COMMUNITY), seller),
        "BR-G-02": (replace(free, tax_case=TaxCase.EXPORT), replace(seller, vat_id="")),
        "BR-CO-09": (draft, replace(seller, vat_id="123456788")),
        "BR-CO-15": (replace(draft, totals=replace(draft.totals, gross=draft.totals.gross + 1)), seller),
        "BR-07": (replace(draft, customer=replace(CONSUMER, name="")), seller),
        "BR-10": (replace(draft, customer=replace(CONSUMER, address=Address())), seller),
        "BR-11": (replace(draft, customer=replace(CONSUMER, address=foreign)), seller),
        "BR-16": (replace(draft, lines=(Line("nur Text", is_text=True),)), seller),
        "BR-61": (draft, replace(seller, iban="DE02120300000000202052")),
    }


@pytest.mark.parametrize("rule", sorted(_broken_cases()))
def test_broken_invoice_is_refused(rule: str) -> None:
    """An invoice that would be wrong never becomes XML; the error names the rule."""
    draft, seller = _broken_cases()[rule]
    with pytest.raises(InvalidEInvoice) as caught:
        invoice_xml(replace(samples()["verbraucher"][0], draft=draft), seller)
    assert caught.value.rule == rule


def test_small_business_never_shows_vat() -> None:
    """A small business whose lines carry VAT is refused (§ 14c UStG)."""
    made, _ = samples()["verbraucher"]
    with pytest.raises(InvalidEInvoice, match="§ 14c"):
        invoice_xml(made, SMALL_SELLER)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("<ram:LineTotalAmount>377.30", "<ram:LineTotalAmount>377.33", "PEPPOL-R120"),
        ("<ram:LineTotalAmount>377.30", "<ram:LineTotalAmount>377.31", "BR-CO-10"),
        ("<ram:TaxBasisTotalAmount>1151.00", "<ram:TaxBasisTotalAmount>1151.01", "BR-CO-13"),
        ("<ram:BasisAmount>1151.00", "<ram:BasisAmount>1150.99", "BR-S-08"),
        ("<ram:CalculatedAmount>218.69", "<ram:CalculatedAmount>218.70", "BR-CO-14"),
        ("<ram:GrandTotalAmount>1369.69", "<ram:GrandTotalAmount>1369.70", "BR-CO-15"),
        ("<ram:DuePayableAmount>1369.69", "<ram:DuePayableAmount>1369.68", "BR-CO-16"),
        ("<ram:AllowanceTotalAmount>0.00", "<ram:AllowanceTotalAmount>1.00", "BR-CO-11"),
    ],
)
def test_every_cent_is_checked(before: str, after: str, rule: str) -> None:
    """One changed cent in any sum breaks the rule that belongs to it."""
    xml = invoice_xml(*samples()["verbraucher"]).decode()
    assert before in xml
    with pytest.raises(InvalidEInvoice) as caught:
        check_sums(read(parse(xml.replace(before, after).encode())))
    assert caught.value.rule == rule


def test_vat_a_cent_off_is_found() -> None:
    """VAT that is one cent off, which the official rules accept, breaks BR-CO-17 here even when the sums fit."""
    xml = invoice_xml(*samples()["verbraucher"]).decode().replace("218.69<", "218.70<").replace("1369.69", "1369.70")
    with pytest.raises(InvalidEInvoice) as caught:
        check_sums(read(parse(xml.encode())))
    assert caught.value.rule == "BR-CO-17"


def test_control_characters_do_not_break_the_xml() -> None:
    """Text from outside with control characters, markup and marks of direction stays text."""
    lines = (Line("A\x00\x0b<b>&\u202eB", Decimal(1), "", Decimal(10), Decimal(19)),)
    xml = invoice_xml(invoice("RE-1", CONSUMER, lines, performed=(date(2026, 10, 1),) * 2), SELLER)
    assert found(xml, "ram:SpecifiedTradeProduct/ram:Name") == "A<b>&B"
