"""What Prefect costs: the flows of the line called one after the other, under a server of their own.

As a program it is the process that calls them: `python -m benchmarks.orchestration` prints their seconds.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desk.prefect_settings import DEFAULTS
from tests.flows.business import CLIENT, TODAY
from tests.operation.scale import free_port, is_healthy, until
from tests.sandbox.running import ROOT

END = 30


@dataclass(frozen=True, slots=True)
class Orchestrated:
    """Seconds of the flows, and what of them was the work itself."""

    invoices: int
    wall: float
    work: float

    @property
    def share(self) -> float:
        """What Prefect adds, of the whole."""
        return 1 - self.work / self.wall


def run_flows(folder: Path, environment: Mapping[str, str]) -> float:
    """Start a server, let a process of its own call the flows, and return the seconds between first and last."""
    port = free_port()
    facts = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_LOGGING_LEVEL": "ERROR",
    }
    together = {**environment, **DEFAULTS, **facts}
    with _server(folder, together):
        until(lambda: is_healthy(facts["PREFECT_API_URL"]), "Prefect antwortet nicht")
        command = [sys.executable, "-m", "benchmarks.orchestration"]
        ended = subprocess.run(command, cwd=ROOT, env=together, stdout=subprocess.PIPE, text=True, check=True)
    return float(ended.stdout.split()[-1])


@contextmanager
def _server(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "prefect", "server", "start"]
    with (folder / "prefect.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(END)


def main() -> None:
    """Call the flows of the line once each."""
    from flows.collect_jobs import collect_jobs
    from flows.issue_invoices import issue_invoices
    from flows.transmit import transmit

    at = datetime.fromisoformat(TODAY)
    began = time.monotonic()
    for run in (collect_jobs, issue_invoices, transmit):
        run(CLIENT, at)
    print(time.monotonic() - began)


if __name__ == "__main__":
    main()
