"""Certify one connector: `python -m tests.connectors.conformance.certify lexoffice` prints a report, 1 is a failure."""

import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.connectors.conformance.checks import CHECKS
from tests.connectors.conformance.courier_checks import COURIER_CHECKS, COURIERS
from tests.connectors.conformance.dav_checks import DAV_CHECKS, PLACES
from tests.connectors.conformance.post_checks import OFFICES, POST_CHECKS
from tests.connectors.conformance.stage_checks import STAGE_CHECKS, StageCheck
from tests.connectors.conformance.subjects import SUBJECTS, Subject
from tests.connectors.conformance.time_checks import TIME_CHECKS, TIME_SOURCES
from tests.connectors.conformance.worlds import WORLDS, World
from tests.sandbox.running import Stage, running

WORLD_OPTIONS = ("--world", "leer,leer-sevdesk", "--rate", "0")


class Point(NamedTuple):
    """One point of the suite: what must hold, and the act that proves it."""

    rule: str
    prove: Callable[[], None]


class Finding(NamedTuple):
    """How a point came out; `fault` is empty where it holds."""

    rule: str
    fault: str
    seconds: float


def main(arguments: list[str]) -> int:
    """Print the report of the named connector; 0 if everything holds, 1 if not, 2 for an unknown name."""
    known = sorted({*SUBJECTS, *COURIERS, *PLACES, *TIME_SOURCES, *OFFICES})
    if len(arguments) != 1 or arguments[0] not in known:
        sys.stderr.write(f"Welcher Anschluss? Bekannt sind: {', '.join(known)}.\n")
        return 2
    failures = 0
    sys.stdout.write(f"Prüfung des Anschlusses {arguments[0]}\n\n")
    for finding in findings(arguments[0]):
        failures += bool(finding.fault)
        sys.stdout.write(line_of(finding))
    sys.stdout.write(f"\n{'Alles erfüllt.' if not failures else f'Nicht erfüllt: {failures}.'}\n")
    return 1 if failures else 0


def findings(name: str) -> Iterator[Finding]:
    """Every point of the suite that concerns a connector, proven one after the other."""
    if name in COURIERS:
        yield from proven(Point(check.__doc__ or "", partial(check, COURIERS[name])) for check in COURIER_CHECKS)
        return
    if name in PLACES:
        yield from proven(Point(check.__doc__ or "", partial(check, PLACES[name])) for check in DAV_CHECKS)
        return
    if name in TIME_SOURCES:
        yield from proven(Point(check.__doc__ or "", partial(check, TIME_SOURCES[name])) for check in TIME_CHECKS)
        return
    if name in OFFICES:
        yield from proven(Point(check.__doc__ or "", partial(check, OFFICES[name])) for check in POST_CHECKS)
        return
    yield from proven(points_of(SUBJECTS[name]))
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "stage", *WORLD_OPTIONS) as stage:
        world = WORLDS[name]
        yield from proven(Point(check.__doc__ or "", partial(_afresh, check, world, stage)) for check in STAGE_CHECKS)


def points_of(subject: Subject) -> list[Point]:
    """The points that need no business behind the connector."""
    return [Point(check.__doc__ or "", partial(check, subject)) for check in CHECKS]


def proven(points: Iterable[Point]) -> Iterator[Finding]:
    """How the points come out. A crash of the connector is a fault like any other."""
    for point in points:
        start = time.monotonic()
        fault = ""
        try:
            point.prove()
        except Exception as error:  # noqa: BLE001  # whatever a bad connector raises belongs into the report
            fault = "".join(traceback.format_exception_only(error)).strip()
        yield Finding(point.rule, fault, time.monotonic() - start)


def line_of(finding: Finding) -> str:
    """One line of the report, two where something is wrong."""
    mark = "FEHLT" if finding.fault else "ja"
    text = f"{mark:6}{finding.seconds:5.1f} s  {finding.rule}\n"
    return text + (f"{'':15}{finding.fault}\n" if finding.fault else "")


def _afresh(check: StageCheck, world: World, stage: Stage) -> None:
    stage.control("reset", {})
    stage.control("index-lag", {"seconds": 0})
    check(world, stage)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
