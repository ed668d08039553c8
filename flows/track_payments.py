"""Liest, was bezahlt ist."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import TRACK
from flows.running import run_under_prefect


@flow(name="track-payments", flow_run_name="{client}: Zahlungen prüfen", persist_result=False)
def track_payments(client: str, at: datetime | None = None) -> State[None]:
    """Liest, was bezahlt ist.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(TRACK, client, at)
