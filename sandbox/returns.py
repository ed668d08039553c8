"""What mail servers and people send back: delivery reports (RFC 3464), complaints (RFC 5965), replies."""

import email
import email.policy
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime

from sandbox.mailbox import Envelope, Mailbox
from sandbox.wishes import Return

CRLF = "\r\n"


def made(wish: Return, mailbox: Mailbox, now: datetime) -> bytes:
    """The mail that is wished for."""
    if wish.text:
        return CRLF.join(wish.text.splitlines()).encode("utf-8")
    raw, envelope = mailbox.raw(wish.mail), mailbox.mails[wish.mail - 1].envelope
    envelope = replace(envelope, sender=wish.to or envelope.sender)
    if wish.kind == "complaint":
        return complaint(raw, envelope, now)
    if wish.kind in ("answer", "away"):
        return answer(raw, envelope, wish.words, now, automatic=wish.kind == "away")
    return report(raw, envelope, wish.kind, wish.status, wish.words, now)


def report(raw: bytes, envelope: Envelope, action: str, status: str, diagnostic: str, now: datetime) -> bytes:
    """A delivery report about the first recipient of a mail, as Postfix writes it, to the envelope's sender."""
    recipient = envelope.recipients[0]
    words = {"failed": "Undelivered Mail Returned to Sender", "delayed": "Delayed Mail (still being retried)"}
    return _joined(
        _head("MAILER-DAEMON@mx.example", envelope.sender, words.get(action, "Successful Mail Delivery Report"), now)
        + ["Return-Path: <>", "Auto-Submitted: auto-replied", "MIME-Version: 1.0"]
        + ['Content-Type: multipart/report; report-type=delivery-status; boundary="=_r"', ""]
        + ["--=_r", "Content-Type: text/plain; charset=us-ascii", "", f"This is the mail system. {diagnostic}", ""]
        + ["--=_r", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", ""]
        + [f"Final-Recipient: rfc822; {recipient}", f"Original-Recipient: rfc822;{recipient}", f"Action: {action}"]
        + [f"Status: {status}", f"Diagnostic-Code: smtp; {diagnostic}", ""]
        + ["--=_r", "Content-Type: text/rfc822-headers", "", _headers_of(raw), "--=_r--", ""]
    )


def complaint(raw: bytes, envelope: Envelope, now: datetime) -> bytes:
    """What a provider sends when a customer presses the button for spam."""
    return _joined(
        _head("feedback@provider.example", envelope.sender, "complaint", now)
        + ["MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=feedback-report; boundary="=_c"', ""]
        + ["--=_c", "Content-Type: text/plain", "", "This is an email abuse report.", ""]
        + ["--=_c", "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "User-Agent: P/1", ""]
        + ["--=_c", "Content-Type: message/rfc822", "", _headers_of(raw), "", "--=_c--", ""]
    )


def answer(raw: bytes, envelope: Envelope, text: str, now: datetime, *, automatic: bool = False) -> bytes:
    """The customer answers, by hand or by his mail program."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    to = str(mail["Reply-To"] or mail["From"])
    head = _head(envelope.recipients[0], to, f"Re: {mail['Subject']}", now)
    head += [f"In-Reply-To: {mail['Message-ID']}", f"References: {mail['Message-ID']}"]
    head += ["Auto-Submitted: auto-replied"] if automatic else []
    head += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", ""]
    return _joined([*head, text, "", f"Am {now:%d.%m.%Y} schrieb {mail['From']}:", "> bitte nicht einverstanden", ""])


def _head(sender: str, to: str, subject: str, now: datetime) -> list[str]:
    number = f"{now:%Y%m%d%H%M%S%f}.{abs(hash((sender, to, subject))) % 10**9}"
    plain = " ".join(subject.split()).encode("ascii", "replace").decode()
    names = {"From": sender, "To": " ".join(to.split()), "Subject": plain, "Date": format_datetime(now)}
    return [f"{name}: {value}" for name, value in names.items()] + [f"Message-ID: <{number}@mx.example>"]


def _headers_of(raw: bytes) -> str:
    return raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")


def _joined(lines: list[str]) -> bytes:
    return CRLF.join(lines).encode("utf-8")
