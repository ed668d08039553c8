"""A big run has its papers laid out by other processes, and the one that runs it need not even know how."""

import subprocess
import sys

import pytest

from flows.chain.steps import COLLECT, ISSUE, Step
from flows.chain.transmit import WORTH_PRINTING_AHEAD
from tests.flows.business import CLIENT, TODAY, Business
from tests.sandbox.running import ROOT

RUNS = f"""
import sys
from datetime import datetime
from config.settings import load_settings
from flows.chain import steps
from flows.wiring import at_work, open_house

if __name__ == "__main__":
    at = datetime.fromisoformat("{TODAY}")
    asked = [getattr(steps, name) for name in sys.argv[1:]]
    with open_house(load_settings()) as house, at_work(house, house.client("{CLIENT}"), at) as work:
        reports = [report.summary for report in steps.run_steps(work, asked)]
    print(*reports, "weasyprint" in sys.modules)
"""


@pytest.mark.parametrize(
    ("done", "left"), [((COLLECT, ISSUE), ("TRANSMIT",)), ((COLLECT,), ("ISSUE", "TRANSMIT"))], ids=["a step", "a line"]
)
def test_a_big_run_prints_in_other_processes(business: Business, done: tuple[Step, ...], left: tuple[str, ...]) -> None:
    """Of twelve papers the running process lays out none itself: it never loads the layout engine."""
    contact = business.customer()
    for _ in range(WORTH_PRINTING_AHEAD):
        business.finished_job(contact)
    business.run(*done)
    script = business.folder / "runs.py"
    script.write_text(RUNS, "utf-8")

    environment = business.environment() | {"PYTHONPATH": str(ROOT), "RECHNUNGSBOTE_PRINTERS": "1"}
    told = subprocess.run(
        [sys.executable, script, *left], env=environment, capture_output=True, text=True, check=True
    ).stdout

    assert told.split()[-1] == "False", told
    assert len(business.mails()) == WORTH_PRINTING_AHEAD
