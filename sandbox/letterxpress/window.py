"""What a printing house reads in the window of an envelope (DIN 5008 form B), and on the pages."""

from io import BytesIO

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

POINTS_PER_MM = 72 / 25.4
LEFT, RIGHT = 20.0, 105.0
# The window begins at 45 mm; its upper 17.7 mm are for the sender and remarks.
TOP, BOTTOM = 62.0, 90.0


def pages_of(pdf: bytes) -> int:
    """How many pages there are; 0 for what no press can print."""
    try:
        return len(PdfReader(BytesIO(pdf)).pages)
    except (PyPdfError, ValueError, KeyError):
        return 0


def text_of(pdf: bytes) -> str:
    """Everything that stands on the pages."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def address_in(pdf: bytes) -> str:
    """The lines in the window of the first page; empty if nothing stands there."""
    return "\n".join(_lines(PdfReader(BytesIO(pdf)).pages[0]))


def _lines(page: PageObject) -> list[str]:
    found: dict[float, str] = {}
    height = float(page.mediabox.height)

    def see(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        x, y = (tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5])
        across, down = x / POINTS_PER_MM, (height - y) / POINTS_PER_MM
        if text.strip() and LEFT <= across <= RIGHT and TOP <= down <= BOTTOM:
            found[round(down, 1)] = f"{found.get(round(down, 1), '')}{text.strip()}"

    page.extract_text(visitor_text=see)
    return [found[down] for down in sorted(found)]
