"""Transmit: make the documents, keep them, and bring them to the customer."""

from collections.abc import Callable
from datetime import timedelta

from billing.drafting import Problem
from billing.dunning import first_check
from billing.einvoice_duty import Duty, Form, circumstances, duty
from billing.invoices import Channel
from connectors.errors import ConnectorError, NeedsPerson
from connectors.protocols import Reach
from documents.errors import DocumentError
from documents.invoice import Paper, invoice_paper
from documents.mail import Attached, Mail, invoice_mail
from documents.rules_check import RulesUnavailable
from documents.xmp import XML_NAME
from flows.chain.issue import held_by_person, hold_one, subject_of
from flows.performing import is_channel_fault, perform
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, invoices, notices
from ledger.archive import ArchiveFault
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.invoices import invoice_of
from ledger.tables import InvoiceRow, Json

PDF = "invoice-pdf"
XML = "invoice-xml"
MAIL = "invoice-mail"
LETTERS = (Kind.SEND_INVOICE, Kind.SEND_REMINDER, Kind.SEND_COPY)


def to_file(work: Work) -> list[int]:
    """Ids of the issued invoices that have no documents yet."""
    with work.ledger.reading() as session:
        return invoices.to_file(session, work.client, work.settings.recheck_held_limit)


def file_one(work: Work, invoice_id: int) -> Entry:
    """Render and archive the documents of one invoice and plan its mail; a fault in them holds the invoice."""
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
    due = duty(circumstances(invoices.draft_of(row), work.seller, work.clock.today()))
    try:
        paper = _paper(work, row, due.form)
        mail = _mail(work, row, paper) if invoices.draft_of(row).channel is Channel.MAIL else None
    except RulesUnavailable as error:
        return Entry(Result.WAITING, subject_of(row), str(error))
    except (DocumentError, NeedsPerson) as error:
        return hold_one(work, invoice_id, [Problem(type(error).__name__, str(error))])
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, is_channel_fault(error))
    try:
        _file(work, invoice_id, paper, mail, due)
    except (ArchiveFault, OSError) as fault:
        return Entry(Result.WAITING, subject_of(row), f"Die Ablage nimmt nichts an: {fault}")
    return Entry(Result.DONE, subject_of(row))


def to_send(work: Work) -> list[int]:
    """Ids of the invoice mails that may leave now, within what the client allows for a day."""
    return [effect_id for kind in (Kind.SEND_INVOICE, Kind.SEND_COPY) for effect_id in due_mails(work, kind)]


def due_mails(work: Work, kind: Kind) -> list[int]:
    """Ids of the mails of one kind that may leave now: none while the client is stopped, and no more than its cap."""
    if work.config.limits.stopped:
        return []
    now = work.clock.now()
    with work.ledger.reading() as session:
        today = effects.done_since(session, work.client, LETTERS, now - timedelta(days=1))
        room = max(0, work.config.limits.mails_per_day - today)
        return effects.due(session, work.client, kind, now)[:room]


def send_one(work: Work, effect_id: int) -> Entry | None:
    """Send one archived invoice mail, exactly the bytes that were kept."""
    with work.ledger.reading() as session:
        row = invoices.get(session, effects.get(session, effect_id).invoice_id)
    if held_by_person(work, row):
        return None
    try:
        return perform(work, effect_id, f"Mail zu {subject_of(row)}", sending(work), note_sent(work))
    except ArchiveFault as fault:
        return Entry(Result.REFUSED, subject_of(row), str(fault))


def sending(work: Work) -> Callable[[Flight, Reach], Json]:
    """The act of handing archived bytes to the courier."""

    def send(flight: Flight, reach: Reach) -> Json:
        if work.courier is None:
            raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
        message = work.archive.get(flight.payload["sha256"])
        return {"answer": work.courier.send(message, flight.payload["recipient"], reach)}

    return send


def plan_mail(
    work: Work, session: Transaction, row: InvoiceRow, kind: Kind, document: str, mail: Mail, sha256: str
) -> int:
    """Note an archived mail and plan to send it, and a copy where the client wants one; the id of the mail's effect."""
    now = work.clock.now()
    paper = invoices.Paper(document, sha256, "message/rfc822", f"{document}.eml", len(mail.message))
    invoices.keep(session, row, paper, now)
    payload = {"sha256": sha256, "recipient": mail.recipient, "message_id": mail.message_id, "document": document}
    key = f"{row.marker}/{document}"
    effect = effects.plan(session, work.client, kind, key, row.id, payload, now)
    copy_to = work.config.mail.copy_to if work.config.mail else None
    if copy_to:
        effects.plan(session, work.client, Kind.SEND_COPY, key, row.id, {**payload, "recipient": copy_to}, now)
    return effect.id


def _paper(work: Work, row: InvoiceRow, form: Form) -> Paper:
    invoice = invoice_of(row)
    paper = invoice_paper(invoice, work.seller, work.look, form)
    work.rules.check(paper.xml, form, invoice.draft.kind, paper.template_version)
    if work.config.invoices.pdf == "own":
        return paper
    return Paper(work.pdfs.pdf(row.external_id or ""), b"", "accounting", paper.file_name)


def _mail(work: Work, row: InvoiceRow, paper: Paper) -> Mail:
    if work.sender is None:
        raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
    return invoice_mail(
        invoice_of(row),
        work.seller,
        work.look,
        work.sender,
        Attached(paper.file_name, paper.pdf),
        message_id_token=f"{row.marker}.invoice",
        date=work.clock.now(),
        # An XRechnung goes beside its readable copy; ZUGFeRD lies inside the PDF already.
        further=() if paper.xml_name == XML_NAME else (Attached(paper.xml_name, paper.xml),),
    )


def _file(work: Work, invoice_id: int, paper: Paper, mail: Mail | None, due: Duty) -> None:
    kinds = ((PDF, "application/pdf", paper.file_name, paper.pdf), (XML, "text/xml", paper.xml_name, paper.xml))
    papers = [
        invoices.Paper(kind, work.archive.put(content), media_type, name, len(content), paper.template_version)
        for kind, media_type, name, content in kinds
        if content
    ]
    message = work.archive.put(mail.message) if mail else ""
    now = work.clock.now()
    with work.ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        if row.stage != invoices.ISSUED:
            return
        invoices.file(session, row, papers, now, form=due.form, why=f"Zeile {due.row}: {due.reason}")
        if mail:
            plan_mail(work, session, row, Kind.SEND_INVOICE, MAIL, mail, message)
        else:
            _hand_over(work, session, row)


def _hand_over(work: Work, session: Transaction, row: InvoiceRow) -> None:
    now = work.clock.now()
    title = f"Rechnung {row.number} an {row.customer_name} übergeben"
    body = "Für diesen Kunden ist kein Mailversand gewählt. Bitte das PDF ausdrucken oder selbst weitergeben."
    owner = work.config.dunning.task_owner
    notices.ask(session, work.client, f"hand-over/{row.marker}", title, body, owner, work.clock.today(), now, row.id)
    invoices.sent(session, row.id, first_check(invoice_of(row).due_date, work.policy), now)


def note_sent(work: Work) -> Callable[[Transaction, Flight, Json], None]:
    """What success of a mail means for its invoice."""

    def note(session: Transaction, flight: Flight, _result: Json) -> None:
        if flight.kind is Kind.SEND_INVOICE:
            row = invoices.get(session, flight.invoice_id)
            invoices.sent(session, row.id, first_check(invoice_of(row).due_date, work.policy), work.clock.now())

    return note
