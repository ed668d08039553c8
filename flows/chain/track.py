"""Track: learn what has been paid, by lists and never invoice by invoice."""

from datetime import date, timedelta

from billing.money import in_german
from billing.payments import PaymentFact
from connectors.protocols import Payment
from flows.chain.collect import readable
from flows.chain.issue import subject_of
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import cancelling, invoices, jobs, notices, payments
from ledger.database import Transaction
from ledger.tables import InvoiceRow

CHUNK = 200


def track(work: Work) -> list[Entry]:
    """Read all invoices that changed since the last time, with a day of overlap; entries only for what is news."""
    today = work.clock.today()
    changes, fault = readable(work.payments.changes, _since(work), work.clock.now())
    entries = [Entry(Result.WAITING, "Zahlungen prüfen", fault.message, channel_after(fault))] if fault else []
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


def note_fact(work: Work, session: Transaction, row: InvoiceRow, fact: PaymentFact) -> bool:
    """Write a payment fact down; whether it is news. What is void although the customer has it becomes a task."""
    is_news = payments.note(session, row, fact)
    is_ours = cancelling.wanted(session, row.id)
    if is_news and fact.is_voided and row.stage == invoices.SENT and not is_ours:
        _ask_for_cancellation(work, session, row)
    return is_news


def _note(work: Work, changes: list[Payment]) -> list[Entry]:
    with work.ledger.writing() as session:
        ours = invoices.by_external_id(session, work.client, [change.external_id for change in changes])
        news = [
            (ours[change.external_id], change.fact)
            for change in changes
            if change.external_id in ours and note_fact(work, session, ours[change.external_id], change.fact)
        ]
    return [Entry(Result.DONE, subject_of(row), in_words(row, fact)) for row, fact in news]


def _ask_for_cancellation(work: Work, session: Transaction, row: InvoiceRow) -> None:
    """The customer holds an invoice that is void: without a cancellation its VAT stays owed (§ 14c UStG)."""
    title = f"Rechnung {row.number}: {row.customer_name} die Stornorechnung geben"
    body = (
        "Die Rechnung wurde in der Buchhaltung storniert, der Kunde hat sie aber schon. Bitte dort eine Stornorechnung"
        " oder Gutschrift mit eigener Nummer ausstellen und ihm schicken. Bis dahin ist die ausgewiesene Umsatzsteuer"
        " geschuldet (§ 14c UStG)."
    )
    owner, today = work.config.dunning.task_owner, work.clock.today()
    notices.ask(session, work.client, f"cancellation/{row.marker}", title, body, owner, today, work.clock.now(), row.id)


def _since(work: Work) -> date:
    with work.ledger.reading() as session:
        day = jobs.cursor(session, work.client, _cursor(work))
    return (day or work.config.jobs.since) - timedelta(work.settings.overlap_days)


def _cursor(work: Work) -> str:
    return f"{work.config.payments.system}/payments"
