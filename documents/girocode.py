"""GiroCode: the QR code with which banking apps fill in a transfer (EPC069-12, version 002)."""

import struct
import zlib
from decimal import Decimal

import segno

from billing.money import to_cent
from billing.parties import Seller
from documents.german import one_line

MAX_BYTES = 331
QUIET_ZONE = 4  # modules, demanded by ISO 18004
SCALE = 4  # pixels; viewers that smooth pictures leave such edges sharp
_MODULES = (b"\xff" * SCALE, b"\0" * SCALE)
_PNG = b"\x89PNG\r\n\x1a\n"
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


def png(text: str) -> bytes:
    """The QR code with its quiet zone as a small grey picture, a module being `SCALE` pixels wide.

    Error correction M. The mask is fixed: every mask is valid, and choosing the best takes eight times as long. A
    picture, since the layout engine takes a seventh of a document's time to read the code as SVG path.
    """
    code = segno.make_qr(text, error="m", encoding="utf-8", mask=3, boost_error=False)
    edge = (len(code.matrix) + 2 * QUIET_ZONE) * SCALE
    margin = b"\xff" * (QUIET_ZONE * SCALE)
    blank = b"\0" + b"\xff" * edge
    rows = (b"\0" + margin + b"".join(_MODULES[module] for module in row) + margin for row in code.matrix)
    quiet = blank * (QUIET_ZONE * SCALE)
    pixels = quiet + b"".join(row * SCALE for row in rows) + quiet
    header = struct.pack(">IIBBBBB", edge, edge, 8, 0, 0, 0, 0)
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(pixels)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
