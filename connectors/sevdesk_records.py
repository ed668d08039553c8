"""What sevDesk keeps in many small lists: all rows of a list, and the records that documents refer to, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from connectors.errors import CannotExpress
from connectors.fields import BERLIN, Item, item
from connectors.http import HttpClient
from connectors.paging import Page, Reading, read_list, settled
from connectors.sevdesk_answers import day, object_in, objects_in, reference, refers_to

PAGE_SIZE = 500
GERMANY = "1"


@dataclass(frozen=True, slots=True)
class ContactFile:
    """A contact and what sevDesk keeps about it elsewhere: postal addresses and ways to reach it."""

    contact: Item
    addresses: list[Item]
    ways: list[Item]


def rows(http: HttpClient, path: str, purpose: str, filters: Mapping[str, str | int] | None = None) -> Reading:
    """All rows of a list, by pages of 500; a filter may be ignored upstream, so callers look at each row again."""

    def fetch(number: int) -> Page:
        window: dict[str, str | int] = {"limit": PAGE_SIZE, "offset": number * PAGE_SIZE, "countAll": "true"}
        answer = http.get(path, purpose, {**(filters or {}), **window})
        found = objects_in(answer, path)
        return Page(found, _pages(answer, len(found), number))

    return read_list(fetch)


def points_to(name: str, kind: str, record_id: str) -> dict[str, str | int]:
    """The filter for rows that refer to a record: name[id]=…&name[objectName]=…"""
    return {f"{name}[id]": record_id, f"{name}[objectName]": kind}


def since_filter(name: str, since: date) -> dict[str, str | int]:
    """A filter from a day on, one day wider: sevDesk may cut days in UTC instead of Berlin."""
    return {name: unix_time(since - timedelta(days=1))}


def unix_time(date_: date) -> int:
    """Midnight in Berlin as Unix seconds."""
    return int(datetime.combine(date_, time_of_day(), BERLIN).timestamp())


class Records:
    """Contacts, units, countries, users and tags; each is asked for once and kept for this connection."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._contacts: dict[str, ContactFile] = {}
        self._units: dict[str, str] = {}
        self._countries: dict[str, str] = {}
        self._users: dict[str, str] = {}

    def forget_contacts(self) -> None:
        """Read contacts afresh from now on."""
        self._contacts.clear()

    def contact(self, contact_id: str) -> ContactFile:
        """A contact with its addresses and mail addresses: three requests."""
        if contact_id not in self._contacts:
            answer = self._http.get(f"/Contact/{contact_id}", "contact")
            self._contacts[contact_id] = ContactFile(
                object_in(answer, "Kontakt"),
                self._of_contact("/ContactAddress", contact_id, {"embed": "category"}),
                self._of_contact("/CommunicationWay", contact_id, {"type": "EMAIL"}),
            )
        return self._contacts[contact_id]

    def units(self) -> Mapping[str, str]:
        """Name of each unit by its id; not in the published specification, but every client uses it."""
        self._units = self._units or self._names("/Unity", "name")
        return self._units

    def countries(self) -> Mapping[str, str]:
        """ISO 3166 code of each country by its id."""
        found = self._countries or self._names("/StaticCountry", "code")
        self._countries = {country: code.upper() for country, code in found.items()}
        return self._countries

    def country_code(self, country_id: str) -> str:
        """The ISO 3166 code of a country; Germany's id is documented and worth no request."""
        if country_id in ("", GERMANY):
            return "DE"
        return self.countries().get(country_id, "")

    def country_id(self, code: str) -> str:
        """The id of a country. Raises `CannotExpress` when sevDesk does not know it."""
        if code == "DE":
            return GERMANY
        found = [country for country, known in self.countries().items() if known == code]
        if not found:
            raise CannotExpress(f"sevDesk kennt das Land „{code}“ nicht. Bitte die Anschrift des Kunden prüfen.")
        return found[0]

    def only_user(self) -> str:
        """The id of the account's only user. Raises `CannotExpress` when there are several to choose from."""
        self._users = self._users or self._names("/SevUser", "fullname")
        if len(self._users) == 1:
            return next(iter(self._users))
        known = ", ".join(f"{user} ({name})" for user, name in self._users.items()) or "keiner"
        raise CannotExpress(f"In sevDesk gibt es nicht genau einen Benutzer. Bitte contact_person eintragen: {known}.")

    def tag_id(self, name: str) -> str:
        """The id of the tag with exactly that name. Raises `CannotExpress` when there is none."""
        found = settled(rows(self._http, "/Tag", "signals", {"name": name}))
        ids = [row.text("id") for row in found if row.text_or("name") == name]
        if not ids:
            raise CannotExpress(f"Das Schlagwort „{name}“ gibt es in sevDesk nicht. Bitte anlegen oder signal ändern.")
        return ids[0]

    def tagged_orders(self, tag_id: str) -> dict[str, date]:
        """Ids of the orders that carry a tag, and the day in Berlin since when."""
        relations = settled(rows(self._http, "/TagRelation", "signals"))
        return {
            reference(row, "object"): day(row, "create")
            for row in relations
            if refers_to(row, "tag", "Tag", tag_id) and row.part("object").text_or("objectName") == "Order"
        }

    def _of_contact(self, path: str, contact_id: str, filters: Mapping[str, str | int]) -> list[Item]:
        asked = {**filters, **points_to("contact", "Contact", contact_id)}
        found = settled(rows(self._http, path, "contact", asked))
        return [row for row in found if refers_to(row, "contact", "Contact", contact_id)]

    def _names(self, path: str, name: str) -> dict[str, str]:
        found = settled(rows(self._http, path, "records"))
        return {row.text("id"): row.text_or(name) for row in found}


def _pages(answer: object, found: int, number: int) -> int:
    """How many pages there are: from `total`, a number or a string; without it a full page promises another."""
    envelope = item(answer if isinstance(answer, Mapping) else {}, "Liste")
    if envelope.has("total"):
        return -(-envelope.count("total") // PAGE_SIZE)
    return number + 2 if found >= PAGE_SIZE else number + 1
