"""One furnished office for all tests that only look; tests that act on it take a copy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.wiring import House
from tests.desk.web import office
from tests.flows.business import Business
from tests.sandbox.running import Stage


@pytest.fixture(scope="session")
def furnished(flow_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation as the chain has left it."""
    folder = tmp_path_factory.mktemp("office")
    flow_stage.control("reset", {})
    flow_stage.control("index-lag", {"seconds": 0})
    office.furnish(Business(flow_stage, folder, quiet_seconds=60, backoff_first_seconds=60))
    return folder


@pytest.fixture
def house(furnished: Path, flow_stage: Stage, tmp_path: Path) -> Iterator[House]:
    """The office opened, as a copy of its own."""
    shutil.copytree(furnished, tmp_path / "office")
    business = Business(flow_stage, tmp_path / "office")
    # A new file of the client is written by opening a business; the office's own one has more in it.
    shutil.copytree(furnished / "clients", tmp_path / "office" / "clients", dirs_exist_ok=True)
    with business.house() as opened:
        yield opened
