"""Envelope tokens: the return address of a mail says which mail it was, and proves that we wrote it (VERP)."""

import hashlib
import hmac
import re

PLACE = "{token}"
"""What the return address holds in its place, as in `rueck+{token}@firma.example`."""

LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
_LETTERS = 16
_TOKEN = re.compile(r"(?P<mail>[a-z0-9][a-z0-9.-]*)\.(?P<proof>[0-9a-f]{16})")


def return_address(pattern: str, message_id: str, key: bytes) -> str:
    """The envelope sender of the mail with that Message-ID. Raises `ValueError` when it would be too long."""
    mail = _mail_of(message_id)
    address = pattern.replace(PLACE, f"{mail}.{_proof(mail, key)}")
    if len(address.rpartition("@")[0]) > LONGEST_LOCAL_PART:
        raise ValueError(f"{address} has a local part of more than {LONGEST_LOCAL_PART} characters")
    return address


def mail_behind(address: str, pattern: str, key: bytes) -> str:
    """The local part of the Message-ID that a return address stands for, in small letters; empty if it is forged."""
    before, _, after = pattern.lower().partition(PLACE)
    address = address.lower()
    if not (address.startswith(before) and address.endswith(after) and len(address) > len(before) + len(after)):
        return ""
    found = _TOKEN.fullmatch(address[len(before) : len(address) - len(after)])
    if found is None or not hmac.compare_digest(found["proof"], _proof(found["mail"], key)):
        return ""
    return found["mail"]


def _mail_of(message_id: str) -> str:
    return message_id.strip("<>").partition("@")[0].lower()


def _proof(mail: str, key: bytes) -> str:
    return hmac.new(key, mail.encode(), hashlib.sha256).hexdigest()[:_LETTERS]
