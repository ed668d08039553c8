"""The tables. Facts are added, not overwritten; what people may ask for is computed from them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base as Base
from ledger.base import Json as Json
from ledger.contract_tables import ContractBillRow as ContractBillRow
from ledger.contract_tables import ContractRow as ContractRow
from ledger.interface_tables import CallRow as CallRow
from ledger.interface_tables import EndpointRow as EndpointRow
from ledger.interface_tables import MessageRow as MessageRow
from ledger.link_tables import CardRow as CardRow
from ledger.link_tables import OutageRow as OutageRow
from ledger.link_tables import RecheckRow as RecheckRow
from ledger.time_tables import WorkEntryRow as WorkEntryRow
from ledger.token_tables import TokenRow as TokenRow


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
    """The last snapshot of a customer; the invoice keeps the snapshot it was made with. `key` is his number or name."""

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("client", "source", "external_id"),
        Index("customers_by_key", "client", "source", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str]
    key: Mapped[str]
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
    `check_on` is the next day on which the payment is looked at with a reminder in mind. `customer_key` and `net`
    (negative for a credit note) repeat the draft, for whoever counts thousands of invoices.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("client", "marker"),
        Index("invoices_by_stage", "client", "stage"),
        Index("invoices_by_external_id", "client", "external_id"),
        Index("invoices_by_check", "client", "check_on"),
        Index("invoices_by_number", "number"),
        Index("invoices_by_order", "client", "order_id"),
        Index("invoices_by_customer", "client", "customer_key"),
        Index("invoices_by_open_amount", "client", "open_amount", "is_voided"),
        # All that the board asks of every invoice: it never has to read the drafts beside it.
        Index(
            "invoices_on_board",
            *("client", "issue_date", "id", "due_date", "number", "marker", "customer_name", "customer_key"),
            *("open_amount", "is_voided", "gross"),
        ),
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
    customer_key: Mapped[str] = mapped_column(default="", server_default="")
    net: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")


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


class FormRow(Base):
    """The e-invoice form of an invoice as it was decided when its documents were made; never changed."""

    __tablename__ = "forms"

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), primary_key=True, autoincrement=False)
    client: Mapped[str] = mapped_column(String(40), index=True)
    form: Mapped[str] = mapped_column(String(20))
    is_compulsory: Mapped[bool]
    table_row: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class EffectRow(Base):
    """One thing that changes the world outside, from intent to outcome. `reliability.md` §1 is its law.

    `phase` is how far the running attempt has come: `claimed` means provably nothing has left yet. `token` fences off
    a worker that lost its lease. `lookups` counts complete searches that found nothing since the outcome is unknown.
    """

    __tablename__ = "effects"
    __table_args__ = (
        UniqueConstraint("client", "kind", "key"),
        Index("effects_by_state", "client", "state", "kind", "changed_at"),
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
    """One attempt at an effect, written before it is made; its last `phase` when it has ended."""

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


class StopRow(Base):
    """A word that nothing of a kind leaves for a client; an empty client or kind means all of them.

    `cause`: a person, the clock, a restored ledger or a rehearsal. It holds until somebody lifts it.
    """

    __tablename__ = "stops"

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    cause: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str] = mapped_column(String(200))


class PulseRow(Base):
    """When somebody last worked for a client: from there a jump of the clock shows."""

    __tablename__ = "pulses"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime]


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


class CallbackRow(Base):
    """A system's hint that something changed there, kept until it was looked at; `key` is the same for a repetition."""

    __tablename__ = "callbacks"
    __table_args__ = (
        UniqueConstraint("client", "system", "key"),
        Index("callbacks_by_handling", "client", "handled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(80))
    topic: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


class ApprovalRow(Base):
    """A draft that a person has to approve first. `state`: waiting, granted, declined or lapsed (no longer needed).

    `draft_sha256` names what is to be approved: another draft of the same invoice is another question.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("invoice_id", "draft_sha256"),
        Index("approvals_by_state", "client", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    draft_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str]
    approver: Mapped[str] = mapped_column(String(200))
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    asked_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(200))


class PauseRow(Base):
    """A client for whom nothing is done until somebody says otherwise; the journal keeps the earlier ones."""

    __tablename__ = "pauses"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    reason: Mapped[str]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]


class ChunkRow(Base):
    """Items of one batch that a run has taken on, so that runs beside it take others; a courtesy, not a safeguard.

    The items are ids of ours or, where there are none yet, of the foreign system.
    """

    __tablename__ = "chunks"
    __table_args__ = (Index("chunks_by_batch", "client", "batch"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    batch: Mapped[str] = mapped_column(String(80))
    run: Mapped[str] = mapped_column(String(40))
    owner: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime]
    items: Mapped[list[int | str]]


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
