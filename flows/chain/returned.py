"""Returned: what is done about an invoice that did not reach its customer: another contact, a letter, a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from billing.invoices import Invoice
from config.mailbox import Fallback, MailboxSection
from connectors.errors import ConnectorError, NeedsPerson, NotFound
from connectors.protocols import ContactDirectory
from documents.errors import DocumentError
from documents.invoice import XRECHNUNG_NAME
from documents.mail import Attached, Mail, invoice_mail
from flows import rechecking
from flows.chain.account import trusted_seller
from flows.chain.issue import subject_of
from flows.chain.leaving import plan_letter, plan_mail
from flows.chain.transmit import PDF, XML
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import bounces, effects, forms, invoices, letters, notices
from ledger.archive import ArchiveFault
from ledger.database import Transaction
from ledger.effects import Kind
from ledger.post_tables import BounceRow
from ledger.stops import PROGRAM
from ledger.tables import InvoiceRow


def to_handle(work: Work) -> list[int]:
    """Ids of the returned mails that want a step: nothing was done yet, or a person may have mended the address."""
    with work.ledger.reading() as session:
        rows = bounces.open_ones(session, [work.client])
    return [
        row.id for row in rows if row.effect_to is None and (not row.task_id or row.forward_to or _again(work, row))
    ]


def handle_one(work: Work, bounce_id: int) -> Entry | None:
    """Send the same documents to another address, or ask a person to find a way."""
    with work.ledger.reading() as session:
        bounce = bounces.get(session, bounce_id)
        rows = letters.invoices_of(session, bounce.effect_id, bounce.invoice_id)
        row = rows[0]
        is_first_mail = effects.get(session, bounce.effect_id).kind == Kind.SEND_INVOICE
        by_post = is_first_mail and not bounce.task_id and _may_be_posted(work, session, row)
    try:
        address = bounce.forward_to or (_other_address(work, row, bounce) if is_first_mail else "")
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, channel_after(error))
    if not address and by_post:
        return _post(work, bounce_id, rows)
    if not address and bounce.task_id:
        return None
    if not address:
        with work.ledger.writing() as session:
            return _ask(work, session, bounces.get(session, bounce_id), rows)
    wanted = _wanted(rows)
    try:
        mails = [(each, mail_again(work, each, address, f"{each.marker}.invoice-{bounce_id}")) for each in wanted]
        kept = [(each, mail, work.archive.put(mail.message)) for each, mail in mails]
    except (DocumentError, NeedsPerson, ArchiveFault) as error:
        return Entry(Result.HELD, subject_of(row), str(error))
    with work.ledger.writing() as session:
        bounce = bounces.get(session, bounce_id)
        if bounce.settled_at or bounce.effect_to:
            return None
        planned = [_plan(work, session, bounce, *each) for each in kept]
        bounce.forward_to, bounce.effect_to = address, planned[0]
        if bounce.task_id:
            notices.close(session, bounce.task_id, PROGRAM, work.clock.now())
    what = "Die Rechnung geht" if len(wanted) == 1 else f"{len(wanted)} Rechnungen gehen"
    return Entry(Result.DONE, subject_of(row), f"{what} an die andere Adresse des Kunden.")


def _wanted(rows: Sequence[InvoiceRow]) -> list[InvoiceRow]:
    return [each for each in rows if each.open_amount > 0 and not each.is_voided] or [rows[0]]


def _may_be_posted(work: Work, session: Transaction, row: InvoiceRow) -> bool:
    """Whether the client has letters posted, wants that here, and the customer need not get an e-invoice."""
    section = work.config.mailbox or MailboxSection()
    is_wanted = work.post is not None and Fallback.LETTER in section.on_bounce
    return is_wanted and not forms.is_compulsory(session, row.id)


def _post(work: Work, bounce_id: int, rows: Sequence[InvoiceRow]) -> Entry | None:
    """The archived PDFs go by letter; from then on so do reminders."""
    with work.ledger.writing() as session:
        bounce = bounces.get(session, bounce_id)
        if bounce.settled_at or bounce.effect_to:
            return None
        document = f"invoice-letter-{bounce.id}"
        planned = []
        for each in _wanted(rows):
            row = invoices.get(session, each.id)
            sha256 = invoices.documents(session, row.id)[PDF].sha256
            planned.append(plan_letter(work, session, row, Kind.POST_INVOICE, document, sha256))
        bounce.effect_to = planned[0]
    return Entry(Result.DONE, subject_of(rows[0]), "Die Mail ist unzustellbar; die Rechnung geht als Brief.")


def _plan(work: Work, session: Transaction, bounce: BounceRow, row: InvoiceRow, mail: Mail, sha256: str) -> int:
    row = invoices.get(session, row.id)
    return plan_mail(work, session, row, Kind.SEND_ELSEWHERE, f"invoice-mail-{bounce.id}", mail, sha256)


def _again(work: Work, row: BounceRow) -> bool:
    """Whether to ask the directory once more about a customer whose address somebody was asked to find."""
    section = work.config.mailbox or MailboxSection()
    is_asked = Fallback.DIRECTORY in section.on_bounce and isinstance(work.source, ContactDirectory)
    return is_asked and not rechecking.rests(work, f"bounce/{row.id}")


def _other_address(work: Work, row: InvoiceRow, bounce: BounceRow) -> str:
    """Another address of the customer, in the order that the client chose; empty for none."""
    section = work.config.mailbox or MailboxSection()
    ways = {Fallback.DIRECTORY: _address_now, Fallback.OTHER_CONTACT: _other_contact}
    return next(filter(None, (ways[way](work, row, bounce) for way in section.on_bounce if way in ways)), "")


def _address_now(work: Work, row: InvoiceRow, bounce: BounceRow) -> str:
    """The address that the source of the jobs keeps for the customer now, if that is another than the dead one."""
    customer_id = str(row.draft["customer"]["external_id"])
    if not isinstance(work.source, ContactDirectory) or not customer_id:
        return ""
    rechecking.note(work, f"bounce/{bounce.id}")
    try:
        address = work.source.contact(customer_id).email
    except NotFound:
        return ""
    return address if address.lower() != bounce.recipient.lower() else ""


def _other_contact(work: Work, row: InvoiceRow, bounce: BounceRow) -> str:
    """The client's second address of the customer; empty where there is none, or where that one came back as well."""
    section = work.config.mailbox or MailboxSection()
    number = str(row.draft["customer"]["number"])
    address = section.other_contacts.get(number, "")
    return address if address != bounce.recipient else ""


def _ask(work: Work, session: Transaction, bounce: BounceRow, rows: Sequence[InvoiceRow]) -> Entry:
    section, row = work.config.mailbox or MailboxSection(), rows[0]
    number = row.number or row.marker
    ways = (
        "Neue Adresse beim Kunden in der Buchhaltung eintragen"
        f" oder  rechnungsbote bounce forward {number} ADRESSE --reason …"
    )
    if bounce.incoming_id is None:
        title = f"Rechnung {number}: Brief an {row.customer_name} ist unzustellbar"
        what = f"Der Brief an {bounce.recipient} kommt nicht an: {bounce.diagnostic}"
        ways = f"Das PDF liegt im Archiv (rechnungsbote show {number}). {ways}"
    else:
        title = f"Rechnung {number}: Mail an {row.customer_name} ist unzustellbar"
        what = f"{bounce.recipient} gibt es nicht oder nimmt nichts an ({bounce.status}: {bounce.diagnostic})."
        if Fallback.LETTER in section.on_bounce:
            title = f"Rechnung {number} an {row.customer_name} als Brief schicken: die Mail ist unzustellbar"
            ways = f"Das PDF liegt im Archiv (rechnungsbote show {number}). {ways}"
    body = (
        f"{what} {ways} Hat der Kunde die Rechnung:  rechnungsbote bounce arrived {number} --reason …  Bis dahin wird"
        " nicht gemahnt."
    )
    if len(rows) > 1:
        body += f" Das Schreiben ging auch um {', '.join(str(each.number) for each in rows[1:])}; alle ruhen."
    owner = section.task_owner or work.config.dunning.task_owner
    key, today, now = f"bounce/{bounce.id}", work.clock.today(), work.clock.now()
    bounce.task_id = notices.ask(session, work.client, key, title, body, owner, today, now, row.id).id
    return Entry(Result.HELD, subject_of(row), title)


def mail_again(work: Work, row: InvoiceRow, address: str, token: str, duplicate_of: date | None = None) -> Mail:
    """The archived papers of an invoice in a new mail; `duplicate_of` is when they were mailed before, if they arrived.

    Raises `DocumentError`, `ArchiveFault`, and `NeedsPerson` without a way to send mail.
    """
    if work.sender is None:
        raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet (mail: in der YAML-Datei).")
    with work.ledger.reading() as session:
        papers = invoices.documents(session, row.id)
    invoice = readdressed(invoices.invoice_of(row), address)
    files = [papers[PDF], *([papers[XML]] if XML in papers and papers[XML].name == XRECHNUNG_NAME else [])]
    attached = [Attached(paper.name, work.archive.get(paper.sha256)) for paper in files]
    return invoice_mail(
        invoice,
        trusted_seller(work),
        work.look_for(invoice.draft.customer),
        work.sender,
        attached[0],
        message_id_token=token,
        date=work.clock.now(),
        further=tuple(attached[1:]),
        duplicate_of=duplicate_of,
    )


def readdressed(invoice: Invoice, address: str) -> Invoice:
    """The same invoice, its mail going to another address."""
    customer = replace(invoice.draft.customer, email=address)
    return replace(invoice, draft=replace(invoice.draft, customer=customer))
