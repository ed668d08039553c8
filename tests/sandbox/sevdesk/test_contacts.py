"""Contacts, addresses, communication ways and the tables every account has."""

import pytest

from tests.sandbox.agency import Desk, by, error, ref


def test_persons_need_depth(desk: Desk) -> None:
    """Without depth=1 the list leaves persons out; surename holds the first name."""
    desk.contact(name="Weingut")
    person = desk.contact(name=None, surename="Maëlle", familyname="Schönwälder", customerNumber="1007")
    assert [c["name"] for c in desk.rows("Contact")] == ["Weingut"]
    assert len(desk.rows("Contact", depth="1")) == 2
    assert desk.rows("Contact", depth="1", customerNumber="1007")[0]["id"] == person["id"]
    assert desk.one(f"Contact/{person['id']}")["surename"] == "Maëlle"


def test_contact_shows_words_for_booleans(desk: Desk) -> None:
    """governmentAgency and exemptVat are the words true and false."""
    contact = desk.contact(governmentAgency=True, buyerReference="099-1-2")
    assert (contact["governmentAgency"], contact["exemptVat"], contact["buyerReference"]) == (
        "true",
        "false",
        "099-1-2",
    )


@pytest.mark.parametrize(
    "fields", [{"category": None}, {"name": None}, {"status": 7}, {"category": ref(3, "category")}]
)
def test_contact_rules(desk: Desk, fields: dict[str, object]) -> None:
    """A contact needs a category, a name and a known status."""
    body = {"name": "A", "category": ref(3, "Category")} | fields
    assert error(desk.post("Contact", body))[0] == 422


def test_changing_and_deleting(desk: Desk) -> None:
    """PUT changes the fields it names; by hand a contact can lose its ways and addresses."""
    contact = desk.contact(description="alt")
    changed = desk.changed(f"Contact/{contact['id']}", {"description": "neu"})
    assert (changed["description"], changed["name"]) == ("neu", contact["name"])
    owner = {"contact": ref(contact["id"], "Contact")}
    way = desk.made(
        "CommunicationWay", owner | {"type": "EMAIL", "value": "a@b.example", "key": ref(2, "CommunicationWayKey")}
    )
    assert (way["main"], way["key"]["id"]) == ("0", "2")
    desk.control("actions/forget-ways", {"id": int(contact["id"])})
    assert desk.rows("CommunicationWay") == []
    desk.control("actions/edit-contact", {"id": int(contact["id"]), "change": {"name": "Umbenannt"}})
    assert desk.one(f"Contact/{contact['id']}")["name"] == "Umbenannt"


def test_ways_and_addresses(desk: Desk) -> None:
    """The mail address for invoices has key 8; ways filter by contact, type and main; addresses by contact."""
    one, two = desk.contact(), desk.contact()
    for contact, key in ((one, 2), (one, 8), (two, 2)):
        way = {"contact": ref(contact["id"], "Contact"), "type": "EMAIL", "value": f"{key}@a.example"}
        desk.made("CommunicationWay", way | {"key": ref(key, "CommunicationWayKey"), "main": key == 8})
    mine = by("contact", one["id"], "Contact")
    assert [w["value"] for w in desk.rows("CommunicationWay", **mine)] == ["2@a.example", "8@a.example"]
    assert [w["key"]["id"] for w in desk.rows("CommunicationWay", **mine, type="EMAIL", main="1")] == ["8"]
    place = {"contact": ref(two["id"], "Contact"), "country": ref(1, "StaticCountry"), "category": ref(43, "Category")}
    address = desk.made("ContactAddress", place | {"street": "Weg 1", "zip": "97070", "city": "Würzburg"})
    assert desk.rows("ContactAddress", **mine) == []
    assert desk.changed(f"ContactAddress/{address['id']}", {"zip": "97072"})["zip"] == "97072"
    assert desk.delete(f"ContactAddress/{address['id']}").json() == {"objects": [None]}
    assert error(desk.post("ContactAddress", {"street": "Weg 1"}))[0] == 422


def test_customer_numbers(desk: Desk) -> None:
    """The next number moves on when it was used; availability wants a number."""
    assert desk.get("Contact/Factory/getNextCustomerNumber").json() == {"objects": "1000"}
    desk.contact(customerNumber="1000")
    assert desk.get("Contact/Factory/getNextCustomerNumber").json() == {"objects": "1001"}
    path = "Contact/Mapper/checkCustomerNumberAvailability"
    assert desk.get(path, customerNumber="1000").json() == {"objects": False}
    assert desk.get(path, customerNumber="1001").json() == {"objects": True}


def test_tables(desk: Desk) -> None:
    """Countries, units, users, keys and categories can be read; Germany and piece have id 1."""
    assert desk.rows("StaticCountry", code="de")[0]["id"] == "1"
    assert desk.rows("Unity")[0] == {
        "id": "1",
        "objectName": "Unity",
        "name": "Stk",
        "translationCode": "UNITY_PIECE",
        "unitySystem": None,
    }
    assert [user["fullname"] for user in desk.rows("SevUser")] == ["Lena Brückner", "Tarek Aydın"]
    assert {key["id"] for key in desk.rows("CommunicationWayKey")} == set("12345678")
    assert {c["id"] for c in desk.rows("Category", objectType="Contact")} == {"2", "3", "4", "28"}
