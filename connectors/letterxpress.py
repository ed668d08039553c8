"""LetterXpress: prints letters and brings them to the post.

There is no key that makes a repetition harmless and no callback: our key stands in the note of an order, and after an
unclear answer all orders are searched for it. Nor is there a field for the address: the service reads it from the
window of the page and says what it has read; a quarter of an hour is left to take the order back.
"""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Literal

import httpx
from pydantic import BaseModel, Field

from connectors.account import Account, open_account, segment
from connectors.errors import CannotExpress, NotFound, OutcomeUnknown, UnexpectedAnswer
from connectors.fields import Item, item
from connectors.http import MIB, HttpClient
from connectors.protocols import Capability, Letter, LetterProgress, LetterStage, Reach
from connectors.settings import BaseUrl, CaFile, HeaderKey, Patience, Timeouts

SYSTEM = "LetterXpress"
LARGEST = 50 * MIB
COLOUR, BLACK = "4", "1"
REGISTERED = "r1"
"""Einwurf-Einschreiben: put into the letterbox, with proof."""
LISTS = ("queue", "hold", "draft", "done", "canceled")
STAGES = {
    "queue": LetterStage.WAITING,
    "draft": LetterStage.WAITING,
    "hold": LetterStage.HELD,
    "done": LetterStage.POSTED,
    "canceled": LetterStage.GONE,
}


class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say to have letters printed and posted by LetterXpress."""

    username: str = Field(min_length=1, description="Benutzername bei LetterXpress", examples=["buero@beispiel.de"])
    api_key: HeaderKey = Field(description="API-Schlüssel aus dem Kundenkonto")
    mode: Literal["live", "test"] = Field(
        "live", description="live: Briefe werden gedruckt; test: sie liegen sieben Tage im Warenkorb und verfallen"
    )
    colour: bool = Field(False, description="true: in Farbe gedruckt")
    duplex: bool = Field(True, description="true: beidseitig gedruckt")
    base_url: BaseUrl = Field("https://api.letterxpress.de/v3", description="Adresse der Schnittstelle")
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    rate: float = Field(2, gt=0, description="Anfragen je Sekunde; erlaubt sind 120 in der Minute")
    burst: float = Field(4, ge=1, description="Anfragen, die ohne Pause hintereinander gehen dürfen")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="Fristen einer Anfrage in Sekunden")
    patience: Patience = Field(default_factory=Patience, description="Wiederholungen einer Anfrage")


class LetterXpress(Account):
    """One account as letter service. Every request carries the login in its body, also one that only reads."""

    capabilities = frozenset({Capability.POSTS_LETTERS})

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        super().__init__(http)
        self._settings = settings

    def __repr__(self) -> str:
        return f"LetterXpress({self._http!r})"

    def post(self, letter: Letter, reach: Reach) -> str:
        """Order a letter; the order's id. One request."""
        order = {"letter": order_for(letter, self._settings)}
        reach("sending")
        answer = self._http.post("/printjobs", "letter", self._signed(order))
        try:
            return _data(answer).text("id")
        except UnexpectedAnswer as error:
            message = "LetterXpress hat den Brief wohl angenommen, aber nicht benannt. Er wird dort gesucht."
            raise OutcomeUnknown(message, error.evidence) from error

    def find(self, key: str, since: date) -> list[str]:
        """Ids of all orders on or after `since` with this key, in whatever state: all pages of five lists."""
        found = (row for status in LISTS for row in self._orders(status))
        return list(dict.fromkeys(row.text("id") for row in found if _carries(row, key) and _is_since(row, since)))

    def progress(self, external_id: str) -> LetterProgress:
        """How far an order has come. One request."""
        try:
            answer = self._http.get(f"/printjobs/{segment(external_id)}", "letters", payload=self._signed({}))
        except NotFound:
            return LetterProgress(LetterStage.GONE, "", "Der Auftrag ist bei LetterXpress nicht mehr da.")
        return progress_in(_data(answer))

    def recall(self, external_id: str) -> None:
        """Take an order back that has not been printed: within a quarter of an hour. Raises `Rejected` after it."""
        with suppress(NotFound):
            self._http.delete(f"/printjobs/{segment(external_id)}", "letters", payload=self._signed({}))

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _signed(self, body: dict[str, Any]) -> dict[str, Any]:
        options = self._settings
        login = {"username": options.username, "apikey": options.api_key.get_secret_value(), "mode": options.mode}
        return {"auth": login, **body}

    def _orders(self, status: str) -> Iterator[Item]:
        page, last = 1, 1
        while page <= last:
            answer = self._http.get("/printjobs", "find", {"filter": status, "page": page}, payload=self._signed({}))
            data = _data(answer)
            rows, pagination = data.parts("printjobs"), data.part("pagination")
            if len(rows) != pagination.count("count"):
                # A list that cannot be read must not look like an empty one.
                raise data.unexpected("printjobs", "ist nicht so lang, wie die Antwort sagt")
            yield from rows
            last = pagination.count("last_page")
            page += 1


def order_for(letter: Letter, settings: Settings) -> dict[str, Any]:
    """The order of a letter. Raises `CannotExpress` for one that is too large."""
    if len(letter.pdf) * 4 // 3 > LARGEST:
        raise CannotExpress("Der Brief ist zu groß für LetterXpress (50 MB). Bitte selbst verschicken.")
    encoded = base64.b64encode(letter.pdf).decode("ascii")
    order: dict[str, Any] = {
        "base64_file": encoded,
        # Of the encoded text, not of the file.
        "base64_file_checksum": hashlib.md5(encoded.encode("ascii"), usedforsecurity=False).hexdigest(),
        "specification": {
            "color": COLOUR if settings.colour else BLACK,
            "mode": "duplex" if settings.duplex else "simplex",
            "shipping": "auto",
            "c4": 0,
        },
        "filename_original": file_name(letter.key),
        "notice": letter.key,
    }
    return order | {"registered": REGISTERED} if letter.is_registered else order


def file_name(key: str) -> str:
    """Our key as the name of a file, where people and lists see it."""
    return f"{key.replace('/', '-')}.pdf"


def progress_in(order: Item) -> LetterProgress:
    """How far an order has come, and which address was read."""
    status = order.text("status")
    stage = STAGES.get(status)
    if stage is None:
        raise order.unexpected("status", "ist ein unbekannter Stand")
    items = order.parts("items")
    address = "\n".join(each.text_or("address") for each in items)
    proof = " ".join(each.text_or("tracking_status") for each in items).strip()
    return LetterProgress(stage, address, proof)


def connect(
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> LetterXpress:
    """The account of `settings`. All connections to one account share one token bucket."""
    key = settings.api_key.get_secret_value()
    headers = {"User-Agent": "Rechnungsbote"}
    base_url = settings.base_url.rstrip("/")
    http = open_account(SYSTEM, base_url, settings, headers, (key,), transport, sleep)
    return LetterXpress(http, settings)


def _data(answer: Any) -> Item:
    return item(answer, "printjobs").part("data")


def _carries(order: Item, key: str) -> bool:
    """Whether an order is ours. Raises `UnexpectedAnswer` where that cannot be seen: then nothing was searched."""
    if not (order.has("notice") or order.has("filename_original")):
        raise order.unexpected("notice", "fehlt, und damit unser Zeichen")
    return order.text_or("notice") == key or order.text_or("filename_original") == file_name(key)


def _is_since(order: Item, since: date) -> bool:
    """Times are German local time without zone."""
    try:
        return datetime.fromisoformat(order.text("created_at")).date() >= since
    except ValueError:
        raise order.unexpected("created_at", "ist kein Zeitpunkt") from None
