"""Contacts: customers and vendors of the organisation; errors come in the legacy form."""

import copy
import html
import re
import uuid
from collections.abc import Mapping

from sandbox.lexoffice.dates import shown
from sandbox.lexoffice.errors import Json, issue
from sandbox.lexoffice.office import Office
from sandbox.lexoffice.paging import Sort, envelope, page_of, truth_of
from sandbox.lexoffice.terms import list_name

LARGEST_PAGE = 500
WRITABLE = ("company", "person", "addresses", "xRechnung", "emailAddresses", "phoneNumbers", "note")
FIRST_NUMBERS = {"customer": 10001, "vendor": 70001}
_LISTS = ("addresses", "emailAddresses", "phoneNumbers")


def find(office: Office, query: Mapping[str, str], *, visible_before: float) -> Json:
    """The body of GET /v1/contacts; contacts written after `visible_before` (monotonic) are not found yet."""
    page = page_of(query, LARGEST_PAGE)
    rows = [c for c in office.contacts.values() if office.contact_made[c["id"]] <= visible_before]
    if "email" in query:
        rows = [c for c in rows if any(_like(query["email"], text, "email") for text in mail_addresses(c))]
    if "name" in query:
        rows = [c for c in rows if _like(query["name"], list_name(c), "name")]
    if "number" in query:
        rows = [c for c in rows if query["number"] in {str(r.get("number")) for r in c["roles"].values()}]
    for role in ("customer", "vendor"):
        wanted = truth_of(query, role)
        rows = [c for c in rows if wanted is None or (role in c["roles"]) == wanted]
    rows.sort(key=lambda c: (list_name(c).lower(), c["id"]))
    return envelope(rows, page, Sort("name", True), lambda c: c)


def create(office: Office, request: Json, now: float) -> Json:
    """Store a new contact; `now` is the monotonic time it becomes part of the search."""
    _check(request, version=0)
    contact = {
        "id": str(uuid.uuid4()),
        "organizationId": office.profile["organizationId"],
        "version": 1,
        "roles": _roles(office, request["roles"], {}),
        **_contents(request),
        "archived": False,
    }
    office.contacts[contact["id"]] = contact
    office.contact_made[contact["id"]] = now
    return contact


def replace_contact(office: Office, contact: Json, request: Json) -> Json:
    """Replace a contact as a whole; needs its version and at most one entry in each stored list."""
    _check(request, version=contact["version"])
    for source in _crowded(contact):
        raise issue(source, "update_with_multiple_values_not_supported")
    changed = {
        **{name: contact[name] for name in ("id", "organizationId", "archived")},
        "version": contact["version"] + 1,
        "roles": _roles(office, request["roles"], contact["roles"]),
        **_contents(request),
    }
    office.contacts[contact["id"]] = changed
    return changed


def receipt(office: Office, contact: Json, uri: str) -> Json:
    """The answer to POST and PUT."""
    now = shown(office.clock.now())
    return {
        "id": contact["id"],
        "resourceUri": uri,
        "createdDate": now,
        "updatedDate": now,
        "version": contact["version"],
    }


def mail_addresses(contact: Json) -> list[str]:
    """All e-mail addresses of a contact, those of its contact persons included."""
    listed = [text for texts in contact.get("emailAddresses", {}).values() for text in texts]
    people = contact.get("company", {}).get("contactPersons", [])
    return listed + [person["emailAddress"] for person in people if person.get("emailAddress")]


def _like(pattern: str, text: str, source: str) -> bool:
    """Substring match with the wildcards _ and %; stored text counts HTML-encoded (& < >)."""
    if len(pattern) < 3:
        raise issue(source, "invalid_value", 400)
    expression = "".join({"_": ".", "%": ".*"}.get(letter, re.escape(letter)) for letter in pattern)
    return re.search(expression, html.escape(text, quote=False), re.IGNORECASE) is not None


def _check(request: Json, version: int) -> None:
    roles = request.get("roles")
    # Documented is 409 for a stale version, measured on contacts is this 406; the measurement counts.
    if (request.get("version") or 0) != version:
        raise issue("version")
    if not isinstance(roles, dict) or not roles or not set(roles) <= set(FIRST_NUMBERS):
        raise issue("roles", "missing_entity")
    if ("company" in request) == ("person" in request):
        raise issue("company and person")
    if "company" in request and not request["company"].get("name"):
        raise issue("company.name", "missing_entity")
    if "person" in request and not request["person"].get("lastName"):
        raise issue("person.lastName", "missing_entity")
    for source in _crowded(request):
        raise issue(source)


def _crowded(contact: Json) -> list[str]:
    """The lists with more than one entry; such contacts can only be changed in the app."""
    crowded = [f"{n}.{k}" for n in _LISTS for k, values in contact.get(n, {}).items() if len(values) > 1]
    people = contact.get("company", {}).get("contactPersons", [])
    return crowded + (["company.contactPersons"] if len(people) > 1 else [])


def _roles(office: Office, wanted: Json, present: Json) -> Json:
    return {
        role: present.get(role) or {"number": office.next_count(role, FIRST_NUMBERS[role])}
        for role in FIRST_NUMBERS
        if role in wanted
    }


def _contents(request: Json) -> Json:
    return copy.deepcopy({name: request[name] for name in WRITABLE if request.get(name)})
