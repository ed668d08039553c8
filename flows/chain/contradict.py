"""Contradict: money that we know of and the accounting system does not. Nobody is reminded; somebody has to book it."""

from datetime import timedelta

from flows.report import Entry
from flows.work import Work
from ledger import claims, notices
from ledger.database import Transaction
from ledger.tables import InvoiceRow

PATIENCE = timedelta(days=3)
"""So long the accounting system may take to find the money itself, in its own copy of the bank account."""


def contradictions(work: Work) -> list[Entry]:
    """Ask about every contradiction that has lasted, also where nothing is open any more by what we know."""
    with work.ledger.writing() as session:
        for row, text in claims.contradictions(session, work.client, work.clock.now() - PATIENCE):
            ask_which(work, session, row, text)
    return []


def ask_which(work: Work, session: Transaction, row: InvoiceRow, contradiction: str) -> None:
    """Give a person the task to book the money where it is missing; once for each amount."""
    title = f"Rechnung {row.number}: Zahlung in der Buchhaltung nachtragen"
    key = f"contradiction/{row.marker}/{row.open_amount}"
    owner, now = work.config.dunning.task_owner, work.clock.now()
    body = f"Die Quellen widersprechen sich: {contradiction}."
    notices.ask(session, work.client, key, title, body, owner, work.clock.today(), now, row.id)
