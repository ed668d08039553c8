"""Invoices: the rules of saveInvoice, numbers, making them from orders, cancelling, reminding, deleting."""

from typing import Any

import pytest

from tests.sandbox.agency import Desk, by, error, position, ref
from tests.sandbox.running import Json

MISLEADING = "expected array with 'id' and 'objectName'"
REQUIRED = [
    "invoiceDate", "contact", "contactPerson", "discount", "status", "addressCountry", "taxRate", "taxRule", "taxText",
    "invoiceType", "currency",
]  # fmt: skip


def refusal(desk: Desk, **fields: Any) -> tuple[int, str]:
    """Why an invoice with these fields is not saved."""
    return error(desk.post("Invoice/Factory/saveInvoice", desk.invoice_body(**fields)))


@pytest.mark.parametrize("field", REQUIRED)
def test_required_fields(desk: Desk, field: str) -> None:
    """What the specification requires is required, contactPerson included."""
    assert refusal(desk, **{field: None}) == (422, f"Missing required field '{field}'")


@pytest.mark.parametrize(
    "fields",
    [
        {"objectName": "invoice"},
        {"contact": {"id": 5}},
        {"contact": {"id": "x", "objectName": "Contact"}},
        {"contactPerson": ref(240501, "User")},
        {"taxRule": 1},
    ],
)
def test_wrong_references_mislead(desk: Desk, fields: Json) -> None:
    """A reference without its objectName, or the wrong one, gets the live system's misleading text."""
    assert refusal(desk, **fields) == (422, MISLEADING)


@pytest.mark.parametrize(
    "fields",
    [
        {"mapAll": False},
        {"contact": ref(1, "Contact")},
        {"contactPerson": ref(1, "SevUser")},
        {"status": 200},
        {"timeToPay": -1},
        {"invoiceType": "XX"},
        {"taxRule": ref(9, "TaxRule")},
        {"taxRule": ref(5, "TaxRule")},
        {"smallSettlement": True},
        {"invoiceType": "AR", "taxRule": ref(3, "TaxRule")},
        {"invoiceDate": "2026/11/02"},
        {"propertyIsEInvoice": True},
        {"deliveryDate": "03.11.2026"},
    ],
)
def test_rules_of_saving(desk: Desk, fields: Json) -> None:
    """Unknown records, a status but draft, wrong tax rules and rates, bad dates: each is 422 and saves nothing."""
    assert refusal(desk, **fields)[0] == 422
    assert desk.rows("Invoice", showAll="true") == []


def test_positions_need_their_marks(desk: Desk) -> None:
    """Each position needs objectName, mapAll, quantity, price, rate and a known unit; none at all is refused too."""
    for spoil in (
        {"objectName": None},
        {"mapAll": None},
        {"quantity": None},
        {"taxRate": None},
        {"unity": ref(999, "Unity")},
    ):
        body = desk.invoice_body() | {"invoicePosSave": [position("InvoicePos") | spoil]}
        assert desk.post("Invoice/Factory/saveInvoice", body).status_code == 422
    assert error(desk.post("Invoice/Factory/saveInvoice", desk.invoice_body() | {"invoicePosSave": []}))[0] == 422


@pytest.mark.parametrize(
    ("rule", "rate"), [(1, 19), (1, 7), (1, 0), (3, 19), (2, 0), (4, 0), (5, 0), (11, 0), (17, 0), (21, 0), (18, 21)]
)
def test_tax_rules_allow_their_rates(desk: Desk, rule: int, rate: int) -> None:
    """Each revenue rule of version 2.0 takes its rates."""
    body = desk.invoice_body(taxRule=ref(rule, "TaxRule")) | {"invoicePosSave": [position("InvoicePos", rate=rate)]}
    assert desk.made("Invoice/Factory/saveInvoice", body)["invoice"]["taxRule"] == {
        "id": str(rule),
        "objectName": "TaxRule",
    }


def test_old_tax_types(desk: Desk) -> None:
    """Without a rule the old type may be mapped (transition) and is the only way in version 1.0."""
    assert refusal(desk, taxRule=None)[0] == 422
    desk.control("settings", {"map_old_tax_types": True})
    assert desk.invoice(taxRule=None, taxType="eu")["taxRule"]["id"] == "3"
    desk.control("settings", {"bookkeeping_version": "1.0"})
    invoice = desk.invoice(taxRule=None)
    assert (invoice["taxRule"], invoice["taxType"]) == (None, "default")


def test_a_document_of_version_1(desk: Desk) -> None:
    """By hand a document can be made to look as old ones do: a type, no rule."""
    order = desk.order()
    desk.control("actions/as-version-1", {"id": int(order["id"])})
    found = desk.one(f"Order/{order['id']}")
    assert (found["taxRule"], found["taxType"]) == (None, "default")


def test_delivery_date_rule_can_be_turned(desk: Desk) -> None:
    """The specification and a live report contradict each other about deliveryDate; both can be played."""
    same, after = {"deliveryDate": "02.11.2026"}, {"deliveryDate": "03.11.2026"}
    assert desk.invoice(**same)["deliveryDate"] == "2026-11-02T00:00:00+01:00"
    desk.control("settings", {"delivery_date_rule": "later"})
    assert refusal(desk, **same) == (
        422,
        "The invoiceDate (2026-11-02) must be before the deliveryDate (2026-11-02)",
    )
    assert desk.invoice(**after)["status"] == "100"
    desk.control("settings", {"delivery_date_rule": "none"})
    assert desk.invoice(**same)["id"] != desk.invoice(**after)["id"]


def test_default_address(desk: Desk) -> None:
    """takeDefaultAddress fills the block from the contact's address; a given one stays."""
    contact = desk.contact()
    place = {"street": "Am Stein 9", "zip": "97080", "city": "Würzburg"}
    body = place | {
        "contact": ref(contact["id"], "Contact"),
        "country": ref(1, "StaticCountry"),
        "category": ref(47, "Category"),
    }
    desk.made("ContactAddress", body)
    mine = {"contact": ref(contact["id"], "Contact")}
    assert desk.invoice(**mine)["address"] == "Weingut Hübner e. K.\nAm Stein 9\n97080 Würzburg"
    assert desk.invoice(**mine, address="Anders\nWeg 1")["address"] == "Anders\nWeg 1"
    without = desk.invoice_body(**mine) | {"takeDefaultAddress": False}
    assert desk.made("Invoice/Factory/saveInvoice", without)["invoice"]["address"] is None


def test_drafts_have_no_number(desk: Desk) -> None:
    """The number comes with sending; the sequence is only a template and reserves nothing."""
    sequence = desk.get("SevSequence/Factory/getByType", objectType="Invoice", type="RE").json()["objects"]
    assert (sequence["format"], sequence["nextSequence"]) == ("RE-%NUMBER", "1000")
    one, two = desk.invoice(), desk.invoice()
    assert (one["invoiceNumber"], one["header"]) == (None, "")
    sent = desk.sent(two["id"])
    assert (sent["invoiceNumber"], sent["header"], sent["status"]) == ("RE-1000", "Rechnung RE-1000", "200")
    assert desk.get("Invoice/Factory/getNextInvoiceNumber", invoiceType="RE").json() == {"objects": "RE-1001"}
    assert desk.invoice(invoiceNumber="RE-1001")["invoiceNumber"] == "RE-1001"
    assert desk.sent(one["id"])["invoiceNumber"] == "RE-1002"


def test_numbers_may_stay_away_and_may_double(desk: Desk) -> None:
    """When the number is assigned is not established; that given numbers are unique is the caller's business."""
    desk.control("settings", {"number_on_send": False})
    assert desk.opened()["invoiceNumber"] is None
    assert desk.invoice(invoiceNumber="RE-1")["invoiceNumber"] == desk.invoice(invoiceNumber="RE-1")["invoiceNumber"]


def test_only_drafts_can_be_saved_again(desk: Desk) -> None:
    """With an id a draft is changed, its positions double; a sent invoice is refused."""
    invoice = desk.invoice()
    again = desk.invoice_body(id=invoice["id"], customerInternalNote="RB-9")
    saved = desk.made("Invoice/Factory/saveInvoice", again)
    assert (saved["invoice"]["id"], saved["invoice"]["sumNet"], len(saved["invoicePos"])) == (invoice["id"], "320", 2)
    assert saved["invoice"]["customerInternalNote"] == "RB-9"
    desk.sent(invoice["id"])
    assert error(desk.post("Invoice/Factory/saveInvoice", again))[0] == 422


def test_from_order(desk: Desk) -> None:
    """createInvoiceFromOrder copies the order's contents into a draft whose origin it is; the order becomes 1000."""
    order = desk.order(position("OrderPos", 1.25, 98.5, text="Startseite"), customerInternalNote="Best.-Nr. 4")
    invoice = desk.made("Invoice/Factory/createInvoiceFromOrder", {"order": ref(order["id"], "Order")})
    assert (invoice["status"], invoice["invoiceNumber"], invoice["origin"]["id"]) == ("100", None, order["id"])
    assert (invoice["sumGross"], invoice["customerInternalNote"]) == (order["sumGross"], "Best.-Nr. 4")
    (copied,) = desk.rows(f"Invoice/{invoice['id']}/getPositions")
    assert (copied["name"], copied["text"], copied["quantity"]) == ("Gestaltung", "Startseite", "1.25")
    assert desk.one(f"Order/{order['id']}")["status"] == "1000"


def test_from_order_twice_makes_two(desk: Desk) -> None:
    """A second call makes a second invoice; whether the real system refuses it is not established."""
    body = {"order": ref(desk.order()["id"], "Order")}
    first, second = (desk.made("Invoice/Factory/createInvoiceFromOrder", body) for _ in range(2))
    assert first["id"] != second["id"]
    desk.control("settings", {"refuse_second_invoice": True})
    assert desk.post("Invoice/Factory/createInvoiceFromOrder", body).status_code == 422


def test_partial_invoice_from_order(desk: Desk) -> None:
    """30 percent as advance invoice leave the order at 750; only tax rules 1 and 11 allow it."""
    order = desk.order()
    body = {"order": ref(order["id"], "Order"), "type": "percentage", "amount": 30, "partialType": "AR"}
    invoice = desk.made("Invoice/Factory/createInvoiceFromOrder", body)
    assert (invoice["invoiceType"], invoice["sumNet"]) == ("AR", "48")
    assert desk.one(f"Order/{order['id']}")["status"] == "750"
    free = desk.order(position("OrderPos", rate=0), taxRule=ref(5, "TaxRule"))
    assert (
        desk.post("Invoice/Factory/createInvoiceFromOrder", body | {"order": ref(free["id"], "Order")}).status_code
        == 422
    )
    assert desk.post("Invoice/Factory/createInvoiceFromOrder", body | {"amount": 130}).status_code == 422


def test_origin_leaves_the_order_alone(desk: Desk) -> None:
    """saveInvoice with origin does not change the order, unless switched on: not established."""
    order = desk.order(status=500)
    desk.invoice(origin=ref(order["id"], "Order"))
    assert desk.one(f"Order/{order['id']}")["status"] == "500"
    desk.control("settings", {"origin_marks_order": True})
    desk.invoice(origin=ref(order["id"], "Order"))
    assert desk.one(f"Order/{order['id']}")["status"] == "1000"


def test_cancelling(desk: Desk) -> None:
    """An SR appears that is paid at once, with negative sums; the invoice counts as paid without any money."""
    invoice = desk.opened()
    answer = desk.post(f"Invoice/{invoice['id']}/cancelInvoice")
    storno = answer.json()["objects"]
    assert (answer.status_code, storno["invoiceType"], storno["status"]) == (201, "SR", "1000")
    assert (storno["sumGross"], storno["origin"]) == ("-190.4", {"id": invoice["id"], "objectName": "Invoice"})
    source = desk.one(f"Invoice/{invoice['id']}")
    assert (source["status"], source["paidAmount"]) == ("1000", 0)
    assert desk.post(f"Invoice/{invoice['id']}/cancelInvoice").status_code == 422
    assert desk.post(f"Invoice/{desk.invoice()['id']}/cancelInvoice").status_code == 422
    desk.control("settings", {"cancelled_becomes_paid": False})
    other = desk.opened()
    desk.control("actions/cancel", {"id": int(other["id"])})
    assert desk.one(f"Invoice/{other['id']}")["status"] == "200"


def test_reminders_are_hidden(desk: Desk) -> None:
    """A reminder is an invoice of type MA, out of sight without showMa=all or showAll=true."""
    invoice = desk.opened()
    body, query = {"invoice": ref(invoice["id"], "Invoice")}, by("invoice", invoice["id"], "Invoice")
    levels = [desk.made("Invoice/Factory/createInvoiceReminder", body, **query)["dunningLevel"] for _ in range(2)]
    assert levels == ["1", "2"]
    assert len(desk.rows("Invoice")) == 1
    assert len(desk.rows("Invoice", showMa="all")) == len(desk.rows("Invoice", showAll="true")) == 3
    assert desk.rows("Invoice", onlyDunned="true")[0]["id"] == invoice["id"]
    assert desk.post("Invoice/Factory/createInvoiceReminder", body).status_code == 400


def test_deleting_drafts(desk: Desk) -> None:
    """DELETE takes a draft and its positions away; a sent invoice is 409."""
    draft, sent = desk.invoice(), desk.opened()
    assert desk.delete(f"Invoice/{draft['id']}").json() == {"objects": [None]}
    assert desk.get(f"Invoice/{draft['id']}").status_code == 404
    assert len(desk.rows("InvoicePos")) == 1
    assert desk.rows("InvoicePos", **by("invoice", sent["id"], "Invoice"))[0]["sumGrossAccounting"] == "190.4"
    assert error(desk.delete(f"Invoice/{sent['id']}"))[0] == 409
    gone = desk.invoice()
    desk.control("actions/delete-draft", {"id": int(gone["id"])})
    assert desk.get(f"Invoice/{gone['id']}").status_code == 404


def test_editing_by_hand(desk: Desk) -> None:
    """In the app an invoice can be changed after it was made: prices, note, contact; sums follow."""
    invoice = desk.invoice(customerInternalNote="RB-1")
    change = {"prices": [90], "customerInternalNote": "geändert"}
    desk.control("actions/edit-invoice", {"id": int(invoice["id"]), "change": change})
    found = desk.one(f"Invoice/{invoice['id']}")
    assert (found["sumGross"], found["customerInternalNote"]) == ("214.2", "geändert")


def test_answers_can_be_as_specified(desk: Desk) -> None:
    """The specification shows factory answers without the objects wrapper; that can be played too."""
    desk.control("settings", {"specified_answers": True})
    body = {"name": "A", "category": ref(3, "Category")}
    contact = desk.post("Contact", body).json()
    assert contact["objectName"] == "Contact"
    desk.control("settings", {"specified_answers": False})
    assert desk.post("Contact", body).json()["objects"]["objectName"] == "Contact"
