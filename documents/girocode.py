"""GiroCode: the QR code with which banking apps fill in a transfer (EPC069-12, version 002)."""

from decimal import Decimal

import segno

from billing.money import to_cent
from billing.parties import Seller
from documents.german import one_line

MAX_BYTES = 331
QUIET_ZONE = 4  # modules, demanded by ISO 18004
_LARGEST = Decimal("999999999.99")


def payload(seller: Seller, amount: Decimal, reference: str) -> str:
    """The text of the code: pay `amount` EUR to the seller's account, naming `reference`. Empty if nothing is payable.

    An amount that the form cannot hold gives an empty text, too.
    """
    if not 0 < amount <= _LARGEST or not seller.iban:
        return ""
    beneficiary = one_line(seller.account_holder or seller.name)[:70]
    lines = (
        *("BCD", "002", "1", "SCT"),
        seller.bic.replace(" ", ""),
        beneficiary,
        "".join(seller.iban.split()).upper(),
        f"EUR{to_cent(amount)}",
        *("", "", one_line(reference)[:140]),
    )
    text = "\n".join(lines)
    return text if len(text.encode()) <= MAX_BYTES else ""


def svg_path(text: str) -> tuple[str, int]:
    """The QR code as one SVG path in units of modules, and the edge of its square with the quiet zone.

    Error correction M. The mask is fixed: every mask is valid, and choosing the best takes eight times as long.
    """
    code = segno.make_qr(text, error="m", encoding="utf-8", mask=3, boost_error=False)
    parts: list[str] = []
    for y, row in enumerate(code.matrix, QUIET_ZONE):
        parts.extend(f"M{x} {y}h{length}v1h-{length}z" for x, length in _runs(row))
    return "".join(parts), len(code.matrix) + 2 * QUIET_ZONE


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """Start and length of every run of dark modules."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row, QUIET_ZONE):
        if not dark:
            continue
        if runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((x, 1))
    return runs
