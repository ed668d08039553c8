"""Holt erledigte Aufträge aus dem System des Mandanten."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import COLLECT
from flows.running import run_under_prefect


@flow(name="collect-jobs", flow_run_name="{client}: Aufträge abholen", persist_result=False)
def collect_jobs(client: str, at: datetime | None = None) -> State[None]:
    """Holt erledigte Aufträge aus dem System des Mandanten.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(COLLECT, client, at)
