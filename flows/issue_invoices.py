"""Legt Rechnungen in der Buchhaltung an und vergleicht sie auf den Cent."""

from datetime import datetime

from prefect import State, flow

from flows.chain.steps import ISSUE
from flows.running import run_under_prefect


@flow(name="issue-invoices", flow_run_name="{client}: Rechnungen schreiben", persist_result=False)
def issue_invoices(client: str, at: datetime | None = None) -> State[None]:
    """Legt Rechnungen in der Buchhaltung an und vergleicht sie auf den Cent.

    Args:
        client: Kurzname des Mandanten, wie seine Datei in config/clients heißt.
        at: Nur für Proben: Zeitpunkt, der als Gegenwart gelten soll.
    """
    return run_under_prefect(ISSUE, client, at)
