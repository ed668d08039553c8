"""What mite's entries mean to us."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors import mite, strict_json
from tests.connectors.conformance.time_checks import MITE, SINCE, far, row

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "apis" / "mite" / "samples.json"


def entry(**changes: Any) -> Any:
    """The one entry that a row becomes, None for none."""
    found = list(MITE.connect(far(row(1, **changes))).entries(SINCE))
    return found[0] if found else None


def test_a_row_becomes_an_entry() -> None:
    """Times, names and the rate in euro; the ticket is read out of the note."""
    found = entry()
    assert (found.day, found.minutes, found.customer, found.person) == (date(2026, 10, 5), 80, "König", "Jana")
    assert (found.activity, found.project, found.ticket, found.text) == (
        "Entwurf", "Shop", "SHOP-12", "SHOP-12 Warenkorb",
    )  # fmt: skip
    assert found.rate == Decimal("95.00")
    assert found.is_billable


@pytest.mark.parametrize(
    ("note", "ticket"),
    [
        ("Fix #123, siehe #4", "#123"), ("ABC-7: Anruf", "ABC-7"), ("siehe abc-7", ""), ("Anruf", ""), ("T-1000er", ""),
        ("UTF-8 Fehler", "UTF-8"),
    ],
)  # fmt: skip
def test_tickets(note: str, ticket: str) -> None:
    """The first `#123` or `ABC-123` of a note is its ticket; the note stays whole."""
    assert entry(note=note).ticket == ticket


def test_no_rate_leaves_it_to_the_client() -> None:
    """Zero and null are no rate, nor is any where the client wants his own."""
    assert entry(hourly_rate=0).rate is entry(hourly_rate=None).rate is None
    connected = MITE.connect(far(row(1)), use_rates=False)
    assert next(connected.entries(SINCE)).rate is None


def test_what_is_not_billed() -> None:
    """A running timer is no entry yet; what is locked, without customer or not billable is known but not billed."""
    assert entry(tracking={"since": "2026-10-05T12:00:00+02:00", "minutes": 3}) is None
    assert entry(minutes=0) is None
    for changes in ({"locked": True}, {"customer_name": None}, {"billable": False}):
        assert not entry(**changes).is_billable, changes


def test_a_lock_is_no_change() -> None:
    """Whoever locks an entry after it was billed has not changed it."""
    assert entry(locked=True).version == entry(locked=False, updated_at="2026-11-04T08:00:00+01:00").version


def test_it_asks_once_with_its_key() -> None:
    """One request for a window, with the key in its header and a name for the caller."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[])

    assert list(MITE.connect(answer).entries(SINCE)) == []
    (request,) = seen
    assert request.url.path == "/time_entries.json"
    assert dict(request.url.params) == {"from": "2026-10-01", "to": "2028-12-31"}
    assert request.headers["X-MiteApiKey"].startswith("geheim")
    assert request.headers["User-Agent"] == "Rechnungsbote"


@pytest.mark.skipif(not SAMPLES.is_file(), reason="the published samples are not beside the repository")
def test_published_samples_are_read() -> None:
    """An entry of the contract tests of another client is read whole."""
    answer = strict_json.loads(SAMPLES.read_bytes())["time_entries"]
    (only,) = mite.rows_in(answer)
    found = mite.entry_from(only)
    assert found
    assert replace(found, version="") == replace(
        entry(), external_id="36159117", version="", customer="König", day=date(2015, 10, 16), minutes=15,
        person="Fridolin Frei", activity="Entwurf", project="API v2", text="Feedback einarbeiten", ticket="", rate=None,
    )  # fmt: skip
