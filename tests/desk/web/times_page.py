"""What people do on the page of recorded work."""

import re

from fastapi.testclient import TestClient

from tests.desk.web.office import OWN


def ticks(browser: TestClient, month: str = "2026-11") -> list[str]:
    """The values of all boxes of a month, those that are ticked first."""
    text = browser.get(f"/zeiten?client={OWN}&month={month}").text
    found = re.findall(r'name="ids" value="(\d+)"( checked)?', text)
    return [value for value, ticked in sorted(found, key=lambda each: not each[1])]


def approve_work(browser: TestClient) -> None:
    """Approve everything that waits."""
    answer = browser.post(f"/zeiten/{OWN}", data={"ids": ticks(browser), "decision": "approve", "month": "2026-11"})
    assert answer.headers["location"] == "/zeiten?month=2026-11"
