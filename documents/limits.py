"""What a document may cost: texts, lines and pages that nobody would post are refused before the layout begins."""

from billing.invoices import Draft
from documents.errors import TooLarge

MAX_PAGES = 60
MAX_PAGE_CHARACTERS = 1_000_000  # of the page before layout
MAX_PDF_BYTES = 10_000_000
MAX_TEXT_LINES = 2_000  # about 45 pages; half a minute of layout lies at four times as many
_LETTERS_IN_A_LINE = 60


def check_draft(draft: Draft) -> None:
    """Raise `TooLarge` if the lines and texts of a draft would fill more pages than anybody posts."""
    texts = [draft.title, draft.introduction, draft.remark]
    texts += [text for line in draft.lines for text in (line.name, line.description)]
    found = sum(_lines(text) for text in texts)
    if found > MAX_TEXT_LINES:
        raise TooLarge("Textzeilen", found, MAX_TEXT_LINES)


def check_page(page: str) -> None:
    """Raise `TooLarge` for a page that a template has blown up."""
    if len(page) > MAX_PAGE_CHARACTERS:
        raise TooLarge("Zeichen", len(page), MAX_PAGE_CHARACTERS)


def check_pdf(pdf: bytes) -> None:
    """Raise `TooLarge` for a file that mail servers would refuse."""
    if len(pdf) > MAX_PDF_BYTES:
        raise TooLarge("Bytes", len(pdf), MAX_PDF_BYTES)


def _lines(text: str) -> int:
    """At least so many lines does a text need."""
    return sum(1 + len(part) // _LETTERS_IN_A_LINE for part in text.split("\n")) if text else 0
