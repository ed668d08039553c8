"""Meldet dem Betreiber, was nicht von selbst weitergeht."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import ALARM
from flows.running import run_under_prefect


@flow(name="raise-alarm", flow_run_name="{client}: Melden", persist_result=False)
def raise_alarm(client: str, at: datetime | None = None) -> State[None]:
    """Meldet dem Betreiber, was nicht von selbst weitergeht.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(ALARM, client, at)
