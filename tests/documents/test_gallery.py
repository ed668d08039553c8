"""The gallery: every kind of document in every case holds what paper, law and file format want."""

import io
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from lxml import etree
from PIL import Image

from billing.calendar import is_working_day, last_day_to_pay
from billing.einvoice_duty import Form
from documents.cases import cases
from documents.demand import Notice
from documents.gallery import mail_of, pictures_of, write_gallery
from documents.rules_check import OfficialRules
from documents.view import Demand, demand_of
from tests.documents.conftest import case
from tests.documents.reading import MM, positions, reader
from tests.documents.reading import pages as pages_of

NAMES = sorted(cases())
INVOICES = [name for name in NAMES if not isinstance(cases()[name].subject, Notice)]
NOTICES = [name for name in NAMES if name not in INVOICES]
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
EMBEDDED = [name for name in INVOICES if cases()[name].form is Form.ZUGFERD]


@lru_cache
def pages(name: str) -> list[str]:
    """The words of every page of a case."""
    return pages_of(case(name))


@lru_cache
def placed(name: str) -> list[list[tuple[float, float, str]]]:
    """The places of all texts on every page of a case."""
    return [positions(page) for page in reader(case(name)).pages]


def words(name: str) -> str:
    """All words of a case."""
    return " ".join(pages(name))


def is_payable(name: str) -> bool:
    """Whether the customer is asked for a transfer."""
    subject = cases()[name].subject
    return isinstance(subject, Notice) or demand_of(subject.draft) is Demand.TRANSFER


def test_gallery_has_every_case() -> None:
    """There are at least 24 cases, among them every kind of invoice, every level of notice and both languages."""
    subjects = [found.subject for found in cases().values()]
    assert len(subjects) >= 24
    assert {subject.level for subject in subjects if isinstance(subject, Notice)} == {1, 2, 3, 4}
    drafts = [subject.draft for subject in subjects if not isinstance(subject, Notice)]
    assert len({draft.kind.code for draft in drafts}) >= 7
    assert len({draft.tax_case for draft in drafts}) >= 5
    assert {draft.customer.language for draft in drafts} == {"de", "en"}
    assert max(len(draft.lines) for draft in drafts) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_file_is_pdf_a_with_our_fonts(name: str) -> None:
    """One rdf:RDF that says PDF/A-3B, an sRGB output intent, no encryption, every font embedded and ours."""
    pdf = reader(case(name))
    catalog: Any = pdf.trailer["/Root"]
    packet = catalog["/Metadata"].get_data()
    assert len(list(etree.fromstring(packet).iter(RDF))) == 1
    assert packet.count(b'part="3"') == packet.count(b'conformance="B"') == 1
    assert catalog["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert not pdf.is_encrypted
    for page in pdf.pages:
        fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index]
        for font in (entry.get_object() for entry in fonts.values()):
            below = font["/DescendantFonts"][0].get_object()
            assert "Source-Sans-3" in below["/BaseFont"].replace(" ", "-")
            assert "/FontFile2" in below["/FontDescriptor"]
            assert "/ToUnicode" in font


@pytest.mark.parametrize("name", NAMES)
def test_only_hybrids_hold_an_invoice(name: str) -> None:
    """A ZUGFeRD file holds its XML once, as Alternative; letters and readable copies of an XRechnung hold nothing."""
    catalog: Any = reader(case(name)).trailer["/Root"]
    relations = [str(entry.get_object()["/AFRelationship"]) for entry in catalog.get("/AF", [])]
    assert relations == (["/Alternative"] if name in EMBEDDED else [])
    assert reader(case(name)).attachments == ({"factur-x.xml": [case(name).xml]} if name in EMBEDDED else {})


@pytest.mark.parametrize("name", INVOICES)
def test_xml_passes_the_official_rules(name: str, rules: OfficialRules) -> None:
    """No XML of the gallery breaks a rule of EN 16931."""
    rules.check(case(name).xml, cases()[name].form)


@pytest.mark.parametrize("name", NAMES)
def test_address_stays_in_the_window(name: str) -> None:
    """DIN 5008 form B: in the window and 5 mm around it stands nothing but sender's line and recipient."""
    left, top, right, bottom = 20, 45, 105, 90
    near = [
        found for found in placed(name)[0] if left - 5 <= found[0] <= right + 5 and top - 5 <= found[1] <= bottom + 5
    ]
    assert near
    assert all(x == pytest.approx(25, abs=0.3) for x, _, _ in near)
    assert all(top + 5 <= y <= bottom - 0.5 for _, y, _ in near)
    subject = cases()[name].subject
    customer = subject.customer if isinstance(subject, Notice) else subject.draft.customer
    first = customer.name.split()[0]
    assert any(62.7 < y < 70 and text.startswith(first) for _, y, text in near)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_leaves_the_margins(name: str) -> None:
    """Left of 20 mm stand only the marks for folding, and nothing below the company's data."""
    assert all(x >= 24.5 and 5 < y < 294 for page in placed(name) for x, y, _ in page)
    assert float(reader(case(name)).pages[0].mediabox.width) / MM == pytest.approx(210, abs=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_numbered(name: str) -> None:
    """Every page says which page of how many it is."""
    found = pages(name)
    word = "Page {} of {}" if "englisch" in name else "Seite {} von {}"
    for at, text in enumerate(found, 1):
        assert word.format(at, len(found)) in text


@pytest.mark.parametrize("name", INVOICES)
def test_total_stands_with_the_last_line(name: str) -> None:
    """The page that holds the gross total also holds the last line: no total is orphaned."""
    subject = cases()[name].subject
    assert not isinstance(subject, Notice)
    last = [line for line in subject.draft.lines if not line.is_text][-1]
    gross = f"{abs(subject.draft.totals.gross):,.2f}"
    german = gross.translate(str.maketrans(",.", ".,"))
    assert any(last.name.split()[0] in text and (german in text or gross in text) for text in pages(name))


@pytest.mark.parametrize("name", NAMES)
def test_payment_data_stand_together(name: str) -> None:
    """Account and reference are on one page, and only where the customer is to transfer something."""
    reference = "Reference" if "englisch" in name else "Verwendungszweck"
    holding = [text for text in pages(name) if reference in text]
    assert len(holding) == is_payable(name)
    assert all("DE" in text.partition("IBAN")[2] for text in holding)


@pytest.mark.parametrize("name", NAMES)
def test_girocode_is_on_payable_documents_only(name: str) -> None:
    """Credits, cancellations, debits and paid invoices show no code; all others one picture of it."""
    pictures = {image.name for page in reader(case(name)).pages for image in page.images}
    assert len(pictures) == is_payable(name)


@pytest.mark.parametrize("name", ["schlussrechnung-teilzahlung", "mahnung-2"])
def test_girocode_asks_for_the_amount_due(name: str, tmp_path: Path) -> None:
    """After part payments, and with interest and costs, the code holds what is still to be paid."""
    found = pictures_of(case(name).pdf, tmp_path, name)
    if not found:
        pytest.skip("pdftoppm (poppler-utils) draws the page")
    codes = [
        code.text
        for path in found
        for code in zxingcpp.read_barcodes(Image.open(path).convert("L").resize((1588, 2246)))
    ]
    amounts = {"schlussrechnung-teilzahlung": "EUR12007.70", "mahnung-2": "EUR8942.53"}
    assert [code.split("\n")[7] for code in codes] == [amounts[name]]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("verbraucher", "Rechnung RE-2026-0042"),
        ("sammelrechnung", "Sammelrechnung RE-2026-0057"),
        ("abschlag-bau", "Abschlagsrechnung AR-2026-0061"),
        ("anzahlung", "Anzahlungsrechnung AZ-2026-0007"),
        ("schlussrechnung", "Schlussrechnung SR-2026-0009"),
        ("korrektur", "Rechnungskorrektur RK-2026-0002"),
        ("storno", "Stornorechnung ST-2026-0003"),
        ("gutschrift", "Kaufmännische Gutschrift GS-2026-0001"),
        ("englisch", "Invoice RE-2026-0059"),
        ("erinnerung", "Zahlungserinnerung zur Rechnung RE-2026-0042"),
        ("mahnung-1", "1. Mahnung zur Rechnung RE-2026-0021"),
        ("mahnung-2", "2. Mahnung zu 2 offenen Rechnungen"),
        ("mahnung-3", "Letzte Mahnung zur Rechnung RE-2026-0009"),
        ("mahnung-englisch", "Second dunning notice for invoice RE-2026-0019"),
    ],
)
def test_kind_is_named(name: str, title: str) -> None:
    """Each kind says in large letters what it is; the file says so in its title, too."""
    assert title in words(name)
    info: Any = reader(case(name)).metadata
    assert info["/Title"] == title


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("badsanierung", "(§ 14b Abs. 1 Satz 5 UStG)"),
        ("badsanierung", "Lohn-, Maschinen- und Fahrtkosten: 3.308,20 € (brutto)"),
        ("badsanierung", "(§ 286 Abs. 3 BGB)"),
        ("freistellung", "§ 48b EStG: Nr. 2175733004201, gültig bis 31.12.2027"),
        ("photovoltaik", "Steuersatz 0 % gemäß § 12 Abs. 3 UStG"),
        ("bauleistung", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("englisch", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("englisch", "Reverse charge"),
        ("ausfuhr", "Steuerfreie Ausfuhrlieferung"),
        ("steuerfrei", "Umsatzsteuerfrei nach § 4 Nr. 12 Buchst. a UStG"),
        ("kleinunternehmer", "Kleinunternehmer gemäß § 19 UStG"),
        ("storno", "zur Rechnung RE-2026-0042 vom 02.11.2026"),
        ("storno", "Was Sie darauf schon gezahlt haben, verrechnen wir"),
        ("sammelrechnung", "Ihre Bestellung 4500017788 · Projekt P-2026-14 · Vertrag RV-88 · Lieferschein LS-0931"),
        ("sammelrechnung", "Summe dieses Abschnitts 242,40 €"),
        ("leitweg-id", "Leitweg-ID 04011000-1234512345-06"),
        ("lastschrift", "Mandat MANDAT-2026-0042, Gläubiger-ID DE98ZZZ09999999999"),
        ("bezahlt", "Der Betrag ist bereits beglichen"),
        ("gutschrift", "Den Betrag von 178,50 € verrechnen wir"),
        ("zuschlaege", "Kleinmengenzuschlag 2,5 % 87,24 €"),
        ("schlussrechnung", "AR-2026-0061 02.11.2026 14.09.2026 19 % 12.500,00 € 2.375,00 € 14.875,00 €"),
        ("schlussrechnung", "Restbetrag 20.142,00 € 3.826,98 € 23.968,98 €"),
        ("schlussrechnung-teilzahlung", "davon zu 19 % 1.782,82 € 338,73 € 2.121,55 €"),
        ("schlussrechnung-teilzahlung", "Noch zu zahlen 12.007,70 €"),
    ],
)
def test_case_shows_its_point(name: str, note: str) -> None:
    """Each case prints the words that law and terms want of it."""
    assert note in words(name)


@pytest.mark.parametrize(
    "name", ["bauleistung", "kleinunternehmer", "eu-lieferung", "ausfuhr", "steuerfrei", "englisch"]
)
def test_no_tax_is_shown_where_none_is_due(name: str) -> None:
    """Neither rate nor amount of VAT stands on a tax-free invoice (§ 14c UStG)."""
    assert not any(part in words(name) for part in ("USt. auf", "VAT on", "zzgl."))


@pytest.mark.parametrize("name", NAMES)
def test_mail_is_ready_for_delivery(name: str) -> None:
    """Every document has a mail with checked texts that carries it."""
    subject = cases()[name].subject
    customer = subject.customer if isinstance(subject, Notice) else subject.draft.customer
    if not customer.email:
        pytest.skip("this customer has no mail address")
    mail = mail_of(cases()[name], case(name))
    assert mail.recipient == customer.email
    assert case(name).file_name.encode() in mail.message
    assert (b"xrechnung.xml" in mail.message) == (name == "leitweg-id")


def test_two_pages_are_exactly_full() -> None:
    """The case of two full pages has two, and its neighbours in the gallery show one and four."""
    assert [len(pages(name)) for name in ("eine-position", "zwei-volle-seiten", "sechzig-positionen")] == [
        1,
        2,
        4,
    ]


def test_gallery_is_written(tmp_path: Path) -> None:
    """The gallery writes PDF, pictures, XML and mail of every case, and an index that links them all."""
    pieces = write_gallery(tmp_path, [cases()[name] for name in ("eine-position", "leitweg-id", "mahnung-1")])
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert [len(piece.files) for piece in pieces] == [3, 3, 2]
    for piece in pieces:
        assert all(path.is_file() and f'href="{path.name}"' in index for path in (*piece.files, *piece.pictures))


def test_pictures_are_pages(tmp_path: Path) -> None:
    """Pictures are A4 pages in order."""
    found = pictures_of(case("zwei-seiten").pdf, tmp_path, "x")
    if not found:
        pytest.skip("pdftoppm (poppler-utils) draws the page")
    assert [path.name for path in found] == ["x-1.png", "x-2.png"]
    assert Image.open(io.BytesIO(found[0].read_bytes())).size == pytest.approx((794, 1123), abs=2)


def test_the_timesheet_stands_behind_a_collective_invoice() -> None:
    """It begins on a page of its own, repeats who did what on which ticket, and adds up the hours, not the flats."""
    *before, last = [" ".join(page.split()) for page in pages("sammelrechnung")]
    assert "Tätigkeitsnachweis zur Rechnung RE-2026-0057" in last
    assert "09.10.2026 Anna Groß 4718 Schalter ersetzt und geprüft 1,25 Std." in last
    assert "Stunden zusammen 12,75 Std." in last
    assert not any("Tätigkeitsnachweis" in page for page in before)


@pytest.mark.parametrize("name", NOTICES)
def test_notices_have_lawful_dates(name: str) -> None:
    """Letters leave on working days and set periods that end on one; interest begins after such a day (§ 193 BGB)."""
    notice = cases()[name].subject
    assert isinstance(notice, Notice)
    assert all(is_working_day(day) for day in (notice.issue_date, notice.pay_until, *notice.earlier))
    for invoice in notice.invoices:
        assert invoice.due_date < notice.issue_date
        if invoice.interest:
            first = invoice.interest.periods[0].first
            assert first > last_day_to_pay(invoice.due_date)
            assert is_working_day(first - timedelta(1))
