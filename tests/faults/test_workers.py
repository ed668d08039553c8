"""Several workers on one ledger: nothing twice, nothing stuck, and a frozen one does no harm when it wakes."""

from pathlib import Path

import pytest

from tests.faults.crashing import SECONDS, Fate
from tests.faults.outside import Expected, look, violations
from tests.faults.stories import COPY_TO, Firm, begin
from tests.sandbox.running import Stage, eventually

JOBS = 4
WORKERS = 3
FROZEN_AT = ("after POST /v1/invoices", "before dot")


@pytest.fixture
def shared(empty_database: str, fault_stage: Stage, tmp_path: Path) -> Firm:
    """A firm whose ledger stands on SQLite, or on PostgreSQL."""
    return begin(fault_stage, tmp_path / "firm", database_url=empty_database)


@pytest.mark.slow
def test_workers_at_once_share_the_work(shared: Firm) -> None:
    """Three processes at the same moment: each invoice once, each mail once, nothing stuck, nothing unknown."""
    for _ in range(JOBS):
        shared.business.finished_job()
    running = [shared.start() for _ in range(WORKERS)]
    ended = [each.ended() for each in running]
    assert [each.said for each in ended if each.code not in (0, 1)] == []
    shared.later()
    shared.later()
    assert violations(look(shared.business, shared.ended), Expected(jobs=JOBS, copy_to=COPY_TO)) == []
    assert shared.business.cases() == []


@pytest.mark.slow
@pytest.mark.parametrize("where", FROZEN_AT)
def test_a_worker_frozen_beyond_its_lease_does_no_harm(firm: Firm, where: str) -> None:
    """SIGSTOP in mid-effect, the lease runs out, another worker recovers, the sleeper wakes: still once each."""
    firm.business.finished_job()
    sleeper = firm.start(Fate(freeze_at=where))
    assert eventually(sleeper.is_stopped, SECONDS)
    for _ in "123":
        firm.at = firm.at.replace(hour=firm.at.hour + 1)
        firm.run()
    sleeper.wake()
    assert sleeper.ended().code in (0, 1)
    firm.at = firm.at.replace(hour=firm.at.hour + 1)
    firm.run()
    firm.later()
    expected = Expected(copy_to=COPY_TO, may_be_unknown=True)
    assert violations(look(firm.business, firm.ended), expected) == []
    assert len(firm.business.upstream()) == 1
