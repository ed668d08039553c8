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


class ConsignmentRow(Base):
    """A letter that a service has taken, by the effect that gave it there; `external_id` is its order.

    `is_checked` once the address that was read is ours, `look_at` when to ask again, None when there is no more to ask.
    """

    __tablename__ = "consignments"
    __table_args__ = (Index("consignments_to_look_at", "client", "look_at"),)

    effect_id: Mapped[int] = mapped_column(ForeignKey("effects.id"), primary_key=True, autoincrement=False)
    client: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(80))
    stage: Mapped[str] = mapped_column(String(20))
    said: Mapped[str]
    is_checked: Mapped[bool]
    ordered_at: Mapped[datetime]
    look_at: Mapped[datetime | None]


class BounceRow(Base):
    """A mail or letter of ours that did not arrive; open until it is settled, and one open at a time for each.

    `incoming_id` is the mail that says so, None for a letter. `forward_to` is another address that was chosen, empty
    for the post; `effect_to` is what goes there, `task_id` who was asked.
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
    incoming_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mails.id"))
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
