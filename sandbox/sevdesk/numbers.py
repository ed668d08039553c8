"""Number sequences: a template that the client may expand itself; nothing is reserved by asking."""

from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Reply, Routes
from sandbox.sevdesk.errors import ApiError
from sandbox.sevdesk.records import Record

FORMATS = {
    ("Invoice", "RE"): "RE-%NUMBER",
    ("Invoice", "SR"): "SR-%NUMBER",
    ("Invoice", "MA"): "MA-%NUMBER",
    ("Order", "AN"): "AN-%NUMBER",
    ("Order", "AB"): "AB-%NUMBER",
    ("Order", "LI"): "LI-%NUMBER",
    ("Contact", "CUSTOMER"): "%NUMBER",
}
LIKE_INVOICES = {"TR", "AR", "ER", "WKR"}
FIRST = 1000


def sequence(account: Account, object_type: str, kind: str) -> Record:
    """The sequence of a kind of document; 404 for a kind that has none."""
    kind = "RE" if kind in LIKE_INVOICES else kind
    if (object_type, kind) not in FORMATS:
        raise ApiError(404, "SevSequence not found")
    for found in account.rows("SevSequence"):
        if (found["forObject"], found["type"]) == (object_type, kind):
            return found
    given = account.profile.get("sequences", {}).get(f"{object_type}-{kind}", FORMATS[object_type, kind])
    return account.add("SevSequence", {"forObject": object_type, "format": given, "nextSequence": FIRST, "type": kind})


def next_number(account: Account, object_type: str, kind: str) -> str:
    """What the next number would be."""
    found = sequence(account, object_type, kind)
    now = account.now()
    values = {"%YYYY": f"{now:%Y}", "%YY": f"{now:%y}", "%MM": f"{now:%m}", "%NUMBER": str(found["nextSequence"])}
    number = str(found["format"])
    for name, value in values.items():
        number = number.replace(name, value)
    return number


def take_number(account: Account, object_type: str, kind: str) -> str:
    """The next number, now used."""
    number = next_number(account, object_type, kind)
    note_used(account, object_type, kind, number)
    return number


def note_used(account: Account, object_type: str, kind: str, number: str) -> None:
    """Move the sequence on when a number is the one it would have given."""
    if number == next_number(account, object_type, kind):
        found = sequence(account, object_type, kind)
        account.change(found, nextSequence=found["nextSequence"] + 1)


def _get_by_type(account: Account, call: Call) -> Reply:
    return Reply(answer_of(sequence(account, call.query.get("objectType", ""), call.query.get("type", ""))))


def _next_invoice_number(account: Account, call: Call) -> Reply:
    return Reply(next_number(account, "Invoice", call.query.get("invoiceType", "RE")))


def _next_order_number(account: Account, call: Call) -> Reply:
    return Reply(next_number(account, "Order", call.query.get("orderType", "AN")))


ROUTES: Routes = {
    ("GET", "/SevSequence/Factory/getByType"): _get_by_type,
    ("GET", "/Invoice/Factory/getNextInvoiceNumber"): _next_invoice_number,
    ("GET", "/Order/Factory/getNextOrderNumber"): _next_order_number,
}
