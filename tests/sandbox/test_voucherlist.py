"""The voucher list: parameters, filters, paging, overdue and its lag."""

from typing import Any

import pytest

from tests.sandbox.running import Json, Stage, eventually

ROW = {
    "id",
    "voucherType",
    "voucherStatus",
    "voucherNumber",
    "voucherDate",
    "createdDate",
    "updatedDate",
    "dueDate",
    "contactId",
    "contactName",
    "totalAmount",
    "openAmount",
    "currency",
    "archived",
}


def numbers(stage: Stage, kind: str = "invoice", status: str = "any", **query: Any) -> list[str]:
    """The numbers listed."""
    found = stage.read("voucherlist", voucherType=kind, voucherStatus=status, **query)
    return [row["voucherNumber"] for row in found["content"]]


def dated(body: Json, day: str) -> Json:
    """The request with another voucher date."""
    return body | {"voucherDate": f"{day}T00:00:00.000+01:00"}


def test_rows_of_one_time_addresses(stage: Stage, invoice_body: Json) -> None:
    """A row has all documented fields; contactId is null for a one-time address."""
    stage.made("invoices", invoice_body, finalize="true")
    found = stage.read("voucherlist", voucherType="invoice", voucherStatus="open")
    row = found["content"][0]
    assert row.keys() == ROW
    assert (row["contactId"], row["contactName"], row["openAmount"]) == (None, "Erika Beispiel", 190.4)


def test_envelope_is_zero_based(stage: Stage, invoice_body: Json) -> None:
    """Pages count from 0 and the envelope tells where one is."""
    for _ in range(3):
        stage.made("invoices", invoice_body)
    query = {"voucherType": "invoice", "voucherStatus": "draft", "size": 2, "sort": "voucherNumber,ASC"}
    first, second = stage.read("voucherlist", **query), stage.read("voucherlist", **query, page=1)
    assert [row["voucherNumber"] for row in first["content"]] == ["RE1001", "RE1002"]
    del first["content"], second["content"]
    assert first == {
        "first": True,
        "last": False,
        "totalPages": 2,
        "totalElements": 3,
        "numberOfElements": 2,
        "size": 2,
        "number": 0,
        "sort": [
            {
                "property": "voucherNumber",
                "direction": "ASC",
                "ignoreCase": False,
                "nullHandling": "NATIVE",
                "ascending": True,
            }
        ],
    }
    assert (second["first"], second["last"], second["number"], second["numberOfElements"]) == (False, True, 1, 1)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"voucherType": "invoice"}, 400),
        ({"voucherStatus": "any"}, 400),
        ({"voucherType": "dunning", "voucherStatus": "any"}, 400),
        ({"voucherType": "invoice", "voucherStatus": "erledigt"}, 400),
        ({"voucherType": "invoice", "voucherStatus": "open,overdue"}, 400),
        ({"voucherType": "invoice", "voucherStatus": "any", "size": 251}, 400),
        ({"voucherType": "invoice", "voucherStatus": "any", "page": -1}, 400),
        ({"voucherType": "invoice", "voucherStatus": "any", "sort": "dueDate,ASC"}, 400),
        ({"voucherType": "invoice", "voucherStatus": "any", "createdDateFrom": "02.11.2026"}, 400),
        ({"voucherType": "invoice", "voucherStatus": "any", "size": 250, "page": 40}, 500),
        ({"voucherType": "invoice", "voucherStatus": "any", "size": 250, "page": 39}, 200),
        ({"voucherType": "invoice", "voucherStatus": "any", "onlyOpen": "true"}, 200),
    ],
)
def test_parameters(stage: Stage, query: dict[str, Any], status: int) -> None:
    """Type and status are mandatory, sizes end at 250, the window at 10,000, unknown parameters are ignored."""
    assert stage.get("voucherlist", **query).status_code == status


def test_overdue_exists_only_here(stage: Stage, invoice_body: Json) -> None:
    """Past its due day an open invoice is `overdue` in the list, no longer `open`; GET still says open."""
    invoice = stage.made("invoices", invoice_body, finalize="true")
    stage.control("clock", {"now": "2026-11-16T23:59:00+01:00"})
    assert (numbers(stage, status="open"), numbers(stage, status="overdue")) == (["RE1001"], [])
    stage.control("clock", {"now": "2026-11-17T00:00:00+01:00"})
    assert (numbers(stage, status="open"), numbers(stage, status="overdue")) == ([], ["RE1001"])
    assert numbers(stage) == ["RE1001"]
    assert stage.read(f"invoices/{invoice['id']}")["voucherStatus"] == "open"
    stage.control("payments", {"voucherId": invoice["id"]})
    assert (numbers(stage, status="overdue"), numbers(stage, status="paid")) == ([], ["RE1001"])


def test_day_filters_are_whole_days_in_berlin(stage: Stage, invoice_body: Json) -> None:
    """From and To include their day, counted in Europe/Berlin."""
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        stage.made("invoices", dated(invoice_body, day))
    late_evening = invoice_body | {"voucherDate": "2026-11-03T23:30:00.000Z"}
    stage.made("invoices", late_evening)
    assert numbers(stage, voucherDateFrom="2026-11-02", voucherDateTo="2026-11-03", sort="voucherDate,ASC") == [
        "RE1002",
        "RE1003",
    ]
    assert numbers(stage, voucherDateFrom="2026-11-04") == ["RE1004"]
    assert len(numbers(stage, createdDateFrom="2026-11-02", updatedDateTo="2026-11-02")) == 4
    assert numbers(stage, createdDateFrom="2026-11-03") == []


def test_archived_contact_and_number_filters(stage: Stage, invoice_body: Json) -> None:
    """archived, contactId and voucherNumber narrow the list; the number ignores case."""
    contact = {"roles": {"customer": {}}, "person": {"firstName": "Jürgen", "lastName": "Groß"}}
    contact_id = stage.post("contacts", contact).json()["id"]
    order = stage.made("order-confirmations", invoice_body, finalize="true")
    stage.made("order-confirmations", invoice_body | {"address": {"contactId": contact_id}}, finalize="true")
    stage.control("actions/archive", {"id": order["id"]})
    listed = [numbers(stage, "orderconfirmation", archived=value) for value in ("true", "false")]
    assert listed == [["AB1001"], ["AB1002"]]
    assert numbers(stage, "orderconfirmation", contactId=contact_id) == ["AB1002"]
    assert numbers(stage, "orderconfirmation,invoice", voucherNumber="ab1001") == ["AB1001"]
    row = stage.read("voucherlist", voucherType="any", voucherStatus="any", contactId=contact_id)["content"][0]
    assert row["contactName"] == "Groß, Jürgen"


def test_delivery_notes_have_no_open_amount(stage: Stage, invoice_body: Json) -> None:
    """openAmount may be null."""
    stage.made("delivery-notes", invoice_body, finalize="true")
    row = stage.read("voucherlist", voucherType="deliverynote", voucherStatus="open")["content"][0]
    assert row["openAmount"] is None
    assert "dueDate" not in row


def test_the_list_lags_behind_writes(stage: Stage, invoice_body: Json) -> None:
    """A new invoice can be read at once but is listed only after the lag."""
    stage.control("index-lag", {"seconds": 3})
    stage.made("invoices", invoice_body)
    assert numbers(stage) == []
    assert eventually(lambda: numbers(stage) == ["RE1001"])
