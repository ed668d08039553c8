"""A way to a foreign system that is shut: one task as long as it lasts, and none for what mends itself."""

from flows.chain.steps import COLLECT, TRACK
from ledger import overview
from tests.flows.business import CLIENT, Business

NINE, SOON, TEN, ELEVEN = (f"2026-11-02T{time}:00+01:00" for time in ("09:00", "09:30", "10:05", "11:00"))


def open_tasks(business: Business) -> list[str]:
    """The titles of all open tasks."""
    with business.house() as house, house.ledger.reading() as session:
        return [task.title for task in overview.open_tasks(session, [CLIENT])]


def break_down(business: Business, kind: str) -> None:
    """Every request fails so."""
    business.fault(kind=kind, method="GET", path_regex="/v1/", times=1000)


def mend(business: Business) -> None:
    """Requests succeed again."""
    business.stage.http.delete("/_control/faults").raise_for_status()


def test_a_refused_key_is_one_task_until_it_is_taken_again(business: Business) -> None:
    """However many steps and runs meet it; the task goes when the last of the steps gets through."""
    break_down(business, "401")
    business.run(COLLECT, TRACK, at=NINE)
    business.run(COLLECT, TRACK, at=SOON)
    (title,) = open_tasks(business)
    assert "nimmt den Schlüssel nicht an" in title
    mend(business)
    business.run(COLLECT, at=TEN)
    assert open_tasks(business) == [title]
    business.run(TRACK, at=TEN)
    assert open_tasks(business) == []
    break_down(business, "401")
    business.run(COLLECT, at=ELEVEN)
    assert open_tasks(business) == [title], "a new spell is a new task"


def test_silence_becomes_a_task_after_an_hour(business: Business) -> None:
    """What is over before nobody hears of."""
    break_down(business, "503")
    business.run(COLLECT, at=NINE)
    business.run(COLLECT, at=SOON)
    assert open_tasks(business) == []
    business.run(COLLECT, at=TEN)
    assert len(open_tasks(business)) == 1
    business.run(COLLECT, at=ELEVEN)
    assert len(open_tasks(business)) == 1
    mend(business)
    business.run(COLLECT, at="2026-11-02T13:00:00+01:00")
    assert open_tasks(business) == []


def test_one_bad_item_is_no_outage(business: Business) -> None:
    """A job that cannot be read is held; the way is open."""
    business.finished_job()
    business.fault(kind="html", method="GET", path_regex="/v1/delivery-notes/", times=10)
    business.run(COLLECT, at=NINE)
    business.run(COLLECT, at=ELEVEN)
    assert open_tasks(business) == []
