"""Announce: make the journal into messages for the client's own programs, and deliver them in order."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from billing.dunning_facts import NONE
from billing.payments import Standing
from billing.standings import stand_of
from config.webhooks import Happening
from connectors.errors import ConnectorError, NotFound
from flows.around import around
from flows.hooks import Hook
from flows.report import Entry, Result
from flows.work import Work
from ledger import claims, effects, invoices, journal, notices, payments, webhooks
from ledger.database import Transaction
from ledger.tables import EndpointRow, InvoiceRow, JournalRow, MessageRow, PaymentRow
from ledger.webhooks import State

LEASE = timedelta(minutes=2)
"""How long nobody else delivers to an address: longer than one attempt may take."""

PAYMENT = "payment state changed"
TOLD = {
    "invoice issued": Happening.ISSUED,
    "send-invoice done": Happening.SENT,
    "send-invoice found": Happening.SENT,
    "post-invoice done": Happening.SENT,
    "post-invoice found": Happening.SENT,
    "create-invoice refused": Happening.FAILED,
    "issue-invoice refused": Happening.FAILED,
    "send-invoice refused": Happening.FAILED,
    "send-invoice unknown": Happening.FAILED,
    "post-invoice refused": Happening.FAILED,
    "send-reminder done": Happening.REMINDED,
    "send-reminder found": Happening.REMINDED,
    "post-reminder done": Happening.REMINDED,
    "post-reminder found": Happening.REMINDED,
}
LATE = frozenset({Standing.OVERDUE, Standing.IN_DEFAULT})


def announce(work: Work) -> list[Entry]:
    """Write down what each address has not been told yet; the entries and the messages about them in one go."""
    for hook in work.hooks:
        _note_late(work, hook)
        while _hear(work, hook):
            pass
    return []


def deliver(work: Work) -> list[Entry]:
    """Deliver what waits, address by address; one that does not answer holds up no other."""
    return [entry for hook in work.hooks for entry in _deliver(work, hook)]


def body_of(row: InvoiceRow, happening: Happening, at: datetime, reason: str = "") -> str:
    """A message about an invoice: enough to find it and to see what is open, and nothing about the person."""
    data = {
        "client": row.client,
        "marker": row.marker,
        "number": row.number,
        "customer_number": row.draft["customer"]["number"],
        "gross": str(row.gross),
        "open_amount": str(row.open_amount),
        "currency": "EUR",
        "due_date": row.due_date.isoformat() if row.due_date else None,
    }
    told = {"type": f"invoice.{happening}", "timestamp": at.astimezone(UTC).isoformat(), "data": data}
    return json.dumps(told | ({"reason": reason} if reason else {}), ensure_ascii=False, separators=(",", ":"))


def trial_body(client: str, at: datetime) -> str:
    """A message that tells of nothing, to see whether an address hears."""
    told = {"type": "test", "timestamp": at.astimezone(UTC).isoformat(), "data": {"client": client}}
    return json.dumps(told, separators=(",", ":"))


def _note_late(work: Work, hook: Hook) -> None:
    """Becoming late is no event in the journal: time does it. It is told once, and before the reminder."""
    now, today = work.clock.now(), work.clock.today()
    with work.ledger.writing() as session:
        endpoint = webhooks.listen(session, work.client, hook.name, today)
        for row in _became_late(work, session, endpoint) if Happening.OVERDUE in hook.wants else ():
            body = body_of(row, Happening.OVERDUE, now)
            webhooks.queue(session, endpoint, f"overdue/{row.marker}", "invoice.overdue", body, now)


def _hear(work: Work, hook: Hook) -> bool:
    with work.ledger.writing() as session:
        endpoint = webhooks.listen(session, work.client, hook.name, work.clock.today())
        entries = webhooks.hear(session, endpoint)
        for entry in entries:
            _tell(session, endpoint, hook, entry, work.clock.now())
    return bool(entries)


def _tell(session: Transaction, endpoint: EndpointRow, hook: Hook, entry: JournalRow, now: datetime) -> None:
    happening = _turn(session, entry) if entry.event == PAYMENT else TOLD.get(entry.event)
    if happening in hook.wants and entry.invoice_id is not None:
        row = invoices.get(session, entry.invoice_id)
        body = body_of(row, happening, entry.at, entry.facts.get("error", ""))
        # The seal is the entry's own for ever, also when a backup was restored and numbers are given anew.
        webhooks.queue(session, endpoint, entry.seal, f"invoice.{happening}", body, now)


def _turn(session: Transaction, entry: JournalRow) -> Happening | None:
    """What a payment fact turned the invoice into; a second source that says the same is no news."""
    if entry.invoice_id is None:
        return None
    entries = journal.entries(session, entry.invoice_id)
    told = sum(each.event == PAYMENT and each.id <= entry.id for each in entries)
    facts = payments.history(session, entry.invoice_id)
    before, after = _stand(facts[: told - 1]), _stand(facts[:told])
    return after if after is not before else None


def _stand(facts: Sequence[PaymentRow]) -> Happening | None:
    latest = {fact.source: fact for fact in facts}.values()
    if any(fact.is_voided for fact in latest):
        return Happening.CANCELLED
    return Happening.PAID if any(fact.open_amount <= NONE for fact in latest) else None


def _became_late(work: Work, session: Transaction, endpoint: EndpointRow) -> list[InvoiceRow]:
    today = work.clock.today()
    rows = webhooks.newly_due(session, endpoint, today)
    circumstances = around(work.config)
    found = claims.facts_of(session, rows, circumstances, today)
    return [row for row in rows if stand_of(found[row.id], today, circumstances.land).word in LATE]


def _deliver(work: Work, hook: Hook) -> Iterator[Entry]:
    try:
        while message := _next(work, hook):
            entry = _post(work, hook, message)
            yield entry
            if entry.result is Result.WAITING:
                return
    finally:
        with work.ledger.writing() as session:
            webhooks.release(session, work.client, hook.name, work.owner)


def _next(work: Work, hook: Hook) -> MessageRow | None:
    """The message whose turn it is, if it is ours to deliver and its time has come."""
    now = work.clock.now()
    with work.ledger.writing() as session:
        if not webhooks.claim(session, work.client, hook.name, work.owner, now, LEASE):
            return None
        message = webhooks.first(session, work.client, hook.name)
    return message if message and message.not_before <= now else None


def _post(work: Work, hook: Hook, message: MessageRow) -> Entry:
    subject = f"Meldung {message.event} an {hook.name}"
    try:
        hook.poster.post(message.message_id, message.body.encode(), work.clock.now())
    except ConnectorError as error:
        return _not_taken(work, hook, message, subject, error)
    with work.ledger.writing() as session:
        webhooks.end(session, message.id, State.DELIVERED, "", work.clock.now())
    return Entry(Result.DONE, subject)


def _not_taken(work: Work, hook: Hook, message: MessageRow, subject: str, error: ConnectorError) -> Entry:
    settings, now = work.settings, work.clock.now()
    is_too_old = now - message.created_at >= timedelta(hours=settings.give_up_after_hours)
    with work.ledger.writing() as session:
        if is_too_old or isinstance(error, NotFound):
            webhooks.end(session, message.id, State.GIVEN_UP, error.message, now)
            _ask(work, session, hook, error)
            return Entry(Result.REFUSED, subject, error.message)
        pause = effects.back_off(
            message.attempts + 1,
            timedelta(seconds=settings.backoff_first_seconds),
            settings.backoff_factor,
            timedelta(seconds=settings.backoff_cap_seconds),
            random.uniform,
        )
        webhooks.put_off(session, message.id, error.message, now + pause)
    return Entry(Result.WAITING, subject, error.message)


def _ask(work: Work, session: Transaction, hook: Hook, error: ConnectorError) -> None:
    """One task a day and address, however many messages were lost."""
    today, now = work.clock.today(), work.clock.now()
    title = f"Meldungen an {hook.name} kommen nicht an"
    body = f"{error.message} Was verloren ging, zeigt die Schnittstelle: /api/v1/invoices."
    key = f"webhook/{hook.name}/{today}"
    notices.ask(session, work.client, key, title, body, work.config.dunning.task_owner, today, now)
