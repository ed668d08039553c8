"""mite, the time recording: what was worked, for whom, at which hourly rate.

Facts from the official documentation and its client library. There are no pages, no events and no published rate limit.
Nothing is written: locking entries after they were billed is left to people, and a lock alone changes nothing here.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
from pydantic import BaseModel, Field

from billing.work_entries import WorkEntry
from connectors.account import Account, open_account
from connectors.errors import UnexpectedAnswer
from connectors.fields import Item, item
from connectors.http import HttpClient
from connectors.paging import translate_each
from connectors.protocols import Capability, Costs
from connectors.settings import BaseUrl, CaFile, HeaderKey, Patience, Timeouts

SYSTEM = "mite"
NOBODY = "ohne Kunde"
LONGEST_TEXT = 2000
_TICKET = re.compile(r"(?<![\w#])(#\d{1,9}|[A-Z][A-Z0-9]{1,9}-\d{1,9})(?!\w)", re.ASCII)


class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say to use its mite."""

    api_key: HeaderKey = Field(description="API-Schlüssel eines Administrators, unter Mein Benutzer freigeschaltet")
    base_url: BaseUrl = Field(description="Adresse des Kontos", examples=["https://sommer.mite.de"])
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    use_rates: bool = Field(True, description="Ob der Stundensatz aus mite gilt, wo einer steht")
    rate: float = Field(2, gt=0, description="Anfragen je Sekunde; mite nennt keine Grenze")
    burst: float = Field(4, ge=1, description="Anfragen, die ohne Pause hintereinander gehen dürfen")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="Fristen einer Anfrage in Sekunden")
    patience: Patience = Field(default_factory=Patience, description="Wiederholungen einer Anfrage")


class Mite(Account):
    """One mite account as a time source."""

    capabilities = frozenset({Capability.RECORDS_TIME})
    costs = Costs(job=0, invoice=0, idle=1)
    lists_everything = True

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        super().__init__(http)
        self._use_rates = settings.use_rates

    def __repr__(self) -> str:
        return f"Mite({self._http!r})"

    def entries(self, since: date) -> Iterator[WorkEntry]:
        """All entries on or after `since` but running timers, in one request. An unreadable one is told at the end."""
        window = {"from": since.isoformat(), "to": date(since.year + 2, 12, 31).isoformat()}
        answer = self._http.get("/time_entries.json", "times", window)
        seen: set[str] = set()
        for entry in translate_each(rows_in(answer), lambda row: entry_from(row, use_rates=self._use_rates)):
            # A filter is a request, and no id may be counted twice.
            if entry.day >= since and entry.external_id not in seen:
                seen.add(entry.external_id)
                yield entry

    def close(self) -> None:
        """Close all connections."""
        self._http.close()


def rows_in(answer: Any) -> list[Item]:
    """The objects of a list of single-key wrappers. Raises `UnexpectedAnswer`."""
    if not isinstance(answer, list):
        raise UnexpectedAnswer("mite hat anders geantwortet als erwartet: keine Liste von Zeiten.", "time_entries")
    return [item(row, f"time_entries[{place}]").part("time_entry") for place, row in enumerate(answer)]


def entry_from(row: Item, *, use_rates: bool = True) -> WorkEntry | None:
    """The entry of a row; None while it is being tracked. A locked one was billed elsewhere before."""
    minutes = row.count("minutes")
    if row.has("tracking") or minutes == 0:
        return None
    if not 0 < minutes <= 24 * 60:
        raise row.unexpected("minutes", "ist keine Zeit eines Tages")
    text = row.text_or("note")[:LONGEST_TEXT]
    ticket = _TICKET.search(text)
    customer = row.text_or("customer_name")
    rate = row.amount_or("hourly_rate", Decimal(0)) / 100
    entry = WorkEntry(
        source=SYSTEM,
        external_id=row.text("id"),
        version="",
        customer=customer or NOBODY,
        day=_day(row),
        minutes=minutes,
        person=row.text_or("user_name"),
        activity=row.text_or("service_name"),
        ticket=ticket[1] if ticket else "",
        project=row.text_or("project_name"),
        text=text,
        rate=_cents(row, rate) if use_rates and rate else None,
        is_billable=row.flag("billable") and bool(customer),
    )
    # The lock is not part of the version: it comes after billing, and says nothing new.
    version = hashlib.sha256(repr(entry).encode()).hexdigest()
    return replace(entry, version=version, is_billable=entry.is_billable and not row.flag("locked"))


def connect(
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Mite:
    """The account of `settings`. All connections to one account share one token bucket."""
    key = settings.api_key.get_secret_value()
    base_url = settings.base_url.rstrip("/")
    headers = {"X-MiteApiKey": key, "User-Agent": "Rechnungsbote"}
    http = open_account(SYSTEM, base_url, settings, headers, (key,), transport, sleep, complaint_in)
    return Mite(http, settings)


def complaint_in(body: Any) -> str:
    """What mite says in the body of an error."""
    said = body.get("error") if isinstance(body, dict) else None
    return said if isinstance(said, str) else ""


def _day(row: Item) -> date:
    try:
        return date.fromisoformat(row.text("date_at"))
    except ValueError:
        raise row.unexpected("date_at", "ist kein Tag") from None


def _cents(row: Item, rate: Decimal) -> Decimal:
    if rate < 0 or rate != rate.quantize(Decimal("0.01")):
        raise row.unexpected("hourly_rate", "ist kein Stundensatz")
    return rate.quantize(Decimal("0.01"))
