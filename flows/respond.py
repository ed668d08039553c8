"""Beantwortet Rückrufe: liest, worauf sie zeigen, schreibt die Rechnung und versendet sie."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import RESPOND
from flows.running import run_under_prefect


@flow(name="respond", flow_run_name="{client}: Rückrufe beantworten", persist_result=False)
def respond(client: str, at: datetime | None = None) -> State[None]:
    """Beantwortet Rückrufe: liest, worauf sie zeigen, schreibt die Rechnung und versendet sie.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(RESPOND, client, at)
