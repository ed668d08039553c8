"""`deployments`: which flow runs when for which client, in the form that `prefect deploy` reads."""

from collections.abc import Collection, Iterable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from config.client import Client
from flows.called import CALLED, resource_of

POOL = "invoicing"
PROCESS = "process"
"""The type of a work pool whose flows are processes on the worker's machine."""
OURS = "rechnungsbote"
"""The tag of every deployment that a client's file has asked for."""
ALARM = "rechnungsbote-alarm"
HEAD = """\
# Welcher Ablauf wann für welchen Mandanten läuft. Geschrieben von  rechnungsbote deployments  aus config/clients/;
# nach jeder Änderung dort neu schreiben und anmelden:
#   rechnungsbote deployments > deployments.yaml
#   prefect work-pool create invoicing --type process --overwrite
#   prefect --no-prompt deploy --prefect-file deployments.yaml --all
"""


def deployments_of(clients: Iterable[Client], resting: Collection[str] = (), alarm: bool = False) -> str:
    """The whole file: the flows of each client; those of an inactive or resting client are paused.

    `alarm` adds the flow that tells the operator of red runs by mail.
    """
    entries = [entry for client in clients for entry in _of_client(client, client.name not in resting)]
    text = StringIO()
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump({"deployments": entries + ([_ALARM] if alarm else [])}, text)
    return HEAD + text.getvalue()


def _of_client(client: Client, is_awake: bool) -> list[dict[str, Any]]:
    schedule = client.schedule
    plan = (
        ("collect", "collect_jobs", schedule.poll),
        ("issue", "issue_invoices", schedule.poll),
        ("transmit", "transmit", schedule.poll),
        ("payments", "track_payments", schedule.payments),
        ("reminders", "send_reminders", schedule.reminders),
        ("reconcile", "reconcile", schedule.reconcile),
        *([("announce", "announce", schedule.poll)] if client.webhooks else ()),
        *([("alarm", "raise_alarm", schedule.reconcile)] if client.alerts.is_wanted else []),
        *([("mailbox", "read_mailbox", schedule.mailbox)] if client.mailbox else []),
        *([("times", "bill_times", schedule.times)] if client.times else []),
        *([("contracts", "bill_contracts", schedule.contracts)] if client.contracts else []),
    )
    at_work = client.active and is_awake
    scheduled = [_scheduled(client, name, flow, cron, at_work) for name, flow, cron in plan]
    return [*scheduled, _called(client, at_work), _deployment(client, "approve", "approve", "ENQUEUE")]


def _scheduled(client: Client, name: str, flow: str, cron: str, at_work: bool) -> dict[str, Any]:
    schedule = {"cron": cron, "timezone": "Europe/Berlin", "slug": name, "active": at_work}
    return _deployment(client, name, flow, "CANCEL_NEW", schedules=[schedule])


def _called(client: Client, at_work: bool) -> dict[str, Any]:
    """What  rechnungsbote receive  starts; a call that comes during a run starts another one after it."""
    trigger = {
        "type": "event",
        "enabled": at_work,
        "expect": [CALLED],
        "match": {"prefect.resource.id": resource_of(client.name)},
    }
    return _deployment(client, "respond", "respond", "ENQUEUE", triggers=[trigger])


def _deployment(client: Client, name: str, flow: str, collision: str, **when: list[dict[str, Any]]) -> dict[str, Any]:
    running = client.running
    pool: dict[str, Any] = {"name": running.pool, "work_queue_name": running.queue}
    if running.job_variables:
        pool["job_variables"] = running.job_variables
    return {
        "name": f"{client.name}-{name}",
        "entrypoint": f"flows/{flow}.py:{flow}",
        "parameters": {"client": client.name},
        "tags": [client.name, OURS],
        **when,
        "concurrency_limit": {"limit": running.at_once, "collision_strategy": collision},
        "work_pool": pool,
    }


_ALARM: dict[str, Any] = {
    "name": ALARM,
    "entrypoint": "flows/alarm.py:alarm",
    "tags": [ALARM],
    "work_pool": {"name": POOL, "work_queue_name": "default"},
}
