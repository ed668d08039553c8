"""Every kind of invoice in every form: schema, sums, official and national rules, and the reviewed files."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from billing.corrections import cancellation
from billing.einvoice_duty import Form
from billing.invoices import Invoice, Kind, PartPayment, Reference
from billing.jobs import Charge, Discount, EarlyPayment, Line, PriceMode, Terms
from billing.part_payments import final
from billing.vat import VatGroup, totals
from documents.einvoice import invoice_xml
from documents.einvoice_checks import check_xml
from documents.einvoice_facts import buyer_address
from documents.einvoice_reading import NAMESPACES, parse, read
from documents.errors import InvalidEInvoice
from documents.rules_check import OfficialRules
from documents.samples import SELLER, invoice
from documents.xrechnung import broken_rules
from tests.documents.einvoice_cases import CASES, CITY, REFERENCES, fits, kinds, xml_of

GOLDEN = [(name, form) for name, form in CASES if form is not Form.XRECHNUNG_CII or name in ("rechnung", "gutschrift")]
XRECHNUNGEN = [(name, form) for name, form in CASES if form is not Form.ZUGFERD]
LINES = st.builds(
    Line,
    name=st.sampled_from(("Anstrich", "Gerüst & <Leiter>")),
    quantity=st.decimals("-20", "999.999", places=3),
    unit=st.sampled_from(("Std.", "m²", "Sack", "")),
    unit_price=st.decimals("-50", "9999.9999", places=4),
    vat_rate=st.sampled_from((Decimal(0), Decimal(7), Decimal(19))),
    discount_percent=st.sampled_from((Decimal(0), Decimal("3.5"), Decimal(100))),
    surcharge_percent=st.sampled_from((Decimal(0), Decimal(25), Decimal("12.5"))),
    description=st.sampled_from(("", "zwei\nZeilen")),
)
DISCOUNTS = st.builds(Discount, percent=st.decimals(0, 60, places=2), amount=st.decimals(0, 5, places=2))
CHARGES = st.lists(
    st.builds(Charge, st.just("Fracht"), percent=st.decimals(0, 9, places=1), amount=st.decimals(0, 60, places=2)),
    max_size=2,
).map(tuple)
SLOW = (HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@st.composite
def documents(draw: st.DrawFn) -> Invoice:
    """Any document of any kind that the rules can draft, for the public customer."""
    lines = tuple(draw(st.lists(LINES, min_size=1, max_size=8)))
    mode, discount, charges = draw(st.sampled_from(PriceMode)), draw(DISCOUNTS), draw(CHARGES)
    sums = totals(lines, mode, discount, charges)
    assume(sums.gross > 0 and sums.line_total > 0)
    terms = Terms(draw(st.integers(0, 60)), draw(st.sampled_from((None, EarlyPayment(Decimal("2.5"), 7)))))
    usual = invoice("RE-1", CITY, lines, mode=mode, discount=discount, terms=terms)
    kind = draw(st.sampled_from(Kind))
    draft = replace(usual.draft, charges=charges, totals=sums, references=REFERENCES)
    if kind is Kind.CANCELLATION:
        return Invoice("ST-1", usual.due_date, cancellation(replace(usual, draft=draft), draft.issue_date, "RB-S"))
    if kind in (Kind.FINAL, Kind.FINAL_CONSTRUCTION):
        return replace(usual, draft=final(replace(draft, kind=kind), draw(st.lists(PARTS, max_size=3))))
    preceding = (Reference("RE-0", date(2026, 9, 1)),) if kind.changes_another else ()
    return replace(usual, draft=replace(draft, kind=kind, preceding=preceding))


@st.composite
def part_payments(draw: st.DrawFn) -> PartPayment:
    """A received part payment at 19 %."""
    net = draw(st.decimals("0.01", "999", places=2))
    group = VatGroup(Decimal(19), net, (net * 19 / 100).quantize(Decimal("0.01")))
    return PartPayment(f"AR-{draw(st.integers(1, 99))}", date(2026, 9, 1), date(2026, 9, 20), (group,))


PARTS = part_payments()


@pytest.mark.parametrize(("name", "form"), CASES)
def test_no_official_rule_is_broken(name: str, form: Form, rules: OfficialRules) -> None:
    """Every case passes the official EN 16931 rules without a finding, not even a warning."""
    assert rules.findings(xml_of(name, form), form) == ()


@pytest.mark.parametrize(("name", "form"), XRECHNUNGEN)
def test_no_national_rule_is_broken(name: str, form: Form, kosit: Callable[[bytes], list[str]]) -> None:
    """The official KoSIT rules find nothing fatal in any XRechnung, and no warning but for prepayments."""
    expected = ["BR-DE-17"] if name == "anzahlung" else []
    assert kosit(xml_of(name, form)) == expected


@pytest.mark.parametrize(("name", "form"), GOLDEN)
def test_xml_equals_golden_file(name: str, form: Form, golden: Callable[[str, bytes], None]) -> None:
    """The XML of every case is byte for byte the reviewed one."""
    golden(f"einvoice/{name}.{form.value}.xml", xml_of(name, form))


@settings(deadline=None, max_examples=100, suppress_health_check=SLOW)
@given(documents(), st.sampled_from(Form))
def test_any_document_is_valid(made: Invoice, form: Form) -> None:
    """Whatever kind, lines, rates, allowances, charges and price mode: schema, sums, totals and national rules hold."""
    assume(form is not Form.XRECHNUNG_CII or len(made.draft.preceding) < 2)
    xml = invoice_xml(made, SELLER, form)
    root = check_xml(xml, made.draft.totals)
    assert form is Form.ZUGFERD or broken_rules(root) == ()
    assert read(root).sums.due == made.draft.totals.due


@settings(deadline=None, max_examples=16, suppress_health_check=SLOW)
@given(made=documents(), form=st.sampled_from((Form.ZUGFERD, Form.XRECHNUNG_UBL)))
def test_official_rules_hold_for_any_document(made: Invoice, form: Form, rules: OfficialRules) -> None:
    """The official rules find nothing fatal in documents of any lines either."""
    rules.check(invoice_xml(made, SELLER, form), form)


@settings(deadline=None, max_examples=25, suppress_health_check=SLOW)
@given(made=documents())
def test_both_syntaxes_say_the_same(made: Invoice) -> None:
    """CII and UBL of one invoice hold the same figures."""
    assert read(parse(invoice_xml(made, SELLER))) == read(parse(invoice_xml(made, SELLER, Form.XRECHNUNG_UBL)))


def test_credit_notes_have_their_own_root() -> None:
    """In UBL type 381 needs the root CreditNote; all else is an Invoice."""
    roots = {name: etree.QName(parse(xml_of(name, Form.XRECHNUNG_UBL))).localname for name in kinds()}
    assert [name for name, root in roots.items() if root == "CreditNote"] == ["gutschrift"]


def test_a_final_invoice_holds_the_list_of_part_payments() -> None:
    """§ 14 (5) s. 2 UStG: number, dates, net, VAT and gross of each stand in an attachment inside the XML."""
    root = parse(xml_of("schluss-bau", Form.ZUGFERD))
    content = str(root.xpath("string(//ram:AttachmentBinaryObject)", namespaces=NAMESPACES))
    rows = base64.b64decode(content).decode("utf-8-sig").splitlines()
    assert rows[1].startswith("AR-1;02.11.2026;14.09.2026;19;500,00;95,00;595,00")
    assert len(rows) == 3


def test_a_final_invoice_names_paid_and_open_part_invoices() -> None:
    """BG-3 holds the deducted part invoices and the one that is still open, each once."""
    root = parse(xml_of("schluss", Form.XRECHNUNG_UBL))
    numbers = root.xpath("//cac:InvoiceDocumentReference/cbc:ID/text()", namespaces=NAMESPACES)
    assert numbers == ["AR-1", "AR-2", "AR-3"]


def test_xrechnung_in_cii_has_room_for_one_reference() -> None:
    """What the schema of XRechnung cannot express is refused with the way out."""
    assert not fits("schluss", Form.XRECHNUNG_CII)
    with pytest.raises(InvalidEInvoice, match="UBL") as caught:
        xml_of("schluss", Form.XRECHNUNG_CII)
    assert caught.value.rule == "BG-3"


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("name", ["gutschrift", "storno", "bezahlt"])
def test_no_account_where_nothing_is_to_be_paid(name: str, form: Form) -> None:
    """Credit notes, cancellations and paid invoices show no IBAN that somebody could pay to."""
    assert SELLER.iban.encode() not in xml_of(name, form)


def test_the_customers_own_address_wins() -> None:
    """BT-49 is the mail address unless the customer has another electronic address."""
    assert buyer_address(CITY) is not None
    assert b'schemeID="0204"' in xml_of("ausfuhr", Form.ZUGFERD)


def test_references_are_where_they_belong() -> None:
    """BT-10 to BT-16 stand in both syntaxes."""
    for form in (Form.ZUGFERD, Form.XRECHNUNG_UBL):
        xml = xml_of("rechnung", form).decode()
        for text in ("04011000-1234512345-06", "P-7", "V-2026-3", "B-4711", "LS-12", "AB-2026-0311"):
            assert f">{text}<" in xml
