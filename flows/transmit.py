"""Gestaltet Belege, legt sie ab und versendet sie."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import TRANSMIT
from flows.running import run_under_prefect


@flow(name="transmit", flow_run_name="{client}: Rechnungen versenden", persist_result=False)
def transmit(client: str, at: datetime | None = None) -> State[None]:
    """Gestaltet Belege, legt sie ab und versendet sie.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(TRANSMIT, client, at)
