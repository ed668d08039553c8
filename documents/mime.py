"""MIME by hand: few headers, each one written and encoded in one place.

The standard library's generator turns hostile names into headers of their own in the Python versions we support
(CVE-2024-6923, cpython#80222), so nothing from outside passes through it.
"""

import base64
import quopri
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from documents.errors import UnsafeMail
from documents.german import one_line

MAX_NAME = 60
MAX_SUBJECT = 200
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -&+'/")
_ORDINARY = frozenset(" .-&+'/")
_WORD_BYTES = 45  # sixty letters of base64, so that an encoded word stays below 75 characters (RFC 2047)
_FOLD = 76

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class File:
    """An attached file: an ASCII `name`, its `media_type`, and its bytes."""

    name: str
    media_type: str
    content: bytes


def header_name(text: str) -> str:
    """A name for a header: letters, digits and a few marks of names, at most 60; all others are left out."""
    kept = (character for character in one_line(text) if character in _ORDINARY or _is_word(character))
    return " ".join("".join(kept).split())[:MAX_NAME].strip()


def header_text(text: str) -> str:
    """Text as the value of a header, encoded and folded. Raises `UnsafeMail` for what must not stand there."""
    if "=?" in text or len(text) > MAX_SUBJECT or not text.isprintable() or not text:
        raise UnsafeMail(f"Diese Kopfzeile ist nicht zulässig: {text[:80]!r}")
    return _folded(text) if text.isascii() else "\r\n ".join(_encoded_words(text))


def mailbox(name: str, address: str) -> str:
    """`Name <address>`; names that are more than plain words are encoded, never quoted."""
    name = header_name(name)
    if not name:
        return address
    shown = name if _PLAIN.issuperset(name) else "\r\n ".join(_encoded_words(name))
    return f"{shown} <{address}>"


def message(headers: Headers, text: str, page: str, files: Sequence[File], seed: str) -> bytes:
    """The complete mail: both texts as alternatives, then the files. The same arguments give the same bytes."""
    outer, inner = f"=_{seed}_a", f"=_{seed}_b"
    alternatives = _multipart(inner, [_text_part("plain", text), _text_part("html", page)])
    parts = [
        _part([("Content-Type", f'multipart/alternative; boundary="{inner}"')], alternatives),
        *(_file_part(file) for file in files),
    ]
    top = [*headers, ("MIME-Version", "1.0"), ("Content-Type", f'multipart/mixed; boundary="{outer}"')]
    return _part(top, _multipart(outer, parts))


def _file_part(file: File) -> bytes:
    head = [
        ("Content-Type", f'{file.media_type}; name="{file.name}"'),
        ("Content-Disposition", f'attachment; filename="{file.name}"'),
        ("Content-Transfer-Encoding", "base64"),
    ]
    return _part(head, base64.encodebytes(file.content).replace(b"\n", b"\r\n"))


def _text_part(kind: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").strip("\n") + "\n"
    return _part(
        [("Content-Type", f"text/{kind}; charset=utf-8"), ("Content-Transfer-Encoding", "quoted-printable")],
        quopri.encodestring(lines.encode()).replace(b"\n", b"\r\n"),
    )


def _part(headers: Headers, body: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode("ascii") + b"\r\n" + body


def _multipart(boundary: str, parts: Sequence[bytes]) -> bytes:
    # Neither base64 nor quoted-printable can hold "=_", so the boundary never occurs in a part.
    opened = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return opened + b"--" + boundary.encode() + b"--\r\n"


def _encoded_words(text: str) -> list[str]:
    """RFC 2047 words in base64, cut between characters."""
    words, word = [], b""
    for character in text:
        if len(word) + len(character.encode()) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += character.encode()
    return [f"=?utf-8?B?{base64.b64encode(part).decode()}?=" for part in (*words, word)]


def _folded(text: str) -> str:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) > _FOLD - len("Subject: "):
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"
