"""Reading printed documents back: words, places on the paper, codes."""

import io
from typing import Any

import pypdf

from documents.invoice import Paper

MM = 72 / 25.4


def reader(paper: Paper) -> pypdf.PdfReader:
    """A printed document, opened."""
    return pypdf.PdfReader(io.BytesIO(paper.pdf))


def words(paper: Paper) -> str:
    """All words of a document, single-spaced."""
    return " ".join(" ".join(page.extract_text() for page in reader(paper).pages).split())


def pages(paper: Paper) -> list[str]:
    """The words of every page, single-spaced."""
    return [" ".join(page.extract_text().split()) for page in reader(paper).pages]


def positions(page: pypdf.PageObject) -> list[tuple[float, float, str]]:
    """Left edge and baseline of every piece of text, in millimetres from the upper left corner of the paper."""
    found: list[tuple[float, float, str]] = []

    def note(text: str, cm: list[float], tm: list[float], _font: Any, _size: Any) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip():
            found.append((x / MM, 297 - y / MM, " ".join(text.split())))

    page.extract_text(visitor_text=note)
    return found
