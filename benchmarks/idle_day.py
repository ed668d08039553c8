"""What a day without news costs: every flow at its time, counted in the stage's own log.

`python -m benchmarks.idle_day` plays a whole day in time lapse, with an open invoice and some held jobs; it ends with 1
when that took more requests than lists and a few looks at what is held.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from flows.chain.steps import COLLECT, ISSUE, RECONCILE, REMIND, TRACK, TRANSMIT, Step, run_step
from flows.wiring import at_work
from tests.flows.business import CLIENT, TODAY, Business
from tests.sandbox.running import running

POLL = timedelta(minutes=5)
LOOKS_A_DAY = timedelta(days=1) // POLL
CHECKS_A_DAY = 3
LOOKS_AT_ONE = 20
"""A held thing may be looked at so often on its first day: the pauses grow from a quarter of an hour to six hours."""


def main() -> int:
    """Play the day and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", type=int, default=5, help="jobs that cannot be billed as they are")
    held = parser.parse_args().held
    with (
        tempfile.TemporaryDirectory() as place,
        running(Path(place) / "stage", "--world", "leer", "--rate", "0") as stage,
    ):
        stage.control("index-lag", {"seconds": 0})
        business = Business(stage, Path(place))
        for _ in range(held):
            business.finished_job(business.customer(addresses=None))
        business.finished_job()
        began = time.monotonic()
        found = idle_day(business)
    for purpose, number in found.most_common():
        print(f"{number:>6}  {purpose}")
    most = LOOKS_A_DAY + CHECKS_A_DAY + 1 + LOOKS_AT_ONE * held * 2
    print(f"{found.total():>6}  Anfragen am Tag, höchstens {most}; gespielt in {time.monotonic() - began:.0f} s")
    return 0 if found.total() <= most else 1


def idle_day(business: Business, looks: int = LOOKS_A_DAY) -> Counter[str]:
    """The requests of a day (or of its first `looks`) by purpose, once the first cycle has taken in what is there."""
    start = datetime.fromisoformat(TODAY)
    leave_alone(business)
    business.run()
    before = len(business.requests())
    with business.house() as house:
        for number in range(1, looks + 1):
            now = start + number * POLL
            with at_work(house, house.client(CLIENT), now) as work:
                for step in _steps_at(now):
                    run_step(work, step)
    return Counter(entry["purpose"] for entry in business.requests(before))


def leave_alone(business: Business) -> None:
    """The client's file was written before the day began: a younger one would have held things looked at again."""
    os.utime(business.client_file, ((datetime.fromisoformat(TODAY) - timedelta(days=1)).timestamp(),) * 2)


def _steps_at(now: datetime) -> list[Step]:
    """What the deployments would run at that minute."""
    steps = [COLLECT, ISSUE, TRANSMIT]
    if now.minute % 10 == 0:
        steps.insert(0, RECONCILE)
    if (now.hour, now.minute) in ((6, 0), (12, 0), (18, 0)):
        steps.append(TRACK)
    return [*steps, REMIND] if (now.hour, now.minute) == (9, 30) else steps


if __name__ == "__main__":
    sys.exit(main())
