"""`arrived`, `resend`, `retry`, `give-up`, `hold`, `release`: what people decide, with name and reason."""

from collections.abc import Callable
from datetime import date, datetime

from billing.dunning import first_check
from billing.dunning_policy import Policy
from desk import words
from ledger import invoices, overrides
from ledger.database import Ledger, Transaction
from ledger.effects import Kind
from ledger.overrides import Word
from ledger.tables import EffectRow, InvoiceRow

DECISIONS: dict[str, tuple[Callable[[Transaction, InvoiceRow, Word, datetime], EffectRow], str]] = {
    "arrived": (overrides.arrived, "gilt als angekommen"),
    "resend": (overrides.resend, "wird beim nächsten Durchlauf mit denselben Bytes erneut gesendet"),
    "retry": (overrides.retry, "wird beim nächsten Durchlauf noch einmal versucht"),
    "give-up": (overrides.give_up, "ist aufgegeben"),
}


def decide(ledger: Ledger, invoice_id: int, verb: str, policy: Policy, word: Word, now: datetime) -> str:
    """Carry out one decision and say what follows. Raises `NothingToDecide`; pressing twice does no harm."""
    act, what_now = DECISIONS[verb]
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        effect = act(session, row, word, now)
        if verb == "arrived" and effect.kind == Kind.SEND_INVOICE and row.due_date:
            invoices.sent(session, invoice_id, first_check(row.due_date, policy), now)
        return f"{words.EFFECTS[effect.kind]} zu {_name(row)} {what_now}."


def hold(ledger: Ledger, invoice_id: int, until: date | None, word: Word, now: datetime) -> str:
    """Stop everything that would leave for an invoice. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        overrides.hold(session, row, until, word, now)
    limit = f" bis {until:%d.%m.%Y}" if until else ""
    return f"{_name(row)} ist{limit} angehalten."


def release(ledger: Ledger, invoice_id: int, word: Word, now: datetime) -> str:
    """Let an invoice go on. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        overrides.release(session, row, word, now)
    return f"{_name(row)} geht wieder ihren Weg."


def _name(row: InvoiceRow) -> str:
    return f"Rechnung {row.number or row.marker}"
