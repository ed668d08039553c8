"""The flows under a real Prefect server: the same work, red at the end when something failed, deployments in order."""

import asyncio
import importlib
import inspect
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from prefect import Flow, State, flow, runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.events import DeploymentEventTrigger, Resource, ResourceSpecification
from prefect.events.filters import EventFilter, EventNameFilter, EventOrder, EventResourceFilter
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Scheduled
from prefect.testing.utilities import prefect_test_harness
from ruamel.yaml import YAML

from billing.calendar import BERLIN
from config.loading import load_clients
from config.settings import PREFIX, load_settings
from desk.automations import register_automations
from desk.deployments import deployments_of
from flows.alarm import alarm
from flows.breathing import ALIVE, OVER, breathing
from flows.called import CALLED, resource_of
from flows.clock import Clock
from flows.collect_jobs import collect_jobs
from flows.issue_invoices import issue_invoices
from flows.report import SomethingFailed
from flows.transmit import transmit
from flows.waking import wake_prefect
from ledger import pauses
from ledger.overrides import Word
from tests.flows.business import CLIENT, TODAY, Business
from tests.sandbox.running import ROOT, eventually, line

AT = datetime.fromisoformat(TODAY)


@pytest.fixture(scope="module")
def prefect() -> Iterator[None]:
    """A Prefect server of this module's own."""
    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture
def installed(business: Business, monkeypatch: pytest.MonkeyPatch) -> Business:
    """A business whose settings stand in the environment, as they do for a worker."""
    for name in ("home", "clients", "secrets"):
        monkeypatch.setenv(PREFIX + name.upper(), str(getattr(business.settings, name)))
    return business


@pytest.mark.slow
def test_flows_do_the_work_of_the_chain(prefect: None, installed: Business) -> None:
    """Three flows bring a finished job to the customer's mailbox; a fourth run of each sends nothing."""
    installed.finished_job()
    for _ in range(2):
        for each in (collect_jobs, issue_invoices, transmit):
            each(CLIENT, AT)
    assert len(installed.upstream()) == len(installed.mails()) == 1


@pytest.mark.slow
def test_a_run_with_failures_ends_red_and_names_them(prefect: None, installed: Business) -> None:
    """All items are tried first; then the run fails with customer and reason in its state message."""
    installed.finished_job(lineItems=[line(1, 0)])
    installed.finished_job()
    collect_jobs(CLIENT, AT)
    state = issue_invoices(CLIENT, AT, return_state=True)
    assert state.is_failed()
    for fact in ("Bäckerei Özdemir GmbH", "Auftrag", "über null", "Abhilfe"):
        assert fact in str(state.message)
    assert len(installed.upstream()) == 1
    with pytest.raises(SomethingFailed):
        state.result()
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs()
        names = {run.name for run in runs}
        pages = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[f"{CLIENT}-issue"])))
    assert f"{CLIENT}: Rechnungen schreiben (2 erledigt, 1 angehalten)" in names
    assert any("über null" in str(page.data) for page in pages)


@pytest.mark.slow
def test_retry_takes_exactly_what_failed(prefect: None, installed: Business) -> None:
    """Run again at once, a red run sends the mail that failed without waiting for its time, and no other twice."""
    installed.finished_job()
    installed.finished_job(installed.customer(emailAddresses={"business": ["zweiter@haus.example"]}))
    installed.fault(smtp="rcpt-450")
    for each in (collect_jobs, issue_invoices):
        each(CLIENT, AT)
    red = transmit(CLIENT, AT, return_state=True)
    assert (red.is_failed(), len(installed.mails())) == (True, 1)
    again = _once_more(red)
    assert (again.is_completed(), len(installed.mails())) == (True, 2)
    assert len({mail["sha256"] for mail in installed.mails()}) == 2


@pytest.mark.slow
def test_a_repeated_run_stays_red_while_a_person_is_needed(prefect: None, installed: Business) -> None:
    """What was refused is not tried again by a retry, and the run does not look settled."""
    installed.finished_job()
    installed.fault(smtp="rcpt-550")
    for each in (collect_jobs, issue_invoices):
        each(CLIENT, AT)
    again = _once_more(transmit(CLIENT, AT, return_state=True))
    assert (again.is_failed(), installed.mails()) == (True, [])
    assert "550" in str(again.message) or "Empfänger" in str(again.message)


@pytest.mark.slow
def test_what_a_repetition_finds_refused_is_told_once(prefect: None, installed: Business) -> None:
    """The mailbox was full and is gone when the run is repeated: one case, although a person must decide it now."""
    installed.finished_job()
    installed.fault(smtp="rcpt-450")
    for each in (collect_jobs, issue_invoices):
        each(CLIENT, AT)
    red = transmit(CLIENT, AT, return_state=True)
    installed.fault(smtp="rcpt-550")
    again = _once_more(red)
    assert (again.is_failed(), str(again.message).count("550")) == (True, 1)


@pytest.mark.slow
def test_a_resting_client_is_left_alone(prefect: None, installed: Business) -> None:
    """A run that was started all the same does nothing and says who stopped the client and why."""
    installed.finished_job()
    with installed.house() as house, house.ledger.writing() as session:
        pauses.pause(session, CLIENT, Word("Betrieb", "Umzug"), AT)
    before = len(installed.requests())
    state = collect_jobs(CLIENT, AT, return_state=True)
    assert (state.name, "Umzug" in str(state.message), len(installed.requests())) == ("Ruht", True, before)


@pytest.mark.slow
def test_a_red_run_is_told_by_mail_once(prefect: None, installed: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's mail names run and reason; the same trouble a moment later is not told again, another one is."""
    monkeypatch.setenv(f"{PREFIX}ALARM_MAIL", "betrieb@agentur.example")
    for reason in ("Postfach voll", "Postfach voll", "Kein Platz"):
        alarm(f"{CLIENT}: Rechnungen versenden (1 wartet)", "Failed", reason, "http://prefect.example/runs/1")
    folder = installed.stage.folder / "mails"
    told = [(folder / f"{mail['n']:04d}.eml").read_text("utf-8") for mail in installed.mails()]
    assert ["Postfach voll" in text for text in told] == [True, False]
    assert all("To: betrieb@agentur.example" in text for text in told)


@pytest.mark.slow
def test_automations_are_made_once_and_go_again(prefect: None, installed: Business) -> None:
    """Silent and stuck runs are watched in any case, an address is called only while somebody wants it."""
    wanted = installed.settings.model_copy(update={"alarm_webhook": "https://chat.example/hooks/1"})
    with get_client(sync_client=True) as client:
        for settings, number in ((wanted, 3), (wanted, 3), (installed.settings, 2)):
            before = _automations(client)
            register_automations(client, settings)
            after = _automations(client)
            assert len(after) == number
            assert before.items() <= after.items() or after.items() <= before.items()


def _automations(client: SyncPrefectClient) -> dict[str, str]:
    """When each of ours was written last: watching begins anew then."""
    rows = client.request("POST", "/automations/filter", json={}).json()
    return {row["name"]: row["updated"] for row in rows if "Rechnungsbote" in row["name"]}


def _once_more(state: State[Any]) -> State[Any]:
    """What "Retry" does: the same run once more from the top."""
    with get_client(sync_client=True) as client:
        run_id = state.state_details.flow_run_id
        assert run_id
        client.set_flow_run_state(run_id, Scheduled(name="AwaitingRetry"), force=True)
        run = client.read_flow_run(run_id)
    again = run_flow(transmit, flow_run=run, parameters={"client": CLIENT, "at": AT}, return_type="state")
    assert isinstance(again, State)
    return again


@pytest.mark.slow
def test_a_callback_becomes_an_event_that_prefect_keeps(prefect: None) -> None:
    """What the trigger in deployments.yaml waits for arrives at the server, about exactly that client."""
    asyncio.run(wake_prefect(CLIENT))
    wanted = EventFilter(event=EventNameFilter(name=[CALLED]))
    with get_client(sync_client=True) as client:
        assert eventually(lambda: client.read_events(wanted, limit=50).events, 120)
        resources = [event.resource.id for event in client.read_events(wanted, limit=50).events]
    assert resources == [resource_of(CLIENT)]


@pytest.mark.slow
def test_a_run_gives_signs_of_life_until_it_is_over(prefect: None) -> None:
    """The first at once, one for each while, and the last also where the work breaks off."""

    @flow
    def work(seconds: float) -> None:
        runs.append(str(runtime.flow_run.id))
        with breathing(every=0.2):
            time.sleep(seconds)
            raise TimeoutError

    runs: list[str] = []
    for seconds in (0, 1.1):
        work(seconds, return_state=True)
    with get_client(sync_client=True) as client:
        assert eventually(lambda: all(_signs(client, run)[-1:] == [OVER] for run in runs), 120)
        short, long = (_signs(client, run) for run in runs)
        events = client.read_events(_about(runs[1]), limit=50).events
    assert short == [ALIVE, OVER]
    assert (set(long[:-1]), len(long) >= 4) == ({ALIVE}, True)
    assert [event.follows for event in events] == [None, *(event.id for event in events[:-1])]


def _signs(client: SyncPrefectClient, run: str) -> list[str]:
    """The signs of life of a run in their order."""
    return [event.event for event in client.read_events(_about(run), limit=50).events]


def _about(run: str) -> EventFilter:
    return EventFilter(
        event=EventNameFilter(name=[ALIVE, OVER]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run}"]),
        order=EventOrder.ASC,
    )


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/api", None])
def test_without_prefect_a_callback_waits_for_the_schedule(address: str | None) -> None:
    """A server that is away, or none at all, is no fault: the callback is in the ledger anyway."""
    with temporary_settings({PREFECT_API_URL: address}):
        asyncio.run(wake_prefect(CLIENT))


def test_the_deployments_file_is_what_the_clients_say() -> None:
    """deployments.yaml is exactly what `rechnungsbote deployments` writes for the clients of the repository."""
    settings = load_settings().model_copy(update={"clients": ROOT / "config/clients"})
    clients, problems = load_clients(settings)
    assert not problems
    assert (ROOT / "deployments.yaml").read_text("utf-8") == deployments_of(loaded.config for loaded in clients)


def test_deployments_name_real_flows_in_german_time() -> None:
    """Every entry point exists, takes its parameters, and runs by Europe/Berlin under a unique name."""
    deployments = YAML(typ="safe").load(ROOT / "deployments.yaml")["deployments"]
    names = [deployment["name"] for deployment in deployments]
    assert len(set(names)) == len(names) > 0
    for deployment in deployments:
        file, _, name = deployment["entrypoint"].partition(":")
        found = getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name)
        assert isinstance(found, Flow)
        inspect.signature(found.fn).bind_partial(**deployment["parameters"])
        zones = [schedule["timezone"] for schedule in deployment.get("schedules", [])]
        # A callback wakes one flow, a person starts another.
        by_hand = "triggers" in deployment or name == "approve"
        assert zones == ([] if by_hand else ["Europe/Berlin"])


def test_the_trigger_waits_for_what_the_receiver_emits() -> None:
    """Prefect reads the trigger of a client's deployment as: any call of this client, and of no other."""
    deployments = YAML(typ="safe").load(ROOT / "deployments.yaml")["deployments"]
    called = [deployment for deployment in deployments if "triggers" in deployment]
    assert called
    for deployment in called:
        (trigger,) = [DeploymentEventTrigger.model_validate(found) for found in deployment["triggers"]]
        assert trigger.expect == {CALLED}
        wanted = ResourceSpecification.model_validate(deployment["triggers"][0]["match"])
        assert trigger.match == wanted
        client = deployment["parameters"]["client"]
        for name, is_meant in ((client, True), ("anderer", False)):
            assert wanted.matches(Resource.model_validate({"prefect.resource.id": resource_of(name)})) is is_meant


def test_a_rehearsal_clock_starts_where_it_is_told() -> None:
    """`at` is the instant a rehearsal starts at, its day the one in Germany."""
    clock = Clock(datetime(2026, 11, 2, 23, 30, tzinfo=BERLIN))
    assert (clock.today().isoformat(), clock.now().utcoffset() is not None) == ("2026-11-02", True)
