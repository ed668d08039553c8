"""Remind: read the payment afresh, decide with reasons, and do what was decided within a minute."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billing.dunning import Decision, Outcome, decide, next_look
from billing.dunning_facts import Facts
from billing.dunning_policy import Action, Level
from billing.money import in_german
from connectors.errors import ConnectorError, NeedsPerson
from documents.demand import Notice
from documents.errors import DocumentError
from documents.mail import Attached
from documents.notice import notice_paper
from flows import gates
from flows.chain import letters
from flows.chain.account import trusted_seller
from flows.chain.by_post import giving_up, note_posted, reminds_by_post
from flows.chain.contradict import ask_which
from flows.chain.issue import held_by_person, subject_of
from flows.chain.judging import Judged, facts_of, judge, refresh, together
from flows.chain.leaving import may_leave, plan_letter, plan_mail
from flows.chain.returned import readdressed
from flows.chain.transmit import MAIL, PDF, sending
from flows.performing import channel_after, perform
from flows.report import Entry, Result
from flows.work import Work
from ledger import bounces, claims, effects, invoices, notices, payments
from ledger.database import Transaction
from ledger.effects import REMINDERS, Flight, Kind
from ledger.tables import InvoiceRow, Json, NoticeRow


@dataclass(frozen=True, slots=True)
class _Written:
    """A reminder before it leaves: `form` is mail or letter, `plan` writes down how it is to leave."""

    form: str
    media_type: str
    ending: str
    content: bytes
    plan: Callable[[Transaction, InvoiceRow, str, str], int]

    def paper(self, kind: str, sha256: str) -> invoices.Paper:
        """As a document of an invoice."""
        return invoices.Paper(kind, sha256, self.media_type, f"{kind}{self.ending}", len(self.content))


LATER = frozenset({"no-working-day", "no-sending-day", "no-sending-hour"})
"""Obstacles that let a written letter wait, where all others withdraw it."""


def to_remind(work: Work) -> list[int]:
    """Ids of sent, unpaid invoices whose check is due; none at hours when the client sends no reminders."""
    if not work.policies.any_sends_at(work.clock.now()) or gates.waits(work, Kind.SEND_REMINDER):
        return []
    with work.ledger.reading() as session:
        return payments.to_check(session, work.client, work.clock.today())


def remind_one(work: Work, invoice_id: int) -> Entry | None:
    """Decide about one invoice and act: write and send the notice, make the task, or say why nothing is done.

    None for one that has gone out in the letter of another invoice since this run began, or whose hour it is not.
    """
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
    if row.check_on is None or row.check_on > work.clock.today():
        return None
    if not work.policy_for(row).sends_at(work.clock.now()):
        return None
    try:
        judged = judge(work, row)
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, channel_after(error))
    if judged.decision.outcome is Outcome.NOTICE:
        return _write(work, together(work, judged))
    with work.ledger.writing() as session:
        _keep(work, session, judged)
    if judged.decision.outcome is Outcome.TASK:
        return Entry(Result.DONE, subject_of(row), "Aufgabe angelegt.")
    return Entry(Result.NOTHING, subject_of(row), judged.decision.obstacles[-1].text)


def to_send(work: Work) -> list[int]:
    """Ids of written reminders, by mail and by post, that have not left yet and may leave now."""
    return may_leave(work, REMINDERS)


def send_one(work: Work, effect_id: int) -> Entry | None:
    """Send one written reminder, unless the payment of any invoice in it, read afresh, says something else."""
    with work.ledger.reading() as session:
        effect, steps = effects.get(session, effect_id), notices.of_effect(session, effect_id)
        rows = [invoices.get(session, step.invoice_id) for step in steps]
    try:
        rows = [refresh(work, row) for row in rows]
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(rows[0]), error.message, channel_after(error))
    with work.ledger.reading() as session:
        if held_by_person(work, session, rows[0]):
            return None
    if not work.policy_for(rows[0]).sends_at(work.clock.now()):
        return None
    if not all(_still_right(work, row, step) for row, step in zip(rows, steps, strict=True)):
        return _withdraw(work, effect_id, rows)
    act, note = (giving_up, note_by_post) if effect.kind == Kind.POST_REMINDER else (sending, note_reminded)
    return perform(work, effect, f"Erinnerung zu {_subjects(rows)}", act(work), note(work))


def _subjects(rows: Sequence[InvoiceRow]) -> str:
    more = f" und {len(rows) - 1} weiteren" if len(rows) > 1 else ""
    return f"{subject_of(rows[0])}{more}"


def _still_right(work: Work, row: InvoiceRow, notice: NoticeRow) -> bool:
    """Whether the same decision would be made now: payment, credit, dispute or promise may have come meanwhile."""
    if row.is_voided or row.open_amount != notice.open_amount:
        return False
    with work.ledger.reading() as session:
        facts = facts_of(work, session, row)
    before = replace(facts, notices=tuple(each for each in facts.notices if each.level < notice.level))
    again = decide(before, work.policy_for(row), work.clock.today(), work.clock.now())
    return all(reason.code in LATER for reason in again.obstacles)


def _write(work: Work, judged: Sequence[Judged]) -> Entry | None:
    row = judged[0].row
    with work.ledger.reading() as session:
        by_post = reminds_by_post(session, row, _step(judged[0]))
    try:
        written = _letter(work, judged) if by_post else _mail(work, judged)
    except (DocumentError, NeedsPerson) as error:
        return Entry(Result.HELD, _subjects([each.row for each in judged]), str(error))
    sha256 = work.archive.put(written.content)
    with work.ledger.writing() as session:
        row = invoices.get(session, row.id)
        document = f"reminder-{notices.number_of(session, row.id) + 1}-{written.form}"
        effect_id = written.plan(session, row, document, sha256)
        for each in judged:
            _keep(work, session, each, effect_id)
        for each in judged[1:]:
            _note_ride(work, session, each.row, row, sha256, written)
    return send_one(work, effect_id) if effect_id in to_send(work) else None


def _note_ride(
    work: Work, session: Transaction, row: InvoiceRow, first: InvoiceRow, sha256: str, written: _Written
) -> None:
    """The letter belongs to each invoice in it: it stands among the documents and in the history of all."""
    kind = f"reminder-{notices.number_of(session, row.id)}-{written.form}"
    invoices.keep(session, row, written.paper(kind, sha256), work.clock.now())
    notices.ride(session, row, first, work.clock.now())


def _keep(work: Work, session: Transaction, judged: Judged, effect_id: int | None = None) -> None:
    """Store the decision with what follows from it."""
    decision, facts, row = judged.decision, judged.facts, invoices.get(session, judged.row.id)
    kept = notices.decide(session, row, decision, facts, judged.policy, judged.today, judged.now)
    task_id = _ask(work, session, row, facts, decision) if decision.outcome is Outcome.TASK else None
    codes = {reason.code for reason in decision.obstacles}
    if "contradiction" in codes:
        ask_which(work, session, row, facts.contradiction)
    if "withheld" in codes:
        _ask_about_tax(work, session, row)
    if decision.costs.problem:
        _ask_for_rate(work, session, judged)
    if decision.level:
        notices.take(session, kept, decision.level, row.open_amount, judged.now, effect_id, task_id)
    row.check_on = _next_check(work, session, row, judged.today)


def _next_check(work: Work, session: Transaction, row: InvoiceRow, today: date) -> date | None:
    """The day for the next look: when the next level is due, tomorrow if something else stood in the way."""
    if row.is_voided or row.open_amount <= 0:
        return None
    return next_look(facts_of(work, session, row), work.policy_for(row), today)


def _ask_about_tax(work: Work, session: Transaction, row: InvoiceRow) -> None:
    title = f"Rechnung {row.number}: bei {row.customer_name} nach der Bauabzugsteuer fragen"
    body = (
        f"Offen sind genau 15 % ({in_german(row.open_amount)}). Hat der Kunde sie nach § 48 EStG ans Finanzamt gezahlt,"
        " die Rechnung in der Buchhaltung ausgleichen; sonst die Aufgabe abhaken, dann wird wieder gemahnt."
    )
    owner, now = work.config.dunning.task_owner, work.clock.now()
    key = f"{claims.WITHHOLDING}{row.marker}"
    notices.ask(session, work.client, key, title, body, owner, work.clock.today(), now, row.id)


def _ask_for_rate(work: Work, session: Transaction, judged: Judged) -> None:
    """A letter leaves without interest: once for each half-year a person is asked for the base rate (§ 247 BGB)."""
    half_year, problem = f"{judged.today.year}/{1 + (judged.today.month > 6)}", judged.decision.costs.problem
    body = f"{problem} Bis dahin gehen Mahnungen ohne Verzugszinsen hinaus."
    owner, now = work.config.dunning.task_owner, judged.now
    title = "Basiszinssatz nachtragen: Mahnungen gehen ohne Zinsen hinaus"
    notices.ask(session, work.client, f"base-rate/{half_year}", title, body, owner, judged.today, now)


def _ask(work: Work, session: Transaction, row: InvoiceRow, facts: Facts, decision: Decision) -> int:
    level = decision.level or 1
    step = work.policy_for(row).levels_for(facts.kind)[level - 1]
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


def _step(judged: Judged) -> Level:
    return judged.policy.levels_for(judged.facts.kind)[(judged.decision.level or 1) - 1]


def _notice(judged: Sequence[Judged], address: str) -> Notice:
    demanded = [
        letters.Demanded(readdressed(invoices.invoice_of(each.row), address), each.facts, each.decision)
        for each in judged
    ]
    return letters.notice(demanded, judged[0].policy.levels_for(judged[0].facts.kind), judged[0].today)


def _letter(work: Work, judged: Sequence[Judged]) -> _Written:
    """The reminder as a letter. Raises a `DocumentError`."""
    step, letter = _step(judged[0]), _notice(judged, "")
    look = letters.look_of(work.look_for(letter.customer), letter.customer, step.template)
    paper = notice_paper(letter, trusted_seller(work), look)

    def plan(session: Transaction, row: InvoiceRow, document: str, sha256: str) -> int:
        invoices.keep(session, row, written.paper(document, sha256), work.clock.now())
        kind, is_registered = Kind.POST_REMINDER, step.registered
        return plan_letter(work, session, row, kind, document, sha256, is_registered=is_registered)

    written = _Written("letter", "application/pdf", ".pdf", paper.pdf, plan)
    return written


def _mail(work: Work, judged: Sequence[Judged]) -> _Written:
    """The reminder as a mail. Raises a `DocumentError`, and `NeedsPerson` without a way to send mail."""
    if work.sender is None:
        raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
    row, step = judged[0].row, _step(judged[0])
    with work.ledger.reading() as session:
        papers = [invoices.documents(session, each.row.id) for each in judged]
        token = f"{row.marker}.reminder-{notices.number_of(session, row.id) + 1}"
        sent = MAIL in papers[0]
        first = invoices.effect_of(session, row.id, Kind.SEND_INVOICE).payload["message_id"] if sent else ""
        address = bounces.address_for(session, row.id, str(row.draft["customer"]["email"]))
    # Of many invoices none is attached: the letter lists them all.
    shown = papers if len(papers) <= letters.MOST_ATTACHED else []
    attached = tuple(Attached(each[PDF].name, work.archive.get(each[PDF].sha256)) for each in shown)
    letter = _notice(judged, address)
    mail = letters.mail(
        letter,
        trusted_seller(work),
        letters.look_of(work.look_for(letter.customer), letter.customer, step.template),
        work.sender,
        attached,
        token=token,
        date=work.clock.now(),
        refers_to=first,
        on_paper=step.action is Action.NOTICE or not attached,
    )

    def plan(session: Transaction, row: InvoiceRow, document: str, sha256: str) -> int:
        return plan_mail(work, session, row, Kind.SEND_REMINDER, document, mail, sha256)

    return _Written("mail", "message/rfc822", ".eml", mail.message, plan)


def _withdraw(work: Work, effect_id: int, rows: Sequence[InvoiceRow]) -> Entry:
    now = work.clock.now()
    reason = "Der Zahlungsstand hat sich geändert, bevor die Erinnerung hinausging."
    with work.ledger.writing() as session:
        if effects.cancel(session, effect_id, reason, now):
            for notice in notices.of_effect(session, effect_id):
                notice.withdrawn_at = now
                row = invoices.get(session, notice.invoice_id)
                row.check_on = work.clock.today() if row.open_amount > 0 and not row.is_voided else None
    return Entry(Result.NOTHING, _subjects(rows), reason)


def note_by_post(work: Work) -> Callable[[Transaction, Flight, Json], None]:
    """What it means that a reminder was given to the letter service."""

    def note(session: Transaction, flight: Flight, result: Json) -> None:
        note_posted(work)(session, flight, result)
        note_reminded(work)(session, flight, result)

    return note


def note_reminded(work: Work) -> Callable[[Transaction, Flight, Json], None]:
    """What success of a reminder means for the invoices in it."""

    def note(session: Transaction, flight: Flight, _result: Json) -> None:
        for notice in notices.of_effect(session, flight.effect_id):
            row = invoices.get(session, notice.invoice_id)
            row.check_on = _next_check(work, session, row, work.clock.today())

    return note
