"""Invoices: saving drafts, making them from orders, listing, reminders and cancellations."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from sandbox.arithmetic import FOUR_PLACES
from sandbox.sevdesk import taxes
from sandbox.sevdesk.account import Account, answer_of
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
from sandbox.sevdesk.errors import MISLEADING, ApiError, Json, refused
from sandbox.sevdesk.listing import (
    STAMPS,
    Filter,
    day_from,
    day_to,
    equal,
    flag,
    like,
    listed,
    number_above,
    number_below,
    ordered,
    refers,
    single,
)
from sandbox.sevdesk.numbers import note_used, take_number
from sandbox.sevdesk.orders import CALCULATED, PARTLY
from sandbox.sevdesk.records import Record, Ref
from sandbox.sevdesk.sums import sum_fields, sums_of
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
HIDDEN = {"MA": "showMa", "WKR": "showWkr"}
"""Types that the list leaves out without showAll=true or their own switch."""


def invoice_list(account: Account, call: Call) -> Reply:
    """GET /Invoice."""
    rows = ordered(account.rows("Invoice", stale=call.stale), call.query, "orderByInvoiceNumber", "invoiceNumber")
    seen = [row for row in rows if _visible(row, call)]
    return listed(account, seen, _filters(account), call)


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


def from_order(account: Account, call: Call) -> Reply:
    """POST /Invoice/Factory/createInvoiceFromOrder: a draft; a second call makes a second one unless switched off."""
    ref = reference("Order")(call.body.get("order"), "order")
    order = account.get("Order", ref.id)
    given = read(
        {"type": one_of("percentage", "net", "gross"), "amount": number, "partialType": one_of("RE", "TR", "AR")},
        call.body,
    )
    before = [row for row in account.rows("Invoice") if row["origin"] == order.ref and row["invoiceType"] != "SR"]
    if account.settings.refuse_second_invoice and (before or order["status"] == CALCULATED):
        raise refused("The order is already calculated")
    invoice = billed(account, order, given.get("partialType") or "RE", _share(order, given))
    mark_order(account, order)
    return factory_reply(answer_of(invoice))


def billed(account: Account, order: Record, invoice_type: str, share: Decimal) -> Record:
    """A draft with a share (1 is all) of the order's positions."""
    known = {name: order[name] for name in ANSWERED if name in order.fields}
    changes: Json = {
        "invoiceType": invoice_type,
        "invoiceDate": account.clock.today(),
        "status": DRAFT,
        "origin": order.ref,
        "header": "",
        "discount": Decimal(0),
        "sendDate": None,
        "sendType": None,
        "timeToPay": _usual_terms(account, order),
    }
    fields = empty(account) | known | changes
    if invoice_type in PARTIAL_TYPES:
        taxes.check_partial(fields)
    positions = [
        position.fields | {"price": _part_of(position["price"], share)} for position in positions_of(account, order)
    ]
    discounts = [discount.fields for discount in parts_of(account, order, "Discounts")]
    fields |= sum_fields(sums_of(positions, discounts, show_net=bool(order["showNet"])))
    parts = tuple((None, part) for part in positions), tuple((None, part) for part in discounts)
    return store(account, INVOICE, Draft(with_accounting(fields), *parts), None)


def mark_order(account: Account, order: Record) -> None:
    """750 while invoices cover a part of the order's sum, 1000 when they cover it."""
    invoices = [row for row in account.rows("Invoice") if row["origin"] == order.ref and row["invoiceType"] != "SR"]
    covered = sum((row["sumGross"] for row in invoices), Decimal(0)) >= order["sumGross"]
    account.change(order, status=CALCULATED if covered else PARTLY)


def reminder(account: Account, call: Call) -> Reply:
    """POST /Invoice/Factory/createInvoiceReminder: a draft of type MA, one dunning level further."""
    ref = reference("Invoice")(call.body.get("invoice"), "invoice")
    if call.query.get("invoice[id]") != str(ref.id) or call.query.get("invoice[objectName]") != "Invoice":
        raise ApiError(400, MISLEADING)
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


def delete(account: Account, call: Call) -> Reply:
    """DELETE /Invoice/{id}: drafts only, else 409; nothing that belongs to it stays."""
    invoice = account.get("Invoice", call.id)
    if invoice["status"] != DRAFT:
        raise ApiError(409, "Only drafts can be deleted")
    for part in [*positions_of(account, invoice), *parts_of(account, invoice, "Discounts")]:
        account.remove(part)
    account.remove(invoice)
    return Reply([None])


def position_list(account: Account, call: Call) -> Reply:
    """GET /InvoicePos."""
    filters = {**refers("invoice"), **refers("part"), "id": lambda text_: lambda record: str(record.id) == text_}
    return listed(account, account.rows("InvoicePos", stale=call.stale), filters, call)


def due_day(invoice: Record) -> date:
    """The last day to pay."""
    found: date = invoice["invoiceDate"] + timedelta(days=invoice["timeToPay"] or 0)
    return found


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
        mark_order(account, account.needed(origin))


def _usual_terms(account: Account, order: Record) -> int:
    return int(account.needed(order["contact"])["defaultTimeToPay"] or account.profile.get("time_to_pay", 14))


def _share(order: Record, given: Json) -> Decimal:
    """The part of the order to bill; without a type and an amount it is all."""
    amount, kind = given.get("amount"), given.get("type")
    if amount is None or kind is None:
        return Decimal(1)
    whole_ = {"percentage": Decimal(100), "net": order["sumNet"], "gross": order["sumGross"]}[kind]
    if not 0 < amount <= whole_:
        raise refused("amount: must be above zero and not above the order's sum")
    return Decimal(amount / whole_)


def _part_of(price: Decimal, share: Decimal) -> Decimal:
    return price if share == 1 else (price * share).quantize(FOUR_PLACES)


def _visible(invoice: Record, call: Call) -> bool:
    switch = HIDDEN.get(invoice["invoiceType"])
    return switch is None or call.says("showAll") or call.query.get(switch) == "all"


def _delinquent(today: date) -> Callable[[Record], bool]:
    return lambda row: row["status"] in OWING and due_day(row) < today


def _filters(account: Account) -> dict[str, Filter]:
    late = _delinquent(account.clock.today())
    dunned = {row["origin"] for row in account.rows("Invoice") if row["invoiceType"] == "MA"}
    return {
        **STAMPS,
        **refers("contact"),
        **refers("origin"),
        **refers("costCentre"),
        **refers("paymentMethod"),
        "status": equal("status"),
        "invoiceNumber": equal("invoiceNumber"),
        "invoiceType": equal("invoiceType"),
        "sendType": equal("sendType"),
        "header": equal("header"),
        # The specification's own spelling; the right one is an unknown filter and keeps everything.
        "customerIntenalNote": equal("customerInternalNote"),
        "startDate": day_from("invoiceDate"),
        "endDate": day_to("invoiceDate"),
        "delinquent": flag(late),
        "notdelinquent": flag(lambda row: not late(row)),
        "partiallyPaid": flag(is_partly_paid),
        "onlyDunned": flag(lambda row: row.ref in dunned),
        "headerSearch": like("header"),
        "headerOrNumber": like("header", "invoiceNumber"),
        "globalSearch": like("header", "invoiceNumber", "address"),
        "fulltextSearch": like("header", "headText", "footText", "invoiceNumber", "address", "customerInternalNote"),
        "invoiceNumberGreater": number_above("invoiceNumber"),
        "invoiceNumberSmaller": number_below("invoiceNumber"),
    }


def is_partly_paid(invoice: Record) -> bool:
    """Whether something, but not all, has been paid."""
    return invoice["status"] in OWING and 0 < invoice["paidAmount"] < invoice["sumGross"]


ROUTES: Routes = {
    ("GET", "/Invoice"): invoice_list,
    ("GET", "/Invoice/{id}"): lambda account, call: single(account, "Invoice", call),
    ("DELETE", "/Invoice/{id}"): delete,
    ("GET", "/Invoice/{id}/getPositions"): part_list("InvoicePos", "Invoice"),
    ("GET", "/Invoice/{id}/getDiscounts"): part_list("Discounts", "Invoice"),
    ("GET", "/InvoicePos"): position_list,
    ("GET", "/Invoice/{id}/getIsPartiallyPaid"): lambda account, call: Reply(
        is_partly_paid(account.get("Invoice", call.id, stale=call.stale))
    ),
    ("POST", "/Invoice/{id}/cancelInvoice"): cancel,
    ("POST", "/Invoice/Factory/saveInvoice"): save,
    ("POST", "/Invoice/Factory/createInvoiceFromOrder"): from_order,
    ("POST", "/Invoice/Factory/createInvoiceReminder"): reminder,
}
