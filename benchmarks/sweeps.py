"""What the regular sweeps cost: collecting, billing contracts, checking payments of 20,000 invoices, and a cold start.

`python -m benchmarks.sweeps` needs no quota and no network; it prints seconds and requests, `--json FILE` writes them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.dunning_data import fill
from benchmarks.line import SETTLING, run_beside
from benchmarks.line import fill as fill_jobs
from flows.chain.contracts import NewContract, sign
from flows.chain.steps import COLLECT, CONTRACTS, TRACK, Step
from flows.logs import configure_logging
from ledger import clientele
from ledger.overrides import Word
from tests.flows.business import CLIENT, TODAY, Business
from tests.flows.test_contracts import KRAEMER, sell
from tests.sandbox.running import Stage, running

BATCH = 500
LIBRARIES = "import sqlalchemy.orm, pydantic, httpx, lxml.etree, jinja2, typer, structlog, ruamel.yaml"
"""What a run loads of others before it can ask anything: a cold start cannot be quicker."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=20_000, help="open ones, for the payment check")
    parser.add_argument("--jobs", type=int, default=1000, help="finished ones, for collecting")
    parser.add_argument("--contracts", type=int, default=2000, help="contracts that are due on one day")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "stage"
        with running(folder, "--world", "leer", "--rate", "0") as stage:
            business = Business(stage, Path(place))
            configure_logging(business.settings)
            figures["cold start"] = shown("Kaltstart bis zur ersten Anfrage", cold_start(business, folder))
            figures["libraries"] = shown("davon fremde Bibliotheken allein", libraries())
            with business.house() as house:
                fill(house.ledger, options.invoices)
            figures["track"] = shown(f"{options.invoices} offene Rechnungen prüfen", step(business, stage, TRACK))
            sign_contracts(business, options.contracts)
            figures["contracts"] = shown(f"{options.contracts} Verträge abrechnen", step(business, stage, CONTRACTS))
            figures["contracts idle"] = shown("noch einmal, nichts fällig", step(business, stage, CONTRACTS))
            fill_jobs(business, options.jobs)
            time.sleep(SETTLING)
            figures["collect"] = shown(f"{options.jobs} neue Aufträge abholen", step(business, stage, COLLECT))
            figures["collect idle"] = shown("noch einmal, nichts Neues", step(business, stage, COLLECT))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), "utf-8")


def shown(what: str, figures: tuple[float, int]) -> tuple[float, int]:
    """Print a line and pass the figures on."""
    seconds, requests = figures
    print(f"{what:<36}{seconds:>8.2f} s{requests:>8} Anfragen", flush=True)
    return figures


def sign_contracts(business: Business, count: int) -> None:
    """So many customers with a monthly contract each, which is due today."""
    sell(business)
    now = datetime.fromisoformat(TODAY)
    with business.house() as house:
        config = house.client(CLIENT).config
        for start in range(0, count, BATCH):
            with house.ledger.writing() as session:
                for number in map(str, range(start, min(start + BATCH, count))):
                    clientele.announce(session, CLIENT, number, replace(KRAEMER, number=number), now)
                    new = NewContract(f"V-{number}", number, "basis", now.date())
                    sign(session, config, new, Word("Messung", "angelegt"), now)


def cold_start(business: Business, folder: Path) -> tuple[float, int]:
    """Seconds from the start of `rechnungsbote run` to its first request, and the requests of an idle run."""
    began = time.time()
    run_beside(business, business.settings.database_url, 1)
    requests = [json.loads(line) for line in (folder / "requests.jsonl").read_text("utf-8").splitlines()]
    ours = [datetime.fromisoformat(each["real_time"]).timestamp() for each in requests]
    ours = [instant for instant in ours if instant > began]
    return min(ours) - began, len(ours)


def libraries() -> tuple[float, int]:
    """Seconds that a bare interpreter takes to load the libraries of a run; the lesser of two."""
    taken = []
    for _ in range(2):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
        taken.append(time.monotonic() - began)
    return min(taken), 0


def step(business: Business, stage: Stage, one: Step) -> tuple[float, int]:
    """Seconds and requests of one step."""
    log = stage.folder / "requests.jsonl"
    before, began = len(log.read_text("utf-8").splitlines()), time.monotonic()
    business.run(one, at=TODAY)
    return time.monotonic() - began, len(log.read_text("utf-8").splitlines()) - before


if __name__ == "__main__":
    main()
