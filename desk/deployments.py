"""`deployments`: which flow runs when for which client, in the form that `prefect deploy` reads."""

from collections.abc import Iterable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from config.client import Client

POOL = "invoicing"
HEAD = """\
# Welcher Ablauf wann für welchen Mandanten läuft. Geschrieben von  rechnungsbote deployments  aus config/clients/;
# nach jeder Änderung dort neu schreiben und anmelden:
#   rechnungsbote deployments > deployments.yaml
#   prefect work-pool create invoicing --type process --overwrite
#   prefect --no-prompt deploy --prefect-file deployments.yaml --all
"""


def deployments_of(clients: Iterable[Client]) -> str:
    """The whole file: six flows for each client; those of a resting client are paused."""
    entries = [entry for client in clients for entry in _of_client(client)]
    text = StringIO()
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump({"deployments": entries}, text)
    return HEAD + text.getvalue()


def _of_client(client: Client) -> list[dict[str, Any]]:
    schedule = client.schedule
    plan = (
        ("collect", "collect_jobs", schedule.poll),
        ("issue", "issue_invoices", schedule.poll),
        ("transmit", "transmit", schedule.poll),
        ("payments", "track_payments", schedule.payments),
        ("reminders", "send_reminders", schedule.reminders),
        ("reconcile", "reconcile", schedule.reconcile),
    )
    return [_deployment(client, name, flow, cron) for name, flow, cron in plan]


def _deployment(client: Client, name: str, flow: str, cron: str) -> dict[str, Any]:
    return {
        "name": f"{client.name}-{name}",
        "entrypoint": f"flows/{flow}.py:{flow}",
        "parameters": {"client": client.name},
        "tags": [client.name],
        "schedules": [{"cron": cron, "timezone": "Europe/Berlin", "slug": name, "active": client.active}],
        "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "work_pool": {"name": POOL, "work_queue_name": "default"},
    }
