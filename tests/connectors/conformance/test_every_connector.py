"""The conformance suite over every connector, and over copies that are broken on purpose."""

import pkgutil
import re

import pytest

import connectors
from connectors.errors import ConnectorError
from tests.connectors.conformance import certify
from tests.connectors.conformance.broken import (
    BROKEN,
    BROKEN_AT_THE_STAGE,
    Copy,
    ForgetsTheMarker,
    broken_copy,
    broken_world,
)
from tests.connectors.conformance.checks import CHECKS, Check, a_short_fault_is_survived, odd_values_are_typed_errors
from tests.connectors.conformance.courier_checks import COURIER_CHECKS, COURIERS, Courier, CourierCheck
from tests.connectors.conformance.dav_checks import DAV_CHECKS, PLACES, DavCheck, Place
from tests.connectors.conformance.mailboxes import BANKS, MAILBOXES
from tests.connectors.conformance.post_checks import OFFICES, POST_CHECKS, PostCheck, PostSubject
from tests.connectors.conformance.stage_checks import STAGE_CHECKS, StageCheck
from tests.connectors.conformance.subjects import SUBJECTS, Subject
from tests.connectors.conformance.time_checks import TIME_CHECKS, TIME_SOURCES, TimeCheck
from tests.connectors.conformance.worlds import WORLDS, World
from tests.sandbox.running import Stage


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_connector_keeps_the_rule(subject: Subject, check: Check) -> None:
    """Every connector keeps every rule that needs no business behind it."""
    check(subject)


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("check", STAGE_CHECKS, ids=lambda check: check.__name__)
def test_system_keeps_the_rule_at_its_stand_in(world: World, stage: Stage, check: StageCheck) -> None:
    """Every accounting system keeps every rule that needs a whole business."""
    check(world, stage)


@pytest.mark.parametrize("courier", COURIERS.values(), ids=COURIERS)
@pytest.mark.parametrize("check", COURIER_CHECKS, ids=lambda check: check.__name__)
def test_courier_keeps_the_rule(courier: Courier, check: CourierCheck) -> None:
    """Every courier keeps every rule."""
    check(courier)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("check", DAV_CHECKS, ids=lambda check: check.__name__)
def test_filing_and_board_keep_the_rule(place: Place, check: DavCheck) -> None:
    """Every filing and every task board in a cloud keeps every rule."""
    check(place)


@pytest.mark.parametrize("subject", TIME_SOURCES.values(), ids=TIME_SOURCES)
@pytest.mark.parametrize("check", TIME_CHECKS, ids=lambda check: check.__name__)
def test_time_source_keeps_the_rule(subject: Subject, check: TimeCheck) -> None:
    """Every time source keeps every rule."""
    check(subject)


@pytest.mark.parametrize("subject", OFFICES.values(), ids=OFFICES)
@pytest.mark.parametrize("check", POST_CHECKS, ids=lambda check: check.__name__)
def test_letter_service_keeps_the_rule(subject: PostSubject, check: PostCheck) -> None:
    """Every letter service keeps every rule."""
    check(subject)


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
@pytest.mark.parametrize("flaw", BROKEN, ids=lambda flaw: flaw.__name__)
def test_broken_copy_is_noticed(subject: Subject, flaw: type[Copy]) -> None:
    """Each flaw built into a copy of each system makes the check that is there for it fail."""
    with pytest.raises((AssertionError, KeyError, ConnectorError)):
        BROKEN[flaw](broken_copy(subject, flaw))


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("flaw", BROKEN_AT_THE_STAGE, ids=lambda flaw: flaw.__name__)
def test_broken_copy_is_noticed_at_the_stage(world: World, stage: Stage, flaw: type[Copy]) -> None:
    """So does each flaw that shows only with a whole business behind the system."""
    with pytest.raises((AssertionError, KeyError)):
        BROKEN_AT_THE_STAGE[flaw](broken_world(world, flaw), stage)


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_whole_copy_is_not_noticed(subject: Subject) -> None:
    """A copy without a flaw passes what the broken ones fail: it is the flaw that is noticed."""
    for check in set(BROKEN.values()) - {odd_values_are_typed_errors}:
        check(broken_copy(subject, Copy))


def test_every_check_has_its_flaw() -> None:
    """Every point without a business behind it is proven by a flaw that it notices, but for one that is no flaw."""
    assert set(CHECKS) - set(BROKEN.values()) == {a_short_fault_is_survived}


def test_report_names_what_is_missing() -> None:
    """The report of a broken copy has a line for every point and says which does not hold."""
    points = certify.points_of(broken_copy(SUBJECTS["lexoffice"], ForgetsTheMarker))
    (wanted,) = (point for point in points if "Zeichen, genaue Zahlen" in point.rule)
    lines = [certify.line_of(finding) for finding in certify.proven([points[-1], wanted])]
    assert [line.split()[0] for line in lines] == ["ja", "FEHLT"]
    assert "AssertionError: Das Zeichen fehlt" in lines[1]


def test_courier_can_be_certified(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints a sentence for each point and ends with 0; an unknown name ends with 2."""
    assert certify.main(["smtp"]) == 0
    printed = capsys.readouterr().out
    assert len(re.findall(r"^ja .*\.$", printed, re.MULTILINE)) == len(COURIER_CHECKS)
    assert printed.endswith("Alles erfüllt.\n")
    assert certify.main(["unbekannt"]) == 2


def test_every_connector_is_covered() -> None:
    """Whatever has `connect` takes part in the suite."""
    names = {found.name for found in pkgutil.iter_modules(connectors.__path__)}
    connecting = {name for name in names if hasattr(__import__(f"connectors.{name}", fromlist=["connect"]), "connect")}
    assert (
        connecting == set(SUBJECTS) | set(COURIERS) | set(PLACES) | set(TIME_SOURCES) | set(OFFICES) | MAILBOXES | BANKS
    )
