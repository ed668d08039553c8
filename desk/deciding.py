"""`arrived`, `resend`, `retry`, `give-up`, `cancel`, `hold`, `release`: what people decide, with name and reason."""

from collections.abc import Callable
from datetime import date, datetime

from billing.dunning import first_check
from billing.dunning_policy import Policy
from connectors.protocols import Capability
from desk import words
from flows.chain.cancel import CANNOT
from flows.connections import capabilities_of
from flows.wiring import House
from ledger import bounces, cancelling, invoices, jobs, outgoing, overrides, rechecks
from ledger.database import Ledger, Transaction
from ledger.effects import Kind
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
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
        if verb == "retry" and row.problems:
            return _look_again(session, row.client, _name(row), word, now, row.id)
        effect = act(session, row, word, now)
        if verb == "arrived" and outgoing.is_first(effect, row) and row.due_date:
            invoices.sent(session, invoice_id, first_check(row.due_date, policy), now)
        if verb == "give-up" and effect.kind == Kind.CANCEL_INVOICE:
            cancelling.taken_back(session, effect, word, now)
        return f"{words.EFFECTS[effect.kind]} zu {_name(row)} {what_now}."


def retry_job(ledger: Ledger, number: str, client: str | None, word: Word, now: datetime) -> str:
    """Read a held job again in the next run, whatever its pause says. Raises `NothingToDecide` without such a job."""
    with ledger.writing() as session:
        found = jobs.held_by_number(session, number, client)
        if not found:
            raise NothingToDecide(f"Weder eine Rechnung noch ein angehaltener Auftrag heißt {number}.")
        return _look_again(session, found[0].client, f"Auftrag {found[0].number}", word, now)


def duplicate(ledger: Ledger, invoice_id: int, word: Word, now: datetime) -> str:
    """Send an invoice that arrived a second time, marked as such. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        overrides.duplicate(session, row, word, now)
    return f"Zu {_name(row)} geht beim nächsten Durchlauf eine Zweitschrift hinaus."


def letter_returned(ledger: Ledger, invoice_id: int, word: Word, now: datetime) -> str:
    """Note that the post brought a letter back. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        bounces.letter_returned(session, row, word, now)
    return f"{_name(row)}: Der Brief kam zurück. Gemahnt wird erst, wenn ein anderer Weg gefunden ist."


def cannot_cancel(house: House, client: str) -> str:
    """Why an invoice of this client cannot be cancelled from here, in German; empty where it can."""
    loaded = house.client(client)
    capabilities = capabilities_of(loaded, loaded.config.invoices.system)
    return "" if Capability.CANCELS in capabilities else CANNOT


def cancel(house: House, invoice_id: int, client: str, word: Word, now: datetime) -> str:
    """Have an invoice cancelled by the next run; reminders stop at once. Raises `NothingToDecide` with the cure."""
    if why := cannot_cancel(house, client):
        raise NothingToDecide(why)
    with house.ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        cancelling.ask(session, row, word, now)
        is_theirs = cancelling.reached_customer(session, row)
    sent = " und geht an den Kunden" if is_theirs else "; der Kunde hat die Rechnung nicht bekommen"
    return (
        f"{_name(row)} wird nicht mehr gemahnt. Beim nächsten Durchlauf wird sie in der Buchhaltung storniert; die"
        f" Stornorechnung wird abgelegt{sent}."
    )


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


def _look_again(
    session: Transaction, client: str, name: str, word: Word, now: datetime, invoice_id: int | None = None
) -> str:
    rechecks.hurry(session, client)
    record(session, now, client, "decided: retry", invoice_id, subject=name, by=word.by, reason=word.reason)
    return f"{name} wird beim nächsten Durchlauf neu gelesen."


def _name(row: InvoiceRow) -> str:
    return f"Rechnung {row.number or row.marker}"
