"""A big run has its papers laid out by other processes, and the one that runs it need not even know how."""

import subprocess
import sys

from flows.chain.steps import COLLECT, ISSUE
from flows.chain.transmit import WORTH_PRINTING_AHEAD
from tests.flows.business import CLIENT, TODAY, Business
from tests.sandbox.running import ROOT

TRANSMITS = f"""
import sys
from datetime import datetime
from config.settings import load_settings
from flows.chain.steps import TRANSMIT, run_step
from flows.wiring import at_work, open_house

if __name__ == "__main__":
    at = datetime.fromisoformat("{TODAY}")
    with open_house(load_settings()) as house, at_work(house, house.client("{CLIENT}"), at) as work:
        report = run_step(work, TRANSMIT)
    print(report.summary, "weasyprint" in sys.modules)
"""


def test_a_big_run_prints_in_other_processes(business: Business) -> None:
    """Of twelve papers the running process lays out none itself: it never loads the layout engine."""
    contact = business.customer()
    for _ in range(WORTH_PRINTING_AHEAD):
        business.finished_job(contact)
    business.run(COLLECT, ISSUE)
    script = business.folder / "transmits.py"
    script.write_text(TRANSMITS, "utf-8")

    environment = business.environment() | {"PYTHONPATH": str(ROOT), "RECHNUNGSBOTE_PRINTERS": "1"}
    told = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True).stdout

    assert told.split()[-1] == "False", told
    assert len(business.mails()) == WORTH_PRINTING_AHEAD
