"""Finding invoices: the list with its filters, and what it hides."""

from collections.abc import Callable
from datetime import date, timedelta

from sandbox.sevdesk.account import Account
from sandbox.sevdesk.calls import Call, Reply, Routes
from sandbox.sevdesk.invoices import OWING
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
from sandbox.sevdesk.records import Record

HIDDEN = {"MA": "showMa", "WKR": "showWkr"}
"""Types that the list leaves out without showAll=true or their own switch."""


def invoice_list(account: Account, call: Call) -> Reply:
    """GET /Invoice."""
    rows = ordered(account.rows("Invoice", stale=call.stale), call.query, "orderByInvoiceNumber", "invoiceNumber")
    seen = [row for row in rows if _visible(row, call)]
    return listed(account, seen, _filters(account), call)


def position_list(account: Account, call: Call) -> Reply:
    """GET /InvoicePos."""
    filters = {**refers("invoice"), **refers("part"), "id": lambda text: lambda record: str(record.id) == text}
    return listed(account, account.rows("InvoicePos", stale=call.stale), filters, call)


def due_day(invoice: Record) -> date:
    """The last day to pay."""
    found: date = invoice["invoiceDate"] + timedelta(days=invoice["timeToPay"] or 0)
    return found


def is_partly_paid(invoice: Record) -> bool:
    """Whether something, but not all, has been paid."""
    return invoice["status"] in OWING and 0 < invoice["paidAmount"] < invoice["sumGross"]


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


ROUTES: Routes = {
    ("GET", "/Invoice"): invoice_list,
    ("GET", "/Invoice/{id}"): lambda account, call: single(account, "Invoice", call),
    ("GET", "/InvoicePos"): position_list,
    ("GET", "/Invoice/{id}/getIsPartiallyPaid"): lambda account, call: Reply(
        is_partly_paid(account.get("Invoice", call.id, stale=call.stale))
    ),
}
