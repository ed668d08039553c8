"""What customers' answers propose: a task with a lever in it. Until a person decides, the claim is not dunned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.money import in_german
from ledger import levers, notices
from ledger.levers import Kind
from ledger.overrides import NothingToDecide, Word
from ledger.proposal_tables import ProposalRow
from ledger.tables import InvoiceRow, LeverRow, TaskRow

MEANS = {
    "": "schreibt, es sei bezahlt",
    Kind.BLOCK: "bittet, nicht zu mahnen",
    Kind.PROMISE: "sagt Zahlung zu",
    Kind.DISPUTE: "bestreitet die Forderung",
    Kind.EXTENSION: "bittet um Stundung",
    Kind.WRITE_OFF: "kann nicht zahlen",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an answer would do. `kind` is None where it says only that all is paid: that pauses, and somebody looks.

    `said` is the customer's sentence, `said_by` who wrote it; `amount` in euro and `until` as far as it names them.
    """

    kind: Kind | None
    said: str
    said_by: str
    amount: Decimal | None = None
    until: date | None = None


def propose(session: Session, invoice: InvoiceRow, proposal: Proposal, key: str, owner: str, now: datetime) -> TaskRow:
    """Ask a person about an answer; the same `key` (such as the mail's hash) gives the task that is there already."""
    title = f"Rechnung {invoice.number}: {invoice.customer_name} {MEANS[proposal.kind or '']}"
    task = notices.ask(session, invoice.client, key, title, _body(proposal), owner, None, now, invoice.id)
    if of_task(session, task.id) is None:
        session.add(
            ProposalRow(
                client=invoice.client,
                invoice_id=invoice.id,
                task_id=task.id,
                kind=proposal.kind or "",
                amount=proposal.amount,
                until=proposal.until,
                said=proposal.said,
                said_by=proposal.said_by,
                made_at=now,
                decided_at=None,
                lever_id=None,
            )
        )
        session.flush()
    return task


def accept(
    session: Session, task_id: int, word: Word, now: datetime, amount: Decimal | None = None, until: date | None = None
) -> LeverRow:
    """Pull the lever that an answer proposes, with the person's own amount and day where given, and close its task.

    Raises `NothingToDecide`, also where a day is missing or nothing is proposed. Declining is closing the task.
    """
    row, task = of_task(session, task_id), session.get(TaskRow, task_id)
    if row is None or task is None or row.decided_at or task.closed_at:
        raise NothingToDecide(f"Zu Aufgabe {task_id} ist nichts vorgeschlagen, worüber noch zu entscheiden wäre.")
    if not row.kind:
        raise NothingToDecide("Der Kunde schreibt nur, er habe gezahlt: Zahlung suchen und die Aufgabe abhaken.")
    invoice = session.get_one(InvoiceRow, row.invoice_id)
    reason = Word(word.by, f"{word.reason}: {row.said_by} schrieb „{row.said}“")
    lever = levers.pull(session, Kind(row.kind), invoice, reason, now, amount or row.amount, until or row.until)
    session.flush()
    row.decided_at, row.lever_id = now, lever.id
    notices.close(session, task_id, word.by, now)
    return lever


def of_task(session: Session, task_id: int) -> ProposalRow | None:
    """What a task proposes."""
    return session.scalar(select(ProposalRow).where(ProposalRow.task_id == task_id))


def undecided(session: Session, invoice_ids: Sequence[int]) -> dict[int, list[ProposalRow]]:
    """The answers about some invoices that still wait for a person."""
    query = (
        select(ProposalRow)
        .join(TaskRow, TaskRow.id == ProposalRow.task_id)
        .where(ProposalRow.invoice_id.in_(invoice_ids), ProposalRow.decided_at.is_(None), TaskRow.closed_at.is_(None))
        .order_by(ProposalRow.id)
    )
    found: dict[int, list[ProposalRow]] = {}
    for row in session.scalars(query):
        found.setdefault(row.invoice_id, []).append(row)
    return found


def in_words(row: ProposalRow) -> str:
    """The reason why the claim waits."""
    return f"die Antwort des Kunden („{row.said}“) wartet auf Entscheidung (Aufgabe {row.task_id})"


def _body(proposal: Proposal) -> str:
    told = [f"{proposal.said_by}: „{proposal.said}“"]
    if proposal.amount is not None:
        told.append(f"Betrag {in_german(proposal.amount)}.")
    if proposal.until:
        told.append(f"Tag {proposal.until:%d.%m.%Y}.")
    return " ".join([*told, "Bis zur Entscheidung wird nicht gemahnt."])
