"""One stage process for all tests of faults, put back to its start for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stories import Firm, begin
from tests.flows.business import Business
from tests.sandbox.running import Stage, running


@pytest.fixture(scope="session")
def fault_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage without rate limit."""
    with running(tmp_path_factory.mktemp("fault_stage") / "folder", "--world", "leer", "--rate", "0") as stage:
        yield stage


@pytest.fixture
def firm(fault_stage: Stage, tmp_path: Path) -> Firm:
    """A firm with an empty ledger on a stage put back to its start."""
    return begin(fault_stage, tmp_path / "firm")


@pytest.fixture
def business(firm: Firm) -> Business:
    """A business with one finished job; every mail has a copy."""
    firm.business.finished_job()
    return firm.business
