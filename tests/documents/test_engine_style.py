"""The engine's style sheet without its rules for every element: what needs them has them.

That all documents print to the same bytes without them, `test_compositor.py` shows.
"""

import re
from datetime import date

import pytest
from weasyprint.html import UA, UA_STYLESHEET

from documents.engine_style import is_plain, plain_sheet
from documents.look import Look
from documents.pdf import print_pdf

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


def without_identifier(pdf: bytes) -> bytes:
    """The file without the identifier that is reckoned from the page's text."""
    return re.sub(rb"/ID \[.*?\) \([0-9a-f]{32}\)\]", b"", pdf, flags=re.DOTALL)


def printed(page: str) -> bytes:
    """The page as PDF."""
    return without_identifier(print_pdf(page, b"", Look(), DAY))


@pytest.mark.parametrize("page", [LIST, FOOTNOTE, NOTE, ITEM])
def test_lists_and_notes_of_a_clients_page_keep_their_styles(page: str) -> None:
    """A template of a client may use them all."""
    assert printed(page + ANY) == printed(page + NEEDS_ALL)


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
