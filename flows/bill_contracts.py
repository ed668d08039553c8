"""Macht aus Verträgen, von denen etwas fällig ist, Aufträge."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import CONTRACTS
from flows.running import run_under_prefect


@flow(name="bill-contracts", flow_run_name="{client}: Verträge abrechnen", persist_result=False)
def bill_contracts(client: str, at: datetime | None = None) -> State[None]:
    """Macht aus Verträgen, von denen etwas fällig ist, Aufträge.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(CONTRACTS, client, at)
