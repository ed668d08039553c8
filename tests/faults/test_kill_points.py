"""A sample of `make chaos`: killed in the worst moments, put right by the next run, judged from outside alone."""

from pathlib import Path

import pytest

from tests.faults.chaos import points_of
from tests.faults.outside import look, violations
from tests.faults.spoiling import forget_phases
from tests.faults.stories import STORIES, begin, tell
from tests.sandbox.running import Stage

INVOICE = STORIES[0]
LETTER = next(story for story in STORIES if story.name == "Rechnung als Brief")
WORST = ("after POST /v1/invoices", "after dot")


@pytest.fixture(scope="module")
def points(fault_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The points that a whole cycle passes from the finished job to the mail and its copy."""
    return points_of(fault_stage, tmp_path_factory.mktemp("points") / "firm", INVOICE)


def test_a_cycle_is_watched_around_every_commit_and_effect(points: tuple[str, ...]) -> None:
    """Before each request and each final dot stands a commit: the intent is durable before the first byte."""
    assert {"before commit", "after commit", "before POST /v1/invoices", "after answer to dot"} <= set(points)
    effects = [place for place, point in enumerate(points) if point in ("before POST /v1/invoices", "before dot")]
    assert [points[place - 1] for place in effects] == ["after commit"] * 3


@pytest.mark.slow
@pytest.mark.parametrize("where", WORST)
def test_a_kill_at_the_worst_moment_harms_nothing(
    fault_stage: Stage, tmp_path: Path, points: tuple[str, ...], where: str
) -> None:
    """Killed right there, the next run puts it right by itself, or lists what no program can know."""
    firm = begin(fault_stage, tmp_path / "firm")
    ended = tell(firm, INVOICE, points.index(where) + 1)
    assert (ended.was_killed, ended.points[-1]) == (True, where)
    seen = look(firm.business, firm.ended)
    assert violations(seen, INVOICE.expected) == []
    assert len(seen.cases) == ("dot" in where)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["before POST /v3/printjobs", "after POST /v3/printjobs"])
def test_a_kill_around_a_letter_posts_it_once(fault_stage: Stage, tmp_path: Path, where: str) -> None:
    """Unlike a mail, a letter of unknown fate is looked up by our key: it is posted once, and nobody is asked."""
    passed = points_of(fault_stage, tmp_path / "points", LETTER)
    firm = begin(fault_stage, tmp_path / "firm")
    ended = tell(firm, LETTER, passed.index(where) + 1)
    assert (ended.was_killed, ended.points[-1]) == (True, where)
    seen = look(firm.business, firm.ended)
    assert violations(seen, LETTER.expected) == []
    assert (len(seen.letters), seen.mails, seen.cases) == (1, [], [])


@pytest.mark.slow
@pytest.mark.parametrize(("where", "broken"), [("after POST /v1/invoices", "P8")])
def test_effect_before_intent_is_caught(
    fault_stage: Stage, tmp_path: Path, points: tuple[str, ...], where: str, broken: str
) -> None:
    """A product that acts before it has written that it will does things twice, and the same judge says so."""
    firm = begin(fault_stage, tmp_path / "firm", forget_phases)
    # It makes one commit less before each effect: two points.
    earlier = sum(point in ("before POST /v1/invoices", "before dot") for point in points[: points.index(where)])
    ended = tell(firm, INVOICE, points.index(where) + 1 - 2 * earlier)
    assert ended.points[-1] == where
    assert any(found.startswith(broken) for found in violations(look(firm.business, firm.ended), INVOICE.expected))
