"""Reading a foreign mail without trusting it: what it says about itself, never what it would like to do.

Attachments are not opened or unpacked, HTML is only stripped to its text, and everything has a limit.
"""

import email
import html
import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from billing.drafting import is_plain_mail_address
from billing.incoming_mail import Delivery, IncomingMail
from connectors.errors import UnexpectedAnswer

LARGEST_MAIL = 2 * 1024 * 1024
"""So much of a mail is read; what people and mail servers write stands at its beginning."""

MOST_PARTS = 60
MOST_TEXT = 50_000
MOST_ADDRESSES = 50
MOST_IDS = 100
_LONGEST = 500
_ID = re.compile(r"<([^<>@\s]{1,200}@[^<>@\s]{1,200})>")
_NOTES = ("auto-submitted", "precedence", "x-autoreply", "x-autorespond", "return-path")
_ARRIVED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Cc")
_BULK = ("List-Id", "List-Unsubscribe", "Feedback-ID")
_HIDDEN = re.compile(r"<(script|style|head)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(br|/p|/div|/tr|/li)\b[^>]{0,200}>", re.IGNORECASE)
_QUOTED = re.compile(r"<blockquote\b.*?(</blockquote\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,2000}>")


def read_mail(content: bytes) -> IncomingMail:
    """What stands in the bytes of a mail. Raises `UnexpectedAnswer` for what no mail program could have meant."""
    try:
        message = email.message_from_bytes(content[:LARGEST_MAIL], policy=policy.compat32)
        parts = list(_parts(message))
        return _read(message, parts)
    except (MessageError, RecursionError, LookupError, ValueError, TypeError, AttributeError) as fault:
        # The parser of the standard library knows mails that it cannot read: many kinds, always one of these errors.
        raise UnexpectedAnswer("Die Mail ist nicht lesbar.", type(fault).__name__) from fault


def _read(message: Message, parts: list[Message]) -> IncomingMail:
    returned = [_text_of(part) for part in parts if part.get_content_type() == "text/rfc822-headers"]
    returned += [str(part.get("Message-ID", "")) for part in parts if _is_returned(part)]
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    return IncomingMail(
        sender=_addresses(message, ("From",))[0] if _addresses(message, ("From",)) else "",
        subject=_words(message, "Subject"),
        text=_text(parts),
        arrived_at=_addresses(message, _ARRIVED),
        refers_to=_ids(" ".join(_words(message, name, 20_000) for name in ("In-Reply-To", "References"))),
        returned=_ids(" ".join(_message_ids(text) for text in returned)),
        deliveries=tuple(each for part in reports for each in _deliveries(part)),
        is_complaint=any(part.get_content_type() == "message/feedback-report" for part in parts),
        is_bulk=any(name in message for name in _BULK),
        notes={name: _words(message, name).lower() for name in _NOTES if name in message},
    )


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _is_returned(part: Message) -> bool:
    """A mail inside of a mail: what a report gives back, whole or without its body."""
    return part.get_content_type() in ("message/rfc822", "message/global") or "Message-ID" in part


def _message_ids(text: str) -> str:
    """The Message-IDs out of returned headers; a value that is no header list is taken as it is."""
    found = re.findall(r"(?im)^message-id:\s*(<[^<>\s]{3,400}>)", text)
    return " ".join(found) if found else text[:_LONGEST]


def _text(parts: list[Message]) -> str:
    """What a person would read: the plain text, else the HTML without its markup; attached files are left closed."""
    found: dict[str, str] = {}
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/rfc822", "message/delivery-status"):
            break
        if kind in ("text/plain", "text/html") and not part.get_filename():
            found.setdefault(kind, _text_of(part))
    return found.get("text/plain") or _without_markup(found.get("text/html", ""))


def _text_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else str(payload or "").encode()
    charset = part.get_content_charset("utf-8")
    try:
        return content[: 4 * MOST_TEXT].decode(charset, "replace")[:MOST_TEXT]
    except LookupError:
        return content[: 4 * MOST_TEXT].decode("utf-8", "replace")[:MOST_TEXT]


def _without_markup(page: str) -> str:
    for pattern, instead in ((_HIDDEN, " "), (_QUOTED, " "), (_BREAK, "\n"), (_TAG, " ")):
        page = pattern.sub(instead, page)
    return html.unescape(page)


def _deliveries(part: Message) -> Iterator[Delivery]:
    """The groups of a delivery report after the first, which speaks of the message as a whole (RFC 3464 2.1)."""
    for group in part.walk():
        if group is part:
            continue
        recipient = _words(group, "Final-Recipient") or _words(group, "Original-Recipient")
        original = _words(group, "Original-Recipient")
        action, status = _words(group, "Action").lower(), _words(group, "Status").partition(" ")[0]
        if not action:
            continue
        diagnostic = _words(group, "Diagnostic-Code")
        # Final is where it ended, Original whom we wrote to; a report about a forwarding has both.
        for address in dict.fromkeys(map(_typed, filter(None, (recipient, original)))):
            yield Delivery(address, action, status, diagnostic[:_LONGEST])


def _typed(value: str) -> str:
    """The address in `rfc822; somebody@firma.example`."""
    return value.rpartition(";")[2].strip().strip("<>").lower()


def _words(message: Message, name: str, longest: int = _LONGEST) -> str:
    """A header as readable text on one line; a forged encoding stays what it is."""
    value = message.get(name)
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value)[:longest])))
    except (LookupError, ValueError, MessageError):
        text = str(value)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:longest]


def _addresses(message: Message, names: tuple[str, ...]) -> tuple[str, ...]:
    values = [str(value)[:5000] for name in names for value in message.get_all(name, [])]
    found = [address.lower() for _, address in getaddresses(values[:MOST_ADDRESSES]) if is_plain_mail_address(address)]
    return tuple(dict.fromkeys(found[:MOST_ADDRESSES]))


def _ids(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_ID.findall(text)))[:MOST_IDS]
