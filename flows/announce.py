"""Meldet eigenen Programmen, was aus Rechnungen geworden ist."""

from datetime import datetime

from prefect import flow

from flows.chain.steps import ANNOUNCE
from flows.running import run_under_prefect


@flow(name="announce", flow_run_name="{client}: Meldungen senden", persist_result=False)
def announce(client: str, at: datetime | None = None) -> None:
    """Meldet eigenen Programmen, was aus Rechnungen geworden ist.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    run_under_prefect(ANNOUNCE, client, at)
