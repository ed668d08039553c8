"""Orders: saving, states, follow-up documents, discounts, related objects, PDF."""

import pytest

from tests.sandbox.agency import Desk, by, error, head, position, ref
from tests.sandbox.running import Json

DISCOUNT = {
    "objectName": "Discounts",
    "mapAll": True,
    "discount": True,
    "text": "Treue",
    "percentage": True,
    "value": 10,
}


def test_save_answers_wrapped(desk: Desk) -> None:
    """The factory answers order and positions below objects, with sums as strings."""
    body = {"order": head(desk.contact()["id"]) | _order(), "orderPosSave": [position("OrderPos", 1.5, 98.5)]}
    made = desk.made("Order/Factory/saveOrder", body)
    assert made.keys() == {"order", "orderPos"}
    order = made["order"]
    assert (order["sumNet"], order["sumTax"], order["sumGross"]) == ("147.75", "28.07", "175.82")
    assert [(p["quantity"], p["price"], p["priceGross"], p["positionNumber"]) for p in made["orderPos"]] == [
        ("1.5", "98.5", "117.215", "0")
    ]


def test_gross_prices(desk: Desk) -> None:
    """With showNet false a price is gross."""
    order = desk.order(position("OrderPos", 1, 119), showNet=False)
    assert (order["sumNet"], order["sumGross"]) == ("100", "119")


def _order(**fields: object) -> Json:
    return {
        "objectName": "Order",
        "orderNumber": "AN-1",
        "orderType": "AN",
        "orderDate": "02.11.2026",
        "header": "Angebot",
        "version": 0,
        **fields,
    }


@pytest.mark.parametrize(
    "field",
    [
        "orderNumber",
        "orderDate",
        "contact",
        "status",
        "addressCountry",
        "contactPerson",
        "taxRate",
        "taxRule",
        "header",
    ],
)
def test_required_fields(desk: Desk, field: str) -> None:
    """What the specification requires is required."""
    order = head(desk.contact()["id"]) | _order()
    del order[field]
    status, text = error(desk.post("Order/Factory/saveOrder", {"order": order, "orderPosSave": [position("OrderPos")]}))
    assert (status, field in text) == (422, True)


def test_orders_need_positions_and_a_sum(desk: Desk) -> None:
    """Without positions or with a negative sum an order is refused."""
    order = head(desk.contact()["id"]) | _order()
    assert desk.post("Order/Factory/saveOrder", {"order": order, "orderPosSave": []}).status_code == 422
    negative = [position("OrderPos", price=-1)]
    assert "negative" in error(desk.post("Order/Factory/saveOrder", {"order": order, "orderPosSave": negative}))[1]


def test_saving_again_doubles_positions(desk: Desk) -> None:
    """An update with order.id adds positions unless the old ones are deleted or named by id."""
    order = desk.order()
    path, again = f"Order/{order['id']}/getPositions", {"objectName": "Order", "mapAll": True, "id": order["id"]}
    (old,) = desk.rows(path)
    desk.made("Order/Factory/saveOrder", {"order": again, "orderPosSave": [position("OrderPos")]})
    assert len(desk.rows(path)) == 2
    desk.made(
        "Order/Factory/saveOrder",
        {"order": again, "orderPosSave": [position("OrderPos", 3, id=old["id"])], "orderPosDelete": None},
    )
    assert sorted(p["quantity"] for p in desk.rows(path)) == ["2", "3"]
    delete = {"orderPosDelete": [{"id": old["id"], "objectName": "OrderPos"}]}
    saved = desk.made("Order/Factory/saveOrder", {"order": again, "orderPosSave": [], **delete})
    assert saved["order"]["sumNet"] == "160"


def test_status_can_be_set_freely(desk: Desk) -> None:
    """PUT sets any of the six states, also backwards; others are refused."""
    order = desk.order()
    for status in (500, "1000", 100):
        assert desk.changed(f"Order/{order['id']}", {"status": status})["status"] == str(status)
    assert desk.put(f"Order/{order['id']}", {"status": 400}).status_code == 422
    desk.control("actions/edit-order", {"id": int(order["id"]), "change": {"status": 500}})
    assert desk.one(f"Order/{order['id']}")["status"] == "500"


def test_follow_up_documents(desk: Desk) -> None:
    """A quotation becomes an order confirmation, that one a delivery note; each names its parent as origin."""
    quote = desk.order(orderType="AN")
    confirmation = _follow(desk, "createContractNoteFromOrder", quote)
    note = _follow(desk, "createPackingListFromOrder", confirmation)
    assert (confirmation["orderType"], note["orderType"]) == ("AB", "LI")
    assert note["origin"] == {"id": confirmation["id"], "objectName": "Order"}
    assert note["status"] == "100"
    assert len(desk.rows(f"Order/{note['id']}/getPositions")) == 1
    assert desk.rows("Order", orderType="LI", **by("origin", confirmation["id"], "Order"))[0]["id"] == note["id"]
    assert (
        desk.post("Order/Factory/createContractNoteFromOrder", None, **by("order", note["id"], "Order")).status_code
        == 422
    )
    assert desk.post("Order/Factory/createContractNoteFromOrder", {}).status_code == 400


def _follow(desk: Desk, call: str, order: Json) -> Json:
    made: Json = desk.made(f"Order/Factory/{call}", ref(order["id"], "Order"), **by("order", order["id"], "Order"))
    return made


def test_related_objects(desk: Desk) -> None:
    """Related are the invoices and orders made from an order, and on wish itself."""
    order = desk.order()
    note = _follow(desk, "createPackingListFromOrder", order)
    invoice = desk.made("Invoice/Factory/createInvoiceFromOrder", {"order": ref(order["id"], "Order")})
    path = f"Order/{order['id']}/getRelatedObjects"
    assert [(r["objectName"], r["id"]) for r in desk.rows(path)] == [("Order", note["id"]), ("Invoice", invoice["id"])]
    assert desk.rows(path, includeItself="true")[0]["id"] == order["id"]


def test_discounts(desk: Desk) -> None:
    """A percentage on the whole document and one on a position both lower the sums; getDiscounts shows the first."""
    body = {
        "order": head(desk.contact()["id"]) | _order(),
        "orderPosSave": [position("OrderPos", 1, 100, discount=5), position("OrderPos", 1, 200, 7)],
        "discountSave": [DISCOUNT],
    }
    order = desk.made("Order/Factory/saveOrder", body)["order"]
    assert (order["sumNet"], order["sumTax"], order["sumDiscounts"]) == ("265.5", "28.85", "34.5")
    (discount,) = desk.rows(f"Order/{order['id']}/getDiscounts")
    assert (discount["percentage"], discount["value"], discount["object"]["id"]) == ("1", "10", order["id"])


def test_optional_positions_do_not_count(desk: Desk) -> None:
    """An optional position is shown and not summed."""
    order = desk.order(position("OrderPos"), position("OrderPos", optional=True))
    assert order["sumNet"] == "160"
    assert [p["optional"] for p in desk.rows(f"Order/{order['id']}/getPositions")] == [None, "1"]


def test_pdf_marks_as_sent(desk: Desk) -> None:
    """getPdf without preventSendBy=true makes a draft 200."""
    order = desk.order()
    desk.get(f"Order/{order['id']}/getPdf", preventSendBy="true")
    assert desk.one(f"Order/{order['id']}")["status"] == "100"
    desk.get(f"Order/{order['id']}/getPdf")
    assert desk.one(f"Order/{order['id']}")["status"] == "200"


def test_sending_and_deleting(desk: Desk) -> None:
    """sendBy makes 200, drafts can be deleted, others are 409."""
    order, other = desk.order(), desk.order(orderNumber="AB-78")
    assert desk.changed(f"Order/{order['id']}/sendBy", {"sendType": "VM", "sendDraft": False})["status"] == "200"
    assert desk.delete(f"Order/{order['id']}").status_code == 409
    assert desk.delete(f"Order/{other['id']}").json() == {"objects": [None]}
    assert desk.get(f"Order/{other['id']}").status_code == 404


def test_delivery_note_by_hand(desk: Desk) -> None:
    """In the app a delivery note can be written and sent."""
    order = desk.order()
    desk.control("actions/packing-list", {"id": int(order["id"])})
    (note,) = desk.rows("Order", orderType="LI", status=200)
    assert note["origin"]["id"] == order["id"]
