"""Invoices: what they hold, the rules of saving drafts, deleting them."""

from decimal import Decimal

from sandbox.sevdesk import taxes
from sandbox.sevdesk.account import Account
from sandbox.sevdesk.calls import Call, Reply, Routes, factory_reply
from sandbox.sevdesk.documents import (
    HEAD,
    INVOICE,
    Draft,
    address_block,
    part_list,
    parts_of,
    positions_of,
    read_draft,
    saved_answer,
    store,
)
from sandbox.sevdesk.errors import ApiError, Json, refused
from sandbox.sevdesk.numbers import note_used
from sandbox.sevdesk.orders import mark_covered
from sandbox.sevdesk.records import Record, Ref
from sandbox.sevdesk.values import Reader, day, demand, marked, number, one_of, read, reference, text, truth, whole

DRAFT, OPEN, PARTLY_PAID, PAID = 100, 200, 750, 1000
PARTIAL_TYPES = ("TR", "AR")
READERS: dict[str, Reader] = HEAD | {
    "invoiceNumber": text,
    "invoiceDate": day,
    "timeToPay": whole,
    "discount": number,
    "discountTime": whole,
    "payDate": day,
    "deliveryDate": day,
    "deliveryDateUntil": day,
    "status": whole,
    "paymentMethod": reference("PaymentMethod"),
    "costCentre": reference("CostCentre"),
    "invoiceType": one_of("RE", "WKR", "SR", "MA", "TR", "AR", "ER"),
    "propertyIsEInvoice": truth,
}
REQUIRED = (
    "invoiceDate", "contact", "contactPerson", "discount", "status", "addressCountry", "taxRate", "taxText",
    "invoiceType", "currency",
)  # fmt: skip
ANSWERED = (
    "invoiceNumber", "contact", "invoiceDate", "header", "headText", "footText", "timeToPay", "discountTime",
    "discount", "addressCountry", "payDate", "createUser", "deliveryDate", "status", "smallSettlement",
    "contactPerson", "taxRate", "taxRule", "taxText", "dunningLevel", "taxType", "paymentMethod", "costCentre",
    "sendDate", "origin", "invoiceType", "accountIntervall", "accountNextInvoice", "reminderTotal", "reminderDebit",
    "reminderDeadline", "reminderCharge", "taxSet", "address", "currency", "customerInternalNote", "showNet",
    "enshrined", "sendType", "deliveryDateUntil", "datevConnectOnline", "sendPaymentReceivedNotificationDate",
    "propertyIsEInvoice",
)  # fmt: skip
OWING = (OPEN, PARTLY_PAID)


def save(account: Account, call: Call) -> Reply:
    """POST /Invoice/Factory/saveInvoice: a new draft, or a new state of one when invoice.id is given."""
    given = marked(call.body.get("invoice"), "Invoice")
    existing = _editable(account, whole(given["id"], "id")) if given.get("id") is not None else None
    fields = (existing.fields if existing else empty(account)) | read(READERS, given)
    demand(fields, *REQUIRED)
    _check_head(account, fields)
    draft = read_draft(account, INVOICE, call.body, fields, existing)
    _check_kind(account, draft)
    draft = _addressed(account, draft, call)
    invoice = store(account, INVOICE, draft, existing)
    _after_saving(account, invoice)
    return factory_reply(saved_answer(account, INVOICE, invoice) | {"filename": None}, 201)


def delete(account: Account, call: Call) -> Reply:
    """DELETE /Invoice/{id}: drafts only, else 409; nothing that belongs to it stays."""
    invoice = account.get("Invoice", call.id)
    if invoice["status"] != DRAFT:
        raise ApiError(409, "Only drafts can be deleted")
    for part in [*positions_of(account, invoice), *parts_of(account, invoice, "Discounts")]:
        account.remove(part)
    account.remove(invoice)
    return Reply([None])


def empty(account: Account) -> Json:
    """The fields of a new invoice."""
    zero = Decimal(0)
    return dict.fromkeys(ANSWERED) | {
        "createUser": account.rows("SevUser")[0].ref,
        "header": "",
        "discountTime": 0,
        "smallSettlement": False,
        "showNet": True,
        "dunningLevel": None,
        "paidAmount": zero,
        "datevConnectOnline": {},
        "propertyIsEInvoice": False,
    }


def with_accounting(fields: Json) -> Json:
    """The accounting sums, which are the sums in an account in EUR."""
    return fields | {f"{name}Accounting": fields[name] for name in ("sumNet", "sumTax", "sumGross")}


def _editable(account: Account, id_: int) -> Record:
    invoice = account.get("Invoice", id_)
    if invoice["status"] != DRAFT or invoice["enshrined"]:
        raise refused("Only drafts can be changed")
    return invoice


def _check_head(account: Account, fields: Json) -> None:
    if fields["status"] != DRAFT:
        raise refused("status: only 100 is allowed")
    if fields["timeToPay"] is not None and fields["timeToPay"] < 0:
        raise refused("timeToPay must not be negative")
    delivered, issued = fields["deliveryDate"], fields["invoiceDate"]
    rule = account.settings.delivery_date_rule
    if fields["invoiceType"] != "RE" or delivered is None:
        return
    if rule == "not-later" and delivered > issued:
        raise refused(f"The deliveryDate ({delivered}) must not be later than the invoiceDate ({issued})")
    if rule == "later" and delivered <= issued:
        raise refused(f"The invoiceDate ({issued}) must be before the deliveryDate ({delivered})")


def _check_kind(account: Account, draft: Draft) -> None:
    fields = draft.fields
    if fields["invoiceType"] in PARTIAL_TYPES:
        taxes.check_partial(fields)
    if not fields["propertyIsEInvoice"]:
        return
    contact = account.needed(fields["contact"])
    mails = [w for w in account.rows("CommunicationWay") if w["contact"] == contact.ref and w["type"] == "EMAIL"]
    lacking = {
        "contact.buyerReference": not contact["buyerReference"],
        "contact.email": not mails,
        "paymentMethod": fields["paymentMethod"] is None,
        "taxRule": fields["taxRule"] is not None and fields["taxRule"].id in taxes.NO_EINVOICE,
    }
    if missing := [name for name, lacks in lacking.items() if lacks]:
        raise refused(f"E-invoice: missing or not allowed: {', '.join(missing)}")


def _addressed(account: Account, draft: Draft, call: Call) -> Draft:
    wanted = call.body.get("takeDefaultAddress")
    address = draft.fields["address"]
    if not address and wanted is not None and truth(wanted, "takeDefaultAddress"):
        address = address_block(account, account.needed(draft.fields["contact"]))
    return Draft(with_accounting(draft.fields | {"address": address}), draft.positions, draft.discounts)


def _after_saving(account: Account, invoice: Record) -> None:
    if invoice["invoiceNumber"]:
        note_used(account, "Invoice", invoice["invoiceType"], invoice["invoiceNumber"])
    origin = invoice["origin"]
    if account.settings.origin_marks_order and isinstance(origin, Ref) and origin.name == "Order":
        mark_covered(account, account.needed(origin))


ROUTES: Routes = {
    ("DELETE", "/Invoice/{id}"): delete,
    ("GET", "/Invoice/{id}/getPositions"): part_list("InvoicePos", "Invoice"),
    ("GET", "/Invoice/{id}/getDiscounts"): part_list("Discounts", "Invoice"),
    ("POST", "/Invoice/Factory/saveInvoice"): save,
}
