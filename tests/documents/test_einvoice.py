"""The electronic invoice: official schema and rules, sums to the cent, and what must be refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from billing.invoices import Draft, Invoice
from billing.jobs import Discount, EarlyPayment, Line, PriceMode, TaxCase, Terms
from billing.parties import Address, Seller
from billing.vat import totals
from documents.cii import NAMESPACES
from documents.einvoice import invoice_xml
from documents.einvoice_checks import check_schema, check_sums, check_totals
from documents.einvoice_facts import unit_code
from documents.errors import InvalidEInvoice
from documents.samples import BUILDER, CONSUMER, SELLER, SMALL_SELLER, invoice, samples

NAMES = sorted(samples())
LINES = st.builds(
    Line,
    name=st.sampled_from(("Anstrich", "Gerüst & <Leiter>", "Fahrt")),
    quantity=st.decimals("-20", "999.999", places=3),
    unit=st.sampled_from(("Std.", "m²", "Pauschale", "Sack", "")),
    unit_price=st.decimals("-50", "9999.9999", places=4),
    vat_rate=st.sampled_from((Decimal(0), Decimal(7), Decimal(19), Decimal("19.00"))),
    discount_percent=st.one_of(st.just(Decimal(0)), st.decimals(0, 100, places=2)),
    description=st.sampled_from(("", "zwei\nZeilen")),
)
DISCOUNTS = st.one_of(
    st.just(Discount()),
    st.builds(Discount, percent=st.decimals(0, 60, places=2)),
    st.builds(Discount, amount=st.decimals(0, 5, places=2)),
)


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Any invoice over a positive amount that the rules can draft."""
    lines = tuple(draw(st.lists(LINES, min_size=1, max_size=12)))
    mode, discount = draw(st.sampled_from(PriceMode)), draw(DISCOUNTS)
    sums = totals(lines, mode, discount)
    assume(sums.gross > 0 and sums.line_total > 0)
    terms = Terms(draw(st.integers(0, 60)), draw(st.sampled_from((None, EarlyPayment(Decimal("2.5"), 7)))))
    return invoice("RE-1", BUILDER, lines, mode=mode, discount=discount, terms=terms)


def found(xml: bytes, path: str) -> str:
    """The text of the first element of that path."""
    return str(etree.fromstring(xml).xpath(f"string(//{path})", namespaces=NAMESPACES))


@pytest.mark.parametrize("name", NAMES)
def test_samples_break_no_official_rule(name: str, broken_rules: Callable[[bytes], list[str]]) -> None:
    """Every sample passes the official EN 16931 schematron without a finding, not even a warning."""
    assert broken_rules(invoice_xml(*samples()[name])) == []


@pytest.mark.parametrize("name", NAMES)
def test_samples_equal_golden_files(name: str, golden: Callable[[str, bytes], None]) -> None:
    """The XML of every sample is byte for byte the reviewed one."""
    golden(f"{name}.xml", invoice_xml(*samples()[name]))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.filter_too_much])
@given(invoices())
def test_sums_equal_the_draft(made: Invoice) -> None:
    """Whatever lines, rates, discounts and price modes: schema, sums and totals hold to the cent."""
    xml = invoice_xml(made, SELLER)
    check_schema(xml)
    check_sums(xml)
    check_totals(xml, made.draft.totals)
    assert Decimal(found(xml, "ram:GrandTotalAmount")) == made.draft.totals.gross


@settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
@given(made=invoices())
def test_official_rules_hold_for_any_invoice(made: Invoice, broken_rules: Callable[[bytes], list[str]]) -> None:
    """The official schematron finds nothing in invoices of any lines either."""
    assert broken_rules(invoice_xml(made, SELLER)) == []


def test_schematron_is_awake(broken_rules: Callable[[bytes], list[str]]) -> None:
    """The official rules do report an invoice whose sum is wrong, so their silence means something."""
    xml = invoice_xml(*samples()["verbraucher"])
    wrong = re.sub(rb"<ram:LineTotalAmount>1151.00", b"<ram:LineTotalAmount>1251.00", xml)
    assert any("BR-CO-10" in rule for rule in broken_rules(wrong))


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
        check_sums(xml.replace(before, after).encode())
    assert caught.value.rule == rule


def test_vat_a_cent_off_is_found() -> None:
    """VAT that is one cent off, which the official rules accept, breaks BR-CO-17 here even when the sums fit."""
    xml = invoice_xml(*samples()["verbraucher"]).decode().replace("218.69<", "218.70<").replace("1369.69", "1369.70")
    with pytest.raises(InvalidEInvoice) as caught:
        check_sums(xml.encode())
    assert caught.value.rule == "BR-CO-17"


def test_control_characters_do_not_break_the_xml() -> None:
    """Text from outside with control characters, markup and marks of direction stays text."""
    lines = (Line("A\x00\x0b<b>&\u202eB", Decimal(1), "", Decimal(10), Decimal(19)),)
    xml = invoice_xml(invoice("RE-1", CONSUMER, lines, performed=(date(2026, 10, 1),) * 2), SELLER)
    assert found(xml, "ram:SpecifiedTradeProduct/ram:Name") == "A<b>&B"
