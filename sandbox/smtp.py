"""The mail sink: a submission server (RFC 6409) that wants STARTTLS and a login and keeps every mail."""

import asyncio
import hmac
import ssl
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.faults import Faults
from sandbox.mailbox import Envelope as MailEnvelope
from sandbox.mailbox import Mailbox

_DOT_REPLIES = {
    "dot-451": "451 4.3.0 Mail server temporarily rejected message",
    "dot-554": "554 5.7.1 Message rejected as spam",
}
_DOT_KINDS = {*_DOT_REPLIES, "disconnect-after-dot-lost", "disconnect-after-dot-not-stored", "slow-dot"}


@dataclass
class Login:
    """The one account of the sink."""

    username: str
    password: str


@dataclass
class Post:
    """What a connection needs to know; replaced as a whole on reset."""

    faults: Faults
    mailbox: Mailbox


class Handler:
    """The answers to RCPT, the final dot and EHLO, faults included (aiosmtpd's handler interface)."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def handle_EHLO(  # noqa: N802
        self, server: "Sink", session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Hide STARTTLS on a connection that was ordered to have none."""
        session.host_name = hostname
        return [line for line in responses if not (server.bare and line.endswith("STARTTLS"))]

    async def handle_RCPT(  # noqa: N802
        self, server: "Sink", session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Accept every recipient that no fault turns away."""
        fault = self._post.faults.take_smtp({"rcpt-450", "rcpt-550"}, [address])
        if fault is not None:
            return _rcpt_reply(fault.smtp)
        if self._post.faults.greylists(str(envelope.mail_from), address):
            return "451 4.7.1 Greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: "Sink", session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the mail, unless a fault for the final dot says otherwise."""
        fault = self._post.faults.take_smtp(_DOT_KINDS, envelope.rcpt_tos)
        kind = fault.smtp if fault else ""
        if kind in _DOT_REPLIES:
            return _DOT_REPLIES[kind]
        # Stored before any answer: a client that gives up while waiting has still delivered.
        if kind != "disconnect-after-dot-not-stored":
            self._post.mailbox.store(envelope.original_content or b"", _envelope(session, envelope))
        if kind.startswith("disconnect"):
            server.cut()
        if fault is not None and kind == "slow-dot":
            await asyncio.sleep(fault.seconds)
        return f"250 2.0.0 OK queued as {len(self._post.mailbox.mails)}"


def _rcpt_reply(kind: str) -> str:
    if kind == "rcpt-450":
        return "450 4.2.1 Mailbox temporarily unavailable"
    return "550 5.1.1 No such user here"


def _envelope(session: Session, envelope: Envelope) -> MailEnvelope:
    user: object = session.auth_data
    name = user.decode("utf-8") if isinstance(user, bytes) else None
    return MailEnvelope(str(envelope.mail_from), tuple(envelope.rcpt_tos), session.ssl is not None, name)


class Sink(SMTP):
    """One SMTP connection; `bare` means that it was ordered to offer no STARTTLS.

    auth-535 locks a connection out for good: clients try one mechanism after the other.
    """

    def __init__(self, post: Post, login: Login, context: ssl.SSLContext) -> None:
        super().__init__(
            Handler(post),
            hostname="localhost",
            ident="Sandbox ESMTP",
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._check_login,
            timeout=3600,
            loop=asyncio.get_running_loop(),
        )
        self._post, self._login = post, login
        self.bare = post.faults.take_smtp({"no-starttls"}) is not None
        self._locked_out = False

    def _check_login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        refused = AuthResult(success=False, handled=False)
        self._locked_out = self._locked_out or self._post.faults.take_smtp({"auth-535"}) is not None
        if self._locked_out or not isinstance(data, LoginPassword):
            return refused
        given = hmac.compare_digest(data.login, self._login.username.encode())
        if not (given and hmac.compare_digest(data.password, self._login.password.encode())):
            return refused
        return AuthResult(success=True, auth_data=data.login)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        """Refuse STARTTLS on a bare connection, else start TLS."""
        if self.bare:
            await self.push("502 5.5.1 Command not implemented")
        else:
            await super().smtp_STARTTLS(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Answer DATA, or fail before the first byte of the mail."""
        recipients = self.envelope.rcpt_tos if self.envelope else []
        fault = self._post.faults.take_smtp({"data-451", "disconnect-before-data"}, recipients)
        if fault is None:
            await super().smtp_DATA(arg)
        elif fault.smtp == "data-451":
            await self.push("451 4.3.2 Please try again later")
        else:
            self.cut()

    def cut(self) -> None:
        """End the connection at once, without an answer."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()
