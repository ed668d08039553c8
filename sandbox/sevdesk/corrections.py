"""What follows an open invoice: its cancellation, its reminders."""

from datetime import timedelta
from decimal import Decimal

from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Reply, Routes, factory_reply
from sandbox.sevdesk.documents import positions_of
from sandbox.sevdesk.errors import MISLEADING, Json, bad_request, refused
from sandbox.sevdesk.invoices import DRAFT, OWING, PAID
from sandbox.sevdesk.numbers import take_number
from sandbox.sevdesk.records import Record
from sandbox.sevdesk.values import reference


def reminder(account: Account, call: Call) -> Reply:
    """POST /Invoice/Factory/createInvoiceReminder: a draft of type MA, one dunning level further."""
    ref = reference("Invoice")(call.body.get("invoice"), "invoice")
    if call.query.get("invoice[id]") != str(ref.id) or call.query.get("invoice[objectName]") != "Invoice":
        raise bad_request(MISLEADING)
    invoice = account.get("Invoice", ref.id)
    if invoice["status"] not in OWING:
        raise refused("Only open invoices can be reminded of")
    level = sum(row["invoiceType"] == "MA" and row["origin"] == invoice.ref for row in account.rows("Invoice")) + 1
    owed = invoice["sumGross"] - invoice["paidAmount"]
    changes: Json = {
        "invoiceType": "MA",
        "invoiceNumber": None,
        "invoiceDate": account.clock.today(),
        "status": DRAFT,
        "origin": invoice.ref,
        "dunningLevel": level,
        "reminderTotal": owed,
        "reminderDebit": owed,
        "reminderCharge": Decimal(0),
        "reminderDeadline": account.clock.today() + timedelta(days=7),
        "sendDate": None,
        "sendType": None,
    }
    return factory_reply(answer_of(account.add("Invoice", invoice.fields | changes)))


def cancel(account: Account, call: Call) -> Reply:
    """POST /Invoice/{id}/cancelInvoice: a cancellation (SR) that counts as paid; its origin is the invoice."""
    invoice = account.get("Invoice", call.id)
    if invoice["status"] == DRAFT or invoice["invoiceType"] in ("SR", "MA") or cancellation_of(account, invoice):
        raise refused("This invoice cannot be cancelled")
    sums = [name for name in invoice.fields if name.startswith("sum")]
    number_ = take_number(account, "Invoice", "SR")
    changes: Json = {
        "invoiceType": "SR",
        "invoiceNumber": number_,
        "header": f"Stornorechnung {number_} zu {invoice['invoiceNumber']}",
        "invoiceDate": account.clock.today(),
        "status": PAID,
        "payDate": account.clock.today(),
        "origin": invoice.ref,
        "paidAmount": -invoice["sumGross"],
        "sendDate": account.now(),
    }
    storno = account.add("Invoice", invoice.fields | {name: -invoice[name] for name in sums} | changes)
    for position in positions_of(account, invoice):
        account.add("InvoicePos", position.fields | {"invoice": storno.ref, "quantity": -position["quantity"]})
    # The specification speaks of "cancelled" but names no status code for it.
    if account.settings.cancelled_becomes_paid:
        account.change(invoice, status=PAID)
    else:
        account.change(invoice)
    return factory_reply(answer_of(storno), 201)


def cancellation_of(account: Account, invoice: Record) -> Record | None:
    """The cancellation of an invoice."""
    rows = (row for row in account.rows("Invoice") if row["invoiceType"] == "SR")
    return next((row for row in rows if row["origin"] == invoice.ref), None)


ROUTES: Routes = {
    ("POST", "/Invoice/{id}/cancelInvoice"): cancel,
    ("POST", "/Invoice/Factory/createInvoiceReminder"): reminder,
}
