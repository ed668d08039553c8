"""Making sales documents, alone or pursued from a preceding one, and changing them."""

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sandbox.lexoffice.contents import with_contents
from sandbox.lexoffice.dates import midnight, shown
from sandbox.lexoffice.errors import ApiError, Json, Violation, invalid
from sandbox.lexoffice.kinds import CREDIT_NOTE, DUNNING, INVOICE, QUOTATION, TARGETS, Kind
from sandbox.lexoffice.office import Office, Payment, Voucher
from sandbox.lexoffice.validation import check


def create(office: Office, kind: Kind, request: Json, preceding_id: str | None, *, finalize: bool) -> Voucher:
    """Make one document; all rules are checked before anything is changed."""
    parent = _parent(office, kind, preceding_id)
    check(kind, request, office.contacts)
    finalize = finalize and kind.can_finalize
    now = shown(office.clock.now())
    head = {
        "id": str(uuid.uuid4()),
        "organizationId": office.profile["organizationId"],
        "createdDate": now,
        "updatedDate": now,
        "version": 1,
        "voucherStatus": "open" if finalize else "draft",
    }
    if kind.prefix:
        head["voucherNumber"] = office.next_number(kind.prefix)
    voucher = with_contents(office, Voucher(kind, head, request, Decimal(0), created=office.clock.now()))
    _relate(office, voucher, parent)
    return office.vouchers[voucher.id]


def update(office: Office, voucher: Voucher, **changes: Any) -> Voucher:
    """Store a document with changed body fields, a new version and a new updatedDate."""
    body = voucher.body | changes
    body |= {"version": voucher.body["version"] + 1, "updatedDate": shown(office.clock.now())}
    changed = replace(voucher, body=body)
    office.save(changed)
    return changed


def _parent(office: Office, kind: Kind, preceding_id: str | None) -> Voucher | None:
    if preceding_id is None:
        if kind == DUNNING:
            raise invalid(Violation("precedingSalesVoucherId", "NOTNULL", "darf nicht leer sein"))
        return None
    parent = office.vouchers.get(preceding_id)
    if parent is None:
        raise ApiError(406, "Preceding sales voucher not found.")
    if kind.voucher_type not in TARGETS[parent.kind.voucher_type]:
        raise ApiError(406, f"A {parent.kind.voucher_type} cannot be pursued to a {kind.voucher_type}.")
    if parent.status == "draft" and parent.kind != QUOTATION:
        raise ApiError(406, "Preceding sales voucher must not be in state draft.")
    _not_pursued_yet(office, kind, parent)
    _no_choices_left(parent)
    return parent


def _not_pursued_yet(office: Office, kind: Kind, parent: Voucher) -> None:
    # Only the single credit note is documented; whether other second pursues are refused is not established.
    once = kind == CREDIT_NOTE or (office.settings.refuse_second_pursue and kind != DUNNING)
    if once and any(_follows(v, parent) for v in office.of_kind(kind)):
        raise ApiError(406, "Der Beleg wurde bereits weitergeführt.")


def _follows(child: Voucher, parent: Voucher) -> bool:
    return any(related["id"] == parent.id for related in child.body["relatedVouchers"])


def _no_choices_left(parent: Voucher) -> None:
    lines = [sub for line in parent.body["lineItems"] for sub in (line, *line.get("subItems", []))]
    if parent.kind == QUOTATION and any(line.get("alternative") or line.get("optional") for line in lines):
        raise ApiError(406, "Quotations with alternative or optional line items cannot be pursued.")


def _relate(office: Office, child: Voucher, parent: Voucher | None) -> None:
    if parent is None:
        office.save(child)
        return
    child = replace(child, body=child.body | {"relatedVouchers": [_relation(parent)]})
    if parent.kind == INVOICE and child.kind == CREDIT_NOTE and child.status == "open":
        child = replace(child, body=child.body | {"voucherStatus": "paidoff"})
        parent = _credited(office, parent, child)
    office.save(child)
    if office.settings.parent_lists_children:
        update(office, parent, relatedVouchers=[*parent.body["relatedVouchers"], _relation(child)])
    elif office.vouchers[parent.id] is not parent:
        update(office, parent)


def _relation(voucher: Voucher) -> Json:
    number = {"voucherNumber": voucher.body["voucherNumber"]} if "voucherNumber" in voucher.body else {}
    return {"id": voucher.id, **number, "voucherType": voucher.kind.voucher_type}


def _credited(office: Office, invoice: Voucher, credit_note: Voucher) -> Voucher:
    item = Payment("partPaymentCreditNote", midnight(office.clock.today()), credit_note.gross)
    return settled(office, replace(invoice, payments=(*invoice.payments, item)))


def settled(office: Office, invoice: Voucher) -> Voucher:
    """The invoice as paid, when nothing is left to pay; otherwise unchanged."""
    if invoice.status != "open" or invoice.open_amount > 0:
        return invoice
    body = invoice.body | {"voucherStatus": "paid"}
    return replace(invoice, body=body, paid_at=shown(office.clock.now()))
