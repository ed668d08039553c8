"""Runs beside each other share a batch: nothing twice, nothing left, and nobody works long after the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from flows.chain.collect import TITLE
from flows.chain.steps import COLLECT
from flows.sharing import SMALLEST, Share, sharing
from flows.wiring import at_work
from flows.work import Work
from ledger import jobs
from tests.flows.business import CLIENT, TODAY, Business

CHUNK = 20
MANY = list(range(1, 101))


@contextmanager
def working(business: Business) -> Iterator[Work]:
    """A run of the client; its chunks have `CHUNK` items."""
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(f"{text}running: {{chunk: {CHUNK}}}\n", "utf-8")
    with business.house() as house, at_work(house, house.client(CLIENT), datetime.fromisoformat(TODAY)) as work:
        yield work


def read_until(business: Business) -> date | None:
    """The day before which all jobs are known."""
    with business.house() as house, house.ledger.reading() as session:
        return jobs.cursor(session, CLIENT, "lexware")


def jobs_read(business: Business, since: int) -> list[str]:
    """The delivery notes that were asked for, one by one, after the first `since` requests."""
    paths = [request["path"] for request in business.requests(since)]
    return [path for path in paths if path.startswith("/v1/delivery-notes/")]


def test_a_run_alone_takes_full_chunks(business: Business) -> None:
    """Nobody else is there: no list is asked for twice."""
    asked: list[int] = []
    with working(business) as work, sharing(work) as share:
        found = list(share.chunks("Belege", MANY, lambda: asked))
    assert [len(chunk) for chunk in found] == [CHUNK] * 5


def test_two_runs_take_everything_once_and_ever_smaller_pieces(business: Business) -> None:
    """They take turns; the last chunks are small, so that both end at nearly the same time."""
    left = set(MANY)
    taken: list[list[int]] = []

    def done(share: Share) -> Iterator[None]:
        for chunk in share.chunks("Belege", MANY, lambda: sorted(left)):
            taken.append(chunk)
            yield
            left.difference_update(chunk)

    with working(business) as work, sharing(work) as one, sharing(work) as other:
        turns = [done(one), done(other)]
        while turns:
            turns = [turn for turn in turns if next(turn, StopIteration) is not StopIteration]
    assert sorted(item for chunk in taken for item in chunk) == MANY
    sizes = [len(chunk) for chunk in taken]
    assert sizes[0] == CHUNK
    assert max(sizes[-2:]) <= SMALLEST


def test_what_another_run_finished_is_not_gone_through_again(business: Business) -> None:
    """It has given its chunk back, and all in it is done: the list is asked for anew."""
    with working(business) as work, sharing(work) as share:
        mine = share.chunks("Belege", MANY, lambda: [item for item in MANY if item not in second])
        first = next(mine)
        with sharing(work) as other:
            second = next(other.chunks("Belege", MANY, list))
            third = next(mine)
        rest = [item for chunk in mine for item in chunk]
    assert sorted([*first, *second, *third, *rest]) == MANY


def test_a_job_in_another_runs_hands_is_not_read_twice(business: Business) -> None:
    """It counts as unread until somebody has read it: then only is the day complete."""
    notes = [business.finished_job()["id"] for _ in range(3)]
    before = len(business.requests())
    with working(business) as work, sharing(work) as share:
        next(share.chunks(TITLE, notes[:2], list))
        business.run(COLLECT)
        assert len(jobs_read(business, before)) == 1
        assert read_until(business) is None
    business.run(COLLECT)
    assert len(jobs_read(business, before)) == len(notes)
    assert read_until(business) == date(2026, 11, 2)
