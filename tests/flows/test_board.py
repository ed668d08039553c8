"""The task board and the filing in a cloud, with the chain behind them."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from config.problems import ConfigError
from desk import levers
from flows.chain.steps import ALARM, TRANSMIT
from flows.report import Result
from ledger import notices
from sandbox.dav import FILES, PASSWORD, TASKS, USERNAME, Cloud, cloud
from tests.flows.business import TODAY, Business

SOON = "2026-11-02T09:10:00+01:00"
LATER = "2026-11-02T10:30:00+01:00"


@pytest.fixture
def far(business: Business) -> Iterator[Cloud]:
    """A cloud with the client's filing and task board."""
    with cloud() as found:
        business.keep_secret("wolke", PASSWORD)
        write_client(business, found)
        yield found


def write_client(business: Business, far: Cloud, board: str = "aufgaben") -> None:
    """The client's file with both connections."""
    business.write_client()
    login = f"username: {USERNAME}, password: {{file: wolke}}, patience: {{tries: 1}}"
    links = (
        f"  wolke: {{module: webdav, url: {far.url}{FILES}, {login}}}\n"
        f"  aufgaben: {{module: caldav, url: {far.url}{TASKS}, {login}}}\n"
    )
    text = business.client_file.read_text("utf-8").replace("systems:\n", f"systems:\n{links}")
    sections = f"filing: {{system: wolke}}\ntask_board: {{system: {board}}}\n"
    business.client_file.write_text(text + sections, "utf-8")


def ask(business: Business, key: str) -> int:
    """A new task; its id."""
    with business.house() as house, house.ledger.writing() as session:
        now = datetime.fromisoformat(TODAY)
        return notices.ask(session, "sommer", key, "Kunden anrufen", "Bitte nachfragen.", "Büro", now.date(), now).id


def open_tasks(business: Business) -> list[int]:
    """Ids of the open tasks."""
    with business.house() as house, house.ledger.reading() as session:
        return [task.id for task in notices.tasks(session)]


def cards(far: Cloud) -> dict[str, str]:
    """The names of all cards, and how each stands."""
    found = {path: content for path, content in far.files.items() if path.startswith(TASKS)}
    return {
        path.removeprefix(f"{TASKS}/").removesuffix(".ics"): "done" if b"STATUS:COMPLETED" in content else "open"
        for path, content in found.items()
    }


def test_a_task_stands_on_the_board_until_it_is_done(business: Business, far: Cloud) -> None:
    """A new task is put up once; done at the desk it is ticked there, ticked there it is done at the desk."""
    first, second = ask(business, "eins"), ask(business, "zwei")
    business.run(ALARM)
    before = len(far.seen)
    business.run(ALARM, at=SOON)
    assert list(cards(far).values()) == ["open", "open"]
    assert [asked.split()[0] for asked in far.seen[before:]] == ["REPORT"]
    with business.house() as house:
        levers.done(house.ledger, first, "Jana Sommer", datetime.fromisoformat(SOON))
    business.run(ALARM, at=SOON)
    assert sorted(cards(far).values()) == ["done", "open"]
    far.tick(next(name for name, state in cards(far).items() if state == "open"))
    report = business.run(ALARM, at=LATER)["alarm"]
    assert [(entry.subject, entry.text) for entry in report.entries] == [
        (f"Aufgabe {second}", "auf dem Brett abgehakt")
    ]
    assert open_tasks(business) == []
    before = len(far.seen)
    business.run(ALARM, at=LATER)
    assert far.seen[before:] == [], "nothing hangs there any more"


def test_a_board_that_is_away_is_tried_again(business: Business, far: Cloud) -> None:
    """A task that could not be put up is named, waits, and is there once afterwards."""
    ask(business, "eins")
    far.faults = [503]
    assert business.run(ALARM)["alarm"].count(Result.WAITING) == 1
    assert cards(far) == {}
    business.run(ALARM, at=LATER)
    assert list(cards(far).values()) == ["open"]


def test_a_cloud_receives_what_was_sent(business: Business, far: Cloud) -> None:
    """The filing in a cloud gets PDF and XML; a fault between them delays them, and nothing is there twice."""
    business.finished_job()
    far.faults = [None, None, 500]
    assert business.run()["transmit"].count(Result.WAITING) >= 1
    business.run(TRANSMIT, at=LATER)
    names = sorted(path.rpartition(".")[2] for path in far.files if path.startswith(FILES))
    assert names == ["pdf", "xml"]
    assert business.cases() == []


def test_a_connection_that_cannot_do_it_is_named(business: Business, far: Cloud) -> None:
    """A section that names a connection of another kind is a mistake in the file, with the cure."""
    write_client(business, far, board="mail")
    with pytest.raises(ConfigError, match="module: caldav"):
        business.run(ALARM)
