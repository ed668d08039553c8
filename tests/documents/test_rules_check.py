"""The official rules in their own process: they do judge, survive crashes, and never pass what they did not check."""

import os
import signal
from pathlib import Path

import pytest

from billing.einvoice_duty import Form
from documents.errors import InvalidEInvoice
from documents.rule_words import WORDS, in_german
from documents.rules_check import FILES, OfficialRules, RulesUnavailable, Sample, SampledRules
from tests.documents.einvoice_cases import xml_of

NOTHING = (
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="2.0">'
    '<xsl:template match="/"><s:schematron-output xmlns:s="http://purl.oclc.org/dsdl/svrl">'
    "{fired}</s:schematron-output></xsl:template></xsl:stylesheet>"
)
# What is changed, into what, the rule that must be named, by form.
BROKEN = {
    Form.ZUGFERD: [
        ("<ram:LineTotalAmount>3093.00<", "<ram:LineTotalAmount>3094.00<", "BR-CO-10"),
        ("<ram:GrandTotalAmount>3680.67<", "<ram:GrandTotalAmount>3690.67<", "BR-CO-15"),
        ("<ram:DuePayableAmount>3680.67<", "<ram:DuePayableAmount>1.00<", "BR-CO-16"),
        ("<ram:ID>RE-1</ram:ID>", "<ram:ID></ram:ID>", "BR-02"),
        ("<ram:Name>Malerbetrieb Sommer GmbH</ram:Name>", "", "BR-06"),
        ("<ram:Name>Klassenräume streichen</ram:Name>", "<ram:Name></ram:Name>", "BR-25"),
        ("<ram:ChargeAmount>7.45<", "<ram:ChargeAmount>-7.45<", "BR-27"),
        ('<ram:ID schemeID="VA">DE123456788<', '<ram:ID schemeID="VA">123456788<', "BR-CO-09"),
        (">DE02120300000000202051<", "><", "BR-50"),
        ("<ram:Reason>Rabatt 10 %</ram:Reason>", "", ""),
    ],
    Form.XRECHNUNG_UBL: [
        (">3093.00</cbc:LineExt", ">3094.00</cbc:LineExt", "BR-CO-10"),
        (">3680.67</cbc:TaxInclusiveAmount>", ">3690.67</cbc:TaxInclusiveAmount>", "BR-CO-15"),
        (">3680.67</cbc:PayableAmount>", ">1.00</cbc:PayableAmount>", "BR-CO-16"),
        ("<cbc:ID>RE-1</cbc:ID>", "<cbc:ID></cbc:ID>", "BR-02"),
        (">7.45</cbc:PriceAmount>", ">-7.45</cbc:PriceAmount>", "BR-27"),
        ('unitCode="MTK"', 'unitCode="QM"', "BR-CL-23"),
        ("<cbc:InvoiceTypeCode>380<", "<cbc:InvoiceTypeCode>999<", "BR-CL-01"),
        ("<cbc:CompanyID>DE123456788<", "<cbc:CompanyID>123456788<", "BR-CO-09"),
        ("<cbc:Name>Klassenräume streichen</cbc:Name>", "<cbc:Name></cbc:Name>", "BR-25"),
        (">587.67</cbc:TaxAmount>", ">580.67</cbc:TaxAmount>", "BR-CO-14"),
    ],
}  # fmt: skip
CASES = [(form, *change) for form, changes in BROKEN.items() for change in changes if change[2]]


@pytest.mark.parametrize(("form", "before", "after", "rule"), CASES)
def test_broken_documents_are_refused(form: Form, before: str, after: str, rule: str, rules: OfficialRules) -> None:
    """The official rules name the rule that a deliberately broken document breaks, and the words are German."""
    xml = xml_of("rechnung", form).decode()
    assert before in xml
    broken = xml.replace(before, after, 1).encode()
    assert rule in {finding.rule for finding in rules.findings(broken, form)}
    with pytest.raises(InvalidEInvoice) as caught:
        rules.check(broken, form)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("xml", [b"<a/>", b"<a", b"", b"<Invoice/>"])
@pytest.mark.parametrize("form", Form)
def test_what_is_no_invoice_is_refused(xml: bytes, form: Form, rules: OfficialRules) -> None:
    """A document that no rule fits is not passed over in silence."""
    with pytest.raises(InvalidEInvoice):
        rules.check(xml, form)


def test_the_syntax_must_fit_the_form(rules: OfficialRules) -> None:
    """UBL is no ZUGFeRD, and CII no XRechnung in UBL."""
    with pytest.raises(InvalidEInvoice, match="XSD"):
        rules.check(xml_of("rechnung", Form.XRECHNUNG_UBL), Form.ZUGFERD)
    with pytest.raises(InvalidEInvoice, match="XSD"):
        rules.check(xml_of("rechnung", Form.ZUGFERD), Form.XRECHNUNG_UBL)


@pytest.mark.parametrize("fired", ["", '<s:fired-rule context="x"/>'])
def test_rules_that_sleep_are_found_out(tmp_path: Path, fired: str) -> None:
    """A rule file that finds no fault in a hollow invoice is not trusted with a real one."""
    sleepy = tmp_path / "sleepy.xslt"
    sleepy.write_text(NOTHING.format(fired=fired))
    with OfficialRules(files=dict.fromkeys(FILES, sleepy)) as rules, pytest.raises(RulesUnavailable):
        rules.check(xml_of("rechnung", Form.ZUGFERD), Form.ZUGFERD)


def test_a_missing_rule_file_is_told(tmp_path: Path) -> None:
    """Without rules nothing passes."""
    files = dict.fromkeys(FILES, tmp_path / "none.xslt")
    with OfficialRules(files=files) as rules, pytest.raises(RulesUnavailable):
        rules.check(xml_of("rechnung", Form.ZUGFERD), Form.ZUGFERD)


def test_a_crash_takes_nothing_along() -> None:
    """The process is killed; the next check starts another and judges as before."""
    xml = xml_of("rechnung", Form.ZUGFERD)
    with OfficialRules() as rules:
        rules.check(xml, Form.ZUGFERD)
        before = rules.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        rules.check(xml, Form.ZUGFERD)
        assert rules.pid != before
    assert rules.pid is None


def test_silence_is_no_consent() -> None:
    """A process that takes too long is ended, and the document has not passed."""
    with OfficialRules(timeout=0.001) as rules, pytest.raises(RulesUnavailable):
        rules.check(xml_of("rechnung", Form.ZUGFERD), Form.ZUGFERD)


def test_a_process_does_not_grow_old() -> None:
    """After its lifetime of documents a process is replaced."""
    with OfficialRules(lifetime=1) as rules:
        rules.check(xml_of("rechnung", Form.ZUGFERD), Form.ZUGFERD)
        assert rules.pid is None


def test_the_first_of_every_key_and_then_some() -> None:
    """Of five documents of a key with every third, the first and the fourth are wanted; other keys count apart."""
    sample = Sample(every=3)
    assert [sample.wants("invoice", "v1") for _ in range(5)] == [True, False, False, True, False]
    assert sample.wants("invoice", "v2")


def test_known_keys_are_not_first() -> None:
    """A key that has passed before is sampled only."""
    sample = Sample(every=3, known=[("invoice", "v1")])
    assert [sample.wants("invoice", "v1") for _ in range(3)] == [False, False, True]


def test_a_failure_is_looked_at_again(rules: OfficialRules) -> None:
    """After a document that failed, the next of its key is checked, whatever its turn."""
    sampled = SampledRules(rules, Sample(every=100))
    good = xml_of("rechnung", Form.ZUGFERD)
    bad = good.replace(b"<ram:ID>RE-1</ram:ID>", b"<ram:ID></ram:ID>")
    with pytest.raises(InvalidEInvoice):
        sampled.check(bad, Form.ZUGFERD, "invoice", "v1")
    assert sampled.check(good, Form.ZUGFERD, "invoice", "v1")
    assert not sampled.check(bad, Form.ZUGFERD, "invoice", "v1")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("BR-CO-10", WORDS["BR-CO-10"]),
        (
            "BR-AE-10",
            "Steuerfall Steuerschuld des Leistungsempfängers: der Befreiungsgrund fehlt oder darf nicht stehen.",
        ),
        ("BR-XX-99", "Die Rechnung verletzt eine Regel der EN 16931: Original."),
    ],
)
def test_rules_have_words(rule: str, words: str) -> None:
    """Common rules speak German, families by their tax case, the rest quote the rule file."""
    assert in_german(rule, "Original.") == words
