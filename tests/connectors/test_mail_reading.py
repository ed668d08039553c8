"""Incoming mail: what it is, by the standards; hostile, broken and huge mails do no harm."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.incoming_mail import Sort, sort_of
from connectors.errors import UnexpectedAnswer
from connectors.mail_reading import MOST_PARTS, MOST_TEXT, read_mail

INGE = "inge@kunde.example"
OURS = "rechnung@maler.example"
OUR_ID = "RB-2345-6789-ABCD.invoice@maler.example"


def report(action: str, status: str, recipient: str = INGE, returned: str = "text/rfc822-headers") -> bytes:
    """A delivery report as mail servers write it."""
    lines = f"""From: MAILER-DAEMON@mx.example
To: {OURS}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: {returned}

From: {OURS}
To: {INGE}
Message-ID: <{OUR_ID}>
Subject: Rechnung

--b--
"""
    return lines.replace("\n", "\r\n").encode()


def mail(headers: str, text: str = "Guten Tag") -> bytes:
    """A plain mail."""
    return f"{headers}\n\n{text}\n".replace("\n", "\r\n").encode()


def sort(content: bytes) -> Sort:
    """What the mail is to a seller who wrote to Inge."""
    return sort_of(read_mail(content), [INGE], [OURS])


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("failed", "5.1.1", Sort.BOUNCE),
        ("Failed", "5.2.2 (mailbox full)", Sort.BOUNCE),
        ("failed", "4.4.7", Sort.GIVEN_UP),
        ("delayed", "4.4.1", Sort.DELAY),
        ("delivered", "2.0.0", Sort.DELIVERED),
        ("relayed", "2.1.9", Sort.DELIVERED),
        ("failed", "", Sort.UNCLEAR),
        ("nonsense", "5.0.0", Sort.UNCLEAR),
    ],
)
@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_reports(action: str, status: str, expected: Sort, returned: str) -> None:
    """Only `failed` with 5.x.x is a bounce; the mail that is meant stands in what is returned, in both forms."""
    content = report(action, status, returned=returned)
    assert sort(content) is expected
    assert read_mail(content).returned == (OUR_ID,)


def test_a_report_about_somebody_else_is_none_about_us() -> None:
    """Where the customer forwards his mail, its failing further on is for a person to judge."""
    assert sort(report("failed", "5.1.1", "jemand@anders.example")) is Sort.UNCLEAR


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("From: inge@kunde.example\nSubject: Re: Rechnung", Sort.ANSWER),
        ("From: inge@kunde.example\nAuto-Submitted: no\nSubject: Re: Rechnung", Sort.ANSWER),
        ("From: inge@kunde.example\nAuto-Submitted: auto-replied\nSubject: Danke", Sort.AUTOMATIC),
        ("From: inge@kunde.example\nAuto-Submitted: auto-replied; x=y\nSubject: Im Urlaub", Sort.OUT_OF_OFFICE),
        ("From: inge@kunde.example\nSubject: Automatische Antwort: Rechnung", Sort.OUT_OF_OFFICE),
        ("From: inge@kunde.example\nSubject: Out of Office Re: Invoice", Sort.OUT_OF_OFFICE),
        ("From: inge@kunde.example\nPrecedence: bulk\nSubject: Neues", Sort.AUTOMATIC),
        ("From: inge@kunde.example\nList-Id: <x.example>\nSubject: Neues", Sort.AUTOMATIC),
        ("From: inge@kunde.example\nX-Autoreply: yes\nSubject: Ihre Mail", Sort.AUTOMATIC),
        ("From: mailer-daemon@kunde.example\nSubject: failure notice", Sort.UNCLEAR),
        ("From: inge@kunde.example\nReturn-Path: <>\nSubject: irgendwas", Sort.UNCLEAR),
        (f"From: Maler <{OURS}>\nAuto-Submitted: auto-generated\nSubject: Rechnung", Sort.OWN),
        ("Subject: von niemand", Sort.ANSWER),
    ],
)
def test_other_mails(headers: str, expected: Sort) -> None:
    """Machines and people are told apart by what the standards say, then by the subject."""
    assert sort(mail(headers)) is expected


def test_a_complaint_is_one() -> None:
    """A feedback report (RFC 5965) is a complaint."""
    content = report("failed", "5.1.1").replace(b"message/delivery-status", b"message/feedback-report")
    assert sort(content) is Sort.COMPLAINT


def test_references_lead_to_our_mail() -> None:
    """In-Reply-To and References are read, also folded; other text in them is nothing."""
    found = read_mail(mail(f"From: {INGE}\nIn-Reply-To: <{OUR_ID}>\nReferences: <a@b.example>\n <{OUR_ID}> Unsinn"))
    assert found.refers_to == (OUR_ID, "a@b.example")


def test_html_is_read_as_text() -> None:
    """Without plain text the HTML's words count: not its scripts, styles or quotes."""
    page = (
        "<html><style>x{}</style><p>Ich habe&nbsp;bezahlt.</p><script>x</script><blockquote>nicht bezahlt</blockquote>"
    )
    text = " ".join(read_mail(mail(f"From: {INGE}\nContent-Type: text/html; charset=utf-8", page)).text.split())
    assert text == "Ich habe bezahlt."


def test_attachments_stay_closed() -> None:
    """A ZIP bomb, an XML bomb and a text file that are attached are neither unpacked nor read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b" " * 50_000_000)
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    parts = [("application/zip", packed.getvalue()[:1000]), ("text/xml", laughs), ("text/plain", b"bezahlt")]
    body = b"".join(
        b'--b\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename="a"\r\n\r\n%s\r\n'
        % (kind.encode(), content)
        for kind, content in parts
    )
    head = f'From: {INGE}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'.encode()
    found = read_mail(head + b"--b\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n" + body + b"--b--\r\n")
    assert found.text.strip() == "Anbei."


@pytest.mark.parametrize("depth", [50, 3000])
def test_nesting_has_an_end(depth: int) -> None:
    """Multiparts inside of multiparts without end are read to a limit or refused, never a crash."""
    content = f"From: {INGE}\r\nMIME-Version: 1.0\r\n".encode()
    for level in range(depth):
        content += f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'.encode()
    try:
        assert len(read_mail(content).text) <= MOST_TEXT
    except UnexpectedAnswer:
        assert depth > MOST_PARTS


@pytest.mark.parametrize(
    "headers",
    [
        "From: =?utf-8?q?=0D=0ABcc:_x@y.example?= <inge@kunde.example>\nSubject: =?utf-8?q?a=0Ab?=",
        "From: inge@kunde.example\nSubject: =?unheard-of?q?x?=",
        "From: inge@kunde.example\nContent-Type: text/plain; charset=unheard-of",
        "From: inge@kunde.example\nContent-Type: text/plain; charset=utf-16",
        "From: " + "a@b.example, " * 5000,
        "From: inge@kunde.example\nReferences: " + "<a@b.example> " * 5000,
    ],
)
def test_hostile_headers_are_only_text(headers: str) -> None:
    """Encoded line feeds, unknown character sets and endless lists give short, printable values."""
    found = read_mail(mail(headers))
    assert found.sender in (INGE, "a@b.example")
    assert found.subject.isprintable()
    assert len(found.refers_to) <= 100


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever bytes arrive, reading ends in a mail or in our own error."""
    for whole in (
        content,
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        + content,
    ):
        try:
            found = read_mail(whole)
        except UnexpectedAnswer:
            continue
        assert isinstance(sort_of(found, [INGE]), Sort)
