"""The tables of what came back by mail, of what the operator was told, and of the seller's account in force."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.tables import Base, Json


class MailboxRow(Base):
    """How far a mailbox has been read: `number` counts within `validity` (IMAP's UID and UIDVALIDITY)."""

    __tablename__ = "mailboxes"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    validity: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]


class IncomingMailRow(Base):
    """A mail that was read, known again by the hash of its bytes. Of mails that are none of our business only that."""

    __tablename__ = "incoming_mails"
    __table_args__ = (UniqueConstraint("client", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    sort: Mapped[str] = mapped_column(String(20))
    claim: Mapped[str] = mapped_column(String(20))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    effect_id: Mapped[int | None] = mapped_column(ForeignKey("effects.id"))
    facts: Mapped[Json]
    seen_at: Mapped[datetime]


class BounceRow(Base):
    """A mail of ours that did not arrive; open until it is settled, and one open at a time for each mail.

    `forward_to` is another address that was chosen, `effect_to` the mail that goes there, `task_id` who was asked.
    """

    __tablename__ = "bounces"
    __table_args__ = (
        Index(
            "one_open_bounce_per_mail",
            "effect_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    effect_id: Mapped[int] = mapped_column(ForeignKey("effects.id"))
    incoming_id: Mapped[int] = mapped_column(ForeignKey("incoming_mails.id"))
    recipient: Mapped[str] = mapped_column(String(254))
    status: Mapped[str] = mapped_column(String(20))
    diagnostic: Mapped[str]
    bounced_at: Mapped[datetime]
    forward_to: Mapped[str] = mapped_column(String(254))
    effect_to: Mapped[int | None] = mapped_column(ForeignKey("effects.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str] = mapped_column(String(200))


class AlertRow(Base):
    """A message to the operator or to whoever has a task; its bytes are archived. `state`: planned, sending, sent,
    failed (again at `not_before`), refused or unknown. The same `key` is never written twice."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("client", "key"), Index("alerts_by_state", "client", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(100))
    channel: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(254))
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    token: Mapped[str] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    not_before: Mapped[datetime]
    error: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class AlertCaseRow(Base):
    """A case, task or daily summary that was told, once and for all."""

    __tablename__ = "alert_cases"
    __table_args__ = (UniqueConstraint("client", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    told_at: Mapped[datetime]


class BankAccountRow(Base):
    """An IBAN that stood in the client's file: in force once `confirmed_at` is set, by another person than `asked_by`.

    `dropped_at` ends one that left the file before anybody confirmed it.
    """

    __tablename__ = "bank_accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40), index=True)
    iban: Mapped[str] = mapped_column(String(34))
    seen_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
