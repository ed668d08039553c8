"""`python -m tests.faults.chaos`: kill the real process before and after every commit, effect and fsync of a cycle.

Each story is first told undisturbed to learn its points; then once for every point, killed there, put right by the
runs that follow, and judged from outside. A second round kills the recovery, too, at a point drawn by chance.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.outside import look, violations
from tests.faults.stories import STORIES, Story, begin, tell
from tests.sandbox.running import Stage, running

SEED = 20261102


@dataclass
class Tally:
    """What was tried and what came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)
    listed: int = 0

    def __str__(self) -> str:
        lines = [f"{'Tötungen':<28}{sum(self.kills.values()):>6}"]
        lines += [f"  {name:<26}{number:>6}" for name, number in self.kills.items()]
        lines.append("davon unmittelbar")
        lines += [f"  {name:<26}{number:>6}" for name, number in sorted(self.kinds.items())]
        lines.append(f"{'Unklar, von Menschen':<28}{self.listed:>6}  (Mail am Schlusspunkt: mit Beleg gelistet)")
        lines.append(f"{'Verletzungen':<28}{len(self.found):>6}")
        return "\n".join([*lines, *(f"  {text}" for text in self.found)])


def main() -> int:
    """Tell all stories with all kills; 0 when nothing was violated. Ctrl-C ends early, with what was seen so far."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos", description=__doc__)
    parser.add_argument("--story", action="append", help="nur diese Geschichten")
    parser.add_argument("--every", type=int, default=1, help="nur jeder wievielte Punkt")
    parser.add_argument("--twice", type=int, default=40, help="so viele Geschichten, deren Nachlauf auch stirbt")
    given = parser.parse_args()
    chosen = [story for story in STORIES if given.story is None or story.name in given.story]
    tally = Tally()
    root = Path(tempfile.mkdtemp(prefix="chaos-"))
    with suppress(KeyboardInterrupt), running(root / "stage", "--world", "leer", "--rate", "0") as stage:
        for story, die_at, again in _plan(stage, root, chosen, given.every, given.twice):
            before = len(tally.found)
            try_one(stage, root / "firm", story, die_at, again, tally)
            for text in tally.found[before:]:
                _say(f"VERLETZT: {text}")
    shutil.rmtree(root, ignore_errors=True)
    _say(str(tally))
    return 1 if tally.found else 0


def try_one(stage: Stage, folder: Path, story: Story, die_at: int, again: int, tally: Tally) -> None:
    """Tell one story with its kills and judge what stands outside afterwards."""
    firm = begin(stage, folder)
    tell(firm, story, die_at, again=again)
    seen = look(firm.business, firm.ended)
    for run in firm.ended:
        if run.was_killed:
            tally.kills[story.name] += 1
            tally.kinds[run.points[-1]] += 1
    tally.listed += len(seen.cases)
    place = f"{story.name}, Punkt {die_at}" + (f" und {again}" if again else "")
    tally.found += [f"{place}: {text}" for text in violations(seen, story.expected)]
    shutil.rmtree(folder)


def points_of(stage: Stage, folder: Path, story: Story) -> tuple[str, ...]:
    """The points that a story passes undisturbed; it must come to a good end."""
    firm = begin(stage, folder)
    ended = tell(firm, story, 0)
    found = violations(look(firm.business, firm.ended), story.expected)
    assert not found, f"{story.name}, without any kill: {found}"
    shutil.rmtree(folder)
    return ended.points


def _plan(stage: Stage, root: Path, chosen: list[Story], every: int, twice: int) -> Iterator[tuple[Story, int, int]]:
    chance, known = random.Random(SEED), {}
    for story in chosen:
        known[story.name] = len(points_of(stage, root / "firm", story))
        yield from _progress(story.name, [(story, place, 0) for place in range(1, known[story.name] + 1, every)])
    drawn = [chance.choice(chosen) for _ in range(twice)]
    pairs = [(story, chance.randint(1, known[story.name]), chance.randint(1, known[story.name])) for story in drawn]
    yield from _progress("zweimal getötet", pairs)


def _progress(name: str, plans: list[tuple[Story, int, int]]) -> Iterator[tuple[Story, int, int]]:
    begun = time.monotonic()
    for number, plan in enumerate(plans, 1):
        yield plan
        if number % 10 == 0 or number == len(plans):
            _say(f"{name}: {number} von {len(plans)}, {time.monotonic() - begun:.0f} s")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
