"""Inbox: read what came back and act on it: mark what did not arrive, pause for what people say, ignore machines."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from billing.answers import Answer, Claim, read_answer
from billing.incoming_mail import Delivery, IncomingMail, Sort, concerned, sort_of
from connectors.errors import ConnectorError, UnexpectedAnswer
from connectors.mail_reading import read_mail
from connectors.protocols import MailPlace, ReceivedMail, ReturnAddresses
from flows.chain.issue import subject_of
from flows.chain.said import Asked, question_about
from flows.chain.transmit import note_sent
from flows.performing import channel_after, each
from flows.report import Entry, Result
from flows.work import Work
from ledger import bounces, effects, inbox, invoices, letters, levers, notices, proposals
from ledger.database import Transaction
from ledger.effects import Kind, State
from ledger.overrides import Word
from ledger.post_tables import IncomingMailRow
from ledger.proposals import Proposal
from ledger.tables import EffectRow, InvoiceRow, Json, TaskRow

NAME = "inbox"
READER = "Posteingang"
KEPT = frozenset({Sort.BOUNCE, Sort.GIVEN_UP, Sort.COMPLAINT, Sort.UNCLEAR, Sort.ANSWER})
"""Mails that somebody may want to read again; all others leave no more than a line."""


@dataclass(frozen=True, slots=True)
class Found:
    """A mail with what it is, which of ours it means (None: none), and what it claims."""

    mail: IncomingMail
    sha256: str
    sort: Sort
    effect: EffectRow | None
    delivery: Delivery | None
    answer: Answer


def read(work: Work) -> list[Entry]:
    """Read what is new in the client's mailbox; a fault of the mailbox is told and leaves the rest for the next run."""
    if work.mailbox is None:
        return []
    with work.ledger.reading() as session:
        row = inbox.place(session, work.client, NAME)
    after = MailPlace(row.validity, row.number) if row else None
    since = work.clock.today() - timedelta(work.settings.overlap_days)
    if row is None:
        since = min(since, work.config.jobs.since)
    entries: list[Entry] = []
    try:
        for received in work.mailbox.arrivals(after, since):
            entries += each([received], lambda mail: take_in(work, mail))
    except ConnectorError as error:
        entries.append(Entry(Result.WAITING, "Postfach lesen", error.message, channel_after(error)))
    return entries


def take_in(work: Work, received: ReceivedMail) -> Entry | None:
    """One mail and all that follows from it, in one transaction with the place up to which the mailbox is read."""
    sha256 = hashlib.sha256(received.content).hexdigest()
    with work.ledger.reading() as session:
        found = None if inbox.is_known(session, work.client, sha256) else _found(work, session, received, sha256)
    if found and found.effect and found.sort in KEPT:
        work.archive.put(received.content)
    now, place = work.clock.now(), received.place
    with work.ledger.writing() as session:
        inbox.move_on(session, work.client, NAME, place.validity, place.number, now)
        if found is None or inbox.is_known(session, work.client, sha256):
            return None
        facts = _facts(found)
        row = inbox.take_in(session, work.client, sha256, found.sort, found.answer.claim, found.effect, facts, now)
        if found.effect is None:
            return None
        return _act(work, session, row, found, len(received.content))


def _found(work: Work, session: Transaction, received: ReceivedMail, sha256: str) -> Found:
    try:
        mail = read_mail(received.content)
    except UnexpectedAnswer:
        mail = IncomingMail(sender="", subject="", text="", notes={"auto-submitted": "unreadable"})
    proofs = _proofs(work, mail)
    named = [name for name in proofs or () if name] or [*mail.returned, *mail.refers_to]
    meant = inbox.about(session, work.client, named)
    recipients = [str(effect.payload["recipient"]) for effect in meant]
    sort = sort_of(mail, recipients, _own_addresses(work))
    if sort is Sort.BOUNCE and proofs is not None and not any(proofs):
        # Anybody can write a report about a mail that he has seen; only the address it goes to proves it.
        sort = Sort.UNCLEAR
    deliveries = concerned(mail.deliveries, recipients)
    effect = _addressed(meant, deliveries)
    answer = read_answer(mail.text, work.clock.today()) if sort is Sort.ANSWER else Answer(Claim.NOTHING)
    return Found(mail, sha256, sort, effect, deliveries[0] if deliveries else None, answer)


def _proofs(work: Work, mail: IncomingMail) -> list[str] | None:
    """What the addresses that the mail came to prove; None where our mails bear no proof."""
    if not isinstance(work.courier, ReturnAddresses):
        return None
    found = [work.courier.mail_behind(address) for address in mail.arrived_at or ("",)]
    return None if None in found else [name for name in found if name is not None]


def _own_addresses(work: Work) -> tuple[str, ...]:
    return (work.config.mail.sender.lower(),) if work.config.mail else ()


def _addressed(meant: list[EffectRow], deliveries: tuple[Delivery, ...]) -> EffectRow | None:
    """The mail to the recipient of whom a report speaks; copies have the same Message-ID but another recipient."""
    reported = {each.recipient for each in deliveries}
    exact = [effect for effect in meant if str(effect.payload["recipient"]).lower() in reported]
    return next(iter(exact or meant), None)


def _facts(found: Found) -> Json:
    """What the journal keeps: no addresses, no text of the sender's."""
    facts = {"claim": found.answer.claim if found.sort is Sort.ANSWER else "", "sha256": found.sha256}
    if found.delivery:
        facts |= {"status": found.delivery.status}
    return {name: str(value) for name, value in facts.items() if value}


def _act(work: Work, session: Transaction, row: IncomingMailRow, found: Found, size: int) -> Entry:
    assert found.effect is not None
    invoice = invoices.get(session, found.effect.invoice_id)
    now = work.clock.now()
    if found.sort in KEPT:
        paper = invoices.Paper(f"incoming-{row.id}", found.sha256, "message/rfc822", f"incoming-{row.id}.eml", size)
        invoices.keep(session, invoice, paper, now)
    effect = effects.get(session, found.effect.id)
    if effect.state == State.UNKNOWN and found.sort is not Sort.OWN:
        _it_arrived(work, session, effect)
    act = ACTS.get(found.sort)
    if act is None:
        return Entry(Result.NOTHING, subject_of(invoice), WORDS[found.sort])
    return act(work, session, row, found, invoice)


def _it_arrived(work: Work, session: Transaction, effect: EffectRow) -> None:
    """Whatever refers to a mail of unknown fate proves that it was accepted (reliability.md § 3)."""
    if effects.adopt(session, effect, {"answer": "Antwort oder Bericht eingegangen"}, work.clock.now()):
        note_sent(work)(session, effects.flight_of(effect), {})


def _bounced(work: Work, session: Transaction, row: IncomingMailRow, found: Found, invoice: InvoiceRow) -> Entry:
    effect, delivery = found.effect, found.delivery
    assert effect is not None
    assert delivery is not None
    if effect.kind == Kind.SEND_COPY:
        return _ask(work, session, row, found, invoice)
    bounces.note(session, effect, row, delivery.status, delivery.diagnostic, work.clock.now())
    others = len(letters.invoices_in(session, effect)) - 1
    subject = f"{subject_of(invoice)} und {others} weitere" if others else subject_of(invoice)
    text = f"Unzustellbar ({delivery.status}): {delivery.recipient}. {delivery.diagnostic}".strip()
    return Entry(Result.HELD, subject, text)


def _ask(work: Work, session: Transaction, row: IncomingMailRow, found: Found, invoice: InvoiceRow) -> Entry:
    asked = question_about(found.sort, found.mail, invoice)
    _make_task(work, session, row, asked, invoice)
    return Entry(Result.DONE, subject_of(invoice), asked.title)


def _answered(work: Work, session: Transaction, row: IncomingMailRow, found: Found, invoice: InvoiceRow) -> Entry:
    """What the customer claims is proposed as a lever, which pauses by itself; any other answer has to be read."""
    if found.answer.claim is Claim.NOTHING:
        return _ask_and_pause(work, session, row, found, invoice)
    answer = found.answer
    said = Proposal(LEVERS[answer.claim], answer.sentence, found.mail.sender, answer.amount, answer.day)
    task = proposals.propose(session, invoice, said, f"incoming/{row.id}", _owner(work), work.clock.now())
    _pause_riders(work, session, found, invoice, task)
    return Entry(Result.DONE, subject_of(invoice), task.title)


def _pause_riders(work: Work, session: Transaction, found: Found, invoice: InvoiceRow, task: TaskRow) -> None:
    """An answer to a letter about several invoices is decided for the first; the others rest until somebody says so."""
    assert found.effect is not None
    others = [each for each in letters.invoices_in(session, found.effect) if each.id != invoice.id]
    if not others or task.closed_at:
        return
    numbers = ", ".join(str(each.number) for each in others)
    task.body += (
        f" Das Schreiben ging auch um {numbers}: dazu bitte selbst entscheiden; gemahnt wird wieder nach "
        f" rechnungsbote lift block {others[0].number} --reason …"
    )
    for other in others:
        _pause(work, session, other, f"Antwort auf das Schreiben zu {invoice.number} (Aufgabe {task.id})")


def _ask_and_pause(work: Work, session: Transaction, row: IncomingMailRow, found: Found, invoice: InvoiceRow) -> Entry:
    """Somebody has to look before the customer hears from us again: the pause ends by a person's word."""
    entry = _ask(work, session, row, found, invoice)
    assert found.effect is not None
    reason = f"{WORDS[found.sort]}, eingegangen am {work.clock.today():%d.%m.%Y}"
    for rider in letters.invoices_in(session, found.effect):
        _pause(work, session, rider, reason)
    return entry


def _pause(work: Work, session: Transaction, invoice: InvoiceRow, reason: str) -> None:
    """Dun an invoice no more until a person says so; once, however much comes back about it."""
    paused = [
        lever
        for lever in levers.of_invoices(session, [invoice])
        if (lever.kind, lever.invoice_id, lever.made_by) == (levers.Kind.BLOCK, invoice.id, READER)
    ]
    if not paused and invoice.open_amount > 0 and not invoice.is_voided:
        levers.pull(session, levers.Kind.BLOCK, invoice, Word(READER, reason), work.clock.now())


def _make_task(work: Work, session: Transaction, row: IncomingMailRow, asked: Asked, invoice: InvoiceRow) -> None:
    today, now = work.clock.today(), work.clock.now()
    key, owner = f"incoming/{row.id}", _owner(work)
    notices.ask(session, work.client, key, asked.title, asked.body, owner, today, now, invoice.id)


def _owner(work: Work) -> str:
    section = work.config.mailbox
    return (section.task_owner if section else None) or work.config.dunning.task_owner


Act = Callable[[Work, Transaction, IncomingMailRow, Found, InvoiceRow], Entry]

ACTS: dict[Sort, Act] = {
    Sort.BOUNCE: _bounced,
    Sort.GIVEN_UP: _ask_and_pause,
    Sort.UNCLEAR: _ask,
    Sort.COMPLAINT: _ask_and_pause,
    Sort.ANSWER: _answered,
}
"""What changes anything. Delays, receipts and automatic replies are noted and change nothing, nor are they answered."""

LEVERS = {Claim.PAID: None, Claim.PROMISE: levers.Kind.PROMISE, Claim.DISPUTE: levers.Kind.DISPUTE}

WORDS = {
    Sort.BOUNCE: "Mail unzustellbar",
    Sort.GIVEN_UP: "Zustellung nach vielen Versuchen aufgegeben",
    Sort.DELAY: "Zustellung verzögert sich",
    Sort.DELIVERED: "Zustellung bestätigt",
    Sort.COMPLAINT: "Beschwerde über die Mail",
    Sort.UNCLEAR: "Unklarer Rückläufer",
    Sort.OUT_OF_OFFICE: "Abwesenheitsnotiz",
    Sort.AUTOMATIC: "Automatische Antwort",
    Sort.OWN: "Eigene Mail",
    Sort.ANSWER: "Antwort des Kunden",
}
