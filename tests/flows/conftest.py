"""One stage process for all tests of the chain, put back to its start for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.business import Business
from tests.sandbox.running import Stage, running


@pytest.fixture(scope="session")
def flow_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage without rate limit."""
    with running(tmp_path_factory.mktemp("flow_stage") / "folder", "--world", "leer", "--rate", "0") as stage:
        yield stage


@pytest.fixture
def business(flow_stage: Stage, tmp_path: Path) -> Business:
    """A business with an empty ledger on a stage put back to its start, its lists without lag."""
    flow_stage.control("reset", {})
    flow_stage.control("index-lag", {"seconds": 0})
    return Business(flow_stage, tmp_path, quiet_seconds=60, backoff_first_seconds=60)
