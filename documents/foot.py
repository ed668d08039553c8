"""The foot of every page: how much room company data and further lines need, so that nothing falls off the paper."""

from documents.fonts import wrapped
from documents.letter import SellerView

# Sizes as in letter.css.j2, in millimetres: widths of the four columns without their padding.
POINTS, LINE = 7.2, 3.61
NAME, CONTACT, BANK, COMPANY = 35.0, 46.0, 39.0, 36.0
WHOLE, GAP = 165.0, 1.2
ORDINARY_LINES, ORDINARY = 6, 34.0
# The longest words of any language, so that the room never depends on it.
_DIRECTORS, _TAX_NUMBER, _PHONE = "Managing directors: ", "Steuernr. ", "Telefon "


def foot(seller: SellerView, footer: tuple[str, ...]) -> str:
    """The margin at the bottom of the page as a CSS length, empty where the ordinary one is enough."""
    lines = max(map(_height, _columns(seller)))
    further = sum(wrapped(text, POINTS, WHOLE) for text in footer)
    if lines <= ORDINARY_LINES and not further:
        return ""
    more = max(0, lines - ORDINARY_LINES) + further
    return f"{ORDINARY + more * LINE + (GAP if further else 0):.1f}mm"


def _columns(seller: SellerView) -> tuple[tuple[float, tuple[str, ...]], ...]:
    """The texts of every column with its width."""
    register = (seller.seat, seller.register) if seller.register else ()
    directors = (_DIRECTORS + seller.directors,) if seller.directors else ()
    tax = (_TAX_NUMBER + seller.tax_number if seller.tax_number else "", seller.vat_id)
    return (
        (NAME, (seller.name, seller.street, seller.place)),
        (CONTACT, (_PHONE + seller.phone, seller.email, seller.website)),
        (BANK, (seller.bank_name, seller.iban, seller.bic)),
        (COMPANY, (*register, *directors, *tax)),
    )


def _height(column: tuple[float, tuple[str, ...]]) -> int:
    width, texts = column
    return sum(wrapped(text, POINTS, width) for text in texts if text)
