"""Lexware Office's contacts: each read at most once per connection, in bulk where that saves requests."""

from connectors.account import segment
from connectors.fields import Item, item
from connectors.http import HttpClient

PAGE_SIZE = 250
FEW = 2
"""So many contacts are read singly before pages are tried: a single job costs no page, a hundred cost few singles."""


class Contacts:
    """Contacts by id. A page brings 250 for the price of one, but perhaps not the one that is wanted.

    After `FEW` single reads each further one pays for a page, so that in the worst case, one contact on each page of
    a huge organisation, there are twice as many requests as without pages, and with up to 250 customers three at most.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self.forget()

    def forget(self) -> None:
        """Read everything afresh from now on."""
        self._known: dict[str, Item] = {}
        self._singles, self._pages_read, self._pages = 0, 0, 1

    def get(self, contact_id: str) -> Item:
        """One contact. Raises `NotFound`."""
        if contact_id not in self._known and self._is_page_due:
            self._read_page()
        if contact_id not in self._known:
            self._singles += 1
            answer = self._http.get(f"/v1/contacts/{segment(contact_id)}", "contact")
            self._known[contact_id] = item(answer, "Kontakt")
        return self._known[contact_id]

    @property
    def _is_page_due(self) -> bool:
        return self._pages_read < self._pages and self._singles >= FEW + self._pages_read

    def _read_page(self) -> None:
        params: dict[str, str | int] = {"customer": "true", "size": PAGE_SIZE, "page": self._pages_read}
        answer = item(self._http.get("/v1/contacts", "contact", params), "contacts")
        self._pages_read, self._pages = self._pages_read + 1, answer.count("totalPages")
        for row in answer.parts("content"):
            self._known.setdefault(row.text("id"), row)
