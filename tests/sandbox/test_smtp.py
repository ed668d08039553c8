"""The mail sink over real SMTP with STARTTLS, and its ordered faults."""

import hashlib
import json
import smtplib
import ssl
import time
from email.message import EmailMessage
from typing import Any

import pytest

from tests.sandbox.running import Json, Stage

SENDER, RECIPIENT = "rechnung@malerbetrieb-sommer.example", "kunde@kunde.example"


def mail(subject: str = "Rechnung RE1001") -> bytes:
    """A mail with a PDF and a line that begins with a dot."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, RECIPIENT, subject
    message["Message-ID"] = "<RE1001.invoice@malerbetrieb-sommer.example>"
    message.set_content(".Punkt am Anfang\nGrüße")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Rechnung_RE1001.pdf")
    message.set_boundary("=boundary=")
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def send(stage: Stage, raw: bytes | None = None, recipient: str = RECIPIENT) -> None:
    """One whole transaction."""
    with stage.smtp() as client:
        client.sendmail(SENDER, recipient, raw or mail())


def order(stage: Stage, kind: str, **more: Any) -> None:
    """Order one fault of the mail side."""
    stage.control("faults", {"smtp": kind, **more})


def stored(stage: Stage) -> int:
    """How many mails are kept."""
    return len(list((stage.folder / "mails").glob("*.eml")))


def test_mails_are_kept_byte_for_byte(stage: Stage) -> None:
    """The .eml file is exactly what was sent, the .json file tells the envelope, the control interface the parts."""
    send(stage)
    raw = (stage.folder / "mails" / "0001.eml").read_bytes()
    assert raw == mail()
    facts: Json = json.loads((stage.folder / "mails" / "0001.json").read_text(encoding="utf-8"))
    assert (facts["envelope_from"], facts["rcpt"], facts["tls"], facts["user"]) == (SENDER, [RECIPIENT], True, "stage")
    assert facts["received"].startswith("2026-11-02T08:")
    (found,) = stage.control("mails")
    assert found["subject"] == "Rechnung RE1001"
    assert found["message_id"] == "<RE1001.invoice@malerbetrieb-sommer.example>"
    assert found["attachments"] == [
        {
            "filename": "Rechnung_RE1001.pdf",
            "content_type": "application/pdf",
            "size": 8,
            "sha256": hashlib.sha256(b"%PDF-1.4").hexdigest(),
        }
    ]


def test_nothing_before_starttls(stage: Stage) -> None:
    """Before STARTTLS neither login nor mail is possible (530), and AUTH is not offered."""
    with stage.smtp(login=False) as client:
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AHN0YWdlAHg=")[0] == 530
        assert client.docmd("MAIL", f"FROM:<{SENDER}>")[0] == 530


def test_mail_needs_a_login(stage: Stage) -> None:
    """After STARTTLS MAIL still needs a login; a wrong password is 535."""
    with _tls_only(stage) as client:
        client.ehlo()
        assert client.docmd("MAIL", f"FROM:<{SENDER}>")[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("stage", "falsch")


def test_login_mechanisms(stage: Stage) -> None:
    """AUTH PLAIN and AUTH LOGIN are offered, and both work."""
    facts = stage.ready["smtp"]
    for mechanism in ("PLAIN", "LOGIN"):
        with _tls_only(stage) as client:
            client.ehlo()
            assert mechanism in client.esmtp_features["auth"].split()
            client.user, client.password = facts["username"], facts["password"]
            method = client.auth_plain if mechanism == "PLAIN" else client.auth_login
            assert client.auth(mechanism, method)[0] == 235


def _tls_only(stage: Stage) -> smtplib.SMTP:
    client = stage.smtp(login=False)
    client.starttls(context=ssl.create_default_context(cafile=stage.ready["smtp"]["ca_file"]))
    return client


@pytest.mark.parametrize(("kind", "code"), [("rcpt-450", 450), ("rcpt-550", 550)])
def test_recipient_refusals(stage: Stage, kind: str, code: int) -> None:
    """Only the recipient meant is refused, and only as often as ordered."""
    order(stage, kind, recipient_regex="^kunde@")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(stage)
    assert refusal.value.recipients[RECIPIENT][0] == code
    send(stage, recipient="andere@kunde.example")
    send(stage)
    assert stored(stage) == 2


@pytest.mark.parametrize(("kind", "code"), [("data-451", 451), ("dot-451", 451), ("dot-554", 554)])
def test_data_refusals(stage: Stage, kind: str, code: int) -> None:
    """A refusal of DATA or of the final dot means that nothing is stored."""
    order(stage, kind)
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(stage)
    assert (refusal.value.smtp_code, stored(stage)) == (code, 0)
    send(stage)
    assert stored(stage) == 1


@pytest.mark.parametrize(
    ("kind", "count"),
    [("disconnect-before-data", 0), ("disconnect-after-dot-lost", 1), ("disconnect-after-dot-not-stored", 0)],
)
def test_disconnects(stage: Stage, kind: str, count: int) -> None:
    """The client sees the same cut connection, whether the mail was stored or not."""
    order(stage, kind)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(stage)
    assert stored(stage) == count


def test_slow_dot(stage: Stage) -> None:
    """The answer to the final dot comes late; the mail is stored before."""
    order(stage, "slow-dot", seconds=0.3)
    start = time.monotonic()
    send(stage)
    assert (time.monotonic() - start >= 0.3, stored(stage)) == (True, 1)


def test_greylisting(stage: Stage) -> None:
    """The first try of a pair of sender and recipient is put off, the second is taken."""
    order(stage, "greylist", times=None)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(stage)
    send(stage)
    assert stored(stage) == 1


def test_login_fault(stage: Stage) -> None:
    """auth-535 refuses the right password."""
    order(stage, "auth-535")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        stage.smtp()


def test_no_starttls(stage: Stage) -> None:
    """A connection ordered bare offers no STARTTLS and still takes no mail in plain text."""
    order(stage, "no-starttls")
    with stage.smtp(login=False) as client:
        assert not client.has_extn("starttls")
        assert client.docmd("STARTTLS")[0] == 502
        assert client.docmd("MAIL", f"FROM:<{SENDER}>")[0] == 530
    send(stage)


def test_reset_clears_mails(stage: Stage) -> None:
    """A reset removes the mails kept; numbers begin anew."""
    send(stage)
    stage.control("reset", {})
    assert stored(stage) == 0
    assert stage.control("mails") == []
