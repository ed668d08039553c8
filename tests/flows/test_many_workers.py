"""Several processes on one PostgreSQL ledger share one batch, and one that is killed in the middle costs nothing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger import journal
from ledger.database import Ledger
from ledger.tables import AttemptRow, ChunkRow
from tests.flows.business import TODAY, Business
from tests.sandbox.running import ROOT, Stage

JOBS = 9
WORKERS = 3
AFTERWARDS = [f"2026-11-02T{hour}:00:00+01:00" for hour in (12, 13, 14)]
"""What was cut off while it was created is looked up twice, a quiet period apart, before it is tried again."""


@pytest.fixture
def shared(flow_stage: Stage, tmp_path: Path, postgresql_ledger: Ledger) -> Business:
    """A business on PostgreSQL whose batches are cut into chunks of two."""
    flow_stage.control("reset", {})
    flow_stage.control("index-lag", {"seconds": 0})
    firm = Business(flow_stage, tmp_path, quiet_seconds=60, database_url=postgresql_ledger.url)
    firm.client_file.write_text(firm.client_file.read_text("utf-8") + "running: {chunk: 2}\n", "utf-8")
    for number in range(JOBS):
        firm.finished_job(firm.customer(emailAddresses={"business": [f"kunde{number}@haus.example"]}))
    return firm


@pytest.mark.slow
@pytest.mark.postgres
def test_three_workers_share_and_one_is_killed(shared: Business, postgresql_ledger: Ledger) -> None:
    """Each invoice and mail comes to be once; what the killed one had in its hands is finished by the others."""
    workers = [_start(shared, TODAY[:19]) for _ in range(WORKERS)]
    while len(shared.upstream()) < 3 and workers[0].poll() is None:
        time.sleep(0.05)
    workers[0].kill()
    for worker in workers:
        worker.wait(180)
    for at in AFTERWARDS:
        shared.run(at=at)
    with postgresql_ledger.reading() as session:
        owners = set(session.scalars(select(AttemptRow.owner)))
        assert (list(session.scalars(select(ChunkRow))), list(journal.faults(session))) == ([], [])
    unknown = [case for case in shared.cases() if case.state == "unknown"]
    recipients = [mail["envelope"]["recipients"][0] for mail in shared.mails()]
    assert len(owners) >= 2
    assert len(shared.upstream()) == JOBS
    assert len(recipients) == len(set(recipients)) >= JOBS - len(unknown)


def _start(business: Business, at: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "desk.cli", "run", "--at", at]
    return subprocess.Popen(
        command, cwd=ROOT, env=business.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
