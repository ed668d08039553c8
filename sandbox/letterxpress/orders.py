"""What an order for a letter may say, and what is wrong with one."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.letterxpress.window import pages_of

MOST_BYTES = 50 * 1024 * 1024
LONGEST_NOTICE = 255
CHOICES = {
    "color": ("1", "4"),
    "mode": ("simplex", "duplex"),
    "shipping": ("national", "international", "auto"),
}
REGISTERED = (None, "r1", "r2")


class Refused(Exception):
    """The service says no, with an HTTP status and an English sentence."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Wish:
    """A letter as it was ordered."""

    pdf: bytes
    pages: int
    color: str
    mode: str
    shipping: str
    c4: int
    registered: str | None
    dispatch_date: str | None
    filename: str | None
    notice: str | None


def wish_in(body: dict[str, Any]) -> Wish:
    """The order in a request. Raises `Refused`."""
    letter = body.get("letter")
    if not isinstance(letter, dict):
        raise Refused(400, "The letter field is required.")
    specification = _specification(letter.get("specification"))
    pdf = _file(letter)
    registered, notice = letter.get("registered"), letter.get("notice")
    if registered not in REGISTERED:
        raise Refused(422, "The selected letter.registered is invalid.")
    if registered and specification["shipping"] == "international":
        raise Refused(422, "Registered letters are national.")
    if notice is not None and (not isinstance(notice, str) or len(notice) > LONGEST_NOTICE):
        raise Refused(422, f"The letter.notice may not be greater than {LONGEST_NOTICE} characters.")
    pages = pages_of(pdf)
    if not pages:
        raise Refused(422, "The letter.base64_file is not a readable PDF.")
    return Wish(
        pdf=pdf,
        pages=pages,
        color=specification["color"],
        mode=specification["mode"],
        shipping=specification["shipping"],
        c4=int(specification.get("c4", 0)),
        registered=registered,
        dispatch_date=_day(letter.get("dispatch_date")),
        filename=letter.get("filename_original"),
        notice=notice,
    )


def _specification(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Refused(422, "The letter.specification field is required.")
    for name, allowed in CHOICES.items():
        if given.get(name) not in allowed:
            raise Refused(422, f"The selected letter.specification.{name} is invalid.")
    if given.get("c4", 0) not in (0, 1):
        raise Refused(422, "The selected letter.specification.c4 is invalid.")
    return given


def _file(letter: dict[str, Any]) -> bytes:
    encoded = letter.get("base64_file")
    if not isinstance(encoded, str) or len(encoded) > MOST_BYTES:
        raise Refused(422, "The letter.base64_file is missing or greater than 50 MB.")
    if letter.get("base64_file_checksum") != hashlib.md5(encoded.encode(), usedforsecurity=False).hexdigest():
        raise Refused(422, "The letter.base64_file_checksum does not match.")
    try:
        pdf = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise Refused(422, "The letter.base64_file is not base64.") from None
    if not pdf.startswith(b"%PDF-"):
        raise Refused(422, "The letter.base64_file must be a PDF.")
    return pdf


def _day(given: Any) -> str | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(str(given)).isoformat()
    except ValueError:
        raise Refused(422, "The letter.dispatch_date is not a date.") from None
