"""Prüft fällige Rechnungen und erinnert oder legt Aufgaben an."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import REMIND
from flows.running import run_under_prefect


@flow(name="send-reminders", flow_run_name="{client}: Erinnern", persist_result=False)
def send_reminders(client: str, at: datetime | None = None) -> State[None]:
    """Prüft fällige Rechnungen und erinnert oder legt Aufgaben an.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(REMIND, client, at)
