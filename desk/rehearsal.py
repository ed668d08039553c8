"""One day of a time lapse: the flows that a client's schedules would have run, one after the other."""

from collections.abc import Iterator
from datetime import datetime

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.collect_jobs import collect_jobs
from flows.issue_invoices import issue_invoices
from flows.reconcile import reconcile
from flows.report import SomethingFailed
from flows.send_reminders import send_reminders
from flows.track_payments import track_payments
from flows.transmit import transmit

DAILY = (collect_jobs, issue_invoices, transmit)
WORKDAYS = (*DAILY, track_payments, send_reminders)
MONDAYS = (reconcile, *WORKDAYS)


def play_day(client: str, at: datetime) -> Iterator[str]:
    """Run the flows of a day as of `at`; what failed, in words. No heartbeat: waiting for it takes a second a run."""
    flows = {0: MONDAYS, 5: DAILY, 6: DAILY}.get(at.weekday(), WORKDAYS)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        for run in flows:
            try:
                run(client, at)
            except SomethingFailed as error:
                yield from (f"{entry.result}: {entry.subject}: {entry.text}" for entry in error.failures)
