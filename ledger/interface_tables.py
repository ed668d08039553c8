"""The tables behind the interface for other programs: calls to be answered once, and messages on their way out."""

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base, Json


class CallRow(Base):
    """A call that changed something, with its answer: the same key of the same caller gives this answer again."""

    __tablename__ = "api_calls"
    __table_args__ = (UniqueConstraint("caller", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[Json]
    at: Mapped[datetime]


class EndpointRow(Base):
    """An address that wants to be told: `heard_until` is the last entry of the journal that was made into messages.

    Invoices that were due before `since` are old news to it. `owner` delivers until `lease_until` and nobody beside
    him, so that messages keep their order.
    """

    __tablename__ = "webhook_endpoints"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[date]
    heard_until: Mapped[int]
    owner: Mapped[str] = mapped_column(String(200))
    lease_until: Mapped[datetime | None]


class MessageRow(Base):
    """One message to one endpoint. `state`: waiting, delivered or given-up; `body` is what is signed, byte for byte."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        UniqueConstraint("client", "endpoint", "key"),
        Index("webhook_messages_by_state", "client", "endpoint", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    endpoint: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    not_before: Mapped[datetime]
    error: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
