"""One day of a time lapse: the flows that a client's schedules would have run, one after the other."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from cronsim import CronSim
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from billing.calendar import BERLIN
from config.settings import load_settings
from flows.bill_contracts import bill_contracts
from flows.chain.steps import COLLECT, CONTRACTS, ISSUE, RECONCILE, REMIND, TRACK, TRANSMIT, Step
from flows.collect_jobs import collect_jobs
from flows.issue_invoices import issue_invoices
from flows.reconcile import reconcile
from flows.report import SomethingFailed
from flows.send_reminders import send_reminders
from flows.track_payments import track_payments
from flows.transmit import transmit
from flows.wiring import at_work, open_house
from flows.work import Work

CONTRACTED = (bill_contracts, CONTRACTS, "contracts")
FLOWS = (
    (reconcile, RECONCILE, "reconcile"),
    (collect_jobs, COLLECT, "poll"),
    (issue_invoices, ISSUE, "poll"),
    (transmit, TRANSMIT, "poll"),
    (track_payments, TRACK, "payments"),
    (send_reminders, REMIND, "reminders"),
)
"""Each flow, the step it carries out, and which of the client's schedules starts it."""


def play_day(client: str, at: datetime) -> Iterator[str]:
    """Run each flow that is due on the day of `at` once, unless nothing waits for it; what failed, in words.

    No heartbeat: waiting for it takes a second a run.
    """
    with (
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        open_house(load_settings()) as house,
        at_work(house, house.client(client), at) as work,
    ):
        for run, step, schedule in (CONTRACTED, *FLOWS) if work.config.contracts else FLOWS:
            if not _is_due(getattr(work.config.schedule, schedule), at) or not _has_work(work, step):
                continue
            try:
                run(client, at)
            except SomethingFailed as error:
                yield from (f"{entry.result}: {entry.subject}: {entry.text}" for entry in error.failures)


def _is_due(cron: str, at: datetime) -> bool:
    """Whether a schedule has an hour on the day of `at`."""
    midnight = datetime.combine(at.astimezone(BERLIN).date(), time(), BERLIN)
    return next(CronSim(cron, midnight - timedelta(seconds=1))).date() == midnight.date()


def _has_work(work: Work, step: Step) -> bool:
    """Whether a step asks a foreign system, or something waits for it in the ledger."""
    return bool(step.once) or any(batch.pending(work) for batch in step.batches)
