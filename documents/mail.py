"""Mails that carry an invoice or remind of it: finished bytes, built once and checked by reading them back."""

import datetime
import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from email.utils import format_datetime

from billing.drafting import is_plain_mail_address
from billing.invoices import Invoice
from billing.parties import Seller
from documents import german
from documents.errors import UnsafeMail
from documents.look import Look, readable
from documents.mail_checks import Expected, check_mail
from documents.mime import header_name, header_text, mailbox, message
from documents.templates import templates
from documents.view import InvoiceView, invoice_view
from documents.xmp import XML_NAME

_TOKEN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_MAX_TOKEN = 100
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: `address` at the seller's own domain, `name` for people, `reply_to` if answers go elsewhere."""

    address: str
    name: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """The archived PDF as it is attached: an ASCII `name` of at most 60 characters."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be stored and sent: only these bytes, only to `recipient`."""

    message: bytes
    message_id: str
    recipient: str


@dataclass(frozen=True, slots=True)
class ReminderView:
    """What a reminder adds to the invoice, as text; `paid` is empty when nothing was paid."""

    open_amount: str
    paid: str
    pay_until: str


def invoice_mail(
    invoice: Invoice,
    seller: Seller,
    look: Look,
    sender: Sender,
    attachment: Attached,
    *,
    message_id_token: str,
    date: datetime.datetime,
) -> Mail:
    """The mail that carries an invoice to the address in its draft.

    `message_id_token` is unique per document and stage, `date` an aware instant; both are frozen with the
    intent, so that the same arguments give the same bytes. Raises `UnsafeMail`.
    """
    view = invoice_view(invoice, seller, (), ())
    facts = (view.number, view.gross, view.due_date, view.seller.iban)
    letter = _Letter("invoice", view, {}, facts)
    return _mail(letter, invoice, look, sender, attachment, message_id_token, date, refers_to="")


def reminder_mail(
    invoice: Invoice,
    seller: Seller,
    look: Look,
    sender: Sender,
    attachment: Attached,
    *,
    open_amount: Decimal,
    pay_until: datetime.date,
    message_id_token: str,
    date: datetime.datetime,
    refers_to: str,
) -> Mail:
    """The friendly first reminder, free of costs: `open_amount` as just read, payable until `pay_until`.

    `refers_to` is the Message-ID of the invoice's mail, empty if it went another way. Raises `UnsafeMail`, also for an
    amount that is not open.
    """
    draft = invoice.draft
    if not 0 < open_amount <= draft.totals.gross:
        raise UnsafeMail(f"Von Rechnung {invoice.number} sind {open_amount} offen; das ist nichts zum Erinnern.")
    view = invoice_view(invoice, seller, (), ())
    paid = draft.totals.gross - open_amount
    reminder = ReminderView(
        german.amount(open_amount, draft.currency),
        german.amount(paid, draft.currency) if paid else "",
        german.day(pay_until),
    )
    facts = (view.number, view.gross, view.issue_date, view.due_date, view.seller.iban)
    letter = _Letter("reminder", view, {"reminder": reminder}, (*facts, reminder.open_amount, reminder.pay_until))
    return _mail(letter, invoice, look, sender, attachment, message_id_token, date, refers_to)


@dataclass(frozen=True, slots=True)
class _Letter:
    """Which templates, filled with what, and the facts that both texts must show."""

    kind: str
    view: InvoiceView
    values: dict[str, object]
    facts: tuple[str, ...]


def _mail(
    letter: _Letter,
    invoice: Invoice,
    look: Look,
    sender: Sender,
    attachment: Attached,
    token: str,
    date: datetime.datetime,
    refers_to: str,
) -> Mail:
    recipient = invoice.draft.customer.email
    _check_inputs(sender, recipient, attachment, token, date, refers_to)
    message_id = f"<{token}@{sender.address.rpartition('@')[2].lower()}>"
    headers = [
        ("From", mailbox(sender.name, sender.address)),
        ("Reply-To", sender.reply_to or sender.address),
        ("To", recipient),
        ("Subject", header_text(_subject(letter, look))),
        ("Date", format_datetime(date)),
        ("Message-ID", message_id),
        *((name, refers_to) for name in ("In-Reply-To", "References") if refers_to),
        ("Auto-Submitted", "auto-generated"),
    ]
    has_xml = XML_NAME.encode() in attachment.content
    text, page = _texts(letter, look, has_xml=has_xml)
    seed = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    content = message(headers, text, page, (attachment.name, attachment.content), seed)
    names = (*(name for name, _ in headers), "MIME-Version", "Content-Type")
    check_mail(content, Expected(names, sender.address, recipient, message_id, attachment.content, letter.facts))
    return Mail(content, message_id, recipient)


def _subject(letter: _Letter, look: Look) -> str:
    """Company, kind and number: nothing that the customer wrote, no amount."""
    company, number = header_name(letter.view.seller.name), header_name(letter.view.number)
    name = f"{letter.kind}.subject.txt.j2"
    return german.one_line(templates(look).write(name, company=company, number=number))


def _texts(letter: _Letter, look: Look, *, has_xml: bool) -> tuple[str, str]:
    """Both forms of the letter. A PDF that the accounting system printed may hold no electronic invoice."""
    chosen = templates(look)
    values = {"invoice": letter.view, "seller": letter.view.seller, "has_xml": has_xml, **letter.values}
    colours = {"accent": look.accent, "accent_text": readable(look.accent), "language": look.language}
    text = chosen.write(f"{letter.kind}.txt.j2", **values)
    return text, chosen.write(f"{letter.kind}.mail.html.j2", **values, **colours)


def _check_inputs(
    sender: Sender, recipient: str, attachment: Attached, token: str, date: datetime.datetime, refers_to: str
) -> None:
    for address in (sender.address, sender.reply_to or sender.address, recipient):
        if not is_plain_mail_address(address):
            raise UnsafeMail(f"{address[:80]!r} ist keine gewöhnliche E-Mail-Adresse.")
    if not _TOKEN.fullmatch(token) or len(token) > _MAX_TOKEN:
        raise UnsafeMail(f"{token[:80]!r} taugt nicht für eine Message-ID.")
    if refers_to and not _MESSAGE_ID.fullmatch(refers_to):
        raise UnsafeMail(f"{refers_to[:80]!r} ist keine Message-ID.")
    if date.tzinfo is None:
        raise UnsafeMail("Das Datum der Mail nennt keine Zeitzone.")
    if not _FILE_NAME.fullmatch(attachment.name) or not attachment.content.startswith(b"%PDF-"):
        raise UnsafeMail(f"Der Anhang {attachment.name[:80]!r} ist kein PDF mit einfachem Namen.")
