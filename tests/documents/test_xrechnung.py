"""The national rules of XRechnung: every rule finds the document that breaks it, as the official rule files do."""

from collections.abc import Callable

import pytest
from lxml import etree

from billing.einvoice_duty import Form
from documents.einvoice_reading import NAMESPACES, parse
from documents.errors import InvalidEInvoice
from documents.xrechnung import RULES, broken_rules, check_xrechnung
from documents.xrechnung_paths import CII, PATHS, UBL
from tests.documents.einvoice_cases import xml_of

FORMS = (Form.XRECHNUNG_CII, Form.XRECHNUNG_UBL)
# A case to break, the rule, the term that is removed or given this text.
BREAKS: list[tuple[str, str, str, str | None]] = [
    ("rechnung", "BR-DE-21", "BT-24", "urn:cen.eu:en16931:2017"),
    ("rechnung", "PEPPOL-EN16931-R001", "BT-23", None),
    ("rechnung", "BR-DE-1", "BG-16", None),
    ("rechnung", "BR-DE-2", "BG-6", None),
    ("rechnung", "BR-DE-3", "BT-37", None),
    ("rechnung", "BR-DE-4", "BT-38", None),
    ("rechnung", "BR-DE-5", "BT-41", None),
    ("rechnung", "BR-DE-6", "BT-42", None),
    ("rechnung", "BR-DE-7", "BT-43", None),
    ("rechnung", "BR-DE-8", "BT-52", None),
    ("rechnung", "BR-DE-9", "BT-53", None),
    ("rechnung", "BR-DE-14", "BT-119", None),
    ("rechnung", "BR-DE-15", "BT-10", None),
    ("rechnung", "BR-DE-17", "BT-3", "999"),
    ("rechnung", "BR-DE-18", "BT-20", "#SKONTO#TAGE=10#PROZENT=2,00#\n"),
    ("rechnung", "BR-DE-18", "BT-20", "#SKONTO#TAGE=10#PROZENT=2.0#\n"),
    ("rechnung", "BR-DE-18", "BT-20", "#SKONTO#TAGE=-1#PROZENT=2.00#\n"),
    ("rechnung", "BR-DE-18", "BT-20", "#Skonto#TAGE=10#PROZENT=2.00#\n"),
    ("rechnung", "BR-DE-18", "BT-20", "#SKONTO#TAGE=10#PROZENT=2.00# sonst keines\n"),
    ("rechnung", "BR-DE-19", "BT-84", "DE02120300000000202052"),
    ("rechnung", "BR-DE-23", "BG-17", None),
    ("storno", "BR-DE-26", "BG-3", None),
    ("rechnung", "BR-DE-27", "BT-42", "12"),
    ("rechnung", "BR-DE-28", "BT-43", "buero.at.firma"),
    ("lastschrift", "BR-DE-20", "BT-91", "DE02120300000000202052"),
    ("lastschrift", "BR-DE-30", "BT-90", None),
    ("lastschrift", "BR-DE-31", "BT-91", None),
    ("rechnung", "PEPPOL-EN16931-R010", "BT-49", None),
    ("rechnung", "PEPPOL-EN16931-R020", "BT-34", None),
]
# Ours alone, or too much bound to one syntax to be told by one edit.
OURS = {
    "Leitweg-ID",
    "BR-DE-10",
    "BR-DE-11",
    "BR-DE-16",
    "BR-DE-22",
    "BR-DE-24",
    "BR-DE-25",
    "BR-DE-29",
    "BR-DE-TMP-32",
}


def edited(xml: bytes, term: str, text: str | None) -> bytes:
    """The document with every element of a term removed, or given that text."""
    root = parse(xml)
    paths = CII if etree.QName(root).localname == "CrossIndustryInvoice" else UBL
    found = root.xpath(paths[term], namespaces=NAMESPACES)
    assert isinstance(found, list)
    assert found
    for element in found:
        assert isinstance(element, etree._Element)
        _edit(element, text)
    return etree.tostring(root)


def _edit(element: etree._Element, text: str | None) -> None:
    parent = element.getparent()
    assert parent is not None
    if text is not None:
        element.text = text
    else:
        parent.remove(element)


def rules_of(xml: bytes) -> list[str]:
    """The names of the rules that a document breaks."""
    return [rule.name for rule in broken_rules(parse(xml))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "rule", "term", "text"), BREAKS)
def test_each_rule_finds_what_breaks_it(name: str, rule: str, term: str, text: str | None, form: Form) -> None:
    """The broken document is refused for this rule, and it was sound before."""
    xml = xml_of(name, form)
    assert rules_of(xml) == []
    assert rule in rules_of(edited(xml, term, text))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "rule", "term", "text"), BREAKS)
def test_the_official_rules_agree(
    name: str, rule: str, term: str, text: str | None, form: Form, kosit: Callable[[bytes], list[str]]
) -> None:
    """KoSIT's own rule files name the same rule for the same broken document."""
    found = kosit(edited(xml_of(name, form), term, text))
    assert any(each == rule or each.startswith(f"{rule}-") for each in found)


def test_every_rule_is_tried() -> None:
    """No rule is left without a broken document, here or below."""
    assert {rule.name for rule in RULES} == {rule for _, rule, _, _ in BREAKS} | OURS


@pytest.mark.parametrize("form", FORMS)
def test_the_error_speaks_german(form: Form) -> None:
    """The first broken rule becomes an error with number and words."""
    with pytest.raises(InvalidEInvoice, match="Leitweg-ID oder Referenz") as caught:
        check_xrechnung(parse(edited(xml_of("rechnung", form), "BT-10", None)))
    assert caught.value.rule == "BR-DE-15"


@pytest.mark.parametrize("form", FORMS)
def test_a_mistyped_leitweg_id_is_found(form: Form) -> None:
    """One digit wrong is refused; a reference of another form is the customer's business."""
    xml = xml_of("rechnung", form)
    assert rules_of(edited(xml, "BT-10", "04011000-1234512345-60")) == ["Leitweg-ID"]
    assert rules_of(edited(xml, "BT-10", "Kostenstelle 12")) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_seller_without_tax_numbers_is_found(form: Form) -> None:
    """BR-DE-16: neither VAT id nor tax number."""
    xml = edited(edited(xml_of("rechnung", form), "BT-31", None), "BT-32", None)
    assert "BR-DE-16" in rules_of(xml)


@pytest.mark.parametrize("form", FORMS)
def test_a_debit_needs_its_mandate(form: Form) -> None:
    """BR-DE-29 and BR-DE-25: without mandate, or as transfer with a mandate."""
    assert "BR-DE-29" in rules_of(edited(xml_of("lastschrift", form), "BT-89", None))
    assert "BR-DE-25" in rules_of(edited(xml_of("rechnung", form), "BT-81", "59"))
    assert "BR-DE-24" in rules_of(edited(xml_of("rechnung", form), "BT-81", "48"))


@pytest.mark.parametrize("form", FORMS)
def test_a_document_says_when_the_work_was_done(form: Form) -> None:
    """BR-DE-TMP-32: neither date nor period."""
    xml = edited(xml_of("rechnung", form), "BT-72", None)
    assert rules_of(xml) == []
    assert rules_of(edited(xml, "BG-14", None)) == ["BR-DE-TMP-32"]


@pytest.mark.parametrize("form", FORMS)
def test_attachments_have_names_of_their_own(form: Form) -> None:
    """BR-DE-22: two attachments of one name."""
    xml = xml_of("schluss", Form.XRECHNUNG_UBL) if form is Form.XRECHNUNG_UBL else xml_of("schluss", Form.ZUGFERD)
    tag = "cac:AdditionalDocumentReference" if form is Form.XRECHNUNG_UBL else "ram:AdditionalReferencedDocument"
    start, end = xml.index(f"<{tag}".encode()), xml.index(f"</{tag}>".encode()) + len(tag) + 3
    assert "BR-DE-22" in rules_of(xml[:end] + xml[start:end] + xml[end:])
    assert "BR-DE-22" not in rules_of(xml)


@pytest.mark.parametrize(("town", "rule"), [("CityName", "BR-DE-10"), ("PostcodeCode", "BR-DE-11")])
def test_a_place_of_delivery_is_complete(town: str, rule: str) -> None:
    """A delivery address has town and postcode."""
    address = (
        "<ram:ShipToTradeParty><ram:PostalTradeAddress><ram:PostcodeCode>1</ram:PostcodeCode>"
        "<ram:CityName>A</ram:CityName></ram:PostalTradeAddress></ram:ShipToTradeParty>"
    )
    tag = "<ram:ApplicableHeaderTradeDelivery>"
    xml = xml_of("rechnung", Form.XRECHNUNG_CII).decode().replace(tag, tag + address)
    assert rules_of(xml.encode()) == []
    assert rules_of(
        xml.replace(f"<ram:{town}>A", f"<ram:{town}>").replace(f"<ram:{town}>1", f"<ram:{town}>").encode()
    ) == [rule]


def test_both_syntaxes_know_the_same_terms() -> None:
    """Whatever a rule asks of CII, it can ask of UBL."""
    assert CII.keys() == UBL.keys()
    assert set(PATHS) == {"CrossIndustryInvoice", "Invoice"}
