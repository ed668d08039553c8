"""The printed invoice: valid PDF/A-3b structure, the right words in the right places, the same bytes every time."""

import hashlib
import io
import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from lxml import etree
from PIL import Image

from billing.jobs import Line
from documents.agreement import check_same_facts
from documents.errors import DeviatingPaper, MissingGlyph, TooManyPages
from documents.invoice import file_name, invoice_paper, invoice_sheet
from documents.look import Look
from documents.pdf import print_pdf
from documents.samples import CONSUMER, SELLER, invoice, samples
from tests.documents.conftest import printed
from tests.documents.reading import positions
from tests.documents.reading import reader as opened
from tests.documents.reading import words as words_of

NAMES = sorted(samples())
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"


def reader(name: str) -> pypdf.PdfReader:
    """A printed sample, opened."""
    return opened(printed(name))


def words(name: str) -> str:
    """All words of a printed sample, single-spaced."""
    return words_of(printed(name))


@pytest.mark.parametrize("name", NAMES)
def test_pdf_is_a_factur_x_file(name: str) -> None:
    """One rdf:RDF with PDF/A-3B and Factur-X, an sRGB output intent, one /AF entry as Alternative, no encryption."""
    pdf = reader(name)
    catalog: Any = pdf.trailer["/Root"]
    packet = catalog["/Metadata"].get_data()
    xmp = etree.fromstring(packet)
    assert len(list(xmp.iter(RDF))) == 1
    for said in (b"EN 16931", b"factur-x.xml", b'part="3"', b'conformance="B"', b"pdfaExtension:schemas"):
        assert said in packet
    assert [str(entry.get_object()["/AFRelationship"]) for entry in catalog["/AF"]] == ["/Alternative"]
    assert catalog["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert not pdf.is_encrypted
    assert packet in printed(name).pdf, "the packet must be readable without unpacking"


@pytest.mark.parametrize("name", NAMES)
def test_attachment_is_the_invoice_xml(name: str) -> None:
    """The embedded factur-x.xml is byte for byte the checked XML."""
    assert reader(name).attachments == {"factur-x.xml": [printed(name).xml]}


@pytest.mark.parametrize("name", NAMES)
def test_fonts_are_embedded_and_ours(name: str) -> None:
    """Every font is a subset of the bundled family with a map to Unicode; none comes from the machine."""
    for page in reader(name).pages:
        fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index]
        for font in (entry.get_object() for entry in fonts.values()):
            assert "/ToUnicode" in font
            below = font["/DescendantFonts"][0].get_object()
            assert "Source-Sans-3" in below["/BaseFont"].replace(" ", "-")
            assert "/FontFile2" in below["/FontDescriptor"]


@pytest.mark.parametrize("name", NAMES)
def test_paper_shows_what_the_xml_says(name: str) -> None:
    """Number, recipient, gross and IBAN of the XML stand in the text of the finished PDF."""
    made, seller = samples()[name]
    text = re.sub(r"\s+", "", words(name))
    gross = f"{made.draft.totals.gross:,.2f}".translate(str.maketrans(",.", ".,"))
    for fact in (made.number, made.draft.customer.name, gross, seller.iban):
        assert re.sub(r"\s+", "", fact) in text


@pytest.mark.parametrize("name", ["bauleistung", "skonto-rabatt", "zwei-seiten"])
def test_same_input_gives_same_bytes(name: str) -> None:
    """Printing an invoice again gives the very same file."""
    again = invoice_paper(*samples()[name], Look())
    assert hashlib.sha256(again.pdf).digest() == hashlib.sha256(printed(name).pdf).digest()


def test_dates_come_from_the_invoice() -> None:
    """The file says it was made on the issue date, in /Info and XMP alike, so that printing knows no clock."""
    info: Any = reader("verbraucher").metadata
    assert info["/CreationDate"] == info["/ModDate"] == "D:20261102000000Z"
    assert b"2026-11-02T00:00:00Z" in printed("verbraucher").pdf


@pytest.mark.parametrize("name", NAMES)
def test_address_fits_the_window(name: str) -> None:
    """DIN 5008 form B: the recipient stands in the address zone, and nothing else within 5 mm of the window."""
    left, top, right, bottom = 20, 45, 105, 90
    lines = samples()[name][0].draft.customer.name.split()
    inside = [
        (x, y, text)
        for x, y, text in positions(reader(name).pages[0])
        if left - 5 <= x <= right + 5 and top - 5 <= y <= bottom + 5
    ]
    assert all(x == pytest.approx(25, abs=0.3) for x, _, _ in inside)
    assert all(58 <= y <= 90 for _, y, _ in inside)
    recipient = [y for _, y, text in inside if text.startswith(lines[0])]
    assert recipient
    assert 62.7 < recipient[-1] < 70


def test_second_page_has_head_and_repeated_columns() -> None:
    """A continued invoice repeats column heads, company and number; every page says which of how many it is."""
    first, second = (page.extract_text() for page in reader("zwei-seiten").pages)
    assert "Seite 2 von 2" in second
    assert "Malerbetrieb Sommer GmbH · Rechnung RE-2026-0048" in " ".join(second.split())
    assert "Einzelpreis" in first
    assert "Einzelpreis" in second
    assert "Seite 1 von 2" in first


@pytest.mark.parametrize("count", [7, 8, 9])
def test_page_breaks_are_sensible(count: int) -> None:
    """Wherever the page ends, a heading is followed by its line, and the total by no page break from the last line."""
    pairs = (
        (Line(f"Raum {at}", is_text=True), Line(f"Zeile {at}", Decimal(1), "Stück", Decimal(10), Decimal(19)))
        for at in range(1, count + 1)
    )
    made = invoice("RE-1", CONSUMER, tuple(line for pair in pairs for line in pair))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(invoice_paper(made, SELLER, Look()).pdf)).pages]
    for at in range(1, count + 1):
        (page,) = (text for text in pages if f"Zeile {at} 1 Stück" in text)
        assert f"Raum {at}" in page
    (total_page,) = (text for text in pages if "Nettobetrag" in text)
    assert f"Zeile {count} 1 Stück" in total_page
    (payment_page,) = (text for text in pages if "Verwendungszweck" in text)
    assert "DE02 1203" in payment_page


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("bauleistung", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("kleinunternehmer", "Kleinunternehmer gemäß § 19 UStG"),
        ("eu-lieferung", "innergemeinschaftliche Lieferung"),
        ("verbraucher", "(§ 286 Abs. 3 BGB)"),
        ("skonto-rabatt", "2 % Skonto bei Zahlung bis 12.11.2026: dann 7.689,99 € (Sie sparen 156,94 €)"),
        ("bruttopreise", "Darin enthalten: 19 % USt. auf 655,14 € netto"),
        ("verbraucher", "Amtsgericht Köln HRB 104221"),
        ("verbraucher", "Geschäftsführung: Eva Sommer, Jonas Sommer"),
    ],
)
def test_law_is_on_the_paper(name: str, note: str) -> None:
    """Each case prints the words that the law or the terms want."""
    assert note in words(name)


def test_default_note_is_for_consumers_only() -> None:
    """A business is not told about § 286 (3) BGB."""
    assert "§ 286" not in words("skonto-rabatt")


def test_tax_free_invoice_shows_no_vat() -> None:
    """Where no VAT is due, neither rate nor amount of VAT is printed (§ 14c UStG)."""
    for name in ("bauleistung", "kleinunternehmer", "eu-lieferung"):
        assert "USt. auf" not in words(name)
        assert "zzgl." not in words(name)


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm (poppler-utils) draws the page")
def test_girocode_is_scanned_from_the_page(tmp_path: Path) -> None:
    """A phone that looks at the page reads the transfer: account, full amount and invoice number."""
    (tmp_path / "a.pdf").write_bytes(printed("skonto-rabatt").pdf)
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", "a.pdf", "a"], cwd=tmp_path, check=True)
    (code,) = zxingcpp.read_barcodes(Image.open(tmp_path / "a.png"))
    assert code.text.split("\n")[6:8] == ["DE02120300000000202051", "EUR7846.93"]
    assert code.text.endswith("\nRE-2026-0043")
    corners = code.position
    assert (corners.top_right.x - corners.top_left.x) / 150 * 25.4 >= 20


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf checks the file's structure")
def test_qpdf_finds_no_fault(tmp_path: Path) -> None:
    """The file's cross references and streams are in order."""
    (tmp_path / "a.pdf").write_bytes(printed("zwei-seiten").pdf)
    done = subprocess.run(["qpdf", "--check", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_european_names_are_printed() -> None:
    """Polish, Turkish, Czech, Greek and Cyrillic names come out as they were written."""
    names = ("Łukasz Żółć", "Şükrü Ağaoğlu", "Žďár Příšerně", "Γεωργία Ψυχή", "Юрий Щёголев")
    lines = tuple(Line(name, Decimal(1), "", Decimal(5), Decimal(19)) for name in names)
    paper = invoice_paper(invoice("RE-1", CONSUMER, lines), SELLER, Look())
    text = pypdf.PdfReader(io.BytesIO(paper.pdf)).pages[0].extract_text()
    assert all(name in text for name in names)


@pytest.mark.parametrize(("text", "character"), [("Anstrich 😀", "😀"), ("漆", "漆"), ("مرحبا", "م")])
def test_missing_glyph_is_an_error(text: str, character: str) -> None:
    """A character that the fonts do not have stops the document, naming itself and its field."""
    lines = (
        Line("Fenster", Decimal(1), "", Decimal(5), Decimal(19)),
        Line(text, Decimal(1), "", Decimal(5), Decimal(19)),
    )
    with pytest.raises(MissingGlyph) as caught:
        invoice_paper(invoice("RE-1", CONSUMER, lines), SELLER, Look())
    assert caught.value.character == character
    assert caught.value.field == "Positionen 2, Bezeichnung"


def test_customer_text_is_data() -> None:
    """Markup and template code from a customer are printed as they are and change nothing."""
    lines = (Line("<b>{{ 7*7 }}</b><img src=x>", Decimal(1), "", Decimal(5), Decimal(19)),)
    paper = invoice_paper(invoice("RE-1", CONSUMER, lines), SELLER, Look())
    text = pypdf.PdfReader(io.BytesIO(paper.pdf)).pages[0].extract_text().replace("\n", "")
    assert "<b>{{ 7*7 }}</b><img src=x>" in text


def test_endless_document_is_refused() -> None:
    """A document beyond the limit is an error and not a file."""
    pages = "<p style='break-after: page'>Seite</p>" * 3
    with pytest.raises(TooManyPages):
        print_pdf(pages, b"<xml/>", Look(), date(2026, 11, 2), max_pages=2)


def test_paper_without_the_iban_is_refused() -> None:
    """A template that leaves out a leading fact of the XML is caught before anything is printed."""
    sheet = invoice_sheet(*samples()["verbraucher"], Look())
    with pytest.raises(DeviatingPaper, match="IBAN"):
        check_same_facts(sheet.xml, sheet.page.replace("DE02 1203", "DE99 1203"))


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("RE-2026-0042", "Rechnung_RE-2026-0042.pdf"),
        ("RE 2026/42 ü", "Rechnung_RE-2026-42.pdf"),
        ("../../etc/passwd", "Rechnung_etc-passwd.pdf"),
        ("9" * 90, f"Rechnung_{'9' * 47}.pdf"),
    ],
)
def test_file_name_is_plain(number: str, name: str) -> None:
    """File names are ASCII, at most 60 characters, and lead nowhere."""
    assert file_name(number) == name
    assert len(name) <= 60
