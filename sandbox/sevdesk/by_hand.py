"""What a person does in the app: set an order's status, tag, edit, send, cancel, delete; and what goes bad."""

from collections.abc import Callable

from sandbox.sevdesk import contacts, corrections, documents, invoices, orders, sending, taxes
from sandbox.sevdesk.account import OWNERS, Account
from sandbox.sevdesk.calls import Call
from sandbox.sevdesk.errors import ApiError, Json, refused
from sandbox.sevdesk.records import Record, Ref
from sandbox.sevdesk.sums import sum_fields, sums_of
from sandbox.sevdesk.tags import tag_object
from sandbox.sevdesk.values import read

Action = Callable[[Account, int, Json], None]
"""`change` is what the request adds, e.g. {"status": 500}."""


def edit_order(account: Account, id_: int, change: Json) -> None:
    """Change fields of an order, its status included."""
    orders.change(account, Call(id_, body=change))


def tag(account: Account, id_: int, change: Json) -> None:
    """Put the tag {"name": ...} on an order or an invoice."""
    tag_object(account, _document(account, id_), str(change["name"]))


def untag(account: Account, id_: int, change: Json) -> None:
    """Take the tag {"name": ...} off again."""
    target = _document(account, id_).ref
    for relation in account.rows("TagRelation"):
        if relation["object"] == target and account.needed(relation["tag"])["name"] == change["name"]:
            account.remove(relation)


def packing_list(account: Account, id_: int, change: Json) -> None:
    """Write a delivery note to an order and send it."""
    note = orders.derive(account, account.get("Order", id_), "LI", "Lieferschein")
    orders.mark_sent(account, note, "VPR")


def edit_invoice(account: Account, id_: int, change: Json) -> None:
    """Change fields of an invoice in whatever state; `prices` replaces its positions' prices, sums follow."""
    invoice = account.get("Invoice", id_)
    positions = documents.positions_of(account, invoice)
    for position, price in zip(positions, change.pop("prices", []), strict=False):
        account.change(position, price=documents.POSITION["price"](price, "price"))
    account.change(invoice, **read(invoices.READERS, change))
    _sum_up(account, account.get("Invoice", id_))


def edit_contact(account: Account, id_: int, change: Json) -> None:
    """Change fields of a contact."""
    contacts.changed_contact(account, Call(id_, body=change))


def forget_ways(account: Account, id_: int, change: Json) -> None:
    """Delete all communication ways of a contact."""
    for way in account.rows("CommunicationWay"):
        if way["contact"] == Ref(id_, "Contact"):
            account.remove(way)


def forget_address(account: Account, id_: int, change: Json) -> None:
    """Delete all addresses of a contact."""
    for address in account.rows("ContactAddress"):
        if address["contact"] == Ref(id_, "Contact"):
            account.remove(address)


def send(account: Account, id_: int, change: Json) -> None:
    """Send a draft by post."""
    sending.mark_sent(account, account.get("Invoice", id_), "VP")


def cancel(account: Account, id_: int, change: Json) -> None:
    """Cancel an invoice."""
    corrections.cancel(account, Call(id_))


def to_draft(account: Account, id_: int, change: Json) -> None:
    """Put an open invoice back to draft."""
    sending.reset_to_draft(account, Call(id_))


def delete_draft(account: Account, id_: int, change: Json) -> None:
    """Delete a draft invoice."""
    invoices.delete(account, Call(id_))


def spoil(account: Account, id_: int, change: Json) -> None:
    """Let answers show these raw values instead of the true ones; an empty change heals the record."""
    account.spoil(_any(account, id_, "Order", "Invoice", "Contact", *OWNERS, "CheckAccountTransaction"), change)


def as_version_1(account: Account, id_: int, change: Json) -> None:
    """Make a document look as if made in system version 1.0: a tax type instead of a tax rule."""
    document = _document(account, id_)
    rule = document["taxRule"]
    account.change(document, taxRule=None, taxType=taxes.NAMES_OF_OLD.get(rule.id if rule else 1, "default"))


ACTIONS: dict[str, Action] = {
    "edit-order": edit_order,
    "tag": tag,
    "untag": untag,
    "packing-list": packing_list,
    "edit-invoice": edit_invoice,
    "edit-contact": edit_contact,
    "forget-ways": forget_ways,
    "forget-address": forget_address,
    "send": send,
    "cancel": cancel,
    "to-draft": to_draft,
    "delete-draft": delete_draft,
    "spoil": spoil,
    "as-version-1": as_version_1,
}


def _document(account: Account, id_: int) -> Record:
    return _any(account, id_, "Order", "Invoice")


def _any(account: Account, id_: int, *names: str) -> Record:
    for name in names:
        if found := account.find(Ref(id_, name)):
            return found
    raise ApiError(404, f"{id_} not found")


def _sum_up(account: Account, invoice: Record) -> None:
    positions = [position.fields for position in documents.positions_of(account, invoice)]
    discounts = [discount.fields for discount in documents.parts_of(account, invoice, "Discounts")]
    if not positions:
        raise refused("no positions")
    found = sum_fields(sums_of(positions, discounts, show_net=bool(invoice["showNet"])))
    account.change(invoice, **invoices.with_accounting(found))
