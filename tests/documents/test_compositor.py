"""The compositor: what is printed with things kept of other pages has the bytes that the engine gives by itself."""

import io
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from weasyprint import CSS

from billing.jobs import Line
from documents.cases import cases
from documents.compositor import STANDING, STRUCTURES, TRIAL_EVERY, Compositor
from documents.demand import Notice
from documents.forme import MAX_PAGES
from documents.girocode import png
from documents.invoice import Sheet, invoice_sheet
from documents.look import Look, look_for
from documents.notice import notice_sheet
from documents.pdf import Assets, WellFormed, compositor, press, print_pdf, shared_fonts
from documents.samples import BUILDER, SELLER, invoice
from documents.structure import decides_styles, structure

DAY = date(2026, 11, 2)
# What the compositor does not set: the engine prints such pages by itself, with all of its own styles.
BY_THE_ENGINE = "<!-- footnote -->"
BY_THE_COMPOSITOR = "<!-- xxxxxxxx -->"
TEXTS = ("Kurz", "Ein Satz, der in keine Spalte passt: Donaudampfschifffahrt, Rhein", "Zwei Wörter", "Fünf", "Öl 12 %")
STYLES = {
    "block": "",
    "hyphens": "p { width: 30mm; hyphens: auto; text-align: justify }",
    "auto table": "table { width: auto }",
    "fixed table": "table { table-layout: fixed; width: 80mm } td { vertical-align: middle }",
    "collapsed borders": "table { border-collapse: collapse } td { border: 1mm solid; padding: 2mm }",
    "float": "b { float: left; width: 20mm }",
    "float right": "p { width: 50mm } i { float: right }",
    "shrink to fit": "p { position: absolute; right: 0; background: #eee }",
    "absolute": "p { position: absolute; left: 10mm; width: 20mm; bottom: 5mm }",
    "fixed": "p { position: fixed; top: 0; width: 20mm }",
    "relative": "p { position: relative; top: 3mm; left: 1mm } b { position: relative; top: 1mm }",
    "inline block": "b { display: inline-block; width: 20mm; background: #ddd }",
    "flex": "div { display: flex } p { border: 1px solid }",
    "grid": "div { display: grid; grid-template-columns: auto 1fr }",
    "columns": "div { columns: 2 }",
    "first letter": "p::first-letter { font-size: 20pt }",
    "first line": "p::first-line { font-weight: bold }",
    "clamped": "p { width: 30mm; max-lines: 1; block-ellipsis: auto }",
    "clipped": "p { width: 20mm; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }",
    "generated": "p::before { content: attr(class) counter(page) ' ' } p::after { content: ' Ende' }",
    "running": "h1 { string-set: t content() } @page { @top-center { content: string(t) } }",
    "running on every page": (
        "@page { size: 60mm 60mm; margin: 12mm 5mm; @top-left { content: string(t); text-transform: uppercase } }"
        "h1 { string-set: t attr(data-running) }"
    ),
    "running beside another": (
        "@page { size: 60mm 60mm; margin: 12mm 5mm; @top-left { content: string(t) } @top-right { content: 'x' } }"
        "h1 { string-set: t attr(data-running) }"
    ),
    "running from many": "p { string-set: t content() } @page { size: 6cm; @bottom-left { content: string(t, last) } }",
    "running element": "i { position: running(x) } @page { @bottom-center { content: element(x) } }",
    "underlined": "b { text-decoration: underline; text-transform: uppercase }",
    "right to left": "p { direction: rtl } b { letter-spacing: 1mm }",
    "background": "b { background: #fda; border-radius: 2mm; padding: 1mm } body { background: #eef }",
    "viewport": "body { overflow: hidden; margin: 0 }",
    "bookmarks": "h1 { width: 30mm } b { bookmark-level: 2; bookmark-label: content(text) }",
    "small page": "@page { size: 60mm 60mm } p { margin: 6mm 0 }",
    "leader": "p { width: 60mm } p::after { content: leader('.') 'Ende' }",
    "pre": "p { white-space: pre-line; margin: 3mm } h1 { margin: -2mm }",
    "baseline": "table { table-layout: fixed; width: 80mm } td { vertical-align: baseline } td b { font-size: 20pt }",
    "picture": "img { width: 20mm; height: 20mm }",
    "block picture": "img { display: block; max-width: 40mm }",
    "list": "b { list-style-position: inside }",
}


def page(styles: str, text: str, other: str) -> str:
    """A page that has a bit of everything."""
    return (
        f"<html lang='de'><head><title>{text}</title><style>@page {{ size: A5 }} {styles}</style></head><body>"
        f"<h1 data-running='{text}'>{text} und {other}</h1><div><p class='x'>{other} <b>{text}</b> <i>{other}</i></p>"
        f"<p>{text}</p></div><table><tr><td>{text}</td><td>{other} <b>{text}</b></td></tr></table>"
        f"<img src='asset:bild'/><ul><li>{text}</li></ul><p>{other}<br/>{text}</p></body></html>"
    )


def without_identifier(pdf: bytes) -> bytes:
    """The file without the identifier that is reckoned from the page's text."""
    return re.sub(rb"/ID \[.*?\) \([0-9a-f]{32}\)\]", b"", pdf, flags=re.DOTALL)


def printed(html: str, look: Look, pictures: dict[str, bytes] | None = None, xml: bytes = b"") -> bytes:
    """The page as PDF."""
    return without_identifier(print_pdf(html, xml, look, DAY, pictures))


def sheet_of(name: str) -> tuple[Sheet, Look]:
    """A case of the gallery before layout, and the look it is printed in."""
    case = cases()[name]
    if isinstance(case.subject, Notice):
        look = look_for(case.look, case.subject.customer)
        return notice_sheet(case.subject, case.seller, look), look
    look = look_for(case.look, case.subject.draft.customer)
    return invoice_sheet(case.subject, case.seller, look, case.form), look


def with_other_figures(html: str, step: int) -> str:
    """The same page with other figures below the letterhead; they are all of one width."""
    head, mark, body = html.partition('<div class="recipient')
    figures = str.maketrans("0123456789", "0123456789"[step:] + "0123456789"[:step])

    def altered(match: re.Match[str]) -> str:
        return "".join(
            part if part[0] == "&" else part.translate(figures) for part in re.findall("&[^;]*;|[^&]+", match[0])
        )

    said = '(?<=data-running=")[^"]+|(?<=>)[^<]+'
    return f"{head}{mark}{re.sub(said, altered, body)}"


@pytest.fixture
def unspoilt(caplog: pytest.LogCaptureFixture) -> Callable[[], bool]:
    """Whether the trials of this test have found the same bytes each time."""
    caplog.set_level(logging.WARNING, "documents.compositor")
    return lambda: all(record.name != "documents.compositor" for record in caplog.records)


@pytest.mark.parametrize("name", sorted(cases()))
def test_documents_print_to_the_engines_bytes(name: str, unspoilt: Callable[[], bool]) -> None:
    """Every case of the gallery with other figures, in kept styles and, if it is not too long, on a forme."""
    sheet, look = sheet_of(name)
    pictures = {sheet.giro.address: sheet.giro.picture} if sheet.giro else {}
    assert press(look).is_plain
    for step in (0, 1):
        printed(with_other_figures(sheet.page, step), look, pictures)
    before = compositor().counts["forme"]
    last = with_other_figures(sheet.page, 2)
    other = {address: png("SCD\n0815") for address in pictures}
    ours = printed(last + BY_THE_COMPOSITOR, look, other, sheet.xml)
    is_short = len(PdfReader(io.BytesIO(ours)).pages) <= MAX_PAGES
    assert compositor().counts["forme"] - before == is_short
    assert ours == printed(last + BY_THE_ENGINE, look, other, sheet.xml)
    assert unspoilt()


@pytest.mark.parametrize("styles", STYLES.values(), ids=STYLES.keys())
def test_pages_of_any_style_print_to_the_engines_bytes(styles: str, unspoilt: Callable[[], bool]) -> None:
    """Whatever a client's template does with texts: they flow, shrink, break, show twice."""
    pages = {page(styles, text, TEXTS[at * 3 % len(TEXTS)]): {"asset:bild": png(text)} for at, text in enumerate(TEXTS)}
    by_the_engine = {html: printed(html + BY_THE_ENGINE, Look(), pictures) for html, pictures in pages.items()}
    for html, pictures in (*pages.items(), *pages.items()):
        assert printed(html + BY_THE_COMPOSITOR, Look(), pictures) == by_the_engine[html]
    assert unspoilt()


WORDS = st.text(st.sampled_from("abcdefghilmnorstuAEMRSWäöüß-,.%0123456789"), min_size=1, max_size=24)


@given(
    st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=9), st.decimals(1, 9999, places=2)), min_size=3, max_size=3)
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_invoices_of_any_words_print_to_the_engines_bytes(
    unspoilt: Callable[[], bool], items: list[tuple[list[str], Decimal]]
) -> None:
    """Three lines each, of one word or many, wrapped and hyphenated or not."""
    lines = tuple(Line(" ".join(words), Decimal(1), "Stk", price, Decimal(19)) for words, price in items)
    sheet = invoice_sheet(invoice("RE-2026-000001", BUILDER, lines), SELLER, Look())
    assert sheet.giro
    pictures = {sheet.giro.address: sheet.giro.picture}
    ours = printed(sheet.page + BY_THE_COMPOSITOR, Look(), pictures)
    assert ours == printed(sheet.page + BY_THE_ENGINE, Look(), pictures)
    assert unspoilt()


def everyday(number: int, words: str = "Wände streichen") -> Sheet:
    """An invoice of two lines."""
    lines = (Line(words, Decimal(number), "m²", Decimal("7.45"), Decimal(19)),) * 2
    customer = replace(BUILDER, name=f"Bau {number} GmbH")
    return invoice_sheet(invoice(f"RE-2026-{number:06}", customer, lines), SELLER, Look())


def pressed(sheet: Sheet) -> bytes:
    """The invoice as PDF."""
    assert sheet.giro
    return print_pdf(sheet.page, sheet.xml, Look(), DAY, {sheet.giro.address: sheet.giro.picture})


def test_everyday_invoices_are_printed_on_a_forme() -> None:
    """The third of a shape and all after it; one of another shape between them does not spoil the page."""
    compositor.cache_clear()
    for number in range(1, 9):
        pressed(everyday(number))
    pressed(everyday(9, "Wände streichen, Raum für Raum, in allen Farben, die die Musterkarte hergibt, und zweimal"))
    pressed(everyday(10))
    assert compositor().counts == {"engine": 1, "styles": 2, "forme": 7}


def test_a_failed_page_spoils_no_other() -> None:
    """A foreign picture stops one document; the next one on the same forme is whole."""
    compositor.cache_clear()
    for number in (1, 2, 3):
        pressed(everyday(number))
    sheet = everyday(4)
    with pytest.raises(Exception, match="asset:fremd"):
        print_pdf(sheet.page.replace("asset:girocode", "asset:fremd"), b"", Look(), DAY, {})
    assert pressed(sheet) == pressed(everyday(4))


LONG = "Donaudampfschifffahrtsgesellschaft, " * 4


class Machine:
    """A compositor of its own with a style sheet that selects by what is shown, and the engine beside it."""

    def __init__(self) -> None:
        self.compositor = Compositor()
        self.sheet = CSS(string='h1 { color: red } h1[data-running="B"] { color: blue }')

    def print(self, text: str, running: str = "A") -> bytes:
        """The page by the compositor."""
        return self.compositor.printed(self.source(text, running), self.write, self.settings())

    def by_the_engine(self, text: str, running: str = "A") -> bytes:
        """The page by WeasyPrint."""
        return self.write(self.source(text, running).render(**self.settings()))

    def settings(self) -> dict[str, Any]:
        """How a page is printed."""
        fonts, _ = shared_fonts()
        return {
            "font_config": fonts,
            "color_profiles": {},
            "stylesheets": [self.sheet],
            "cache": {},
            "output_intent": None,
        }

    @staticmethod
    def source(text: str, running: str) -> WellFormed:
        """A page with one paragraph."""
        return WellFormed(
            f'<html><body><h1 data-running="{running}">{text}</h1></body></html>', Assets({}), is_plain=True
        )

    @staticmethod
    def write(document: Any) -> bytes:
        """The bytes of a document."""
        return bytes(document.write_pdf(pdf_identifier=b"1"))


def test_a_trial_finds_other_bytes(caplog: pytest.LogCaptureFixture) -> None:
    """Kept styles that are wrong are noticed at their first use, before anything leaves, and never used again."""
    machine = Machine()
    machine.print("eins")
    with caplog.at_level(logging.WARNING):
        blue = machine.print("zwei", "B")
    assert blue == machine.by_the_engine("zwei", "B") != machine.by_the_engine("zwei")
    assert "not used again" in caplog.text
    assert machine.print("drei", "B") == machine.by_the_engine("drei", "B")
    assert machine.compositor.counts == {"engine": 1, "styles": 1, "forme": 0}


def test_a_surprise_costs_no_document(caplog: pytest.LogCaptureFixture) -> None:
    """Pages that stand and turn out not to be what was thought are left alone, and the engine prints."""
    machine = Machine()
    for number in range(2):
        machine.print(f"Seite {number}")
    (kept,) = machine.compositor._kept.values()
    del kept.formes[0].pages[0].children
    with caplog.at_level(logging.WARNING):
        assert machine.print("Seite 4") == machine.by_the_engine("Seite 4")
    assert "cannot be used" in caplog.text
    assert machine.print("Seite 5") == machine.by_the_engine("Seite 5")
    assert machine.compositor.counts["forme"] == 1


def test_trials_come_again() -> None:
    """Also after a hundred pages that were right."""
    machine = Machine()
    for number in range(TRIAL_EVERY + 2):
        assert machine.print(f"Seite {number}")
    assert machine.compositor.counts["forme"] == TRIAL_EVERY
    assert machine.print("anders", "B") == machine.by_the_engine("anders", "B")
    assert machine.print("noch", "B") == machine.by_the_engine("noch", "B")
    assert machine.compositor.counts["forme"] == TRIAL_EVERY + 1


def test_what_is_kept_has_a_limit() -> None:
    """Structures and shapes without end do not fill the memory."""
    machine = Machine()
    for lines in range(1, STRUCTURES + 8):
        machine.print("Zeile<br/>" * lines)
    assert len(machine.compositor._kept) == STRUCTURES
    # Each of these has a shape of its own.
    for bits in (*range(STANDING + 5), *range(STANDING + 5)):
        words = [LONG if bits >> line & 1 else "kurz" for line in range(6)]
        machine.print("".join(f'<b style="display: block">{line}</b>' for line in words))
    assert machine.compositor.counts["forme"] == 0
    assert {len(kept.formes) for kept in machine.compositor._kept.values()} == {0, STANDING}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>eins</p>", "<p>zwei &amp; drei</p>"),
        ('<h1 data-running="a">b</h1>', '<h1 data-running="c">d</h1>'),
        ('<img src="a"/>', '<img src="b"/>'),
        ("<p>a <b>b</b> c</p>", "<p>1 <b>2</b> 3</p>"),
    ],
)
def test_other_words_are_the_same_structure(one: str, other: str) -> None:
    """Texts and what pictures show."""
    assert structure(WellFormed(one, Assets({}), is_plain=True).etree_element) == structure(
        WellFormed(other, Assets({}), is_plain=True).etree_element
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>eins</p>", "<p></p>"),
        ("<p>eins</p>", "<div>eins</div>"),
        ('<p class="a">x</p>', '<p class="b">x</p>'),
        ("<p><b>a</b></p>", "<p><b>a</b> b</p>"),
        ("<p><b>a</b><b>a</b></p>", "<p><b>a<b>a</b></b></p>"),
        ("<style>p { color: red }</style>", "<style>p { color: blue }</style>"),
        ('<p style="color: red">x</p>', '<p style="color: blue">x</p>'),
    ],
)
def test_other_elements_are_another_structure(one: str, other: str) -> None:
    """All that a selector can see."""
    assert structure(WellFormed(one, Assets({}), is_plain=True).etree_element) != structure(
        WellFormed(other, Assets({}), is_plain=True).etree_element
    )


@pytest.mark.parametrize("sheet", ['h1[data-running="x"] { }', "img[ src$=png] { }", r"h1[d\61ta-running] { }"])
def test_sheets_that_select_by_what_is_shown_are_for_the_engine(sheet: str) -> None:
    """Pages of one structure would have different styles."""
    assert not decides_styles(sheet)
    assert not decides_styles(f"p {{ color: red }} {sheet}")
