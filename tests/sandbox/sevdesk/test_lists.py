"""Lists: the envelope, strings, paging, filters that work, filters that are silently ignored, embed."""

from datetime import datetime, timedelta

import pytest

from tests.sandbox.agency import Desk, by, ref

NOW = int(datetime.fromisoformat("2026-11-02T08:00:00+01:00").timestamp())


def numbers(desk: Desk, **query: object) -> list[str]:
    """The numbers of the orders listed, in order of number."""
    return sorted(row["orderNumber"] for row in desk.rows("Order", **query))


def test_everything_is_a_string_in_an_array(desk: Desk) -> None:
    """GET by id answers an array of one; ids, numbers and booleans are strings, missing values null or ''."""
    invoice = desk.one(f"Invoice/{desk.invoice()['id']}")
    assert invoice["id"].isdigit()
    assert (invoice["status"], invoice["sumGross"], invoice["showNet"]) == ("100", "190.4", "1")
    assert (invoice["smallSettlement"], invoice["timeToPay"], invoice["taxRule"]["id"]) == ("0", "14", "1")
    assert (invoice["invoiceNumber"], invoice["header"], invoice["payDate"]) == (None, "", None)
    assert invoice["paidAmount"] == 0
    assert invoice["paidAmount"] is not False


def test_dates_are_midnight_in_berlin(desk: Desk) -> None:
    """dd.mm.yyyy, yyyy-mm-dd and Unix seconds mean a day; answers are ISO with the offset of that day."""
    for given in ("05.07.2026", "2026-07-05", 1783209600, "1783209600"):
        assert desk.invoice(invoiceDate=given)["invoiceDate"] == "2026-07-05T00:00:00+02:00"
    assert desk.invoice(invoiceDate="02.11.2026")["invoiceDate"] == "2026-11-02T00:00:00+01:00"
    assert desk.one(f"Invoice/{desk.invoice()['id']}")["create"].startswith("2026-11-02T08:00:")
    assert desk.post("Invoice/Factory/saveInvoice", desk.invoice_body(invoiceDate="31.02.2026")).status_code == 422


def test_limit_defaults_to_100(desk: Desk) -> None:
    """Without a limit a list ends after 100 rows; 1000 is the most; total is a string."""
    for n in range(103):
        desk.contact(name=f"Kunde {n}")
    assert len(desk.rows("Contact")) == 100
    assert len(desk.rows("Contact", limit=1000)) == 103
    answer = desk.get("Contact", limit=2, offset=102, countAll="true").json()
    assert (len(answer["objects"]), answer["total"]) == (1, "103")
    assert "total" not in desk.get("Contact").json()
    desk.control("settings", {"total_as_number": True})
    assert desk.get("Contact", countAll="true").json()["total"] == 103


def test_new_rows_shift_the_pages(desk: Desk) -> None:
    """Lists begin with the newest, so a row made between two pages doubles one: there is no stable cursor."""
    for n in range(4):
        desk.order(orderNumber=f"AB-{n}")
    first = desk.rows("Order", limit=2)
    desk.order(orderNumber="AB-4")
    second = desk.rows("Order", limit=2, offset=2)
    assert first[-1]["id"] == second[0]["id"]
    assert [row["orderNumber"] for row in desk.rows("Order", orderByOrderNumber="ASC", limit=2)] == ["AB-0", "AB-1"]


def test_order_filters(desk: Desk) -> None:
    """Status, type, number, contact, dates and amounts filter."""
    one = desk.order(orderNumber="AB-1", orderDate="01.11.2026")
    desk.order(orderNumber="AB-2", orderType="AN", status=500, header="Angebot Etiketten")
    assert numbers(desk, status=500) == ["AB-2"]
    assert numbers(desk, orderType="AB") == ["AB-1"]
    assert numbers(desk, orderNumber="AB-2") == ["AB-2"]
    assert numbers(desk, headerSearch="etiketten") == ["AB-2"]
    assert numbers(desk, **by("contact", one["contact"]["id"], "Contact")) == ["AB-1"]
    assert numbers(desk, startAmount=190.41) == []
    assert numbers(desk, endAmount=190.4) == ["AB-1", "AB-2"]


@pytest.mark.parametrize(
    "query",
    [
        {"staus": 500},
        {"status": "500,200"},
        {"updateAfter": "gestern"},
        {"contact[id]": 1},
        {"tags[0][id]": 1},
        {"tags[0][id]": "x", "tags[0][objectName]": "Tag"},
        {"customerInternalNote": "nichts"},
    ],
)
def test_what_is_not_understood_is_ignored(desk: Desk, query: dict[str, object]) -> None:
    """Unknown filters and those without their objectName keep every row; an impossible value keeps none."""
    desk.order(orderNumber="AB-1")
    assert numbers(desk, **query) == ([] if query == {"status": "500,200"} else ["AB-1"])


def test_update_after_is_strict_in_seconds(desk: Desk) -> None:
    """updateAfter takes Unix seconds; a change in that very second is not in the answer, so windows must overlap."""
    order = desk.order(orderNumber="AB-1")
    desk.stage.control("clock", {"now": "2026-11-02T09:00:00.500+01:00"})
    desk.changed(f"Order/{order['id']}", {"status": 500})
    second = NOW + 3600
    assert numbers(desk, updateAfter=second - 1) == ["AB-1"]
    assert numbers(desk, updateAfter=second) == []
    assert numbers(desk, updateBefore=second) == []
    assert numbers(desk, createAfter=second - 1) == []
    assert desk.one(f"Order/{order['id']}")["update"] == "2026-11-02T09:00:00+01:00"


def test_utc_midnight_shifts_date_filters(desk: Desk) -> None:
    """A day begins at midnight in Berlin: whoever asks from UTC midnight on misses that day."""
    desk.order(orderNumber="AB-1", orderDate="02.11.2026")
    utc = int(datetime.fromisoformat("2026-11-02T00:00:00+00:00").timestamp())
    assert numbers(desk, startDate=utc) == []
    assert numbers(desk, startDate=utc - 3600, endDate=utc - 3600) == ["AB-1"]


def test_tag_filter(desk: Desk) -> None:
    """Orders are found by tag with the objectName beside the id; tagging does not count as an update."""
    tagged, other = desk.order(orderNumber="AB-1"), desk.order(orderNumber="AB-2")
    relation = desk.made("Tag/Factory/create", {"name": "fertig", "object": ref(tagged["id"], "Order")})
    query = {"tags[0][id]": relation["tag"]["id"], "tags[0][objectName]": "Tag"}
    assert numbers(desk, **query) == ["AB-1"]
    assert desk.one(f"Order/{tagged['id']}")["update"] == tagged["update"]
    assert [tag["name"] for tag in desk.rows("Tag")] == ["fertig"]
    assert desk.rows("TagRelation")[0]["object"] == {"id": tagged["id"], "objectName": "Order"}
    desk.control("actions/tag", {"id": int(other["id"]), "change": {"name": "fertig"}})
    assert numbers(desk, **query) == ["AB-1", "AB-2"]
    desk.control("actions/untag", {"id": int(tagged["id"]), "change": {"name": "fertig"}})
    assert numbers(desk, **query) == ["AB-2"]
    assert desk.delete(f"Tag/{relation['tag']['id']}").json() == {"objects": [None]}
    assert desk.rows("TagRelation") == []


def test_tagging_may_touch(desk: Desk) -> None:
    """Whether tagging counts as an update is not established; it can be chosen."""
    desk.control("settings", {"tagging_touches": True})
    order = desk.order()
    desk.stage.control("clock", {"advance": {"minutes": 5}})
    desk.control("actions/tag", {"id": int(order["id"]), "change": {"name": "fertig"}})
    assert numbers(desk, updateAfter=NOW + 200) == ["AB-77"]


def test_invoice_filters(desk: Desk) -> None:
    """By number, status, type, origin and the misspelt note; the right spelling filters nothing."""
    order = desk.order()
    marked = desk.opened(origin=ref(order["id"], "Order"), customerInternalNote="RB-1", invoiceNumber="RE-7")
    draft = desk.invoice(customerInternalNote="RB-2")

    def found(**query: object) -> set[str]:
        return {row["id"] for row in desk.rows("Invoice", **query)}

    assert found(invoiceNumber="RE-7") == {marked["id"]}
    assert found(status=100) == {draft["id"]}
    assert found(**by("origin", order["id"], "Order"), showAll="true") == {marked["id"]}
    assert found(customerIntenalNote="RB-2") == {draft["id"]}
    assert found(customerInternalNote="RB-2") == {marked["id"], draft["id"]}
    assert found(fulltextSearch="rb-1") == {marked["id"]}
    assert found(invoiceNumberGreater="RE-6", invoiceNumberSmaller="RE-8") == {marked["id"]}
    assert found(sendType="VPR") == {marked["id"]}
    desk.control("settings", {"ignored_filters": ["origin[id]", "customerIntenalNote"]})
    assert found(**by("origin", order["id"], "Order"), customerIntenalNote="RB-1") == {marked["id"], draft["id"]}


def test_overdue_is_a_filter_not_a_status(desk: Desk) -> None:
    """After invoiceDate plus timeToPay an open invoice is delinquent and still 200."""
    invoice = desk.opened()
    assert desk.rows("Invoice", delinquent="true") == []
    desk.stage.control("clock", {"advance": {"days": 15}})
    assert [(row["id"], row["status"]) for row in desk.rows("Invoice", delinquent="true")] == [(invoice["id"], "200")]
    assert desk.rows("Invoice", notdelinquent="true") == []


def test_embed_puts_records_in_place(desk: Desk) -> None:
    """embed=contact,contact.category expands references; unknown names change nothing."""
    invoice = desk.invoice()
    (row,) = desk.rows(f"Invoice/{invoice['id']}", embed="contact,contact.category,nichts")
    assert row["contact"]["name"] == "Weingut Hübner e. K."
    assert row["contact"]["category"]["name"] == "Kunde"
    assert row["contactPerson"] == {"id": "240501", "objectName": "SevUser"}
    assert desk.rows("Invoice", embed="contact")[0]["contact"]["name"] == "Weingut Hübner e. K."


def test_the_clock_of_the_window_is_the_stage(desk: Desk) -> None:
    """Rows made after a jump of the clock carry the new time."""
    desk.stage.control("clock", {"advance": {"days": 3}})
    made = datetime.fromisoformat(desk.contact()["create"])
    assert made - datetime.fromtimestamp(NOW, made.tzinfo) >= timedelta(days=3)


def test_answers_can_be_spoiled(desk: Desk) -> None:
    """By hand a record can show values nobody knows, also in lists; an empty change heals it."""
    order = desk.order()
    path, deed = f"Order/{order['id']}", {"id": int(order["id"])}
    desk.control("actions/spoil", deed | {"change": {"status": "4711", "contact": None}})
    assert (desk.one(path)["status"], desk.rows("Order")[0]["contact"]) == ("4711", None)
    desk.control("actions/spoil", deed | {"change": {}})
    assert (desk.one(path)["status"], desk.one(path)["contact"]) == ("100", order["contact"])
