"""A run's page in Prefect: its name, its progress and its artifacts; what fails here never fails the run."""

from collections.abc import Callable
from typing import Any, ParamSpec
from uuid import UUID

import structlog
from prefect import runtime
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.client.orchestration import get_client

from flows.around import around
from flows.artifacts import checks_page, receivables_page, report_page
from flows.chain.steps import REMIND, TRACK, Step
from flows.report import Report
from flows.work import Work
from ledger import payments
from ledger.receivables import receivables

log = structlog.get_logger()

P = ParamSpec("P")
BIG = 2
"""From so many chunks on a batch shows its progress."""


def write(work: Work, step: Step, report: Report) -> None:
    """Name the run after what it did, and put its artifacts beside it; an idle run gets neither page nor table."""
    if not report.entries:
        return
    _kindly(_rename, f"{work.client}: {step.title} ({report.summary})")
    page = report_page(report, work.settings.desk_url)
    _kindly(create_markdown_artifact, page, key=f"{work.client}-{step.name}", description=str(report))
    if step in (TRACK, REMIND):
        _kindly(_receivables, work)
    if step is REMIND:
        _kindly(_checks, work)


class Progress:
    """How far a big batch has come; small ones show nothing."""

    def __init__(self, work: Work, step: Step, title: str, total: int) -> None:
        self._total, self._done = total, 0
        self._artifact: Any = None
        if total > BIG * (work.config.running.chunk or work.settings.chunk_size):
            key, text = f"{work.client}-{step.name}-fortschritt", f"{title}: {total} Vorgänge"
            _kindly(_rename, f"{work.client}: {step.title} ({total})")
            self._artifact = _kindly(create_progress_artifact, 0.0, key=key, description=text)

    def advance(self, number: int) -> None:
        """So many more are through."""
        self._done += number
        if isinstance(self._artifact, UUID):
            _kindly(update_progress_artifact, self._artifact, round(100 * self._done / self._total, 1))


def _kindly(act: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> Any:
    """Do something for the eyes only: when Prefect does not answer, the work goes on."""
    try:
        return act(*args, **kwargs)
    except Exception:
        log.exception("Prefect did not take a page")
        return None


def _rename(name: str) -> None:
    with get_client(sync_client=True) as client:
        client.update_flow_run(UUID(str(runtime.flow_run.id)), name=name)


def _receivables(work: Work) -> None:
    today = work.clock.today()
    with work.ledger.reading() as session:
        items = receivables(session, {work.client: around(work.config)}, today)
    if items:
        page = receivables_page(work.client, items, today, work.settings.desk_url)
        create_markdown_artifact(page, key=f"{work.client}-forderungen", description="Forderungen")


def _checks(work: Work) -> None:
    with work.ledger.reading() as session:
        found = payments.checks(session, work.client)
    if found:
        page = checks_page(work.client, found)
        create_markdown_artifact(page, key=f"{work.client}-pruefungen", description="Nächste Zahlungsprüfungen")
