"""Recorded work handed in by another program, up to the collective invoice in the customer's mailbox."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.desk.interface import Interface, opened
from tests.flows.business import CLIENT, Business

SECTION = """
times:
  since: 2026-10-01
  hourly_rate: 95.00
  activities: {Beratung: 120.00}
  tiers: {steps: [{above_hours: 2, rate: 85.00}]}
  approver: Frau Sommer
"""
BILLING_DAY = "2026-11-03T06:00:00+01:00"


def work(number: int, **changes: Any) -> dict[str, Any]:
    """A piece of work as another program hands it in."""
    facts: dict[str, Any] = {
        "external_id": f"t-{number}",
        "customer": "10307",
        "day": f"2026-10-{number:02}",
        "minutes": 80,
        "person": "Jana Sommer",
        "ticket": "SHOP-12",
        "text": f"Fehler {number} behoben",
    }
    return facts | changes


@pytest.fixture
def timed(business: Business) -> Business:
    """A business that bills its work by the month."""
    with business.client_file.open("a", encoding="utf-8") as file:
        file.write(SECTION)
    return business


@pytest.fixture
def api(timed: Business) -> Iterator[Interface]:
    """Its interface."""
    with opened(timed) as interface:
        yield interface


def push(api: Interface, owner: dict[str, str], *entries: dict[str, Any], key: str) -> Any:
    """The answer to a batch."""
    return api.post(f"times/{CLIENT}", owner, {"entries": list(entries)}, key)


def ids(api: Interface, owner: dict[str, str], month: str = "2026-10") -> list[int]:
    """The ids of a month's entries."""
    return [row["id"] for row in api.get(f"times/{CLIENT}?month={month}", owner)["entries"]]


def test_work_becomes_one_mailed_invoice(timed: Business, api: Interface, owner: dict[str, str]) -> None:
    """Handed in, approved and closed, a month's work is one collective invoice with a timesheet, and only one."""
    answer = push(api, owner, work(5), work(9, activity="Beratung", minutes=60), work(12), key="k-1")
    assert [row["outcome"] for row in answer.json()["entries"]] == ["neu"] * 3
    timed.run(at=BILLING_DAY)
    assert timed.mails() == [], "nobody has approved it"
    body = {"decision": "approve", "ids": ids(api, owner), "reason": "geprüft"}
    assert api.post(f"times/{CLIENT}/decisions", owner, body, "k-2").json() == {"changed": 3}
    timed.run(at="2026-11-02T06:00:00+01:00")
    assert timed.mails() == [], "the billing day is not there yet"
    for _ in range(2):
        timed.run(at=BILLING_DAY)
    (mail,) = timed.mails()
    assert [attachment["filename"] for attachment in mail["attachments"]] == ["Sammelrechnung_RE1001.pdf"]
    # 2 x 1.5 h: two hours at 95.00, one at 85.00; one hour of advice at 120.00; 19 % on 395.00.
    shown = api.get(f"invoices/{CLIENT}/RE1001", owner)
    assert (shown["gross"], shown["state"]) == ("470.05", "offen")
    assert {row["state"] for row in api.get(f"times/{CLIENT}?month=2026-10", owner)["entries"]} == {"billed"}
