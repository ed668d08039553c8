"""The engine's style sheet without its rules for every element: the same bytes, and what needs the rules has them."""

import re
from datetime import date

import pytest
from weasyprint.html import UA, UA_STYLESHEET

from documents.cases import cases
from documents.demand import Notice
from documents.engine_style import is_plain, plain_sheet
from documents.invoice import Sheet, invoice_sheet
from documents.look import Look, look_for
from documents.notice import notice_sheet
from documents.pdf import press, print_pdf

DAY = date(2026, 11, 2)
NEEDS_ALL = "<!-- footnote -->"
ANY = "<!-- xxxxxxxx -->"
LIST = "<html><head><title>t</title></head><body><ul><li>eins</li></ul><ol><li>zwei</li></ol></body></html>"
FOOTNOTE = '<html><head><title>t</title></head><body><p>Text<i style="float: footnote">Fuß</i></p></body></html>'
NOTE = (
    "<html><head><title>t</title><style>@page { @note-area { content: element(note) } }</style></head>"
    '<body><p>Text<i style="position: note(n)">Rand</i></p></body></html>'
)
ITEM = '<html><head><title>t</title></head><body><p style="display: list-item">Punkt</p></body></html>'


def sheet_of(name: str) -> tuple[Sheet, Look]:
    """A case of the gallery before layout, and the look it is printed in."""
    case = cases()[name]
    if isinstance(case.subject, Notice):
        look = look_for(case.look, case.subject.customer)
        return notice_sheet(case.subject, case.seller, look), look
    look = look_for(case.look, case.subject.draft.customer)
    return invoice_sheet(case.subject, case.seller, look, case.form), look


def without_identifier(pdf: bytes) -> bytes:
    """The file without the identifier that is reckoned from the page's text."""
    return re.sub(rb"/ID \[.*?\) \([0-9a-f]{32}\)\]", b"", pdf, flags=re.DOTALL)


def printed(page: str, look: Look, sheet: Sheet | None = None) -> bytes:
    """The page as PDF."""
    pictures = {sheet.giro.address: sheet.giro.picture} if sheet and sheet.giro else {}
    return without_identifier(print_pdf(page, sheet.xml if sheet else b"", look, DAY, pictures))


@pytest.mark.parametrize("name", sorted(cases()))
def test_every_document_prints_to_the_same_bytes(name: str) -> None:
    """What the gallery has is laid out without the rules, and looks as it does with them."""
    sheet, look = sheet_of(name)
    assert press(look).is_plain
    assert is_plain(sheet.page)
    assert printed(sheet.page + ANY, look, sheet) == printed(sheet.page + NEEDS_ALL, look, sheet)


@pytest.mark.parametrize("page", [LIST, FOOTNOTE, NOTE, ITEM])
def test_lists_and_notes_of_a_clients_page_keep_their_styles(page: str) -> None:
    """A template of a client may use them all."""
    assert printed(page + ANY, Look()) == printed(page + NEEDS_ALL, Look())


@pytest.mark.parametrize(
    "text", ["float: Footnote", "position:note(n)", "display: block list-item", r"float: f\6f otnote"]
)
def test_what_may_ask_for_them_is_not_plain(text: str) -> None:
    """Also in capitals, and where an escape hides the word."""
    assert not is_plain(text)


def test_the_rules_are_gone() -> None:
    """A new release of the engine that writes them otherwise would be as slow as it is by itself: this tells."""
    every = {pseudo for _, _, _, pseudo, _ in UA_STYLESHEET.matcher.other_selectors}
    assert {"marker", "footnote-call", "note-callback"} <= every
    left = {pseudo for _, _, _, pseudo, _ in plain_sheet().matcher.other_selectors}
    assert left == {None}
    assert UA.count("@page") == 1
    assert plain_sheet().page_rules
