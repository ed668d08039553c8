"""Contacts with their addresses and communication ways, and the records every account has."""

from typing import Any

from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Handler, Reply, Routes, factory_reply
from sandbox.sevdesk.errors import ApiError, Json, refused
from sandbox.sevdesk.listing import STAMPS, Filter, equal, like, listed, refers, single
from sandbox.sevdesk.numbers import next_number, note_used
from sandbox.sevdesk.records import Record, Ref
from sandbox.sevdesk.values import Reader, demand, number, one_of, read, reference, text, truth, whole

STATUSES = (100, 500, 1000)


def truth_word(value: Any, field: str) -> str:
    """Contacts show booleans as the words true and false (published example)."""
    return "true" if truth(value, field) else "false"


CONTACT: dict[str, Reader] = {
    "name": text,
    "status": whole,
    "customerNumber": text,
    "parent": reference("Contact"),
    "surename": text,
    "familyname": text,
    "titel": text,
    "category": reference("Category"),
    "description": text,
    "academicTitle": text,
    "gender": text,
    "name2": text,
    "birthday": text,
    "vatNumber": text,
    "bankAccount": text,
    "bankNumber": text,
    "defaultCashbackTime": whole,
    "defaultCashbackPercent": number,
    "defaultTimeToPay": whole,
    "taxNumber": text,
    "taxOffice": text,
    "exemptVat": truth_word,
    "defaultDiscountAmount": number,
    "defaultDiscountPercentage": truth_word,
    "buyerReference": text,
    "governmentAgency": truth_word,
    "additionalInformation": text,
}
ADDRESS: dict[str, Reader] = {
    "contact": reference("Contact"),
    "street": text,
    "zip": text,
    "city": text,
    "country": reference("StaticCountry"),
    "category": reference("Category"),
    "name": text,
    "name2": text,
    "name3": text,
    "name4": text,
}
WAY: dict[str, Reader] = {
    "contact": reference("Contact"),
    "type": one_of("EMAIL", "PHONE", "WEB", "MOBILE"),
    "value": text,
    "key": reference("CommunicationWayKey"),
    "main": truth,
}
CONTACT_FILTERS: dict[str, Filter] = {
    **STAMPS,
    **refers("category"),
    **refers("parent"),
    "customerNumber": equal("customerNumber"),
    "name": like("name", "surename", "familyname"),
}
WAY_FILTERS: dict[str, Filter] = {**refers("contact"), "type": equal("type"), "main": equal("main")}


def contact_list(account: Account, call: Call) -> Reply:
    """GET /Contact: organisations only, persons too with depth=1."""
    rows = account.rows("Contact", stale=call.stale)
    seen = rows if call.query.get("depth") == "1" else [row for row in rows if row["name"]]
    return listed(account, seen, CONTACT_FILTERS, call)


def new_contact(account: Account, call: Call) -> Reply:
    """POST /Contact."""
    return factory_reply(answer_of(create(account, call.body)), 201)


def create(account: Account, body: Json) -> Record:
    """Store a new contact; numbers are not given by themselves."""
    fields = dict.fromkeys(CONTACT) | {"status": 100, "exemptVat": "false", "governmentAgency": "false"}
    fields |= {"defaultDiscountPercentage": "false"} | read(CONTACT, body)
    _check(account, fields)
    if fields["customerNumber"]:
        note_used(account, "Contact", "CUSTOMER", fields["customerNumber"])
    return account.add("Contact", fields)


def changed_contact(account: Account, call: Call) -> Reply:
    """PUT /Contact/{id}."""
    contact = account.get("Contact", call.id)
    changes = read(CONTACT, call.body)
    _check(account, contact.fields | changes)
    return factory_reply(answer_of(account.change(contact, **changes)))


def next_customer_number(account: Account, call: Call) -> Reply:
    """GET /Contact/Factory/getNextCustomerNumber."""
    return Reply(next_number(account, "Contact", "CUSTOMER"))


def number_is_free(account: Account, call: Call) -> Reply:
    """GET /Contact/Mapper/checkCustomerNumberAvailability; 500 without a number, as reported."""
    if not call.query.get("customerNumber"):
        raise ApiError(500, "Internal server error")
    return Reply(all(row["customerNumber"] != call.query["customerNumber"] for row in account.rows("Contact")))


def adding(name: str, readers: dict[str, Reader], *required: str) -> Handler:
    """The handler of POST for addresses and communication ways."""

    def handler(account: Account, call: Call) -> Reply:
        return factory_reply(answer_of(attach(account, name, readers, call.body, *required)), 201)

    return handler


def attach(account: Account, name: str, readers: dict[str, Reader], body: Json, *required: str) -> Record:
    """Store an address or a communication way of a contact."""
    fields = dict.fromkeys(readers) | read(readers, body)
    if name == "CommunicationWay":
        fields["main"] = bool(fields["main"])
    demand(fields, *required)
    _check_references(account, fields)
    return account.add(name, fields)


def changing(name: str, readers: dict[str, Reader]) -> Handler:
    """The handler of PUT for addresses and communication ways."""

    def handler(account: Account, call: Call) -> Reply:
        record = account.get(name, call.id)
        changes = read(readers, call.body)
        _check_references(account, changes)
        return factory_reply(answer_of(account.change(record, **changes)))

    return handler


def deleting(name: str) -> Handler:
    """The handler of DELETE for addresses and communication ways."""

    def handler(account: Account, call: Call) -> Reply:
        account.remove(account.get(name, call.id))
        return Reply([None])

    return handler


def listing(name: str, filters: dict[str, Filter]) -> Handler:
    """The handler of a plain list."""
    return lambda account, call: listed(account, account.rows(name, stale=call.stale), filters, call)


def one(name: str) -> Handler:
    """The handler of GET by id."""
    return lambda account, call: single(account, name, call)


def _check(account: Account, fields: Json) -> None:
    demand(fields, "category")
    if not fields["name"] and not fields["familyname"]:
        raise refused("Either name or familyname is required")
    if fields["status"] not in STATUSES:
        raise refused(f"status: invalid value '{fields['status']}'")
    _check_references(account, fields)


def _check_references(account: Account, fields: Json) -> None:
    for ref in (value for value in fields.values() if isinstance(value, Ref)):
        account.needed(ref)


def _resource(name: str, filters: dict[str, Filter], add: Handler, change: Handler) -> Routes:
    return {
        ("GET", f"/{name}"): listing(name, filters),
        ("POST", f"/{name}"): add,
        ("GET", f"/{name}/{{id}}"): one(name),
        ("PUT", f"/{name}/{{id}}"): change,
        ("DELETE", f"/{name}/{{id}}"): deleting(name),
    }


new_address = adding("ContactAddress", ADDRESS, "contact", "country", "category")
new_way = adding("CommunicationWay", WAY, "contact", "type", "value", "key")
ROUTES: Routes = {
    **_resource("ContactAddress", dict(refers("contact")), new_address, changing("ContactAddress", ADDRESS)),
    **_resource("CommunicationWay", WAY_FILTERS, new_way, changing("CommunicationWay", WAY)),
    ("GET", "/Contact"): contact_list,
    ("POST", "/Contact"): new_contact,
    ("GET", "/Contact/{id}"): one("Contact"),
    ("PUT", "/Contact/{id}"): changed_contact,
    ("GET", "/Contact/Factory/getNextCustomerNumber"): next_customer_number,
    ("GET", "/Contact/Mapper/checkCustomerNumberAvailability"): number_is_free,
    ("GET", "/SevUser"): listing("SevUser", {}),
    ("GET", "/SevUser/{id}"): one("SevUser"),
    ("GET", "/StaticCountry"): listing("StaticCountry", {"code": equal("code")}),
    ("GET", "/StaticCountry/{id}"): one("StaticCountry"),
    ("GET", "/Unity"): listing("Unity", {}),
    ("GET", "/CommunicationWayKey"): listing("CommunicationWayKey", {}),
    ("GET", "/Category"): listing("Category", {"objectType": equal("objectType")}),
    ("GET", "/PaymentMethod"): listing("PaymentMethod", {}),
}
