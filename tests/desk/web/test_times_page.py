"""The page of recorded work: what it shows, and what the buttons do without script."""

import re
from urllib.parse import unquote

import pytest

from desk.web.pages import FLASH
from flows.wiring import House
from ledger import times
from ledger.overrides import Word
from tests.desk.web.office import FOREIGN, NOW, OWN, SECRET, browsing
from tests.desk.web.times_page import approve_work, ticks


def states(house: House, client: str = OWN) -> list[str]:
    """The states of a client's work, by day."""
    with house.ledger.reading() as session:
        return [row.state for row in times.rows(session, [client])]


def test_it_shows_the_month_and_what_is_left(house: House) -> None:
    """November, an entry of October that was never billed, the hours, and what that will come to."""
    with browsing(house, "gast") as browser:
        text = browser.get("/zeiten").text
    assert "SHOP-12" in text
    assert "Nachtrag" in text
    assert re.search(r"5:00\s+Stunden, abrechenbar", text)
    # Three times 100 minutes are three times an hour and three quarters at 95.00.
    assert "498,75&nbsp;€" in text
    assert "Noch kennt niemand die Anschrift" in text
    assert "<script>alert" not in text
    assert SECRET not in text
    assert 'name="ids"' not in text, "a reader has nothing to tick"


def test_ticked_work_is_approved(house: House) -> None:
    """All that waits is ticked; one press approves it, and it can still be taken back."""
    with browsing(house, "buero") as browser:
        approve_work(browser)
        assert states(house) == ["approved"] * 3
        first = ticks(browser)[0]
        rejected = {"ids": [first], "decision": "reject", "reason": "Gewährleistung"}
        browser.post(f"/zeiten/{OWN}", data=rejected)
        assert sorted(states(house)) == ["approved", "approved", "rejected"]
        assert "Gewährleistung" in browser.get("/zeiten?month=2026-11").text + browser.get("/zeiten?month=2026-10").text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"decision": "approve"}, "Nichts ist angekreuzt."),
        ({"decision": "reject", "ids": ["1"]}, "Grund"),
        ({"decision": "approve", "ids": ["9999"]}, "neu laden"),
        ({"decision": "boom", "ids": ["1"]}, "Nichts ist angekreuzt."),
    ],
)
def test_what_cannot_be_done_is_said(house: House, data: dict[str, object], said: str) -> None:
    """Nothing changes, and the page says why."""
    with browsing(house, "chefin") as browser:
        answer = browser.post(f"/zeiten/{OWN}", data=data)
        assert answer.status_code == 303
        assert said in unquote(answer.cookies[FLASH])
    assert states(house) == ["recorded"] * 3


def test_ids_of_another_client_are_none(house: House) -> None:
    """Whoever types foreign ids changes nothing."""
    with house.ledger.reading() as session:
        foreign = [row.id for row in times.rows(session, [FOREIGN])]
    with browsing(house, "chefin") as browser:
        browser.post(f"/zeiten/{OWN}", data={"ids": foreign, "decision": "approve"})
    assert states(house, FOREIGN) == ["recorded"] * 3


def test_billed_work_cannot_be_ticked(house: House) -> None:
    """What is on an invoice has no box any more."""
    with house.ledger.writing() as session:
        found = times.rows(session, [OWN])
        times.approve(session, OWN, [row.id for row in found], Word("Anna", "geprüft"), NOW)
        times.bill(session, found, None, NOW)
    with browsing(house, "chefin") as browser:
        assert ticks(browser) == []
        assert "im Kontingent" in browser.get("/zeiten?month=2026-11").text


@pytest.mark.parametrize("month", ["2026-13", "gestern", "0000-01"])
def test_a_month_that_is_none_is_not_found(house: House, month: str) -> None:
    """Nonsense in the address is a 404, not an error."""
    with browsing(house, "chefin") as browser:
        assert browser.get(f"/zeiten?month={month}").status_code == 404


@pytest.mark.parametrize("month", ["0001-01", "1999-12", "2101-01", "9999-12", "abc"])
def test_a_month_that_cannot_be_is_not_found(house: House, month: str) -> None:
    """Neither the first nor the last month of the calendar has one beside it to leaf to."""
    with browsing(house, "buero") as browser:
        assert browser.get(f"/zeiten?month={month}").status_code == 404
        assert browser.post(f"/zeiten/{OWN}", data={"ids": "9" * 30, "decision": "approve"}).status_code == 422
