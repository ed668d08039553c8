"""Holt erfasste Zeiten und macht aus den freigegebenen eines Monats je Kunde einen Auftrag."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import TIMES
from flows.running import run_under_prefect


@flow(name="bill-times", flow_run_name="{client}: Zeiten abrechnen", persist_result=False)
def bill_times(client: str, at: datetime | None = None) -> State[None]:
    """Holt erfasste Zeiten und macht aus den freigegebenen eines Monats je Kunde einen Auftrag.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(TIMES, client, at)
