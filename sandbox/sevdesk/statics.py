"""Records that every account has from the beginning: countries, units, tax rules, keys, its users and accounts."""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.sevdesk.errors import Json
from sandbox.sevdesk.records import Ref

CLIENT = Ref(240101, "SevClient")
UNITS = {
    1: ("Stk", "UNITY_PIECE"),
    2: ("m²", "UNITY_SQUARE_METER"),
    3: ("m", "UNITY_METER"),
    4: ("kg", "UNITY_KILOGRAM"),
    7: ("pauschal", "UNITY_FLAT_RATE"),
    9: ("Std", "UNITY_HOUR"),
    10: ("km", "UNITY_KILOMETER"),
    11: ("%", "UNITY_PERCENT"),
    13: ("Tag(e)", "UNITY_DAYS"),
    14: ("l", "UNITY_LITER"),
}
"""Unity id to name and translation code; only id 1 (piece) is established."""
COUNTRIES = {
    1: ("de", "Deutschland", "Germany"),
    2: ("ch", "Schweiz", "Switzerland"),
    7: ("at", "Österreich", "Austria"),
    9: ("fr", "Frankreich", "France"),
    14: ("nl", "Niederlande", "Netherlands"),
}
"""StaticCountry id to code and names; only id 1 (Germany) is established."""
WAY_KEYS = {1: "Privat", 2: "Arbeit", 3: "Fax", 4: "Mobil", 5: "", 6: "Autobox", 7: "Newsletter", 8: "Rechnungsadresse"}
CONTACT_CATEGORIES = {2: "Lieferant", 3: "Kunde", 4: "Partner", 28: "Interessent"}
ADDRESS_CATEGORIES = {43: "Arbeit", 47: "Rechnungsanschrift", 48: "Lieferanschrift"}
PAYMENT_METHODS = {31001: "Überweisung", 31002: "Lastschrift"}
TAX_RULES = (1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 17, 18, 19, 20, 21)
STATICS = {"Unity", "StaticCountry", "CommunicationWayKey", "TaxRule"}
"""Kinds without client and dates."""


def base_records(profile: Json) -> Iterator[tuple[str, int, Json]]:
    """Name, id and fields of each; `profile` names the users and the check accounts."""
    for id_, (name, code) in UNITS.items():
        yield "Unity", id_, {"name": name, "translationCode": code, "unitySystem": None}
    for id_, (code, name, english) in COUNTRIES.items():
        yield "StaticCountry", id_, {"code": code, "name": name, "nameEn": english, "priority": 0}
    for id_, name in WAY_KEYS.items():
        yield "CommunicationWayKey", id_, {"name": name}
    for id_ in TAX_RULES:
        yield "TaxRule", id_, {}
    for object_type, categories in (("Contact", CONTACT_CATEGORIES), ("ContactAddress", ADDRESS_CATEGORIES)):
        for id_, name in categories.items():
            yield "Category", id_, {"name": name, "objectType": object_type}
    for id_, name in PAYMENT_METHODS.items():
        yield "PaymentMethod", id_, {"name": name, "text": None}
    for user in profile["users"]:
        yield "SevUser", user["id"], _user(user)
    for index, account in enumerate(profile["check_accounts"]):
        yield "CheckAccount", account["id"], _check_account(account, index)


def _user(user: Json) -> Json:
    first, last = user["first_name"], user["last_name"]
    return {
        "additionalInformation": None,
        "fullname": f"{first} {last}",
        "firstName": first,
        "lastName": last,
        "username": user["email"],
        "email": user["email"],
        "status": 100,
        "role": "ADMIN",
        "languageCode": "de_DE",
        "clientOwner": True,
    }


def _check_account(account: Json, index: int) -> Json:
    return {
        "name": account["name"],
        "iban": account.get("iban"),
        "type": account["type"],
        "importType": account.get("import_type"),
        "currency": "EUR",
        "defaultAccount": index == 0,
        "baseAccount": index == 0,
        "priority": 10 - index,
        "status": 100,
        "balance": Decimal("0") if account.get("bank_server") else None,
        "bankServer": account.get("bank_server"),
        "autoMapTransactions": True,
        "autoSyncTransactions": None,
        "lastSync": None,
        "accountingNumber": str(account["accounting_number"]),
    }
