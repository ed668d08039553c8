"""Cancel: void an issued invoice in the accounting system, and bring the customer the document that says so.

The accounting system numbers the cancellation and knows which invoice it belongs to: before every attempt it is asked
whether it has one already, so that nothing is cancelled twice, whatever became of the attempt before.
"""

from datetime import date
from decimal import Decimal

from billing.corrections import cancellation
from billing.invoices import Channel, Invoice
from billing.money import in_german
from billing.payments import PaymentFact
from connectors.errors import CannotExpress, ConnectorError, NeedsPerson
from connectors.protocols import Cancellation, Canceller, Reach
from documents.errors import DocumentError
from documents.invoice import Paper
from documents.mail import Mail
from documents.rules_check import RulesUnavailable
from flows import gates
from flows.chain import transmit
from flows.chain.issue import duty_of, subject_of
from flows.chain.leaving import plan_letter, plan_mail
from flows.performing import channel_after, perform
from flows.report import Entry, Result
from flows.work import Work
from ledger import cancelling, effects, invoices, notices, payments
from ledger.archive import ArchiveFault
from ledger.cancelling import LETTER, MAIL, PDF, XML
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.tables import InvoiceRow, Json

SOURCE = "Storno"
CANNOT = (
    "Diese Buchhaltung lässt sich von außen nicht anweisen, eine Rechnung zu stornieren. Bitte dort stornieren; der"
    " nächste Abgleich übernimmt es hierher. Bis dahin hilft „Nicht mahnen“."
)


def to_cancel(work: Work) -> list[int]:
    """Ids of the cancellations that may be carried out now."""
    if gates.waits(work, Kind.CANCEL_INVOICE):
        return []
    with work.ledger.reading() as session:
        return effects.due(session, work.client, Kind.CANCEL_INVOICE, work.clock.now())


def cancel_one(work: Work, effect_id: int) -> Entry | None:
    """Cancel one invoice in the accounting system, unless it is cancelled there already."""
    with work.ledger.reading() as session:
        effect = effects.get(session, effect_id)
        row = invoices.get(session, effect.invoice_id)
    system = work.accounting

    def act(_flight: Flight, reach: Reach) -> Json:
        if not isinstance(system, Canceller):
            raise CannotExpress(CANNOT)
        return _plain(system.cancellation(row.external_id or "") or system.cancel(row.external_id or "", reach))

    return perform(work, effect, f"Storno von {subject_of(row)}", act, note_cancelled)


def to_look_up(work: Work) -> list[int]:
    """Ids of the cancellations with unknown outcome whose quiet period is over."""
    with work.ledger.reading() as session:
        unknown = effects.unknown(session, work.client, Kind.CANCEL_INVOICE, work.clock.now())
    return [effect.id for effect in unknown]


def look_up_one(work: Work, effect_id: int) -> Entry:
    """Ask whether the invoice has been cancelled: take that in, or after enough empty searches try anew."""
    with work.ledger.reading() as session:
        row = invoices.get(session, effects.get(session, effect_id).invoice_id)
    subject = f"Storno von {subject_of(row)}"
    if not isinstance(work.accounting, Canceller):
        return Entry(Result.UNKNOWN, subject, CANNOT)
    try:
        found = work.accounting.cancellation(row.external_id or "")
    except ConnectorError as error:
        return Entry(Result.WAITING, subject, error.message, channel_after(error))
    now = work.clock.now()
    with work.ledger.writing() as session:
        effect = effects.get(session, effect_id)
        if found:
            if effects.adopt(session, effect, _plain(found), now):
                note_cancelled(session, effects.flight_of(effect), _plain(found))
            return Entry(Result.DONE, subject, "Der Storno war geschehen und ist gefunden.")
        again = effects.searched_in_vain(session, effect, work.settings.lookups, work.quiet, now)
    if again:
        return Entry(Result.DONE, subject, "Der Storno ist nicht geschehen und wird noch einmal versucht.")
    return Entry(Result.UNKNOWN, subject, "Nicht gefunden; nach der Ruhezeit wird noch einmal nachgesehen.")


def note_cancelled(session: Transaction, flight: Flight, _result: Json) -> None:
    """The accounting system has cancelled it: nothing is owed any more, and nobody is reminded."""
    row = invoices.get(session, flight.invoice_id)
    done_at = effects.get(session, flight.effect_id).changed_at
    payments.note(session, row, PaymentFact(SOURCE, Decimal("0.00"), is_voided=True, version="", read_at=done_at))


def to_file(work: Work) -> list[int]:
    """Ids of the cancelled invoices whose cancellation has no paper yet."""
    if gates.waits(work, Kind.SEND_CANCELLATION):
        return []
    with work.ledger.reading() as session:
        return cancelling.to_file(session, work.client)


def file_one(work: Work, invoice_id: int) -> Entry | None:
    """Print and archive the cancellation and plan its mail or letter, if the customer has the invoice."""
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
        effect = cancelling.of(session, invoice_id)
        is_theirs = cancelling.reached_customer(session, row)
    assert effect is not None
    made, subject = _cancellation(effect.result), f"Stornorechnung zu {subject_of(row)}"
    if made.gross != -row.gross:
        return _ask_about_difference(work, row, made)
    invoice = _invoice(row, made)
    try:
        order = transmit.order_of(work, invoice, duty_of(work, invoice.draft))
        paper = transmit.print_paper(work, ("cancellation", row.id), order, made.external_id)
        mail = _mail(work, row, invoice, paper) if is_theirs else None
    except RulesUnavailable as error:
        return Entry(Result.WAITING, subject, str(error))
    except (DocumentError, NeedsPerson) as error:
        return Entry(Result.HELD, subject, str(error))
    except ConnectorError as error:
        return Entry(Result.WAITING, subject, error.message, channel_after(error))
    try:
        _file(work, row.id, invoice, paper, mail, is_theirs=is_theirs)
    except (ArchiveFault, OSError) as fault:
        return Entry(Result.WAITING, subject, f"Die Ablage nimmt nichts an: {fault}")
    return Entry(Result.DONE, subject)


def _mail(work: Work, row: InvoiceRow, invoice: Invoice, paper: Paper) -> Mail | None:
    if invoice.draft.channel is not Channel.MAIL:
        return None
    return transmit.write_mail(work, invoice, paper, f"{row.marker}.cancellation")


def _file(work: Work, invoice_id: int, invoice: Invoice, paper: Paper, mail: Mail | None, *, is_theirs: bool) -> None:
    papers = transmit.archived(work, paper, PDF, XML)
    message = work.archive.put(mail.message) if mail else ""
    now = work.clock.now()
    with work.ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        if PDF in invoices.documents(session, invoice_id):
            return
        for each in papers:
            invoices.keep(session, row, each, now)
        if mail:
            plan_mail(work, session, row, Kind.SEND_CANCELLATION, MAIL, mail, message)
        elif is_theirs and invoice.draft.channel is Channel.POST:
            plan_letter(work, session, row, Kind.POST_CANCELLATION, LETTER, papers[0].sha256)
        elif is_theirs:
            _hand_over(work, session, row, invoice)


def _hand_over(work: Work, session: Transaction, row: InvoiceRow, invoice: Invoice) -> None:
    title = f"Stornorechnung {invoice.number} zu Rechnung {row.number} an {row.customer_name} übergeben"
    body = "Für diesen Kunden ist kein Versand gewählt. Bitte das PDF ausdrucken oder selbst weitergeben."
    owner, today, now = work.config.dunning.task_owner, work.clock.today(), work.clock.now()
    notices.ask(session, work.client, f"hand-over-cancellation/{row.marker}", title, body, owner, today, now, row.id)


def _ask_about_difference(work: Work, row: InvoiceRow, made: Cancellation) -> Entry:
    title = f"Stornorechnung {made.number} zu Rechnung {row.number} prüfen: die Beträge passen nicht"
    body = (
        f"Die Rechnung lautet auf {in_german(row.gross)}, die Stornorechnung der Buchhaltung auf"
        f" {in_german(made.gross)}. Sie ging nicht hinaus. Bitte dort prüfen und dem Kunden selbst schicken."
    )
    owner, today, now = work.config.dunning.task_owner, work.clock.today(), work.clock.now()
    key = f"cancellation-differs/{row.marker}"
    with work.ledger.writing() as session:
        is_news = notices.ask(session, work.client, key, title, body, owner, today, now, row.id).created_at == now
    return Entry(Result.HELD if is_news else Result.STILL, subject_of(row), title)


def _invoice(row: InvoiceRow, made: Cancellation) -> Invoice:
    """The cancellation as an invoice of its own; why it was cancelled stays in the house."""
    draft = cancellation(invoices.invoice_of(row), made.issue_date, row.marker)
    return Invoice(made.number, made.issue_date, draft)


def _plain(made: Cancellation) -> Json:
    names = {"external_id": made.external_id, "number": made.number, "issue_date": made.issue_date.isoformat()}
    return {**names, "gross": str(made.gross)}


def _cancellation(plain: Json) -> Cancellation:
    day = date.fromisoformat(plain["issue_date"])
    return Cancellation(plain["external_id"], plain["number"], day, Decimal(plain["gross"]))
