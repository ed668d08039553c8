"""Klärt, was Abstürze und Störungen offen gelassen haben."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import RECONCILE
from flows.running import run_under_prefect


@flow(name="reconcile", flow_run_name="{client}: Offenes klären", persist_result=False)
def reconcile(client: str, at: datetime | None = None) -> State[None]:
    """Klärt, was Abstürze und Störungen offen gelassen haben.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(RECONCILE, client, at)
