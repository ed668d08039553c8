"""Remind: read the payment afresh, decide with reasons, and do what was decided within a minute."""

from collections.abc import Callable
from datetime import date, timedelta

from billing.dunning import Decision, Outcome, decide, earliest_action
from billing.dunning_facts import Arrival, Facts
from billing.money import in_german
from connectors.errors import ConnectorError, NeedsPerson
from documents.errors import DocumentError
from documents.mail import Attached, Mail, reminder_mail
from flows.chain.issue import held_by_person, subject_of
from flows.chain.transmit import MAIL, PDF, due_mails, plan_mail, sending
from flows.performing import is_channel_fault, perform
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, invoices, notices, overrides, payments
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.tables import InvoiceRow, Json


def to_remind(work: Work) -> list[int]:
    """Ids of sent, unpaid invoices whose check is due."""
    with work.ledger.reading() as session:
        return payments.to_check(session, work.client, work.clock.today())


def remind_one(work: Work, invoice_id: int) -> Entry | None:
    """Decide about one invoice and act: write and send the notice, make the task, or say why nothing is done."""
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
    try:
        row = refresh(work, row)
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, is_channel_fault(error))
    with work.ledger.reading() as session:
        facts = facts_of(session, row, work.clock.today())
    decision = decide(facts, work.policy, work.clock.today(), work.clock.now())
    if decision.outcome is Outcome.NOTICE:
        return _write(work, row, facts, decision)
    with work.ledger.writing() as session:
        _keep(work, session, row, facts, decision)
    if decision.outcome is Outcome.TASK:
        return Entry(Result.DONE, subject_of(row), "Aufgabe angelegt.")
    return Entry(Result.NOTHING, subject_of(row), decision.obstacles[-1].text)


def to_send(work: Work) -> list[int]:
    """Ids of written reminders that have not left yet and may leave now."""
    return due_mails(work, Kind.SEND_REMINDER)


def send_one(work: Work, effect_id: int) -> Entry | None:
    """Send one written reminder, unless the payment, read afresh, says something else than the letter."""
    with work.ledger.reading() as session:
        row = invoices.get(session, effects.get(session, effect_id).invoice_id)
        notice = notices.of_effect(session, effect_id)
    try:
        row = refresh(work, row)
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, is_channel_fault(error))
    if held_by_person(work, row):
        return None
    if row.is_voided or row.open_amount != notice.open_amount:
        return _withdraw(work, effect_id, row)
    return perform(work, effect_id, f"Erinnerung zu {subject_of(row)}", sending(work), note_reminded(work))


def refresh(work: Work, row: InvoiceRow) -> InvoiceRow:
    """The invoice with a payment state not older than the client's settings allow, read now if need be."""
    age = work.clock.now() - row.payment_read_at if row.payment_read_at else timedelta.max
    if timedelta(0) <= age <= timedelta(seconds=work.settings.payment_age_seconds / 2):
        return row
    fact = work.payments.state(row.external_id or "", work.clock.now())
    with work.ledger.writing() as session:
        row = invoices.get(session, row.id)
        payments.note(session, row, fact)
    return row


def facts_of(session: Transaction, row: InvoiceRow, today: date) -> Facts:
    """All that is known about an invoice and bears on reminding."""
    fact = payments.fact_of(row)
    hold = overrides.held(session, row.id, today)
    return Facts(
        number=row.number or row.marker,
        gross=row.gross,
        due_date=invoices.invoice_of(row).due_date,
        arrival=Arrival.SENT if row.stage == invoices.SENT else Arrival.WAITING,
        open_amount=fact.open_amount if fact else None,
        is_voided=row.is_voided,
        read_at=fact.read_at if fact else None,
        notices=notices.past(session, row.id),
        block=hold.reason if hold else "",
    )


def _write(work: Work, row: InvoiceRow, facts: Facts, decision: Decision) -> Entry | None:
    try:
        mail = _mail(work, row, decision.level or 1)
    except (DocumentError, NeedsPerson) as error:
        return Entry(Result.HELD, subject_of(row), str(error))
    sha256 = work.archive.put(mail.message)
    with work.ledger.writing() as session:
        effect_id = _keep(work, session, row, facts, decision, (mail, sha256))
    return send_one(work, effect_id) if effect_id in to_send(work) else None


def _keep(
    work: Work,
    session: Transaction,
    row: InvoiceRow,
    facts: Facts,
    decision: Decision,
    mail: tuple[Mail, str] | None = None,
) -> int:
    """Store the decision with what follows from it; the id of the reminder's effect, 0 if there is none."""
    now, today = work.clock.now(), work.clock.today()
    row = invoices.get(session, row.id)
    kept = notices.decide(session, row, decision, facts, work.policy, today, now)
    level = decision.level or 0
    effect_id = task_id = None
    if mail:
        document = f"reminder-{notices.number_of(session, row.id) + 1}-mail"
        effect_id = plan_mail(work, session, row, Kind.SEND_REMINDER, document, *mail)
    elif decision.outcome is Outcome.TASK:
        task_id = _ask(work, session, row, level)
    if level:
        notices.take(session, kept, level, row.open_amount, now, effect_id, task_id)
    row.check_on = _next_check(work, session, row, today)
    return effect_id or 0


def _next_check(work: Work, session: Transaction, row: InvoiceRow, today: date) -> date | None:
    """The day for the next look: when the next level is due, tomorrow if something else stood in the way."""
    facts = facts_of(session, row, today)
    if row.is_voided or row.open_amount <= 0 or len(facts.notices) >= len(work.policy.levels_for(facts.kind)):
        return None
    return max(today + timedelta(1), earliest_action(facts, work.policy) or today)


def _ask(work: Work, session: Transaction, row: InvoiceRow, level: int) -> int:
    title = f"Offene Rechnung {row.number}: bei {row.customer_name} nachfassen"
    body = (
        f"Offen sind {in_german(row.open_amount)} von {in_german(row.gross)}, fällig war der {row.due_date:%d.%m.%Y}."
    )
    key = f"dunning/{row.marker}/{level}"
    owner, today = work.config.dunning.task_owner, work.clock.today()
    return notices.ask(session, work.client, key, title, body, owner, today, work.clock.now(), row.id).id


def _mail(work: Work, row: InvoiceRow, level: int) -> Mail:
    if work.sender is None:
        raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
    with work.ledger.reading() as session:
        papers = invoices.documents(session, row.id)
        began = notices.number_of(session, row.id)
        first = invoices.effect_of(session, row.id, Kind.SEND_INVOICE).payload["message_id"] if MAIL in papers else ""
    return reminder_mail(
        invoices.invoice_of(row),
        work.seller,
        work.look,
        work.sender,
        Attached(papers[PDF].name, work.archive.get(papers[PDF].sha256)),
        open_amount=row.open_amount,
        pay_until=work.clock.today() + timedelta(work.config.dunning.pay_within_days),
        message_id_token=f"{row.marker}.reminder-{began + 1}",
        date=work.clock.now(),
        refers_to=first,
    )


def _withdraw(work: Work, effect_id: int, row: InvoiceRow) -> Entry:
    now = work.clock.now()
    reason = "Der Zahlungsstand hat sich geändert, bevor die Erinnerung hinausging."
    with work.ledger.writing() as session:
        if effects.cancel(session, effect_id, reason, now):
            notices.of_effect(session, effect_id).withdrawn_at = now
            invoices.get(session, row.id).check_on = work.clock.today() if row.open_amount > 0 else None
    return Entry(Result.NOTHING, subject_of(row), reason)


def note_reminded(work: Work) -> Callable[[Transaction, Flight, Json], None]:
    """What success of a reminder means for its invoice."""

    def note(session: Transaction, flight: Flight, _result: Json) -> None:
        row = invoices.get(session, flight.invoice_id)
        row.check_on = _next_check(work, session, row, work.clock.today())

    return note
