"""Mails that carry an invoice or demand its payment: finished bytes, built once and checked by reading them back."""

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
from documents.accounts import check_accounts
from documents.agreement import printed_text
from documents.demand import Notice, OpenInvoice, Received
from documents.errors import NothingToDemand, UnsafeMail
from documents.languages import LANGUAGES
from documents.look import Look, look_for, readable
from documents.mail_checks import Expected, check_mail
from documents.mime import File, header_name, header_text, mailbox, message
from documents.notice_view import NoticeView, notice_view
from documents.view import Demand, InvoiceView, invoice_view
from documents.workshop import write
from documents.xmp import XML_NAME

_TOKEN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_MAX_TOKEN = 100
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,55}\.(pdf|xml)")
_MEDIA_TYPES = {"pdf": "application/pdf", "xml": "application/xml"}
_BEGINNINGS = {"pdf": b"%PDF-", "xml": b"<?xml"}
_MAX_FILES = 5


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: `address` at the seller's own domain, `name` for people, `reply_to` if answers go elsewhere."""

    address: str
    name: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """An archived document as it is attached: an ASCII `name` of at most 60 characters, ending in .pdf or .xml."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be stored and sent: only these bytes, only to `recipient`."""

    message: bytes
    message_id: str
    recipient: str


def invoice_mail(
    invoice: Invoice,
    seller: Seller,
    look: Look,
    sender: Sender,
    attachment: Attached,
    *,
    message_id_token: str,
    date: datetime.datetime,
    further: tuple[Attached, ...] = (),
    duplicate_of: datetime.date | None = None,
) -> Mail:
    """The mail that carries an invoice of any kind to the address in its draft.

    `message_id_token` is unique per document and stage, `date` an aware instant; both are frozen with the
    intent, so that the same arguments give the same bytes. `further` follow the attachment, such as the XRechnung
    of a public customer, whose readable copy the PDF is. `duplicate_of` is the day on which the same papers were
    mailed before: the mail says so and asks to pay once. Raises `UnsafeMail`.
    """
    look = look_for(look, invoice.draft.customer)
    view = invoice_view(invoice, seller, language=LANGUAGES[look.language])
    files = (attachment, *further)
    accounts = (seller.iban, invoice.draft.payment.debited_iban)
    first_mailed = LANGUAGES[look.language].day(duplicate_of) if duplicate_of else ""
    values = {"invoice": view, "seller": view.seller, "first_mailed": first_mailed}
    letter = _Letter("invoice", values, _invoice_facts(view), view.seller.name, accounts)
    posting = _Posting(sender, invoice.draft.customer.email, files, message_id_token, date)
    return _mail(letter, look, posting, view.number)


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
    level: int = 1,
    letter: Attached | None = None,
) -> Mail:
    """A reminder of one invoice without costs: `open_amount` as just read, payable until `pay_until`.

    `level` chooses the words: 1 the friendly first one, 4 and above the last. `attachment` is the invoice, `letter`
    the notice on paper. `refers_to` is the Message-ID of the invoice's mail, empty if it went another way. Raises
    `UnsafeMail`, also for an amount that is not open.
    """
    draft = invoice.draft
    paid = draft.totals.due - open_amount
    claim = OpenInvoice(
        invoice.number,
        draft.issue_date,
        invoice.due_date,
        draft.totals.due,
        (Received(paid),) if paid else (),
        title=draft.title,
    )
    notice = Notice(level, date.date(), pay_until, draft.customer, (claim,), currency=draft.currency)
    return notice_mail(
        notice,
        seller,
        look,
        sender,
        (attachment,),
        letter=letter,
        message_id_token=message_id_token,
        date=date,
        refers_to=refers_to,
    )


def notice_mail(
    notice: Notice,
    seller: Seller,
    look: Look,
    sender: Sender,
    invoices: tuple[Attached, ...],
    *,
    message_id_token: str,
    date: datetime.datetime,
    letter: Attached | None = None,
    refers_to: str = "",
) -> Mail:
    """The mail with a reminder or dunning notice over one or more invoices, with their PDFs and the letter if any.

    Raises `UnsafeMail`, also if nothing is open.
    """
    look = look_for(look, notice.customer)
    try:
        view = notice_view(notice, seller, language=LANGUAGES[look.language])
    except NothingToDemand as error:
        raise UnsafeMail(str(error)) from error
    values = {"notice": view, "seller": view.seller, "has_letter": letter is not None, "invoice_count": len(invoices)}
    files = (letter, *invoices) if letter else invoices
    posting = _Posting(sender, notice.customer.email, files, message_id_token, date, refers_to)
    letter_ = _Letter("notice", values, _notice_facts(view), view.seller.name, (seller.iban,))
    return _mail(letter_, look, posting, view.number)


@dataclass(frozen=True, slots=True)
class _Letter:
    """Which templates, filled with what, the facts that both texts must show, the accounts that they may show."""

    kind: str
    values: dict[str, object]
    facts: tuple[str, ...]
    company: str
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Posting:
    """From whom to whom, when, with which files, and the mail it answers to."""

    sender: Sender
    recipient: str
    files: tuple[Attached, ...]
    token: str
    date: datetime.datetime
    refers_to: str = ""


def _invoice_facts(view: InvoiceView) -> tuple[str, ...]:
    if view.demand == Demand.TRANSFER:
        return (view.number, view.due, view.due_date, view.seller.iban)
    return (view.number, view.gross)


def _notice_facts(view: NoticeView) -> tuple[str, ...]:
    each = (fact for it in view.invoices for fact in (it.number, it.issue_date, it.due_date, it.gross, it.open_amount))
    return (*each, view.total, view.pay_until, view.seller.iban)


def _mail(letter: _Letter, look: Look, posting: _Posting, number: str) -> Mail:
    _check_inputs(posting)
    message_id = f"<{posting.token}@{posting.sender.address.rpartition('@')[2].lower()}>"
    refers_to = posting.refers_to
    headers = [
        ("From", mailbox(posting.sender.name, posting.sender.address)),
        ("Reply-To", posting.sender.reply_to or posting.sender.address),
        ("To", posting.recipient),
        ("Subject", header_text(_subject(letter, look, number))),
        ("Date", format_datetime(posting.date)),
        ("Message-ID", message_id),
        *((name, refers_to) for name in ("In-Reply-To", "References") if refers_to),
        ("Auto-Submitted", "auto-generated"),
    ]
    text, page = _texts(letter, look, posting.files)
    for shown in (text, printed_text(page)):
        check_accounts(shown, letter.accounts)
    seed = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    files = tuple(File(file.name, _MEDIA_TYPES[_ending(file)], file.content) for file in posting.files)
    content = message(headers, text, page, files, seed)
    names = (*(name for name, _ in headers), "MIME-Version", "Content-Type")
    check_mail(content, Expected(names, posting.sender.address, posting.recipient, message_id, files, letter.facts))
    return Mail(content, message_id, posting.recipient)


def _subject(letter: _Letter, look: Look, number: str) -> str:
    """Company, kind and number: nothing that the customer wrote, no amount."""
    name = f"{letter.kind}.subject.txt.j2"
    values = {**letter.values, "company": header_name(letter.company), "number": header_name(number)}
    return german.one_line(write(look, name, **values))


def _texts(letter: _Letter, look: Look, files: tuple[Attached, ...]) -> tuple[str, str]:
    """Both forms of the letter. A PDF that the accounting system printed may hold no electronic invoice."""
    has_xml = XML_NAME.encode() in files[0].content
    has_xrechnung = any(_ending(file) == "xml" for file in files)
    values = {**letter.values, "has_xml": has_xml, "has_xrechnung": has_xrechnung}
    colours = {"accent": look.accent, "accent_text": readable(look.accent), "language": look.language}
    text = write(look, f"{letter.kind}.txt.j2", **values)
    return text, write(look, f"{letter.kind}.mail.html.j2", **values, **colours)


def _check_inputs(posting: _Posting) -> None:
    sender = posting.sender
    for address in (sender.address, sender.reply_to or sender.address, posting.recipient):
        if not is_plain_mail_address(address):
            raise UnsafeMail(f"{address[:80]!r} ist keine gewöhnliche E-Mail-Adresse.")
    if not _TOKEN.fullmatch(posting.token) or len(posting.token) > _MAX_TOKEN:
        raise UnsafeMail(f"{posting.token[:80]!r} taugt nicht für eine Message-ID.")
    if posting.refers_to and not _MESSAGE_ID.fullmatch(posting.refers_to):
        raise UnsafeMail(f"{posting.refers_to[:80]!r} ist keine Message-ID.")
    if posting.date.tzinfo is None:
        raise UnsafeMail("Das Datum der Mail nennt keine Zeitzone.")
    _check_files(posting.files)


def _check_files(files: tuple[Attached, ...]) -> None:
    names = [file.name for file in files]
    if not 0 < len(files) <= _MAX_FILES or len(set(names)) != len(names):
        raise UnsafeMail(f"Eine Mail trägt 1 bis {_MAX_FILES} Anhänge mit verschiedenen Namen.")
    for file in files:
        if not _FILE_NAME.fullmatch(file.name) or not file.content.startswith(_BEGINNINGS[_ending(file)]):
            raise UnsafeMail(f"Der Anhang {file.name[:80]!r} ist weder PDF noch XML mit einfachem Namen.")


def _ending(file: Attached) -> str:
    return file.name.rpartition(".")[2]
