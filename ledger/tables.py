"""The tables. Facts are added, not overwritten; what people may ask for is computed from them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ledger.columns import Cents, Instant

Json = dict[str, Any]


class Base(DeclarativeBase):
    """All tables of the ledger."""

    type_annotation_map = {
        Json: JSON(),
        list[Json]: JSON(),
        datetime: Instant(),
        Decimal: Cents(),
        str: Text(),
    }


class MetaRow(Base):
    """Facts about this ledger itself: its instance id and the head of the journal."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]


class CursorRow(Base):
    """How far a source has been read: everything before `day` is known."""

    __tablename__ = "cursors"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[date]


class CustomerRow(Base):
    """The last snapshot of a customer; the invoice keeps the snapshot it was made with."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("client", "source", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str]
    snapshot: Mapped[Json]
    seen_at: Mapped[datetime]


class JobRow(Base):
    """A job that its source calls done. `state`: ready, held (with `problems`) or taken (it is on an invoice)."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("client", "source", "external_id"),
        Index("jobs_by_state", "client", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    state: Mapped[str] = mapped_column(String(20))
    problems: Mapped[list[Json]]
    body: Mapped[Json]
    seen_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]


class InvoiceRow(Base):
    """An invoice from draft to paid. `stage`: drafted, issued, filed or sent; `problems` hold it where it is.

    `open_amount`, `is_voided`, `payment_version` and `payment_read_at` repeat the latest payment fact;
    `check_on` is the next day on which the payment is looked at with a reminder in mind.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("client", "marker"),
        Index("invoices_by_stage", "client", "stage"),
        Index("invoices_by_external_id", "client", "external_id"),
        Index("invoices_by_check", "client", "check_on"),
        Index("invoices_by_number", "number"),
        Index("invoices_by_order", "client", "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"), unique=True)
    order_id: Mapped[str] = mapped_column(String(200))
    marker: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(20))
    problems: Mapped[list[Json]]
    number: Mapped[str | None] = mapped_column(String(80))
    external_id: Mapped[str | None] = mapped_column(String(200))
    customer_name: Mapped[str]
    issue_date: Mapped[date]
    due_date: Mapped[date | None]
    gross: Mapped[Decimal]
    draft: Mapped[Json]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    open_amount: Mapped[Decimal]
    is_voided: Mapped[bool]
    payment_version: Mapped[str] = mapped_column(String(200))
    payment_read_at: Mapped[datetime | None]
    check_on: Mapped[date | None]


class DocumentRow(Base):
    """Bytes in the archive that belong to an invoice; one per kind."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("invoice_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    kind: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    template_version: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class EffectRow(Base):
    """One thing that changes the world outside, from intent to outcome. `reliability.md` §1 is its law.

    `phase` is how far the running attempt has come: `claimed` means provably nothing has left yet. `token` fences off
    a worker that lost its lease. `lookups` counts complete searches that found nothing since the outcome is unknown.
    """

    __tablename__ = "effects"
    __table_args__ = (
        UniqueConstraint("client", "kind", "key"),
        Index("effects_by_state", "client", "state", "kind", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    phase: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    not_before: Mapped[datetime]
    payload: Mapped[Json]
    result: Mapped[Json]
    error: Mapped[str]
    evidence: Mapped[str]
    lookups: Mapped[int]
    looked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class AttemptRow(Base):
    """One attempt at an effect, written before it is made."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("effect_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    effect_id: Mapped[int] = mapped_column(ForeignKey("effects.id"), index=True)
    number: Mapped[int]
    owner: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    phase: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    error: Mapped[str]
    evidence: Mapped[str]


class PaymentRow(Base):
    """What a source said about the payment of an invoice; a new row for each change, none is overwritten."""

    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    source: Mapped[str] = mapped_column(String(80))
    open_amount: Mapped[Decimal]
    is_voided: Mapped[bool]
    version: Mapped[str] = mapped_column(String(200))
    read_at: Mapped[datetime]


class DecisionRow(Base):
    """A dunning decision with the facts, the policy and the reasons it rests on."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    day: Mapped[date]
    decided_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    level: Mapped[int | None]
    facts: Mapped[Json]
    policy: Mapped[Json]
    reasons: Mapped[list[Json]]
    demand: Mapped[Json] = mapped_column(default=dict, server_default="{}")


class NoticeRow(Base):
    """A dunning step that was taken: one per invoice and level, unless it was withdrawn before it left."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "one_notice_per_level",
            "invoice_id",
            "level",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    level: Mapped[int]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    effect_id: Mapped[int | None] = mapped_column(ForeignKey("effects.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    open_amount: Mapped[Decimal]
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class TaskRow(Base):
    """Something a person has to do; the same `key` is never asked twice."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("client", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    title: Mapped[str]
    body: Mapped[str]
    owner: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(200))


class HoldRow(Base):
    """A person's word that nothing more leaves for an invoice: until a day, or until it is lifted."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    reason: Mapped[str]
    until: Mapped[date | None]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class LeverRow(Base):
    """What a person said about a claim: a block, promise, dispute, extension or write-off, with its end.

    A block may concern a `customer` instead of an invoice. `open_then` is what was open when a promise was given.
    """

    __tablename__ = "levers"
    __table_args__ = (Index("levers_by_customer", "client", "customer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    customer: Mapped[str]
    amount: Mapped[Decimal | None]
    open_then: Mapped[Decimal | None]
    until: Mapped[date | None]
    reason: Mapped[str]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(200))


class IncomingRow(Base):
    """Money that moved: a bank line or what a person entered. `state`: booked, proposed, open or ignored.

    `key` is the bank's identity of the movement: the same one is never taken in twice. `shares` is what matching
    proposes, `reasons` why.
    """

    __tablename__ = "incoming"
    __table_args__ = (
        UniqueConstraint("client", "source", "key"),
        Index("incoming_by_state", "client", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    received_on: Mapped[date]
    amount: Mapped[Decimal]
    line: Mapped[Json]
    state: Mapped[str] = mapped_column(String(20))
    shares: Mapped[list[Json]]
    reasons: Mapped[list[Json]]
    decided_by: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime]


class AllocationRow(Base):
    """The part of incoming money that went to one invoice; negative when it was returned. Never changed."""

    __tablename__ = "allocations"

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    incoming_id: Mapped[int] = mapped_column(ForeignKey("incoming.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    received_on: Mapped[date]
    principal: Mapped[Decimal]
    costs: Mapped[Decimal]
    interest: Mapped[Decimal]
    given_up: Mapped[Decimal]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]


class JournalRow(Base):
    """What happened, in order; each entry seals the one before it with a SHA-256 chain."""

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    client: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(60))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    facts: Mapped[Json]
    previous: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
