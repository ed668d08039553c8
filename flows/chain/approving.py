"""Approve: an invoice over the client's limit waits for a person; nothing else waits with it."""

from datetime import timedelta

from billing.money import in_german
from flows.report import Entry, Result
from flows.work import Work
from ledger import approvals, invoices
from ledger.approvals import State
from ledger.tables import ApprovalRow, InvoiceRow


def awaits_approval(work: Work, row: InvoiceRow, asked: ApprovalRow | None) -> Entry | None:
    """What to say about an invoice that may not go on yet; None when it may. `asked` is the question about its draft.

    The limit of today counts: one that was raised lets waiting invoices go, a new one stops what is not created yet.
    """
    limit = work.config.approval.over
    if limit is None or abs(row.gross) <= limit:
        if asked and asked.state == State.WAITING:
            with work.ledger.writing() as session:
                approvals.lapse(session, row, work.clock.now())
        return None
    if asked and asked.state == State.GRANTED:
        return None
    return _ask(work, row, f"{in_german(row.gross)} liegen über der Freigabegrenze von {in_german(limit)}.")


def _ask(work: Work, row: InvoiceRow, reason: str) -> Entry:
    now, patience = work.clock.now(), timedelta(days=work.config.approval.remind_after_days)
    with work.ledger.writing() as session:
        # Read again: the draft may have been made anew meanwhile.
        row = invoices.get(session, row.id)
        asked = approvals.ask(session, row, reason, work.config.approval.approver, now, patience)
        is_reminder = approvals.remind(session, asked, patience, now)
    is_news = is_reminder or asked.asked_at == now
    return Entry(Result.HELD if is_news else Result.STILL, row.customer_name, _in_words(asked, row.marker, is_reminder))


def _in_words(asked: ApprovalRow, marker: str, is_reminder: bool) -> str:
    head = "Wartet noch immer auf Freigabe" if is_reminder else "Wartet auf Freigabe"
    return f"{head} durch {asked.approver}: {asked.reason} Abhilfe: rechnungsbote approve {marker}"
