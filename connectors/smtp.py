"""Mail by SMTP: one recipient per transaction, and certainty about what may have been accepted (RFC 5321).

Everything before the final dot is provably not accepted. After it only a clear answer counts; silence is
`OutcomeUnknown`. smtplib raises the same errors in all phases, so its commands are driven one by one.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, model_validator

from billing.envelopes import PLACE, mail_behind, return_address
from connectors.breaker import breaker_for
from connectors.errors import CannotExpress, ChannelDown, Rejected, Unavailable
from connectors.oauth import OAuth, Tokens, check_login, sign_in
from connectors.protocols import Capability, Reach
from connectors.rate import account_key
from connectors.settings import CaFile, Password, check_encrypted
from connectors.smtp_replies import (
    REPLY_LENGTH,
    Reply,
    check_transport,
    message_id_of,
    refusal,
    sender_of,
    stuffed,
    text_of,
    unknown,
)

PIECE = 64 * 1024


class SmtpTimeouts(BaseModel, frozen=True, extra="forbid"):
    """Seconds to wait. RFC 5321 4.5.3.2.6 wants ten minutes after the final dot: many servers check the mail there."""

    connect: float = Field(30, gt=0, description="Sekunden bis zur Verbindung")
    command: float = Field(60, gt=0, description="Sekunden bis zur Antwort auf einen Befehl")
    dot: float = Field(600, gt=0, description="Sekunden bis zur Annahme nach dem Ende der Mail")


class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say to send mail through its own mail server."""

    host: str = Field(min_length=1, description="Name des Mailservers")
    port: int = Field(587, gt=0, lt=65536, description="Port, 587 für STARTTLS oder 465 für TLS")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="Verschlüsselung; none nur für einen Server auf demselben Rechner"
    )
    username: str = Field("", description="Benutzername; leer: keine Anmeldung")
    password: Password = Field(SecretStr(""), description="Kennwort")
    oauth: OAuth | None = Field(None, description="Anmeldung mit Token statt Kennwort (Microsoft 365, Google)")
    envelope_sender: str = Field(
        "", description="Adresse für Rückläufer, etwa rueck+{token}@beispiel.de; leer: die Absenderadresse der Mail"
    )
    return_key: Password = Field(
        SecretStr(""), description="Schlüssel, mit dem das {token} der Rückläuferadresse vor Fälschung geschützt wird"
    )
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    timeouts: SmtpTimeouts = Field(default_factory=SmtpTimeouts, description="Fristen in Sekunden")

    @model_validator(mode="after")
    def _tokens_need_a_key(self) -> "Settings":
        if PLACE in self.envelope_sender and not self.return_key.get_secret_value():
            raise ValueError("Zu {token} in envelope_sender gehört ein return_key, zum Beispiel {file: rueck}.")
        return self

    @model_validator(mode="after")
    def _plain_text_only_on_this_machine(self) -> "Settings":
        check_encrypted(self.security, self.host)
        return self

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> "Settings":
        check_login(self.username, self.password, self.oauth)
        return self


class Smtp:
    """A courier by SMTP. It keeps its connection for the next message until `close`; one message at a time."""

    capabilities = frozenset({Capability.SENDS_MAIL})

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._turn = threading.Lock()
        self._tokens = Tokens(settings.oauth) if settings.oauth else None
        self._breaker = breaker_for(account_key(settings.host, str(settings.port), settings.username), settings.host)

    def __repr__(self) -> str:
        return f"Smtp({self._settings.host}:{self._settings.port})"

    def __enter__(self) -> "Smtp":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, message: bytes, recipient: str, reach: Reach) -> str:
        """Hand over exactly these bytes to one recipient; the server's answer to the final dot."""
        sender = self._return_address(message)
        check_transport(message, sender, recipient)
        with self._turn:
            try:
                self._breaker.check()
                server = self._open()
                with _nothing_accepted():
                    _envelope(server, message, sender, recipient)
                    _body(server, message)
                reach("dot")
                return self._finish(server)
            except BaseException:
                # Whatever state the dialogue is in, hanging up without a dot makes the server forget the message.
                self._hang_up()
                raise

    def mail_behind(self, address: str) -> str | None:
        """The local part of the Message-ID that a return address of ours proves, empty if it proves none.

        None when the settings give each mail the same return address, so that no proof can be had.
        """
        settings = self._settings
        if PLACE not in settings.envelope_sender:
            return None
        return mail_behind(address, settings.envelope_sender, settings.return_key.get_secret_value().encode())

    def close(self) -> None:
        """Take leave of the server. A failure at QUIT is nothing: the answer to the dot has counted."""
        if self._server is not None:
            with suppress(OSError):
                self._server.quit()
            self._hang_up()

    def _return_address(self, message: bytes) -> str:
        settings = self._settings
        if PLACE not in settings.envelope_sender:
            return settings.envelope_sender or sender_of(message)
        key = settings.return_key.get_secret_value().encode()
        try:
            return return_address(settings.envelope_sender, message_id_of(message), key)
        except ValueError as fault:
            raise CannotExpress(f"Die Adresse für Rückläufer ist zu lang: {fault}. Bitte kürzen.") from fault

    def _finish(self, server: smtplib.SMTP) -> str:
        try:
            _patience(server, self._settings.timeouts.dot)
            server.send(b".\r\n")
            reply = server.getreply()
        except OSError as fault:
            raise unknown(f"{type(fault).__name__}: {fault}") from fault
        if not 200 <= reply[0] < 300:
            raise refusal(reply, "die Mail") if 400 <= reply[0] < 600 else unknown(text_of(reply))
        return text_of(reply)

    def _open(self) -> smtplib.SMTP:
        """The kept connection if it still answers, else a new one."""
        if self._server is not None:
            with suppress(OSError):
                _patience(self._server, self._settings.timeouts.command)
                if self._server.rset()[0] == 250:
                    return self._server
            self._hang_up()
        try:
            with self._channel():
                self._server = self._greeted()
                self._secure(self._server)
                self._sign_in(self._server)
        except ChannelDown:
            self._breaker.failed()
            raise
        self._breaker.went_well()
        return self._server

    def _sign_in(self, server: smtplib.SMTP) -> None:
        username = self._settings.username
        if self._tokens is not None:
            sign_in(server, username, self._tokens)
        elif username:
            server.login(username, self._settings.password.get_secret_value())

    def _greeted(self) -> smtplib.SMTP:
        settings = self._settings
        connect_within, name = settings.timeouts.connect, _own_name()
        if settings.security == "tls":
            context = ssl.create_default_context(cafile=settings.ca_file)
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, name, timeout=connect_within, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, name, timeout=connect_within)
        _patience(server, settings.timeouts.command)
        if server.sock is not None:
            # The final dot is a small packet of its own: held back for an acknowledgement it costs 40 ms a mail.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server

    def _secure(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self._settings.security == "starttls":
            reply = server.starttls(context=ssl.create_default_context(cafile=self._settings.ca_file))
            if reply[0] != 220:
                raise smtplib.SMTPResponseException(*reply)
            server.ehlo()

    @contextmanager
    def _channel(self) -> Iterator[None]:
        """Faults of connection, TLS and login: they concern every message and never lead to plain text."""
        place = f"{self._settings.host}:{self._settings.port}"
        try:
            yield
        except smtplib.SMTPAuthenticationError as fault:
            message = f"Der Mailserver {place} nimmt die Anmeldung nicht an. Bitte Benutzername und Kennwort prüfen."
            raise ChannelDown(message, str(fault.smtp_code)) from None
        except smtplib.SMTPNotSupportedError as fault:
            message = (
                f"Der Mailserver {place} bietet Verschlüsselung oder Anmeldung nicht an. Bitte Einstellungen prüfen."
            )
            raise ChannelDown(message, str(fault)) from fault
        except ssl.SSLError as fault:
            message = f"Die verschlüsselte Verbindung zu {place} kam nicht zustande. Bitte Zertifikat und Port prüfen."
            raise ChannelDown(message, str(fault)[:REPLY_LENGTH]) from fault
        except OSError as fault:
            message = f"Der Mailserver {place} ist nicht erreichbar. Es wird später erneut versucht."
            raise ChannelDown(message, f"{type(fault).__name__}: {fault}"[:REPLY_LENGTH]) from fault

    def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def connect(settings: Settings) -> Smtp:
    """A courier for the mail server of `settings`; the connection is made with the first message."""
    return Smtp(settings)


def _envelope(server: smtplib.SMTP, message: bytes, sender: str, recipient: str) -> None:
    options = _size_option(server, message)
    steps: tuple[tuple[str, Callable[[], Reply], int], ...] = (
        (f"den Absender {sender}", lambda: server.mail(sender, options), 250),
        (f"den Empfänger {recipient}", lambda: server.rcpt(recipient), 250),
        ("die Mail", lambda: server.docmd("data"), 354),
    )
    for what, command, expected in steps:
        reply = command()
        if reply[0] != expected and not (expected == 250 and reply[0] == 251):
            raise refusal(reply, what)


def _size_option(server: smtplib.SMTP, message: bytes) -> list[str]:
    """SIZE=n where the server knows it (RFC 1870); a message above its limit is not even begun."""
    if not server.has_extn("size"):
        return []
    limit = server.esmtp_features["size"].strip()
    if limit.isdigit() and 0 < int(limit) < len(message):
        text = f"Die Mail hat {len(message)} Bytes, der Mailserver erlaubt {limit}. Bitte Anlagen verkleinern."
        raise Rejected(text, f"SIZE {limit}")
    return [f"SIZE={len(message)}"]


def _body(server: smtplib.SMTP, message: bytes) -> None:
    """In pieces, because the time-out of a socket counts for a whole call and lines can be slow."""
    body = stuffed(message)
    for start in range(0, len(body), PIECE):
        server.send(body[start : start + PIECE])


@contextmanager
def _nothing_accepted() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        message = (
            "Die Verbindung zum Mailserver brach ab, bevor die Mail angenommen war. Es wird später erneut versucht."
        )
        raise Unavailable(message, f"{type(fault).__name__}: {fault}"[:REPLY_LENGTH]) from fault


def _patience(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _own_name() -> str:
    """The name for EHLO without asking DNS, which can take a minute; a literal will do as well (RFC 5321 4.1.3)."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
