"""A stage of its own that begins in the autumn before the year to be lived through."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.business import Business
from tests.sandbox.running import Stage, running

BEGIN = "2024-12-02T08:00:00+01:00"


@pytest.fixture(scope="session")
def year_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage without rate limit whose clock is moved by the scenario."""
    options = ("--world", "leer", "--rate", "0", "--now", BEGIN)
    with running(tmp_path_factory.mktemp("year_stage") / "folder", *options) as stage:
        yield stage


@pytest.fixture
def year(year_stage: Stage, tmp_path: Path) -> Business:
    """A business with an empty ledger, dunned by the lawful default, in Baden-Württemberg."""
    year_stage.control("index-lag", {"seconds": 0})
    business = Business(year_stage, tmp_path, quiet_seconds=60, backoff_first_seconds=60)
    text = business.client_file.read_text("utf-8").replace("since: 2026-11-01", "since: 2024-12-01")
    levels = "  levels:\n    - {days: 5, action: reminder}\n    - {days: 7, action: task}\n"
    assert levels in text
    business.client_file.write_text(text.replace(levels, ""), "utf-8")
    return business
