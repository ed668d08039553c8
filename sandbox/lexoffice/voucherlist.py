"""The voucher list: a search index over all documents that lags behind writes and alone knows `overdue`."""

import html
from collections.abc import Callable, Mapping
from datetime import date

from sandbox.lexoffice.dates import day_of
from sandbox.lexoffice.errors import ApiError, Json
from sandbox.lexoffice.kinds import CREDIT_NOTE, DELIVERY_NOTE, INVOICE, QUOTATION
from sandbox.lexoffice.office import Office, Voucher
from sandbox.lexoffice.paging import Sort, day_of_query, envelope, page_of, sort_of, truth_of
from sandbox.lexoffice.terms import list_name

TYPES = {
    "salesinvoice", "salescreditnote", "purchaseinvoice", "purchasecreditnote", "invoice", "downpaymentinvoice",
    "creditnote", "orderconfirmation", "quotation", "deliverynote",
}  # fmt: skip
STATUSES = {
    "draft", "open", "paid", "paidoff", "voided", "transferred", "sepadebit", "overdue", "accepted", "rejected",
    "unchecked",
}  # fmt: skip
SORTABLE = {"voucherDate", "voucherNumber", "createdDate", "updatedDate"}
LARGEST_PAGE = 250
_Filter = Callable[[Json], bool]


def voucherlist(office: Office, query: Mapping[str, str], *, stale: bool = False) -> Json:
    """The body of GET /v1/voucherlist; 400 for missing or unknown parameters."""
    types = _wanted(query, "voucherType", TYPES)
    statuses = _wanted(query, "voucherStatus", STATUSES)
    if "overdue" in statuses and len(statuses) > 1 and query["voucherStatus"] != "any":
        raise ApiError(400, "voucherStatus overdue cannot be combined with other statuses.")
    page = page_of(query, LARGEST_PAGE)
    sort = sort_of(query, SORTABLE, Sort("voucherDate", False))
    filters = _filters(query)
    known = office.index.rows(office.settings.index_lag)
    # Read first even when stale: what is ripe now must not count as new at the next reading.
    known = office.index.before if stale else known
    today = office.clock.today()
    rows = [row(v, office.contacts, today) for v in known.values() if v.kind.voucher_type in types]
    rows = [r for r in rows if r["voucherStatus"] in statuses and all(keep(r) for keep in filters)]
    rows.sort(key=lambda r: (r[sort.name], r["createdDate"], r["id"]), reverse=not sort.ascending)
    return envelope(rows, page, sort, lambda r: r)


def row(voucher: Voucher, contacts: dict[str, Json], today: date) -> Json:
    """One row; contactId is null for one-time addresses, openAmount for delivery notes."""
    body = voucher.body
    contact_id = body["address"].get("contactId")
    owed = voucher.open_amount if voucher.kind in (INVOICE, CREDIT_NOTE) else voucher.gross
    found = {
        "id": voucher.id,
        "voucherType": voucher.kind.voucher_type,
        "voucherStatus": _status(voucher, today),
        "voucherNumber": body.get("voucherNumber"),
        "voucherDate": body["voucherDate"],
        "createdDate": body["createdDate"],
        "updatedDate": body["updatedDate"],
        "dueDate": body.get("expirationDate" if voucher.kind == QUOTATION else "dueDate"),
        "contactId": contact_id,
        "contactName": list_name(contacts[contact_id]) if contact_id in contacts else body["address"].get("name"),
        "totalAmount": voucher.gross,
        "openAmount": None if voucher.kind == DELIVERY_NOTE else owed,
        "currency": "EUR",
        "archived": body["archived"],
    }
    return {name: value for name, value in found.items() if value is not None or name in ("contactId", "openAmount")}


def _status(voucher: Voucher, today: date) -> str:
    """The status; an open invoice past its due day is `overdue`, here and nowhere else."""
    due = voucher.body.get("dueDate")
    if voucher.kind == INVOICE and voucher.status == "open" and due and day_of(due) < today:
        return "overdue"
    return voucher.status


def _wanted(query: Mapping[str, str], name: str, allowed: set[str]) -> set[str]:
    given = query.get(name, "")
    if not given:
        raise ApiError(400, f"Required request parameter '{name}' is not present.")
    if given == "any":
        return allowed
    wanted = set(given.split(","))
    if not wanted <= allowed:
        raise ApiError(400, f"Invalid value for {name}: {', '.join(sorted(wanted - allowed))}.")
    return wanted


def _filters(query: Mapping[str, str]) -> list[_Filter]:
    archived, contact_id, number = truth_of(query, "archived"), query.get("contactId"), query.get("voucherNumber")
    filters: list[_Filter] = []
    if archived is not None:
        filters.append(lambda r: bool(r["archived"]) == archived)
    if contact_id is not None:
        filters.append(lambda r: r["contactId"] == contact_id)
    if number is not None:
        filters.append(lambda r: html.escape(r["voucherNumber"], quote=False).lower() == number.lower())
    for name in ("voucherDate", "createdDate", "updatedDate"):
        filters += _day_filters(name, day_of_query(query, f"{name}From"), day_of_query(query, f"{name}To"))
    return filters


def _day_filters(name: str, first: date | None, last: date | None) -> list[_Filter]:
    filters: list[_Filter] = []
    if first is not None:
        filters.append(lambda r: day_of(r[name]) >= first)
    if last is not None:
        filters.append(lambda r: day_of(r[name]) <= last)
    return filters
