"""Transmit: make the documents, keep them, and bring them to the customer."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress

from billing.drafting import Problem
from billing.dunning import first_check
from billing.einvoice_duty import Duty
from billing.invoices import Channel, Invoice
from connectors.errors import ConnectorError, NeedsPerson
from connectors.protocols import Reach
from documents.errors import DocumentError
from documents.invoice import Paper
from documents.mail import Attached, Mail, invoice_mail
from documents.press_room import Order
from documents.rules_check import RulesUnavailable
from documents.xmp import XML_NAME
from flows import gates, rechecking
from flows.chain.account import check_mailed_account, trusted_seller
from flows.chain.issue import duty_of, hold_one, subject_of
from flows.chain.leaving import let_leave, may_leave, plan_letter, plan_mail
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import bounces, cancelling, invoices, notices, outgoing
from ledger.archive import ArchiveFault
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.invoices import invoice_of
from ledger.overrides import INVOICE_MAILS
from ledger.tables import InvoiceRow, Json

PDF = "invoice-pdf"
XML = "invoice-xml"
MAIL = "invoice-mail"
LETTER = "invoice-letter"
WORTH_PRINTING_AHEAD = 12
"""Fewer papers are printed before another process has even started."""


def to_file(work: Work) -> list[int]:
    """Ids of the issued invoices that have no documents yet."""
    if gates.waits(work, Kind.SEND_INVOICE):
        return []
    with work.ledger.reading() as session:
        return invoices.to_file(session, work.client, work.settings.recheck_held_limit)


@contextmanager
def printing_ahead(work: Work, ids: Sequence[int]) -> Iterator[None]:
    """Have the press room print the papers of these invoices; a few are not worth starting it."""
    begun = ids if work.press.pids or len(ids) >= WORTH_PRINTING_AHEAD else ()
    try:
        with work.ledger.reading() as session:
            for invoice_id in begun:
                _begin_printing(work, session, invoice_id)
        yield
    finally:
        for invoice_id in begun:
            work.press.forget(invoice_id)


def file_one(work: Work, invoice_id: int) -> Entry | None:
    """Render and archive the documents of one invoice, plan its mail or letter; a fault in them holds the invoice."""
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
        is_cancelled = row.is_voided or cancelling.wanted(session, row.id)
    if row.stage != invoices.ISSUED or is_cancelled:
        return None
    if work.config.invoices.pdf == "accounting" and (resting := rechecking.still(work, row, subject_of(row))):
        return resting
    invoice = invoice_of(row)
    due = duty_of(work, invoice.draft)
    try:
        paper = print_paper(work, row.id, order_of(work, invoice, due), row.external_id or "")
        is_mailed = invoice.draft.channel is Channel.MAIL
        mail = write_mail(work, invoice, paper, f"{row.marker}.invoice") if is_mailed else None
    except RulesUnavailable as error:
        return Entry(Result.WAITING, subject_of(row), str(error))
    except (DocumentError, NeedsPerson) as error:
        return hold_one(work, invoice_id, [Problem(type(error).__name__, str(error))])
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, channel_after(error))
    try:
        _file(work, invoice_id, paper, mail, due)
    except (ArchiveFault, OSError) as fault:
        return Entry(Result.WAITING, subject_of(row), f"Die Ablage nimmt nichts an: {fault}")
    return Entry(Result.DONE, subject_of(row))


def to_send(work: Work) -> list[int]:
    """Ids of the invoice mails that may leave now, within what the client allows for a day."""
    with work.ledger.reading() as session:
        unwritten = set(outgoing.unwritten(session, work.client))
    return [each for each in may_leave(work, INVOICE_MAILS) if each not in unwritten]


def send_one(work: Work, effect_id: int) -> Entry | None:
    """Send one archived invoice mail, exactly the bytes that were kept."""
    return let_leave(work, effect_id, "Mail", sending(work), note_sent(work))


def sending(work: Work) -> Callable[[Flight, Reach], Json]:
    """The act of handing archived bytes to the courier."""

    def send(flight: Flight, reach: Reach) -> Json:
        if work.courier is None:
            raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
        check_mailed_account(work, flight.payload.get("iban", ""))
        message = work.archive.get(flight.payload["sha256"])
        return {"answer": work.courier.send(message, flight.payload["recipient"], reach)}

    return send


def _begin_printing(work: Work, session: Transaction, invoice_id: int) -> None:
    # An item that is broken shows it in its own turn, where it stops nobody else.
    with suppress(Exception):
        invoice = invoice_of(invoices.get(session, invoice_id))
        look = work.look_for(invoice.draft.customer)
        # Whether the seller's account is in force is asked when the paper is wanted.
        work.press.begin(invoice_id, Order(invoice, work.seller, look, duty_of(work, invoice.draft).form))


def order_of(work: Work, invoice: Invoice, due: Duty) -> Order:
    """What the paper of an invoice is made of. Raises `NeedsPerson` while the account is not in force."""
    return Order(invoice, trusted_seller(work), work.look_for(invoice.draft.customer), due.form)


def print_paper(work: Work, key: Hashable, order: Order, external_id: str) -> Paper:
    """The paper of an invoice of any kind, ours or the accounting system's own as the client wants it.

    Raises `DocumentError`, and `ConnectorError` where the accounting system's PDF cannot be read.
    """
    paper = work.press.printed(key, order)
    work.rules.check(paper.xml, order.form, order.invoice.draft.kind, paper.template_version)
    if work.config.invoices.pdf == "own":
        return paper
    return Paper(work.pdfs.pdf(external_id), b"", "accounting", paper.file_name)


def write_mail(work: Work, invoice: Invoice, paper: Paper, token: str) -> Mail:
    """The mail that carries a paper; `token` makes its Message-ID. Raises `NeedsPerson` without a way to send mail."""
    if work.sender is None:
        raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
    return invoice_mail(
        invoice,
        work.seller,
        work.look_for(invoice.draft.customer),
        work.sender,
        Attached(paper.file_name, paper.pdf),
        message_id_token=token,
        date=work.clock.now(),
        # An XRechnung goes beside its readable copy; ZUGFeRD lies inside the PDF already.
        further=() if paper.xml_name == XML_NAME else (Attached(paper.xml_name, paper.xml),),
    )


def _file(work: Work, invoice_id: int, paper: Paper, mail: Mail | None, due: Duty) -> None:
    papers = archived(work, paper, PDF, XML)
    message = work.archive.put(mail.message) if mail else ""
    now = work.clock.now()
    with work.ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        if row.stage != invoices.ISSUED:
            return
        invoices.file(session, row, papers, due, now)
        if mail:
            plan_mail(work, session, row, Kind.SEND_INVOICE, MAIL, mail, message)
        elif invoices.draft_of(row).channel is Channel.POST:
            plan_letter(work, session, row, Kind.POST_INVOICE, LETTER, papers[0].sha256)
        else:
            _hand_over(work, session, row)


def archived(work: Work, paper: Paper, pdf: str, xml: str) -> list[invoices.Paper]:
    """Put a paper into the archive; its documents, to be noted under the kinds `pdf` and `xml`."""
    kinds = ((pdf, "application/pdf", paper.file_name, paper.pdf), (xml, "text/xml", paper.xml_name, paper.xml))
    return [
        invoices.Paper(kind, work.archive.put(content), media_type, name, len(content), paper.template_version)
        for kind, media_type, name, content in kinds
        if content
    ]


def _hand_over(work: Work, session: Transaction, row: InvoiceRow) -> None:
    now = work.clock.now()
    title = f"Rechnung {row.number} an {row.customer_name} übergeben"
    body = "Für diesen Kunden ist kein Versand gewählt. Bitte das PDF ausdrucken oder selbst weitergeben."
    owner = work.config.dunning.task_owner
    notices.ask(session, work.client, f"hand-over/{row.marker}", title, body, owner, work.clock.today(), now, row.id)
    invoices.sent(session, row.id, first_check(invoice_of(row).due_date, work.policy_for(row)), now)


def note_sent(work: Work) -> Callable[[Transaction, Flight, Json], None]:
    """What success of a mail means for its invoice."""

    def note(session: Transaction, flight: Flight, _result: Json) -> None:
        now = work.clock.now()
        if flight.kind is Kind.SEND_ELSEWHERE:
            bounces.settle_by_effect(session, flight.effect_id, now)
        if flight.kind in (Kind.SEND_INVOICE, Kind.SEND_ELSEWHERE):
            row = invoices.get(session, flight.invoice_id)
            invoices.sent(session, row.id, first_check(invoice_of(row).due_date, work.policy_for(row)), now)

    return note
