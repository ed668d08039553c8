"""From draft to sent and back: sendBy, sendViaEmail, getPdf with its side effect, getXml, resets, enshrine."""

import base64
from collections.abc import Callable
from decimal import Decimal

from sandbox.sevdesk import files, orders
from sandbox.sevdesk.account import Account, SentMail, answer_of
from sandbox.sevdesk.calls import Call, Reply, Routes, factory_reply
from sandbox.sevdesk.errors import ApiError, Json, refused
from sandbox.sevdesk.invoices import DRAFT, OPEN, PAID, PARTLY_PAID
from sandbox.sevdesk.numbers import take_number
from sandbox.sevdesk.records import Record, shown
from sandbox.sevdesk.statics import CLIENT
from sandbox.sevdesk.values import demand, read, text, truth


def mark_sent(account: Account, invoice: Record, send_type: str) -> Record:
    """A draft becomes open and gets its number; later states keep theirs."""
    changes: Json = {"sendType": send_type, "sendDate": account.now()}
    if invoice["status"] == DRAFT:
        changes["status"] = OPEN
    if not invoice["invoiceNumber"] and account.settings.number_on_send:
        number = take_number(account, "Invoice", invoice["invoiceType"])
        changes |= {"invoiceNumber": number, "header": invoice["header"] or f"Rechnung {number}"}
    return account.change(invoice, **changes)


def send_by(account: Account, call: Call) -> Reply:
    """PUT /Invoice/{id}/sendBy: no mail leaves."""
    invoice = account.get("Invoice", call.id)
    send_type, draft = orders.read_sending(call)
    return factory_reply(answer_of(invoice if draft else mark_sent(account, invoice, send_type)))


def send_via_email(account: Account, call: Call) -> Reply:
    """POST /Invoice/{id}/sendViaEmail: the real system mails; here the mail is noted and a world may hear of it."""
    invoice = account.get("Invoice", call.id)
    names = ("toEmail", "subject", "text")
    readers = dict.fromkeys((*names, "ccEmail", "bccEmail"), text) | dict.fromkeys(("copy", "sendXml"), truth)
    given = read(readers, call.body)
    demand(given, *names)
    if "@" not in given["toEmail"]:
        raise refused("toEmail: invalid e-mail address")
    sent = mark_sent(account, invoice, "VM")
    email = account.add("Email", {})
    mail = SentMail(
        id=email.id,
        invoice_id=invoice.id,
        at=account.now(),
        to=given["toEmail"],
        subject=given["subject"],
        text=given["text"],
        filename=files.pdf(account, sent)[0],
        cc=given.get("ccEmail"),
        bcc=given.get("bccEmail"),
        with_xml=bool(given.get("sendXml")),
    )
    account.mails.append(mail)
    account.on_mail(mail)
    return factory_reply(_mail_answer(account, email, mail, sent), 201)


def pdf_handler(name: str, mark: Callable[[Account, Record, str], Record]) -> Callable[[Account, Call], Reply]:
    """The handler of getPdf: without preventSendBy=true the document counts as sent."""

    def handler(account: Account, call: Call) -> Reply:
        document = account.get(name, call.id, stale=call.stale)
        if not call.says("preventSendBy"):
            account.begin()
            document = mark(account, account.get(name, call.id), "VPDF")
        filename, content = files.pdf(account, document)
        encoded = base64.b64encode(content).decode("ascii")
        # Live answers are wrapped and spell two keys otherwise than the specification.
        live = {"filename": filename, "mimetype": "application/pdf", "base64Encoded": True, "content": encoded}
        bare = {"filename": filename, "mimeType": "application/pdf", "base64encoded": True, "content": encoded}
        return Reply(live, bare=bare)

    return handler


def xml(account: Account, call: Call) -> Reply:
    """GET /Invoice/{id}/getXml: the XML of an e-invoice; 400 for any other."""
    invoice = account.get("Invoice", call.id, stale=call.stale)
    if not invoice["propertyIsEInvoice"]:
        raise ApiError(400, "The invoice is not an e-invoice")
    return Reply(files.einvoice(account, invoice))


def reset_to_open(account: Account, call: Call) -> Reply:
    """PUT /Invoice/{id}/resetToOpen: downwards only; bookings are taken off, their transactions are free again."""
    invoice = _changeable(account, call)
    if invoice["status"] not in (OPEN, PARTLY_PAID, PAID):
        raise refused("The status cannot be increased to open")
    mine = [booking for booking in account.bookings if booking.invoice_id == invoice.id]
    account.bookings = [booking for booking in account.bookings if booking.invoice_id != invoice.id]
    for booking in mine:
        if booking.transaction_id is not None:
            account.change(account.get("CheckAccountTransaction", booking.transaction_id), status=100)
    return Reply(answer_of(account.change(invoice, status=OPEN, payDate=None, paidAmount=Decimal(0))))


def reset_to_draft(account: Account, call: Call) -> Reply:
    """PUT /Invoice/{id}/resetToDraft: only from open; the number stays."""
    invoice = _changeable(account, call)
    if invoice["status"] != OPEN:
        raise refused("Only open invoices can be reset to draft")
    return Reply(answer_of(account.change(invoice, status=DRAFT, sendDate=None, sendType=None)))


def enshrine(account: Account, call: Call) -> Reply:
    """PUT /Invoice/{id}/enshrine: from open on, for ever."""
    invoice = _changeable(account, call)
    if invoice["status"] < OPEN:
        raise refused("Drafts cannot be enshrined")
    account.change(invoice, enshrined=account.now())
    return Reply(None)


def _changeable(account: Account, call: Call) -> Record:
    invoice = account.get("Invoice", call.id)
    if invoice["enshrined"] or invoice["invoiceType"] == "WKR":
        raise refused("The invoice is enshrined or recurring")
    return invoice


def _mail_answer(account: Account, record: Record, mail: SentMail, invoice: Record) -> Json:
    return answer_of(record) | {
        "object": answer_of(invoice),
        "from": account.profile["users"][0]["email"],
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "sevClient": shown(CLIENT),
        "cc": mail.cc,
        "bcc": mail.bcc,
        "arrived": shown(mail.at),
    }


ROUTES: Routes = {
    ("PUT", "/Invoice/{id}/sendBy"): send_by,
    ("POST", "/Invoice/{id}/sendViaEmail"): send_via_email,
    ("GET", "/Invoice/{id}/getPdf"): pdf_handler("Invoice", mark_sent),
    ("GET", "/Order/{id}/getPdf"): pdf_handler("Order", orders.mark_sent),
    ("GET", "/Invoice/{id}/getXml"): xml,
    ("PUT", "/Invoice/{id}/resetToOpen"): reset_to_open,
    ("PUT", "/Invoice/{id}/resetToDraft"): reset_to_draft,
    ("PUT", "/Invoice/{id}/enshrine"): enshrine,
}
