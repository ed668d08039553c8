"""What a person does in the app and the API cannot: archive, accept, void, put back to draft, delete, edit."""

import copy
from collections.abc import Callable
from dataclasses import replace

from sandbox.lexoffice.contents import with_contents
from sandbox.lexoffice.documents import update
from sandbox.lexoffice.errors import ApiError, Json
from sandbox.lexoffice.kinds import INVOICE, QUOTATION, Kind
from sandbox.lexoffice.office import Office, Voucher
from sandbox.lexoffice.validation import check


def archive(office: Office, voucher: Voucher, change: Json) -> None:
    """Archive a document of any kind."""
    update(office, voucher, archived=True)


def accept(office: Office, voucher: Voucher, change: Json) -> None:
    """Mark an open quotation as accepted."""
    _set_status(office, voucher, QUOTATION, {"open"}, "accepted")


def reject(office: Office, voucher: Voucher, change: Json) -> None:
    """Mark an open quotation as rejected."""
    _set_status(office, voucher, QUOTATION, {"open"}, "rejected")


def void(office: Office, voucher: Voucher, change: Json) -> None:
    """Void an invoice."""
    _set_status(office, voucher, INVOICE, {"open", "paid"}, "voided")


def to_draft(office: Office, voucher: Voucher, change: Json) -> None:
    """Put a finalised invoice back to draft; its payments are taken off, its number stays."""
    _demand(voucher, INVOICE, {"open", "paid"})
    body = voucher.body | {"voucherStatus": "draft"}
    draft = replace(voucher, body=body, payments=(), paid_at=None)
    update(office, with_contents(office, draft))


def finalize(office: Office, voucher: Voucher, change: Json) -> None:
    """Finish a draft."""
    _demand(voucher, voucher.kind, {"draft"})
    body = voucher.body | {"voucherStatus": "open"}
    update(office, with_contents(office, replace(voucher, body=body)))


def delete_draft(office: Office, voucher: Voucher, change: Json) -> None:
    """Delete a draft; its number is not given again."""
    _demand(voucher, voucher.kind, {"draft"})
    office.remove(voucher)


def edit(office: Office, voucher: Voucher, change: Json) -> None:
    """Change request fields of a document, e.g. {"remark": "..."}; its sums are computed anew."""
    request = merged(voucher.request, change)
    check(voucher.kind, request, office.contacts)
    update(office, with_contents(office, replace(voucher, request=request)))


def edit_contact(office: Office, contact: Json, change: Json) -> None:
    """Change fields of a contact; in the app lists may hold several entries."""
    changed = merged(contact, change)
    changed["version"] = contact["version"] + 1
    office.contacts[contact["id"]] = changed


ACTIONS: dict[str, Callable[[Office, Voucher, Json], None]] = {
    "archive": archive,
    "accept": accept,
    "reject": reject,
    "void": void,
    "to-draft": to_draft,
    "finalize": finalize,
    "delete-draft": delete_draft,
    "edit": edit,
}


def merged(record: Json, change: Json) -> Json:
    """`record` with the fields of `change`; objects are merged, null removes a field, lists are replaced."""
    result = copy.deepcopy(record)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result


def _set_status(office: Office, voucher: Voucher, kind: Kind, allowed: set[str], status: str) -> None:
    _demand(voucher, kind, allowed)
    update(office, voucher, voucherStatus=status)


def _demand(voucher: Voucher, kind: Kind, allowed: set[str]) -> None:
    if voucher.kind != kind or voucher.status not in allowed:
        raise ApiError(409, f"{voucher.kind.voucher_type} im Zustand {voucher.status}: so nicht möglich.")
