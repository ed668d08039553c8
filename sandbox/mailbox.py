"""The mails the sink has received: raw bytes and facts about the transaction, on disk and in memory."""

import email
import email.policy
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from email.headerregistry import HeaderRegistry
from email.message import Message
from functools import lru_cache
from pathlib import Path
from typing import Any

from sandbox.clock import Clock, real_now

# The library reads a header anew each time it is asked for: without a memory a mail's take longer than all else here.
_POLICY = email.policy.default.clone(header_factory=lru_cache(maxsize=64)(HeaderRegistry()))


@dataclass(frozen=True)
class Envelope:
    """What the SMTP transaction said."""

    sender: str
    recipients: tuple[str, ...]
    tls: bool
    user: str | None


@dataclass(frozen=True)
class Attachment:
    """One attached file."""

    filename: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Mail:
    """One stored mail; `received` is the stage's clock."""

    n: int
    envelope: Envelope
    received: datetime
    received_real: datetime
    subject: str
    message_id: str
    attachments: tuple[Attachment, ...]
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """The facts for the control interface."""
        times = {"received": self.received.isoformat(), "received_real": self.received_real.isoformat()}
        return asdict(self) | times | {"file": f"{self.n:04d}.eml"}


class Mailbox:
    """Stores mails as `NNNN.eml` (exactly the bytes received) and `NNNN.json`."""

    def __init__(self, folder: Path, clock: Clock, on_mail: Callable[[Mail], None]) -> None:
        self._folder, self._clock, self._on_mail = folder, clock, on_mail
        self.mails: list[Mail] = []
        folder.mkdir(parents=True, exist_ok=True)
        for old in [*folder.glob("[0-9]*.eml"), *folder.glob("[0-9]*.json")]:
            old.unlink()

    def store(self, raw: bytes, envelope: Envelope) -> None:
        """Keep one mail and tell the world about it."""
        n = len(self.mails) + 1
        (self._folder / f"{n:04d}.eml").write_bytes(raw)
        mail = _mail(n, raw, envelope, self._clock.now())
        facts = {
            "envelope_from": envelope.sender,
            "rcpt": list(envelope.recipients),
            "tls": envelope.tls,
            "user": envelope.user,
            "received_real": mail.received_real.isoformat(),
            "received": mail.received.isoformat(),
        }
        (self._folder / f"{n:04d}.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        self.mails.append(mail)
        self._on_mail(mail)

    def raw(self, n: int) -> bytes:
        """The bytes of the n-th mail, counted from 1."""
        return (self._folder / f"{n:04d}.eml").read_bytes()


def _mail(n: int, raw: bytes, envelope: Envelope, now: datetime) -> Mail:
    message = email.message_from_bytes(raw, policy=_POLICY)
    return Mail(
        n=n,
        envelope=envelope,
        received=now,
        received_real=real_now(),
        subject=str(message["subject"] or ""),
        message_id=str(message["message-id"] or ""),
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def _attachment(part: Message) -> Attachment:
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    return Attachment(part.get_filename() or "", part.get_content_type(), len(data), hashlib.sha256(data).hexdigest())
