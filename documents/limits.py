"""What a document may cost: texts, lines and pages that nobody would post are refused before the layout begins."""

from collections.abc import Iterable

from billing.invoices import Draft
from documents.errors import TooLarge

MAX_PAGES = 60
MAX_PAGE_CHARACTERS = 1_000_000  # of the page before layout
MAX_SECONDS = 60.0  # for one step with a client's own template: filling in, or layout
MAX_PDF_BYTES = 10_000_000
MAX_TEXT_LINES = 2_000  # about 45 pages; half a minute of layout lies at four times as many
_LETTERS_IN_A_LINE = 60


def check_draft(draft: Draft) -> None:
    """Raise `TooLarge` if the lines and texts of a draft would fill more pages than anybody posts."""
    texts = [draft.title, draft.introduction, draft.remark]
    texts += [text for line in draft.lines for text in (line.name, line.description)]
    found = sum(_lines(text) for text in texts) + sum(_lines(row.text or "-") for row in draft.timesheet)
    if found > MAX_TEXT_LINES:
        raise TooLarge("Textzeilen", found, MAX_TEXT_LINES)


def joined(pieces: Iterable[str]) -> str:
    """The pieces of a page as one. Raises `TooLarge` as soon as they are more than a page may hold."""
    found, size = [], 0
    for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size > MAX_PAGE_CHARACTERS:
            raise TooLarge("Zeichen", size, MAX_PAGE_CHARACTERS)
    return "".join(found)


def check_pdf(pdf: bytes) -> None:
    """Raise `TooLarge` for a file that mail servers would refuse."""
    if len(pdf) > MAX_PDF_BYTES:
        raise TooLarge("Bytes", len(pdf), MAX_PDF_BYTES)


def _lines(text: str) -> int:
    """At least so many lines does a text need."""
    return sum(1 + len(part) // _LETTERS_IN_A_LINE for part in text.split("\n")) if text else 0
