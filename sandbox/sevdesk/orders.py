"""Orders: quotations (AN), order confirmations (AB) and delivery notes (LI)."""

from decimal import Decimal
from typing import Any

from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Handler, Reply, Routes, factory_reply
from sandbox.sevdesk.documents import (
    HEAD,
    ORDER,
    part_list,
    positions_of,
    read_draft,
    saved_answer,
    store,
)
from sandbox.sevdesk.errors import MISLEADING, ApiError, Json, bad_request, refused
from sandbox.sevdesk.listing import (
    STAMPS,
    Filter,
    amount_from,
    amount_to,
    day_from,
    day_to,
    embedded,
    equal,
    like,
    listed,
    number_above,
    number_below,
    ordered,
    refers,
    single,
)
from sandbox.sevdesk.numbers import note_used, take_number
from sandbox.sevdesk.records import Record, Ref
from sandbox.sevdesk.values import Reader, day, demand, marked, one_of, read, text, truth, whole

STATUSES = (100, 200, 300, 500, 750, 1000)
DRAFT, SENT, REJECTED, ACCEPTED, PARTLY, CALCULATED = STATUSES
READERS: dict[str, Reader] = HEAD | {
    "orderNumber": text,
    "orderDate": day,
    "status": whole,
    "deliveryTerms": text,
    "paymentTerms": text,
    "version": whole,
    "orderType": one_of("AN", "AB", "LI"),
    "sendType": one_of("VPR", "VP", "VM", "VPDF"),
}
REQUIRED = (
    "orderNumber", "orderDate", "contact", "status", "addressCountry", "contactPerson", "taxRate", "taxText",
    "currency", "header", "version", "orderType",
)  # fmt: skip
ANSWERED = (
    "orderNumber", "contact", "orderDate", "status", "header", "headText", "footText", "addressCountry", "createUser",
    "deliveryTerms", "paymentTerms", "origin", "version", "smallSettlement", "contactPerson", "taxRate", "taxRule",
    "taxSet", "taxText", "taxType", "orderType", "sendDate", "address", "currency", "customerInternalNote", "showNet",
    "sendType",
)  # fmt: skip
FILTERS: dict[str, Filter] = {
    **STAMPS,
    **refers("contact"),
    **refers("origin"),
    "status": equal("status"),
    "orderNumber": equal("orderNumber"),
    "orderType": equal("orderType"),
    "startDate": day_from("orderDate"),
    "endDate": day_to("orderDate"),
    "headerSearch": like("header"),
    "globalSearch": like("header", "orderNumber", "address"),
    "startAmount": amount_from("sumGross"),
    "endAmount": amount_to("sumGross"),
    "orderNumberGreater": number_above("orderNumber"),
    "orderNumberNumberSmaller": number_below("orderNumber"),
}


def order_list(account: Account, call: Call) -> Reply:
    """GET /Order."""
    rows = ordered(account.rows("Order", stale=call.stale), call.query, "orderByOrderNumber", "orderNumber")
    return listed(account, rows, FILTERS, call)


def save(account: Account, call: Call) -> Reply:
    """POST /Order/Factory/saveOrder: a new order, or a new state of one when order.id is given."""
    given = marked(call.body.get("order"), "Order")
    existing = account.get("Order", whole(given["id"], "id")) if given.get("id") is not None else None
    fields = (existing.fields if existing else _empty(account)) | read(READERS, given)
    demand(fields, *REQUIRED)
    _check_status(fields["status"])
    draft = read_draft(account, ORDER, call.body, fields, existing)
    order = store(account, ORDER, draft, existing)
    note_used(account, "Order", fields["orderType"], fields["orderNumber"])
    return factory_reply(saved_answer(account, ORDER, order), 201)


def change(account: Account, call: Call) -> Reply:
    """PUT /Order/{id}: single fields, the status included."""
    order = account.get("Order", call.id)
    changes = read(READERS, call.body)
    demand(order.fields | changes, *REQUIRED)
    _check_status(changes.get("status", order["status"]))
    for ref in (value for value in changes.values() if isinstance(value, Ref)):
        account.needed(ref)
    return factory_reply(answer_of(account.change(order, **changes)))


def delete(account: Account, call: Call) -> Reply:
    """DELETE /Order/{id}: drafts only, else 409."""
    order = account.get("Order", call.id)
    if order["status"] != DRAFT:
        raise ApiError(409, "Only drafts can be deleted")
    for part in positions_of(account, order):
        account.remove(part)
    account.remove(order)
    return Reply([None])


def follow_up(order_type: str, title: str, parents: tuple[str, ...]) -> Handler:
    """The handler of createContractNoteFromOrder or createPackingListFromOrder."""

    def handler(account: Account, call: Call) -> Reply:
        parent = account.get("Order", _asked_order(call))
        if parent["orderType"] not in parents:
            raise refused(f"An order of type {parent['orderType']} cannot become {order_type}")
        return factory_reply(answer_of(derive(account, parent, order_type, title)))

    return handler


def derive(account: Account, parent: Record, order_type: str, title: str) -> Record:
    """A draft with the parent's contents; its origin is the parent."""
    number = take_number(account, "Order", order_type)
    changes: Json = {
        "orderNumber": number,
        "orderType": order_type,
        "orderDate": account.clock.today(),
        "header": f"{title} {number}",
        "status": DRAFT,
        "origin": parent.ref,
        "sendDate": None,
        "sendType": None,
    }
    order = account.add("Order", parent.fields | changes)
    for position in positions_of(account, parent):
        account.add("OrderPos", position.fields | {"order": order.ref})
    return order


def related(account: Account, call: Call) -> Reply:
    """GET /Order/{id}/getRelatedObjects: what was made from the order, and what it was made from."""
    order = account.get("Order", call.id, stale=call.stale)
    others = [*account.rows("Order", stale=call.stale), *account.rows("Invoice", stale=call.stale)]
    found = [record for record in others if record["origin"] == order.ref or record.ref == order["origin"]]
    if call.says("includeItself"):
        found = [order, *found]
    return Reply([embedded(account, record, call) for record in found])


def mark_sent(account: Account, order: Record, send_type: str) -> Record:
    """A draft becomes 200 (the document was sent); other states stay."""
    status = SENT if order["status"] == DRAFT else order["status"]
    return account.change(order, status=status, sendType=send_type, sendDate=account.now())


def mark_covered(account: Account, order: Record) -> None:
    """750 while invoices cover a part of the order's sum, 1000 when they cover it."""
    invoices = [row for row in account.rows("Invoice") if row["origin"] == order.ref and row["invoiceType"] != "SR"]
    covered = sum((row["sumGross"] for row in invoices), Decimal(0)) >= order["sumGross"]
    account.change(order, status=CALCULATED if covered else PARTLY)


def send_by(account: Account, call: Call) -> Reply:
    """PUT /Order/{id}/sendBy."""
    order = account.get("Order", call.id)
    send_type, draft = read_sending(call)
    return factory_reply(answer_of(order if draft else mark_sent(account, order, send_type)))


def read_sending(call: Call) -> tuple[str, bool]:
    """sendType and sendDraft of a sendBy call; 422 when one is missing or wrong."""
    given = read({"sendType": one_of("VPR", "VP", "VM", "VPDF"), "sendDraft": truth}, call.body)
    demand(given, "sendType", "sendDraft")
    return given["sendType"], given["sendDraft"]


def _asked_order(call: Call) -> int:
    id_, name = call.query.get("order[id]", ""), call.query.get("order[objectName]")
    if not id_.isdigit() or name != "Order":
        raise bad_request(MISLEADING)
    return int(id_)


def _check_status(status: Any) -> None:
    if status not in STATUSES:
        raise refused(f"status: invalid value '{status}'")


def _empty(account: Account) -> Json:
    return dict.fromkeys(ANSWERED) | {
        "createUser": account.rows("SevUser")[0].ref,
        "orderType": "AN",
        "smallSettlement": False,
        "showNet": True,
        "headText": "",
    }


ROUTES: Routes = {
    ("GET", "/Order"): order_list,
    ("GET", "/Order/{id}"): lambda account, call: single(account, "Order", call),
    ("PUT", "/Order/{id}"): change,
    ("DELETE", "/Order/{id}"): delete,
    ("GET", "/Order/{id}/getPositions"): part_list("OrderPos", "Order"),
    ("GET", "/Order/{id}/getDiscounts"): part_list("Discounts", "Order"),
    ("GET", "/Order/{id}/getRelatedObjects"): related,
    ("PUT", "/Order/{id}/sendBy"): send_by,
    ("POST", "/Order/Factory/saveOrder"): save,
    ("POST", "/Order/Factory/createContractNoteFromOrder"): follow_up("AB", "Auftragsbestätigung", ("AN",)),
    ("POST", "/Order/Factory/createPackingListFromOrder"): follow_up("LI", "Lieferschein", ("AN", "AB")),
}
