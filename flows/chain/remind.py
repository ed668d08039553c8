"""Remind: read the payment afresh, decide with reasons, and do what was decided within a minute."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from billing.dunning import PAYMENT_CODES, Decision, Outcome, decide, next_look
from billing.dunning_facts import Facts
from billing.dunning_policy import Action
from billing.money import in_german
from config.client import Client
from connectors.errors import ConnectorError, NeedsPerson
from documents.errors import DocumentError
from documents.mail import Attached, Mail
from flows.chain import letters
from flows.chain.issue import held_by_person, subject_of
from flows.chain.transmit import MAIL, PDF, due_mails, plan_mail, sending
from flows.performing import is_channel_fault, perform
from flows.report import Entry, Result
from flows.work import Work
from ledger import claims, effects, invoices, notices, payments
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.tables import InvoiceRow, Json, NoticeRow

LATER = frozenset({"no-working-day", "no-sending-day", "no-sending-hour"})
"""Obstacles that let a written letter wait, where all others withdraw it."""


def to_remind(work: Work) -> list[int]:
    """Ids of sent, unpaid invoices whose check is due; none at hours when the client sends no reminders."""
    if not work.policy.sends_at(work.clock.now()):
        return []
    with work.ledger.reading() as session:
        return payments.to_check(session, work.client, work.clock.today())


def remind_one(work: Work, invoice_id: int) -> Entry | None:
    """Decide about one invoice and act: write and send the notice, make the task, or say why nothing is done.

    The accounting system is asked only where nothing else stands in the way already.
    """
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
        facts = facts_of(work, session, row)
    decision = decide(facts, work.policy, work.clock.today(), now := work.clock.now())
    if all(reason.code in PAYMENT_CODES for reason in decision.obstacles):
        try:
            row = refresh(work, row)
        except ConnectorError as error:
            return Entry(Result.WAITING, subject_of(row), error.message, is_channel_fault(error))
        with work.ledger.reading() as session:
            facts = facts_of(work, session, row)
        decision = decide(facts, work.policy, work.clock.today(), now := work.clock.now())
    if decision.outcome is Outcome.NOTICE:
        return _write(work, row, facts, decision, now)
    with work.ledger.writing() as session:
        _keep(work, session, row, facts, decision, now)
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
    if not work.policy.sends_at(work.clock.now()):
        return None
    if not _still_right(work, row, notice):
        return _withdraw(work, effect_id, row)
    return perform(work, effect_id, f"Erinnerung zu {subject_of(row)}", sending(work), note_reminded(work))


def _still_right(work: Work, row: InvoiceRow, notice: NoticeRow) -> bool:
    """Whether the same decision would be made now: payment, credit, dispute or promise may have come meanwhile."""
    if row.is_voided or row.open_amount != notice.open_amount:
        return False
    with work.ledger.reading() as session:
        facts = facts_of(work, session, row)
    before = replace(facts, notices=tuple(each for each in facts.notices if each.level < notice.level))
    today = work.clock.today()
    return all(reason.code in LATER for reason in decide(before, work.policy, today, work.clock.now()).obstacles)


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


def facts_of(work: Work, session: Transaction, row: InvoiceRow) -> Facts:
    """All that is known about an invoice and bears on reminding."""
    return claims.facts_of(session, [row], around(work.config), work.clock.today())[row.id]


def around(config: Client) -> claims.Circumstances:
    """What of a client's file bears on all its claims."""
    return claims.Circumstances(
        has_bank=config.payments.bank_folder is not None,
        due_agreed=config.dunning.due_date_agreed,
        has_note=config.invoices.pdf == "own",
        land=config.dunning.land or "",
    )


def _write(work: Work, row: InvoiceRow, facts: Facts, decision: Decision, now: datetime) -> Entry | None:
    try:
        mail = _mail(work, row, facts, decision)
    except (DocumentError, NeedsPerson) as error:
        return Entry(Result.HELD, subject_of(row), str(error))
    sha256 = work.archive.put(mail.message)
    with work.ledger.writing() as session:
        effect_id = _keep(work, session, row, facts, decision, now, (mail, sha256))
    return send_one(work, effect_id) if effect_id in to_send(work) else None


def _keep(
    work: Work,
    session: Transaction,
    row: InvoiceRow,
    facts: Facts,
    decision: Decision,
    now: datetime,
    mail: tuple[Mail, str] | None = None,
) -> int:
    """Store the decision with what follows from it; the id of the reminder's effect, 0 if there is none."""
    today = work.clock.today()
    row = invoices.get(session, row.id)
    kept = notices.decide(session, row, decision, facts, work.policy, today, now)
    level = decision.level or 0
    effect_id = task_id = None
    if mail:
        document = f"reminder-{notices.number_of(session, row.id) + 1}-mail"
        effect_id = plan_mail(work, session, row, Kind.SEND_REMINDER, document, *mail)
    elif decision.outcome is Outcome.TASK:
        task_id = _ask(work, session, row, facts, decision)
    if any(reason.code == "contradiction" for reason in decision.obstacles):
        _ask_which(work, session, row, facts)
    if level:
        notices.take(session, kept, level, row.open_amount, now, effect_id, task_id)
    row.check_on = _next_check(work, session, row, today)
    return effect_id or 0


def _next_check(work: Work, session: Transaction, row: InvoiceRow, today: date) -> date | None:
    """The day for the next look: when the next level is due, tomorrow if something else stood in the way."""
    if row.is_voided or row.open_amount <= 0:
        return None
    return next_look(facts_of(work, session, row), work.policy, today)


def _ask_which(work: Work, session: Transaction, row: InvoiceRow, facts: Facts) -> None:
    title = f"Rechnung {row.number}: Zahlung in der Buchhaltung nachtragen"
    key = f"contradiction/{row.marker}/{row.open_amount}"
    owner, now = work.config.dunning.task_owner, work.clock.now()
    body = f"Die Quellen widersprechen sich: {facts.contradiction}."
    notices.ask(session, work.client, key, title, body, owner, work.clock.today(), now, row.id)


def _ask(work: Work, session: Transaction, row: InvoiceRow, facts: Facts, decision: Decision) -> int:
    level = decision.level or 1
    step = work.policy.levels_for(facts.kind)[level - 1]
    title = f"Offene Rechnung {row.number}: bei {row.customer_name} nachfassen"
    if step.action is Action.HAND_OVER:
        title = f"Offene Rechnung {row.number}: Abgabe an Inkasso oder Mahnbescheid entscheiden"
    elif step.reaches_customer:
        title = f"{decision.title} zu Rechnung {row.number} an {row.customer_name} schreiben"
    body = (
        f"Offen sind {in_german(row.open_amount)} von {in_german(row.gross)}, fällig war der {row.due_date:%d.%m.%Y}."
    )
    if decision.demanded != row.open_amount:
        body += f" Unstrittig sind {in_german(decision.demanded)}."
    key = f"dunning/{row.marker}/{level}"
    owner, today = step.owner or work.config.dunning.task_owner, work.clock.today()
    return notices.ask(session, work.client, key, title, body, owner, today, work.clock.now(), row.id).id


def _mail(work: Work, row: InvoiceRow, facts: Facts, decision: Decision) -> Mail:
    if work.sender is None:
        raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
    with work.ledger.reading() as session:
        papers = invoices.documents(session, row.id)
        began = notices.number_of(session, row.id)
        first = invoices.effect_of(session, row.id, Kind.SEND_INVOICE).payload["message_id"] if MAIL in papers else ""
    invoice = Attached(papers[PDF].name, work.archive.get(papers[PDF].sha256))
    levels = work.policy.levels_for(facts.kind)
    letter = letters.notice(invoices.invoice_of(row), facts, decision, levels, work.clock.today())
    return letters.mail(
        letter,
        work.seller,
        work.look,
        work.sender,
        invoice,
        token=f"{row.marker}.reminder-{began + 1}",
        date=work.clock.now(),
        refers_to=first,
        on_paper=levels[(decision.level or 1) - 1].action is Action.NOTICE,
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
