"""What may go over the wire, and what the replies of a mail server mean (RFC 5321 4.2.1): pure."""

import re
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from connectors.errors import (
    CannotExpress,
    ChannelDown,
    ConnectorError,
    Deferred,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)

REPLY_LENGTH = 300
# 530, 534, 535 and 538 ask for a login or a stronger one: a matter of the channel, not of the message.
LOGIN_WANTED = frozenset({530, 534, 535, 538})
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_DOT_AT_LINE_START = re.compile(rb"(?m)^\.")

Reply = tuple[int, bytes]


def sender_of(message: bytes) -> str:
    """The bare address in the From header."""
    found = getaddresses([str(_headers(message).get("From", ""))])
    return found[0][1] if len(found) == 1 else ""


def message_id_of(message: bytes) -> str:
    """The Message-ID without blanks."""
    return str(_headers(message).get("Message-ID", "")).strip()


def check_transport(message: bytes, sender: str, recipient: str) -> None:
    """Raise `CannotExpress` unless message and addresses go through SMTP unchanged (RFC 5321 2.3.8, 4.1.2)."""
    for word, address in (("Absender", sender), ("Empfänger", recipient)):
        if not _ADDRESS.fullmatch(address):
            raise CannotExpress(f"Der {word} {address!r} ist keine brauchbare E-Mail-Adresse. Bitte berichtigen.")
    if not message.isascii():
        raise CannotExpress("Die Mail enthält Zeichen, die unverschlüsselt nicht jeder Server weitergibt (8 Bit).")
    ends = message.count(b"\r\n")
    if not message.endswith(b"\r\n") or {message.count(b"\r"), message.count(b"\n")} != {ends} or b"\0" in message:
        raise CannotExpress("Die Mail hat unzulässige Zeilenenden.")


def stuffed(message: bytes) -> bytes:
    """A dot at the start of a line is doubled, so that it does not end the message (RFC 5321 4.5.2)."""
    return _DOT_AT_LINE_START.sub(b"..", message)


def refusal(reply: Reply, what: str) -> ConnectorError:
    """A clear no: 4yz for now, 5yz for good (RFC 5321 4.2.1)."""
    code, text = reply[0], text_of(reply)
    if code in LOGIN_WANTED:
        return ChannelDown("Der Mailserver verlangt eine Anmeldung. Bitte Benutzername und Kennwort prüfen.", text)
    if 500 <= code < 600:
        return Rejected(f"Der Mailserver lehnt {what} ab: {text}. Bitte Adresse und Mail prüfen.", text)
    if 400 <= code < 500:
        return Deferred(f"Der Mailserver nimmt {what} gerade nicht an: {text}. Es wird später erneut versucht.", text)
    return Unavailable(f"Der Mailserver hat unverständlich geantwortet: {text}. Es wird später erneut versucht.", text)


def unknown(evidence: str) -> OutcomeUnknown:
    """The error when nothing clear came after the dot."""
    message = (
        "Der Mailserver hat die Annahme der Mail nicht bestätigt: Sie kann angekommen sein oder nicht."
        " Bitte prüfen und entscheiden; von selbst wird sie nicht noch einmal gesendet."
    )
    return OutcomeUnknown(message, evidence[:REPLY_LENGTH])


def text_of(reply: Reply) -> str:
    """A reply on one line, short enough for a log."""
    return f"{reply[0]} {reply[1].decode('ascii', 'replace')}".replace("\n", " ")[:REPLY_LENGTH].rstrip()


def _headers(message: bytes) -> Message:
    head, _, _ = message.partition(b"\r\n\r\n")
    return BytesHeaderParser(policy=policy.compat32).parsebytes(head)
