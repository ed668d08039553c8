"""Invoices made from orders, and what that does to the order."""

from decimal import Decimal

from sandbox.arithmetic import FOUR_PLACES
from sandbox.sevdesk import taxes
from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Reply, Routes, factory_reply
from sandbox.sevdesk.documents import INVOICE, Draft, parts_of, positions_of, store
from sandbox.sevdesk.errors import Json, refused
from sandbox.sevdesk.invoices import ANSWERED, DRAFT, PARTIAL_TYPES, empty, with_accounting
from sandbox.sevdesk.orders import CALCULATED, mark_covered
from sandbox.sevdesk.records import Record
from sandbox.sevdesk.sums import sum_fields, sums_of
from sandbox.sevdesk.values import number, one_of, read, reference


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
    mark_covered(account, order)
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


def _usual_terms(account: Account, order: Record) -> int:
    return int(account.needed(order["contact"])["defaultTimeToPay"] or account.profile.get("time_to_pay", 14))


def _share(order: Record, given: Json) -> Decimal:
    """The part of the order to bill; without a type and an amount it is all."""
    amount, kind = given.get("amount"), given.get("type")
    if amount is None or kind is None:
        return Decimal(1)
    total = {"percentage": Decimal(100), "net": order["sumNet"], "gross": order["sumGross"]}[kind]
    if not 0 < amount <= total:
        raise refused("amount: must be above zero and not above the order's sum")
    return Decimal(amount / total)


def _part_of(price: Decimal, share: Decimal) -> Decimal:
    return price if share == 1 else (price * share).quantize(FOUR_PLACES)


ROUTES: Routes = {("POST", "/Invoice/Factory/createInvoiceFromOrder"): from_order}
