"""What Prefect watches for us: runs that died without a word, and whom to tell when a run ends red."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CallWebhook, ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from pydantic import SecretStr

from config.settings import Settings
from desk.deployments import ALARM, OURS
from flows.breathing import ALIVE, OVER

SILENT_AFTER = timedelta(minutes=4)
"""Four signs of life of a minute each; a shorter time would kill runs that are alive."""
PENDING_AFTER = timedelta(minutes=10)
WEBHOOK = "rechnungsbote-alarm"
RUN = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
TAGGED = ResourceSpecification({"prefect.resource.id": f"prefect.tag.{OURS}", "prefect.resource.role": "tag"})
"""Other programs may use the same server: their runs are none of our business."""
ENDS = {f"prefect.flow-run.{end}" for end in ("Completed", "Failed", "Crashed", "Cancelled", "TimedOut", "Ruht")}
NOT_BEGUN = {f"prefect.flow-run.{state}" for state in ("Pending", "Submitting", "InfrastructurePending")}
"""A worker calls a run first Pending and at once Submitting: whoever waits for anything after Pending never fires."""
RED = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed"}


def register_automations(client: SyncPrefectClient, settings: Settings) -> None:
    """Create our automations, and renew what changed; those for alarms exist while somebody wants to be told.

    One that stays as it is must not be written again: Prefect forgets then which runs it was watching.
    """
    wanted = [_silent(), _pending()]
    if settings.alarm_webhook:
        wanted.append(
            _told("Alarm an Adresse", CallWebhook(block_document_id=_block(settings.alarm_webhook), payload=PAYLOAD))
        )
    if settings.alarm_mail:
        deployment = client.read_deployment_by_name(f"alarm/{ALARM}")
        wanted.append(
            _told(
                "Alarm per Mail", RunDeployment(source="selected", deployment_id=deployment.id, parameters=PARAMETERS)
            )
        )
    present = {found.name: found for found in client.read_automations()}
    for automation in wanted:
        known = present.get(automation.name)
        if known is None:
            client.create_automation(automation)
        elif AutomationCore.model_validate(known.model_dump()) != automation:
            client.update_automation(known.id, automation)
    for name in {_name("Alarm an Adresse"), _name("Alarm per Mail")} - {automation.name for automation in wanted}:
        if name in present:
            client.delete_automation(present[name].id)


PARAMETERS: dict[str, Any] = {
    "run": {"__prefect_kind": "jinja", "template": "{{ flow_run.name }}"},
    "state": {"__prefect_kind": "jinja", "template": "{{ flow_run.state.name }}"},
    "text": {"__prefect_kind": "jinja", "template": "{{ flow_run.state.message or '' }}"},
    "link": {"__prefect_kind": "jinja", "template": "{{ flow_run|ui_url }}"},
}
_LINES = 'flow_run.name, flow_run.state.name, flow_run.state.message or "", flow_run|ui_url'
PAYLOAD = '{"text": {{ [' + _LINES + '] | join("\\n") | tojson }}}'


def _silent() -> AutomationCore:
    trigger = EventTrigger(
        match=RUN,
        for_each={"prefect.resource.id"},
        after={ALIVE},
        expect={ALIVE, OVER},
        posture=Posture.Proactive,
        threshold=1,
        within=SILENT_AFTER,
    )
    return _crashed("Verstummter Lauf", trigger, "Der Lauf gab kein Lebenszeichen mehr; der nächste macht weiter.")


def _pending() -> AutomationCore:
    trigger = EventTrigger(
        match=RUN,
        match_related=TAGGED,
        for_each={"prefect.resource.id"},
        after=NOT_BEGUN,
        expect={"prefect.flow-run.Running", *ENDS},
        posture=Posture.Proactive,
        threshold=1,
        within=PENDING_AFTER,
    )
    return _crashed("Steckengebliebener Lauf", trigger, "Der Lauf begann nie; der nächste macht weiter.")


def _crashed(what: str, trigger: EventTrigger, message: str) -> AutomationCore:
    action = ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=message)
    return AutomationCore(name=_name(what), description=message, trigger=trigger, actions=[action])


def _told(what: str, action: CallWebhook | RunDeployment) -> AutomationCore:
    trigger = EventTrigger(
        match=RUN,
        match_related=TAGGED,
        expect=RED,
        posture=Posture.Reactive,
        threshold=1,
    )
    return AutomationCore(name=_name(what), description="Ein Lauf endete rot.", trigger=trigger, actions=[action])


def _name(what: str) -> str:
    return f"Rechnungsbote: {what}"


def _block(address: str) -> UUID:
    saved = Webhook(method="POST", url=SecretStr(address)).save(WEBHOOK, overwrite=True)
    return UUID(str(saved))
