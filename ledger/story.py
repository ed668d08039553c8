"""The story of one invoice: everything the ledger knows of its way, gathered in one reading."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ledger import approvals, invoices, journal, letters, levers, payments, receipts
from ledger.levers import Kind
from ledger.tables import (
    AllocationRow,
    ApprovalRow,
    AttemptRow,
    DecisionRow,
    DocumentRow,
    EffectRow,
    HoldRow,
    IncomingRow,
    InvoiceRow,
    JobRow,
    JournalRow,
    LeverRow,
    PaymentRow,
    TaskRow,
)


@dataclass(frozen=True, slots=True)
class Story:
    """An invoice with all that belongs to it, each list oldest first; `hold` and `said` are what is in force.

    `by_hand` is the last payment that somebody entered and that may still be taken back.
    """

    invoice: InvoiceRow
    job: JobRow
    entries: Sequence[JournalRow]
    documents: Sequence[DocumentRow]
    effects: Sequence[tuple[EffectRow, Sequence[AttemptRow]]]
    decisions: Sequence[DecisionRow]
    payments: Sequence[PaymentRow]
    allocations: Sequence[AllocationRow]
    tasks: Sequence[TaskRow]
    holds: Sequence[HoldRow]
    said: Sequence[LeverRow]
    approval: ApprovalRow | None
    by_hand: IncomingRow | None

    def has_effect(self, kinds: Sequence[str], states: Sequence[str]) -> bool:
        """Whether something of these kinds stands in one of these states."""
        return any(effect.kind in kinds and effect.state in states for effect, _ in self.effects)

    def has_said(self, kind: Kind) -> bool:
        """Whether a word of this kind is in force about the invoice itself."""
        own = (each for each in self.said if each.invoice_id == self.invoice.id)
        return any(each.kind == kind for each in own)

    @property
    def is_open(self) -> bool:
        """Whether there is a claim that one can say something about."""
        row = self.invoice
        return bool(row.number and row.due_date) and row.open_amount > 0 and not row.is_voided


def find(session: Session, client: str, marker: str) -> InvoiceRow | None:
    """The invoice of that marker, or of that number, of that client and no other."""
    found = invoices.find(session, marker, client)
    return found[0] if len(found) == 1 else None


def of(session: Session, row: InvoiceRow) -> Story:
    """The whole story."""
    return Story(
        invoice=row,
        job=session.get_one(JobRow, row.job_id),
        entries=_job_entries(session, row) + journal.entries(session, row.id),
        documents=tuple(invoices.documents(session, row.id).values()),
        effects=_effects(session, row.id),
        decisions=session.scalars(
            select(DecisionRow).where(DecisionRow.invoice_id == row.id).order_by(DecisionRow.id)
        ).all(),
        payments=payments.history(session, row.id),
        allocations=session.scalars(
            select(AllocationRow).where(AllocationRow.invoice_id == row.id).order_by(AllocationRow.id)
        ).all(),
        tasks=session.scalars(select(TaskRow).where(TaskRow.invoice_id == row.id).order_by(TaskRow.id)).all(),
        holds=session.scalars(select(HoldRow).where(HoldRow.invoice_id == row.id).order_by(HoldRow.id)).all(),
        said=[each for each in levers.of_invoices(session, [row]) if _concerns(each, row)],
        approval=approvals.of_draft(session, row),
        by_hand=receipts.last_by_hand(session, row.id),
    )


def _concerns(lever: LeverRow, row: InvoiceRow) -> bool:
    if lever.ended_at:
        return False
    return lever.invoice_id == row.id or (lever.client == row.client and lever.customer == levers.customer_of(row))


def _job_entries(session: Session, row: InvoiceRow) -> list[JournalRow]:
    """What was noted about the job before there was an invoice."""
    job = session.get_one(JobRow, row.job_id)
    query = select(JournalRow).where(
        JournalRow.client == row.client,
        JournalRow.invoice_id.is_(None),
        JournalRow.at >= job.seen_at,
        JournalRow.at <= row.created_at,
        or_(JournalRow.event == "job collected", JournalRow.event == "job held"),
    )
    return [entry for entry in session.scalars(query.order_by(JournalRow.id)) if entry.facts.get("job") == job.number]


def _effects(session: Session, invoice_id: int) -> list[tuple[EffectRow, list[AttemptRow]]]:
    """What left or is to leave about the invoice, also in the letter of another one, with its attempts."""
    rows = session.scalars(select(EffectRow).where(letters.about(invoice_id)).order_by(EffectRow.id)).all()
    query = select(AttemptRow).where(AttemptRow.effect_id.in_([row.id for row in rows])).order_by(AttemptRow.id)
    attempts: dict[int, list[AttemptRow]] = {row.id: [] for row in rows}
    for attempt in session.scalars(query):
        attempts[attempt.effect_id].append(attempt)
    return [(row, attempts[row.id]) for row in rows]
