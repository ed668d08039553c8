"""The mail courier: in every phase it is certain, or says that it is not, what became of the mail."""

import logging
import socket
import ssl
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from connectors.errors import (
    CannotExpress,
    ChannelDown,
    ConnectorError,
    Deferred,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from connectors.smtp import Settings, Smtp, SmtpTimeouts, connect
from connectors.smtp_replies import sender_of
from tests.connectors.scripted import HANG_UP, SILENCE, SmtpScript, listening
from tests.sandbox.running import Stage

HEAD = b"From: Rechnung <rechnung@maler.example>\r\nTo: inge@example.test\r\nSubject: Rechnung\r\n"
MAIL = HEAD + b"\r\nGuten Tag\r\n.\r\n..\r\n"
RECIPIENT = "inge@example.test"
TIMES = {"connect": 2, "command": 1, "dot": 1}


@dataclass
class Ledger:
    """Notes the phases reached; on demand it refuses to go on."""

    phases: list[str] = field(default_factory=list)
    refuses: bool = False

    def reach(self, phase: str) -> None:
        """A phase begins."""
        self.phases.append(phase)
        if self.refuses:
            raise KeyboardInterrupt


@dataclass
class Post:
    """A scripted mail server and the courier that speaks to it."""

    script: SmtpScript
    courier: Smtp

    def send(self, message: bytes = MAIL, recipient: str = RECIPIENT) -> tuple[Any, list[str]]:
        """The answer or the error, and the phases that were committed."""
        ledger = Ledger()
        try:
            return self.courier.send(message, recipient, ledger.reach), ledger.phases
        except ConnectorError as error:
            return error, ledger.phases


def plain_settings(port: int, **changes: Any) -> Settings:
    """Settings for a server on this machine without encryption."""
    given = {"host": "127.0.0.1", "port": port, "security": "none", "timeouts": TIMES}
    return Settings.model_validate(given | changes)


@pytest.fixture
def post() -> Iterator[Post]:
    """A server that accepts everything unless its script is changed."""
    script = SmtpScript()
    with listening(script.serve) as port, connect(plain_settings(port)) as courier:
        yield Post(script, courier)


def test_mail_arrives_byte_for_byte(post: Post) -> None:
    """The server gets exactly our bytes, dots at line starts doubled for the way."""
    answer, phases = post.send()
    assert answer == "250 2.0.0 queued as 1"
    assert phases == ["dot"]
    assert [mail.replace(b"\r\n..", b"\r\n.") for mail in post.script.mails] == [MAIL]


BEFORE_THE_DOT = ["mail", "rcpt", "data"]


@pytest.mark.parametrize("phase", ["greeting", "ehlo"])
@pytest.mark.parametrize("reply", ["421 too busy", "554 go away", HANG_UP, SILENCE])
def test_server_that_does_not_let_us_in(post: Post, phase: str, reply: str) -> None:
    """A server that refuses the conversation pauses the channel; no single mail is to blame."""
    post.script.replies |= {phase: reply, "helo": reply}
    error, phases = post.send()
    assert type(error) is ChannelDown
    assert phases == []


@pytest.mark.parametrize("phase", BEFORE_THE_DOT)
def test_4xx_before_the_dot_is_deferred(post: Post, phase: str) -> None:
    """A temporary refusal of sender, recipient or data puts this mail off."""
    post.script.replies[phase] = "451 later please"
    error, phases = post.send()
    assert type(error) is Deferred
    assert "later please" in error.evidence
    assert phases == []


@pytest.mark.parametrize("phase", BEFORE_THE_DOT)
def test_5xx_before_the_dot_is_rejected(post: Post, phase: str) -> None:
    """A final refusal of sender, recipient or data needs a person."""
    post.script.replies[phase] = "550 never"
    error, phases = post.send()
    assert type(error) is Rejected
    assert phases == []


@pytest.mark.parametrize("phase", BEFORE_THE_DOT)
@pytest.mark.parametrize("reply", [HANG_UP, SILENCE])
def test_silence_before_the_dot_means_not_accepted(post: Post, phase: str, reply: str) -> None:
    """A conversation that dies before the body was provably for nothing."""
    post.script.replies[phase] = reply
    error, phases = post.send()
    assert type(error) is Unavailable
    assert phases == []


def test_connection_lost_within_the_body(post: Post) -> None:
    """A server that hangs up while it hears the mail has not accepted it; only if we got to the dot it is unknown."""
    post.script.replies["body"] = HANG_UP
    error, phases = post.send(MAIL + b"x\r\n" * 30_000)
    assert type(error) is (OutcomeUnknown if phases else Unavailable)
    assert post.script.mails == []


@pytest.mark.parametrize("reply", ["530 5.7.0 login first", "535 5.7.8 who are you"])
def test_missing_login_pauses_the_channel(post: Post, reply: str) -> None:
    """A server that asks for a login at MAIL has nothing against this one mail."""
    post.script.replies["mail"] = reply
    assert type(post.send()[0]) is ChannelDown


def test_4xx_at_the_dot_is_deferred(post: Post) -> None:
    """A clear "not now" after the whole mail was heard is no acceptance."""
    post.script.replies["dot"] = "451 4.3.0 try again"
    error, phases = post.send()
    assert type(error) is Deferred
    assert phases == ["dot"]


def test_5xx_at_the_dot_is_rejected(post: Post) -> None:
    """A clear no after the whole mail was heard is no acceptance."""
    post.script.replies["dot"] = "554 5.7.1 spam"
    assert type(post.send()[0]) is Rejected


@pytest.mark.parametrize("reply", [HANG_UP, SILENCE, "gibberish", "354 go on", "199 hm"])
def test_no_clear_answer_to_the_dot_is_unknown(post: Post, reply: str) -> None:
    """After the dot only 2xx, 4xx and 5xx say something; everything else may mean accepted."""
    post.script.replies["dot"] = reply
    error, phases = post.send()
    assert type(error) is OutcomeUnknown
    assert phases == ["dot"]


def test_failure_at_quit_is_nothing() -> None:
    """The answer to the dot has counted; how the server says goodbye changes nothing."""
    script = SmtpScript({"quit": HANG_UP})
    with listening(script.serve) as port:
        with connect(plain_settings(port)) as courier:
            answer = courier.send(MAIL, RECIPIENT, Ledger().reach)
        assert answer.startswith("250")


def test_lost_right_to_send_leaves_no_dot(post: Post) -> None:
    """When the ledger says no at the last moment, the server never gets the dot."""
    ledger = Ledger(refuses=True)
    with pytest.raises(KeyboardInterrupt):
        post.courier.send(MAIL, RECIPIENT, ledger.reach)
    assert ledger.phases == ["dot"]
    assert post.script.mails == []


def test_connection_is_kept_for_the_next_mail(post: Post) -> None:
    """Two mails take one connection, one envelope each."""
    post.send()
    post.send(recipient="zweite@example.test")
    assert post.script.seen.count("ehlo") == 1
    assert post.script.seen.count("rcpt") == 2
    assert len(post.script.mails) == 2


def test_kept_connection_that_died_is_replaced(post: Post) -> None:
    """A server that hung up between two mails costs a new connection, no mail."""
    post.send()
    post.script.replies["rset"] = HANG_UP
    answer, _ = post.send()
    assert str(answer).startswith("250")
    assert post.script.seen.count("ehlo") == 2


def test_after_an_error_the_connection_is_new(post: Post) -> None:
    """Nothing of a failed dialogue leaks into the next one."""
    post.script.replies["dot"] = "451 later"
    post.send()
    del post.script.replies["dot"]
    assert str(post.send()[0]).startswith("250")
    assert post.script.seen.count("ehlo") == 2


def test_too_large_mail_is_not_even_begun(post: Post) -> None:
    """A mail above the server's SIZE is refused before MAIL."""
    error, _ = post.send(MAIL + b"x" * 70 + b"\r\n" * 50_000)
    assert type(error) is Rejected
    assert "mail" not in post.script.seen


@pytest.mark.parametrize(
    "recipient",
    ["", "inge", "a@b\r\nRCPT TO:<x@y>", "a@b c", "<a@b>", "a@b,c@d", "ä@b.example", "a@b@c", '"x y"@b.example'],
)
def test_doubtful_recipient_is_refused(post: Post, recipient: str) -> None:
    """Only one ordinary ASCII address can become an envelope."""
    assert type(post.send(recipient=recipient)[0]) is CannotExpress
    assert post.script.seen == []


@pytest.mark.parametrize(
    "message",
    [
        b"From: a@b.example\r\n\r\nohne Zeilenende",
        b"From: a@b.example\r\n\r\nnur LF\n\r\n",
        b"From: a@b.example\r\n\r\nnur CR\r \r\n",
        b"From: a@b.example\r\n\r\nNUL \x00\r\n",
        "From: a@b.example\r\n\r\nGrüße\r\n".encode(),
        b"From: a@b.example, c@d.example\r\n\r\nzwei\r\n",
        b"Subject: ohne Absender\r\n\r\nText\r\n",
    ],
)
def test_message_that_would_change_on_the_way_is_refused(post: Post, message: bytes) -> None:
    """Line ends other than CRLF, 8-bit bytes and unclear senders never reach the wire (SMTP smuggling)."""
    assert type(post.send(message)[0]) is CannotExpress
    assert post.script.seen == []


def test_sender_of_the_envelope_is_the_from_address() -> None:
    """Without a setting of its own, bounces go to the address in From."""
    assert sender_of(MAIL) == "rechnung@maler.example"


def test_nobody_listens() -> None:
    """Without a server the channel is down."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ChannelDown):
        connect(plain_settings(port)).send(MAIL, RECIPIENT, Ledger().reach)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_never_plain_text(security: str) -> None:
    """A server without STARTTLS or TLS gets neither login nor mail."""
    script = SmtpScript()
    with listening(script.serve) as port, pytest.raises(ChannelDown):
        connect(plain_settings(port, security=security)).send(MAIL, RECIPIENT, Ledger().reach)
    assert not {"auth", "mail"} & set(script.seen)


def test_plain_text_is_for_this_machine_only() -> None:
    """security: none is refused for any other host, before the first connection."""
    with pytest.raises(ValidationError, match="selben Rechner"):
        Settings(host="mail.example.test", security="none")


def test_stage_gets_the_mail_over_starttls(stage: Stage, post_office: Settings) -> None:
    """Against a real server with STARTTLS and login the mail arrives byte for byte."""
    with connect(post_office) as courier:
        answer = courier.send(MAIL, RECIPIENT, Ledger().reach)
    assert answer.startswith("250")
    (stored,) = sorted((stage.folder / "mails").glob("*.eml"))
    assert stored.read_bytes() == MAIL
    assert stage.control("mails")[0]["envelope"]["tls"] is True


STAGE_FAULTS = {
    "rcpt-450": Deferred,
    "rcpt-550": Rejected,
    "data-451": Deferred,
    "dot-451": Deferred,
    "dot-554": Rejected,
    "disconnect-before-data": Unavailable,
    "disconnect-after-dot-lost": OutcomeUnknown,
    "disconnect-after-dot-not-stored": OutcomeUnknown,
    "slow-dot": OutcomeUnknown,
    "greylist": Deferred,
    "auth-535": ChannelDown,
    "no-starttls": ChannelDown,
}


@pytest.mark.parametrize(("fault", "kind"), STAGE_FAULTS.items())
def test_faults_of_the_stage(stage: Stage, post_office: Settings, fault: str, kind: type[ConnectorError]) -> None:
    """Each fault of a real server has its error, and the mail after it goes through."""
    stage.control("faults", {"smtp": fault, "seconds": 1.5})
    with connect(post_office) as courier:
        with pytest.raises(ConnectorError) as caught:
            courier.send(MAIL, RECIPIENT, Ledger().reach)
        assert type(caught.value) is kind
        assert courier.send(MAIL, RECIPIENT, Ledger().reach).startswith("250")


def test_unknown_certificate_is_refused(stage: Stage, post_office: Settings) -> None:
    """A server whose certificate we do not trust gets neither login nor mail."""
    stranger = post_office.model_copy(update={"ca_file": None})
    with pytest.raises(ChannelDown) as caught, connect(stranger) as courier:
        courier.send(MAIL, RECIPIENT, Ledger().reach)
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert stage.control("mails") == []


def test_password_appears_in_no_error_repr_or_log(
    stage: Stage, post_office: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A refused login tells nobody what was tried."""
    caplog.set_level(logging.DEBUG)
    secret = "streng-geheim-0815"
    wrong = post_office.model_copy(update={"password": SecretStr(secret)})
    with connect(wrong) as courier, pytest.raises(ChannelDown) as caught:
        courier.send(MAIL, RECIPIENT, Ledger().reach)
    said = "".join(traceback.format_exception(caught.value)) + repr(courier) + repr(wrong) + caplog.text
    assert secret not in said + caught.value.evidence + caught.value.message


def test_dot_may_take_ten_minutes() -> None:
    """By default we wait as long as RFC 5321 asks for."""
    assert SmtpTimeouts().dot == 600
