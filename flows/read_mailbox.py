"""Liest das Postfach: Rückläufer, Antworten, Beschwerden."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import MAILBOX
from flows.running import run_under_prefect


@flow(name="read-mailbox", flow_run_name="{client}: Postfach lesen", persist_result=False)
def read_mailbox(client: str, at: datetime | None = None) -> State[None]:
    """Liest das Postfach: Rückläufer, Antworten, Beschwerden.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(MAILBOX, client, at)
