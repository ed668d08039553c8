"""Approvals: what a person must allow before it leaves the house; nothing else waits for it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from billing.money import in_german
from ledger import effects, invoices, notices
from ledger.effects import Kind
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.tables import ApprovalRow, InvoiceRow, JobRow


class State(StrEnum):
    """Where a question stands; `LAPSED` means that the client's limit no longer asks it."""

    WAITING = "waiting"
    GRANTED = "granted"
    DECLINED = "declined"
    LAPSED = "lapsed"


def ask(
    session: Session, invoice: InvoiceRow, reason: str, approver: str, now: datetime, patience: timedelta
) -> ApprovalRow:
    """Ask for approval of the draft as it stands, with a task for the approver; the same draft is asked for once."""
    existing = of_draft(session, invoice)
    if existing:
        if existing.state == State.LAPSED:
            existing.state, existing.asked_at, existing.reminded_at = State.WAITING, now, None
        return existing
    seal = draft_seal(invoice)
    title = f"Rechnung an {invoice.customer_name} über {in_german(invoice.gross)} freigeben"
    body = f"{reason} Freigeben: rechnungsbote approve {invoice.marker}; sonst: rechnungsbote decline {invoice.marker}"
    due_on, key = berlin_day(now + patience), f"approval/{invoice.marker}/{seal[:12]}"
    task = notices.ask(session, invoice.client, key, title, body, approver, due_on, now, invoice.id)
    row = ApprovalRow(
        client=invoice.client,
        invoice_id=invoice.id,
        draft_sha256=seal,
        state=State.WAITING,
        reason=reason,
        approver=approver,
        task_id=task.id,
        asked_at=now,
        reminded_at=None,
        decided_at=None,
        decided_by="",
    )
    session.add(row)
    session.flush()
    record(session, now, invoice.client, "approval asked", invoice.id, gross=str(invoice.gross), reason=reason)
    return row


def of_draft(session: Session, invoice: InvoiceRow) -> ApprovalRow | None:
    """The question about the invoice's present draft, however it stands; None when it was never asked."""
    query = select(ApprovalRow).where(
        ApprovalRow.invoice_id == invoice.id, ApprovalRow.draft_sha256 == draft_seal(invoice)
    )
    return session.scalar(query)


def remind(session: Session, row: ApprovalRow, patience: timedelta, now: datetime) -> bool:
    """Whether the approver has to be reminded again; the reminder counts as given from now on."""
    if row.state != State.WAITING or now - (row.reminded_at or row.asked_at) < patience:
        return False
    row.reminded_at = now
    record(session, now, row.client, "approval reminded", row.invoice_id, approver=row.approver)
    return True


def lapse(session: Session, invoice: InvoiceRow, now: datetime) -> None:
    """The client's limit does not ask for approval any more."""
    row = of_draft(session, invoice)
    if row and row.state == State.WAITING:
        row.state = State.LAPSED
        notices.close(session, row.task_id, "Grenze angehoben", now)
        record(session, now, invoice.client, "approval lapsed", invoice.id)


def approve(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> ApprovalRow:
    """A person allows the draft as it stands. Raises `NothingToDecide` when nothing waits."""
    return _decide(session, invoice, State.GRANTED, "approve", word, now)


def decline(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> ApprovalRow:
    """A person wants no such invoice: its creation is dropped. Raises `NothingToDecide` when nothing waits."""
    row = _decide(session, invoice, State.DECLINED, "decline", word, now)
    effect = invoices.effect_of(session, invoice.id, Kind.CREATE_INVOICE)
    if not effects.cancel(session, effect.id, f"Nicht freigegeben: {word.reason}", now):
        raise NothingToDecide("Die Rechnung ist schon unterwegs; bitte in der Buchhaltung stornieren.")
    return row


def waiting(session: Session, clients: Sequence[str]) -> list[tuple[ApprovalRow, InvoiceRow]]:
    """Everything that waits for approval with its invoice, oldest first."""
    query = (
        select(ApprovalRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == ApprovalRow.invoice_id)
        .where(ApprovalRow.client.in_(clients), ApprovalRow.state == State.WAITING)
        .order_by(ApprovalRow.id)
    )
    return [(row, invoice) for row, invoice in session.execute(query) if row.draft_sha256 == draft_seal(invoice)]


def find(session: Session, name: str, clients: Sequence[str]) -> list[InvoiceRow]:
    """Invoices that were ever asked about, by our marker or by the number of their job."""
    asked = select(ApprovalRow.invoice_id)
    query = (
        select(InvoiceRow)
        .join(JobRow, JobRow.id == InvoiceRow.job_id)
        .where(
            InvoiceRow.client.in_(clients),
            InvoiceRow.id.in_(asked),
            or_(InvoiceRow.marker == name.upper(), JobRow.number == name),
        )
    )
    return list(session.scalars(query.order_by(InvoiceRow.id)))


def draft_seal(invoice: InvoiceRow) -> str:
    """SHA-256 of the draft: what exactly a person is asked to approve."""
    text = json.dumps(invoice.draft, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _decide(session: Session, invoice: InvoiceRow, state: State, verb: str, word: Word, now: datetime) -> ApprovalRow:
    row = of_draft(session, invoice)
    if row is None or row.state != State.WAITING:
        raise NothingToDecide("Hier wartet nichts auf Freigabe.")
    row.state, row.decided_by, row.decided_at = state, word.by, now
    notices.close(session, row.task_id, word.by, now)
    record(session, now, invoice.client, f"decided: {verb}", invoice.id, by=word.by, reason=word.reason)
    return row
