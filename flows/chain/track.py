"""Track: learn what has been paid, by lists and never invoice by invoice."""

from datetime import date, timedelta

from billing.money import in_german
from billing.payments import PaymentFact
from connectors.protocols import Payment
from flows.chain.collect import readable
from flows.chain.issue import subject_of
from flows.performing import is_channel_fault
from flows.report import Entry, Result
from flows.work import Work
from ledger import invoices, jobs, payments
from ledger.tables import InvoiceRow

CHUNK = 200


def track(work: Work) -> list[Entry]:
    """Read all invoices that changed since the last time, with a day of overlap; entries only for what is news."""
    today = work.clock.today()
    changes, fault = readable(work.payments.changes, _since(work), work.clock.now())
    entries = [Entry(Result.WAITING, "Zahlungen prüfen", fault.message, is_channel_fault(fault))] if fault else []
    for start in range(0, len(changes), CHUNK):
        entries.extend(_note(work, changes[start : start + CHUNK]))
    if not fault:
        with work.ledger.writing() as session:
            jobs.move_cursor(session, work.client, _cursor(work), today)
    return entries


def in_words(row: InvoiceRow, fact: PaymentFact) -> str:
    """What a payment fact says about an invoice."""
    if fact.is_voided:
        return "storniert"
    if fact.open_amount <= 0:
        return "bezahlt"
    return f"noch {in_german(fact.open_amount)} von {in_german(row.gross)} offen"


def _note(work: Work, changes: list[Payment]) -> list[Entry]:
    with work.ledger.writing() as session:
        ours = invoices.by_external_id(session, work.client, [change.external_id for change in changes])
        news = [
            (ours[change.external_id], change.fact)
            for change in changes
            if change.external_id in ours and payments.note(session, ours[change.external_id], change.fact)
        ]
    return [Entry(Result.DONE, subject_of(row), in_words(row, fact)) for row, fact in news]


def _since(work: Work) -> date:
    with work.ledger.reading() as session:
        day = jobs.cursor(session, work.client, _cursor(work))
    return (day or work.config.jobs.since) - timedelta(work.settings.overlap_days)


def _cursor(work: Work) -> str:
    return f"{work.config.payments.system}/payments"
