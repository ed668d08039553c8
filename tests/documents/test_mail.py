"""Mails: headers exactly as promised, both texts with the same facts, hostile text without effect."""

import email
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.errors import UnsafeMail
from documents.invoice import file_name
from documents.look import Look
from documents.mail import Attached, Mail, Sender, invoice_mail, reminder_mail
from documents.mail_checks import Expected, check_mail
from documents.mime import File, header_name, header_text, mailbox
from documents.samples import SELLER, samples
from tests.documents.conftest import printed

SENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
SENDER = Sender("rechnung@malerbetrieb-sommer.example", SELLER.name, "buero@malerbetrieb-sommer.example")
PDF = Attached("Rechnung_RE-2026-0043.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40)
HOSTILE = (
    "=?UTF-8?Q?=0A?=Bcc: x@y.de",
    "a\r\nBcc: boss@evil.example",
    'Sommer, "evil@evil.example" <evil@evil.example>',
    "A" * 70 + ", evil@evil.example",
    "Name\u202e\u2028\x00\x1b",
    "Ünï" * 90 + ", <a@b.example>",
)


def invoice_of(recipient: str = "buchhaltung@rheinbau.example") -> Mail:
    """The mail of a sample invoice to that address."""
    made, seller = samples()["skonto-rabatt"]
    made = replace(made, draft=replace(made.draft, customer=replace(made.draft.customer, email=recipient)))
    return invoice_mail(made, seller, Look(), SENDER, PDF, message_id_token="RB-1.invoice", date=SENT)


def reminder_of(open_amount: str = "1000.50") -> Mail:
    """The reminder of a sample invoice."""
    return reminder_mail(
        *samples()["skonto-rabatt"],
        Look(),
        SENDER,
        PDF,
        open_amount=Decimal(open_amount),
        pay_until=date(2026, 12, 16),
        message_id_token="RB-1.reminder-1",
        date=SENT,
        refers_to="<RB-1.invoice@malerbetrieb-sommer.example>",
    )


def parsed(mail: Mail) -> EmailMessage:
    """A mail as a mail program reads it."""
    found = email.message_from_bytes(mail.message, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def bodies(mail: Mail) -> tuple[str, str]:
    """Plain text and HTML, with plain spaces."""
    both = (parsed(mail).get_body((kind,)) for kind in ("plain", "html"))
    text, page = (str(part.get_content()).replace("\xa0", " ") for part in both if part is not None)
    return text, page


def test_headers_are_exactly_these() -> None:
    """An invoice mail has the promised headers in order and no other."""
    mail = parsed(invoice_of())
    assert mail.keys() == [
        *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"),
    ]
    assert mail["To"] == "buchhaltung@rheinbau.example"
    assert mail["From"] == "Malerbetrieb Sommer GmbH <rechnung@malerbetrieb-sommer.example>"
    assert mail["Reply-To"] == "buero@malerbetrieb-sommer.example"
    assert mail["Subject"] == "Malerbetrieb Sommer GmbH: Rechnung RE-2026-0043"
    assert mail["Date"].datetime == SENT
    assert mail["Auto-Submitted"] == "auto-generated"


def test_message_id_comes_from_token_and_own_domain() -> None:
    """The Message-ID is the given token at the sender's domain, and the mail says it."""
    mail = invoice_of()
    assert mail.message_id == "<RB-1.invoice@malerbetrieb-sommer.example>" == parsed(mail)["Message-ID"]


def test_reminder_refers_to_the_invoice() -> None:
    """A reminder belongs to the invoice's thread."""
    mail = parsed(reminder_of())
    assert mail["In-Reply-To"] == mail["References"] == "<RB-1.invoice@malerbetrieb-sommer.example>"
    assert mail["Subject"] == "Malerbetrieb Sommer GmbH: Zahlungserinnerung zur Rechnung RE-2026-0043"


def test_both_texts_say_the_same_facts() -> None:
    """Number, amount, due date, account and Skonto stand in plain text and HTML."""
    for body in bodies(invoice_of()):
        for fact in ("RE-2026-0043", "7.846,93 €", "02.12.2026", "DE02 1203 0000 0000 2020 51", "7.689,99 €"):
            assert fact in body


def test_reminder_says_everything_that_a_demand_needs() -> None:
    """Number, dates, gross, payments, open amount, account, date to pay, free of costs, crossing and contact."""
    for body in bodies(reminder_of()):
        for fact in (
            *("RE-2026-0043", "02.11.2026", "02.12.2026", "7.846,93 €", "6.846,43 €", "1.000,50 €", "16.12.2026"),
            *("DE02 1203 0000 0000 2020 51", "kostenlos", "überschnitten", "gegenstandslos", "0221 5550142"),
        ):
            assert fact in body


def test_unpaid_reminder_mentions_no_payment() -> None:
    """When nothing was paid, no payments are listed."""
    for body in bodies(reminder_of("7846.93")):
        assert "Erhaltene Zahlungen" not in body
        assert "bisher keine Zahlung erhalten" in body


def test_electronic_form_is_promised_only_if_attached() -> None:
    """ZUGFeRD is mentioned for our own PDF and not for one without XML."""
    made, seller = samples()["skonto-rabatt"]
    ours = Attached(file_name(made.number), printed("skonto-rabatt").pdf)
    mail = invoice_mail(made, seller, Look(), SENDER, ours, message_id_token="a", date=SENT)
    assert all("ZUGFeRD" in body for body in bodies(mail))
    assert not any("ZUGFeRD" in body for body in bodies(invoice_of()))


def test_attachment_is_the_archived_pdf() -> None:
    """The attached file is byte for byte the given one, under a plain ASCII name."""
    (attached,) = parsed(invoice_of()).iter_attachments()
    assert attached.get_content() == PDF.content
    assert attached.get_filename() == PDF.name
    assert attached.get_content_type() == "application/pdf"
    assert b"filename*" not in invoice_of().message


def test_bytes_are_fit_for_every_server() -> None:
    """CRLF only, seven bits, short lines; and the same arguments give the same bytes."""
    message = invoice_of().message
    assert message == invoice_of().message
    assert message.isascii()
    assert max(map(len, message.split(b"\r\n"))) <= 78
    assert message.count(b"\n") == message.count(b"\r\n") == message.count(b"\r")


def test_html_loads_nothing() -> None:
    """The HTML has no picture, no link and no script."""
    for page in (bodies(invoice_of())[1], bodies(reminder_of())[1]):
        assert not any(part in page for part in ("<img", "<a ", "<script", "http", "url("))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_change_no_header(name: str) -> None:
    """A company or customer with a hostile name gets a mail with the same headers and one recipient."""
    made, seller = samples()["skonto-rabatt"]
    made = replace(made, draft=replace(made.draft, customer=replace(made.draft.customer, name=name), title=name))
    seller = replace(seller, name=name)
    mail = parsed(invoice_mail(made, seller, Look(), replace(SENDER, name=name), PDF, message_id_token="a", date=SENT))
    assert mail.keys() == parsed(invoice_of()).keys()
    assert [found.addr_spec for found in mail["To"].addresses] == ["buchhaltung@rheinbau.example"]
    assert [found.addr_spec for found in mail["From"].addresses] == [SENDER.address]
    assert "evil" not in mail["Subject"] or "@" not in mail["Subject"]


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_any_name_stays_a_name(name: str) -> None:
    """Whatever a name is made of, the mailbox has one address, and no mark that means something in a header."""
    value = mailbox(name, "a@b.example")
    header = policy.default.header_factory("From", value.replace("\r\n", ""))
    assert [found.addr_spec for found in header.addresses] == ["a@b.example"]
    assert not set('\r\n"@<>=?,;:()[]\\') & set(header_name(name))
    assert len(header_name(name)) <= 60


@pytest.mark.parametrize("text", ["a\r\nBcc: x", "=?UTF-8?Q?=0A?=Bcc: x@y.de", "", "x" * 201, "a\x00b"])
def test_header_text_refuses_tricks(text: str) -> None:
    """Text that a parser could read as more than text cannot become a header."""
    with pytest.raises(UnsafeMail):
        header_text(text)


def test_umlauts_in_headers_are_encoded() -> None:
    """A long name with umlauts is split into short encoded words that read back as one."""
    text = "Malerbetrieb Größmüller und Söhne Nachfolger in Tübingen: Rechnung RE-2026-0042"
    value = header_text(text)
    assert value.isascii()
    assert all(len(line) <= 76 for line in value.split("\r\n"))
    assert policy.default.header_factory("Subject", value.replace("\r\n", "")) == text


@pytest.mark.parametrize(
    "address", ["", "a", "a@b", "a@b.de, c@d.de", "a@b.de\r\nBcc: c@d.de", "Ä@b.de", "<a@b.de>", "a b@c.de"]
)
def test_odd_recipients_are_refused(address: str) -> None:
    """Only one ordinary address can be a recipient."""
    with pytest.raises(UnsafeMail):
        invoice_of(address)


@pytest.mark.parametrize("open_amount", ["0", "-3", "7846.94"])
def test_nothing_open_is_not_reminded(open_amount: str) -> None:
    """No reminder asks for nothing, or for more than the invoice."""
    with pytest.raises(UnsafeMail):
        reminder_of(open_amount)


def test_naive_dates_and_odd_files_are_refused() -> None:
    """A date without zone, an attachment that is no PDF or oddly named, and a strange token are refused."""
    made, seller = samples()["skonto-rabatt"]
    for attached, token, sent in (
        (PDF, "a", SENT.replace(tzinfo=None)),
        (replace(PDF, content=b"PK"), "a", SENT),
        (replace(PDF, name="Rechnung ü.pdf"), "a", SENT),
        (replace(PDF, name="x" * 61), "a", SENT),
        (PDF, "a>\r\nBcc: x", SENT),
        (PDF, "a b", SENT),
    ):
        with pytest.raises(UnsafeMail):
            invoice_mail(made, seller, Look(), SENDER, attached, message_id_token=token, date=sent)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Auto-Submitted", b"Bcc: x@y.example\r\nAuto-Submitted"),
        (b"To: buch", b"To: x@y.example, buch"),
        (b"To: buchhaltung", b"To: einkauf"),
        (b"7.846,93", b"7.846,94"),
        (b"2020 51", b"2020 52"),
        (b"application/pdf", b"application/zip"),
        (b"JVBER", b"JVBES"),
        (b"\r\nSubject", b"\nSubject"),
        (b"Guten", b"G\xfcten"),
    ],
)
def test_last_check_sees_every_change(before: bytes, after: bytes) -> None:
    """If anything between writing and reading back changed the mail, it is not sent."""
    mail = invoice_of()
    expected = Expected(
        tuple(parsed(mail).keys()), SENDER.address, mail.recipient, mail.message_id,
        (File(PDF.name, "application/pdf", PDF.content),),
        ("RE-2026-0043", "7.846,93 €", "DE02 1203 0000 0000 2020 51"),
    )  # fmt: skip
    check_mail(mail.message, expected)
    assert before in mail.message
    with pytest.raises(UnsafeMail):
        check_mail(mail.message.replace(before, after), expected)


def test_client_template_cannot_lose_the_account(tmp_path: Path) -> None:
    """A client's own text without the IBAN is refused before it is sent."""
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "invoice.txt.j2").write_text("Rechnung {{ invoice.number }}: {{ invoice.gross }}")
    made, seller = samples()["skonto-rabatt"]
    with pytest.raises(UnsafeMail, match=r"02\.12\.2026"):
        invoice_mail(made, seller, Look(templates=tmp_path), SENDER, PDF, message_id_token="a", date=SENT)
