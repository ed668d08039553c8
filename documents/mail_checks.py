"""The last check of a mail: its bytes are read back and must be exactly what was approved (reliability.md § 6)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from functools import lru_cache

from documents.errors import UnsafeMail
from documents.mime import File

MAX_LINE = 998
# Parser and message ask for the same header ten times, and the library reads it anew each time.
_MODERN = policy.default.clone(header_factory=lru_cache(maxsize=64)(HeaderRegistry()))


@dataclass(frozen=True, slots=True)
class Expected:
    """What the bytes must say: header names in order, addresses, the attached files, facts in both texts."""

    header_names: tuple[str, ...]
    sender: str
    recipient: str
    message_id: str
    files: tuple[File, ...]
    facts: tuple[str, ...]


def check_mail(message: bytes, expected: Expected) -> None:
    """Raise `UnsafeMail` unless every program must read the bytes as they are meant."""
    _check_lines(message)
    # The old policy shows what stands there, the new one what a mail program makes of it.
    head, _, _ = message.partition(b"\r\n\r\n")
    plain = BytesHeaderParser(policy=policy.compat32).parsebytes(head)
    if tuple(plain.keys()) != expected.header_names:
        raise UnsafeMail(f"Die Mail hat andere Kopfzeilen als vorgesehen: {', '.join(plain.keys())}.")
    if plain["To"] != expected.recipient or plain["Message-ID"] != expected.message_id:
        raise UnsafeMail("Empfänger oder Message-ID der Mail sind nicht die vorgesehenen.")
    parsed = BytesParser(policy=_MODERN).parsebytes(message)
    assert isinstance(parsed, EmailMessage)
    _check_addresses(parsed, expected)
    _check_parts(parsed, expected)


def _check_lines(message: bytes) -> None:
    lines = message.split(b"\r\n")
    if any(b"\r" in line or b"\n" in line or len(line) > MAX_LINE for line in lines):
        raise UnsafeMail(f"Die Mail hat Zeilen ohne CRLF oder mit mehr als {MAX_LINE} Zeichen.")
    if not message.isascii() or b"\0" in message:
        raise UnsafeMail("Die Mail enthält Bytes, die nicht sieben Bit sind.")


def _check_addresses(parsed: EmailMessage, expected: Expected) -> None:
    for name, address in (("To", expected.recipient), ("From", expected.sender)):
        found = [found.addr_spec for found in parsed[name].addresses]
        if found != [address] or parsed[name].defects:
            raise UnsafeMail(f"{name} wird gelesen als {', '.join(found)} statt {address}.")


def _check_parts(parsed: EmailMessage, expected: Expected) -> None:
    leaves = [part for part in parsed.walk() if not part.is_multipart()]
    kinds = [part.get_content_type() for part in leaves]
    if kinds != ["text/plain", "text/html", *(file.media_type for file in expected.files)]:
        raise UnsafeMail(f"Die Mail besteht aus {', '.join(kinds)}.")
    text, page, *attached = leaves
    _check_facts(str(text.get_content()), "Text", expected.facts)
    _check_facts(str(page.get_content()), "HTML", expected.facts)
    for part, file in zip(attached, expected.files, strict=True):
        if part.get_filename() != file.name or _digest(part.get_payload(decode=True)) != _digest(file.content):
            raise UnsafeMail(f"Der Anhang {file.name} der Mail ist nicht das archivierte Dokument.")


def _check_facts(text: str, form: str, facts: Sequence[str]) -> None:
    shown = " ".join(text.split())
    for fact in facts:
        if " ".join(fact.split()) not in shown:
            raise UnsafeMail(f"„{fact}“ fehlt in der Mail ({form}). Bitte die Vorlage prüfen.")


def _digest(content: object) -> bytes:
    if not isinstance(content, bytes):
        raise UnsafeMail("Ein Anhang der Mail ist leer.")
    return hashlib.sha256(content).digest()
