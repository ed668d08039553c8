"""The plug is pulled: `rechnungsbote run` is killed again and again, and the next run puts everything right."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest

from config.settings import PREFIX
from tests.flows.business import TODAY, Business
from tests.sandbox.running import ROOT

KILLS = 10
JOBS = 6
EVENTS = JOBS * 7
SEED = 20261102


@pytest.mark.slow
def test_ten_kills_double_and_lose_nothing(business: Business) -> None:
    """Killed at ten arbitrary moments, each job has one invoice, each invoice one mail or a listed unknown fate."""
    for number in range(JOBS):
        business.finished_job(business.customer(emailAddresses={"business": [f"kunde{number}@haus.example"]}))
    chance, at = random.Random(SEED), datetime.fromisoformat(TODAY)
    killed = 0
    for _ in range(KILLS):
        killed += _run_and_kill(business, at, after=chance.randrange(1, EVENTS // KILLS * 2))
        at += timedelta(minutes=5)
    for _ in range(3):
        business.run(at=at.isoformat())
        at += timedelta(minutes=5)
    assert killed >= KILLS // 2, "the runs ended before they could be killed"
    markers = Counter(
        marker for invoice in business.upstream() for marker in business.markers() if marker in invoice["remark"]
    )
    assert markers == dict.fromkeys(business.markers(), 1)
    assert len(business.upstream()) == JOBS
    arrived = Counter(mail["message_id"] for mail in business.mails())
    assert all(copies == 1 for copies in arrived.values())
    unknown = [case for case in business.cases() if case.state == "unknown"]
    assert all(case.evidence for case in unknown)
    assert len(arrived) + len(unknown) >= JOBS
    assert [case.state for case in business.cases()] == ["unknown"] * len(unknown)


@pytest.mark.slow
def test_two_runs_at_once_share_the_work(business: Business) -> None:
    """Two processes on one ledger at the same moment make each invoice and each mail once."""
    for number in range(JOBS):
        business.finished_job(business.customer(emailAddresses={"business": [f"kunde{number}@haus.example"]}))
    command = [sys.executable, "-m", "desk.cli", "run", "--at", TODAY[:19]]
    runs = [subprocess.Popen(command, cwd=ROOT, env=_environment(business), stdout=subprocess.DEVNULL) for _ in "12"]
    assert [process.wait(120) for process in runs] in ([0, 0], [0, 1], [1, 0])
    business.run()
    assert len(business.upstream()) == len(business.mails()) == JOBS
    assert business.cases() == []


def _run_and_kill(business: Business, at: datetime, after: int) -> bool:
    """Start a run and kill it once the stage has seen so many more events; whether it still ran."""
    command = [sys.executable, "-m", "desk.cli", "run", "--at", at.strftime("%Y-%m-%dT%H:%M:%S")]
    goal = _events(business) + after
    with subprocess.Popen(command, cwd=ROOT, env=_environment(business), stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and _events(business) < goal:
            time.sleep(0.002)
        was_running = process.poll() is None
        process.kill()
    return was_running


def _events(business: Business) -> int:
    return len(business.requests()) + len(business.mails())


def _environment(business: Business) -> dict[str, str]:
    ours = {name: str(getattr(business.settings, name)) for name in ("home", "clients", "secrets", "quiet_seconds")}
    return os.environ | {PREFIX + name.upper(): value for name, value in ours.items()}
