"""Incoming mail by IMAP over TLS: read, never changed, and never more than a bounded part of a mail."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any, Literal

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError
from pydantic import BaseModel, Field, SecretStr, model_validator

from connectors.errors import ChannelDown, NotAuthorised, UnexpectedAnswer
from connectors.mail_reading import LARGEST_MAIL
from connectors.oauth import OAuth, Tokens, check_login, xoauth2
from connectors.protocols import Capability, MailPlace, ReceivedMail
from connectors.settings import CaFile, Password, check_encrypted

MOST_AT_ONCE = 500
"""So many mails are read in one go; the rest waits for the next."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say so that answers and bounces can be read from his mailbox."""

    host: str = Field(min_length=1, description="Name des Mailservers")
    port: int = Field(993, gt=0, lt=65536, description="Port, 993 für TLS oder 143 für STARTTLS")
    security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="Verschlüsselung; none nur für einen Server auf demselben Rechner"
    )
    username: str = Field(min_length=1, description="Benutzername")
    password: Password = Field(SecretStr(""), description="Kennwort, am besten ein eigenes App-Kennwort")
    oauth: OAuth | None = Field(None, description="Anmeldung mit Token statt Kennwort (Microsoft 365, Google)")
    folder: str = Field("INBOX", min_length=1, max_length=200, description="Ordner, in dem Antworten ankommen")
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    timeout: float = Field(60, gt=0, description="Sekunden bis zur Antwort des Servers")

    @model_validator(mode="after")
    def _plain_text_only_on_this_machine(self) -> "Settings":
        check_encrypted(self.security, self.host)
        return self

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> "Settings":
        check_login(self.username, self.password, self.oauth)
        if self.oauth is None and not self.password.get_secret_value():
            raise ValueError("Es fehlt  password  oder  oauth.")
        return self


class Imap:
    """One folder of a mailbox. It connects for each reading and leaves no trace there (EXAMINE, BODY.PEEK)."""

    capabilities = frozenset({Capability.RECEIVES_MAIL})

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens = Tokens(settings.oauth) if settings.oauth else None

    def __repr__(self) -> str:
        return f"Imap({self._settings.host}:{self._settings.port}, {self._settings.folder})"

    def close(self) -> None:
        """Nothing is held open."""

    def arrivals(self, after: MailPlace | None, since: date) -> Iterator[ReceivedMail]:
        """At most `MOST_AT_ONCE` mails after a place, oldest first; all since a day in a folder numbered anew.

        Raises `ChannelDown` without connection, `NotAuthorised` at a refused login.
        """
        with self._opened() as box:
            validity = _validity(box)
            is_known = after is not None and after.validity == validity
            last = after.number if after and is_known else 0
            for number in _numbers(box, last, None if is_known else since)[:MOST_AT_ONCE]:
                content = _content(box, number)
                if content is not None:
                    yield ReceivedMail(MailPlace(validity, number), content)

    def _sign_in(self, box: BaseMailBox) -> None:
        settings = self._settings
        if self._tokens is None:
            box.login(settings.username, settings.password.get_secret_value(), initial_folder=None)
            return
        said = xoauth2(settings.username, self._tokens.token())
        try:
            box.client.authenticate("XOAUTH2", lambda _challenge: said.encode())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as fault:
            self._tokens.forget()
            message = "Der Posteingang nimmt das Token nicht an. Bitte Benutzername und Freigabe des Postfachs prüfen."
            raise NotAuthorised(message, "AUTHENTICATE") from fault

    @contextmanager
    def _opened(self) -> Iterator[BaseMailBox]:
        settings = self._settings
        try:
            box = _connected(settings)
            try:
                self._sign_in(box)
                box.folder.set(settings.folder, readonly=True)
                yield box
            finally:
                with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                    box.logout()
        except MailboxLoginError as fault:
            # What the server says may repeat the password; its sentence stays unsaid.
            message = "Der Posteingang lehnt die Anmeldung ab. Bitte Benutzername und Kennwort prüfen."
            raise NotAuthorised(message, "LOGIN") from fault
        except (imaplib.IMAP4.error, ImapToolsError) as fault:
            place = f"Der Posteingang {settings.folder!r} auf {settings.host} ist nicht lesbar."
            raise ChannelDown(f"{place} Bitte Ordner und Server prüfen.", type(fault).__name__) from fault
        except OSError as fault:
            place = f"Der Posteingang auf {settings.host}:{settings.port} ist nicht erreichbar."
            raise ChannelDown(f"{place} Es wird später erneut versucht.", type(fault).__name__) from fault


def connect(settings: Settings) -> Imap:
    """The mailbox; no connection is made yet."""
    return Imap(settings)


def _connected(settings: Settings) -> BaseMailBox:
    host, port, timeout = settings.host, settings.port, settings.timeout
    if settings.security == "none":
        return MailBoxUnencrypted(host, port, timeout)
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.security == "starttls":
        return MailBoxStartTls(host, port, timeout, ssl_context=context)
    return MailBox(host, port, timeout, ssl_context=context)


def _validity(box: BaseMailBox) -> str:
    """What the numbers of the opened folder count for. Raises `UnexpectedAnswer` from a server without it."""
    _, found = box.client.response("UIDVALIDITY")
    if not found or not isinstance(found[0], bytes):
        raise UnexpectedAnswer("Der Posteingang nummeriert seine Mails nicht; er ist nicht zu gebrauchen.", "SELECT")
    return found[0].decode("ascii", "replace")


def _numbers(box: BaseMailBox, last: int, since: date | None) -> list[int]:
    """UIDs above the last, ascending. `n:*` also names the newest mail when it is older (RFC 9051 6.4.8)."""
    wanted = f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else f"UID {last + 1}:*"
    found = sorted(int(uid) for uid in box.uids(wanted, charset=None))
    return [uid for uid in found if uid > last]


def _content(box: BaseMailBox, number: int) -> bytes | None:
    """The beginning of one mail; None when it was deleted meanwhile. Raises `UnexpectedAnswer`."""
    _, answer = box.client.uid("FETCH", str(number), f"(UID BODY.PEEK[]<0.{LARGEST_MAIL}>)")
    found: list[Any] = [item for item in answer if isinstance(item, tuple)]
    if not found:
        return None
    content = found[0][1]
    if not isinstance(content, bytes) or len(content) > LARGEST_MAIL:
        raise UnexpectedAnswer("Der Posteingang gibt mehr heraus, als verlangt war.", "FETCH")
    return content
