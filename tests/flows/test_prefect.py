"""The flows under a real Prefect server: the same work, red at the end when something failed, deployments in order."""

import importlib
import inspect
from collections.abc import Iterator
from datetime import datetime

import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness
from ruamel.yaml import YAML

from billing.calendar import BERLIN
from config.loading import load_clients
from config.settings import PREFIX, load_settings
from desk.deployments import deployments_of
from flows.clock import Clock
from flows.collect_jobs import collect_jobs
from flows.issue_invoices import issue_invoices
from flows.report import SomethingFailed
from flows.transmit import transmit
from tests.flows.business import CLIENT, TODAY, Business
from tests.sandbox.running import ROOT, line

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
        for flow in (collect_jobs, issue_invoices, transmit):
            flow(CLIENT, AT)
    assert len(installed.upstream()) == len(installed.mails()) == 1


@pytest.mark.slow
def test_a_run_with_failures_ends_red_and_names_them(prefect: None, installed: Business) -> None:
    """All items are tried first; then the run fails with customer and reason in its state message."""
    installed.finished_job(lineItems=[line(1, 0)])
    installed.finished_job()
    collect_jobs(CLIENT, AT)
    state = issue_invoices(CLIENT, AT, return_state=True)
    assert state.is_failed()
    assert "über null" in str(state.message)
    assert len(installed.upstream()) == 1
    with pytest.raises(SomethingFailed):
        state.result()
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs()
        names = {run.name for run in runs}
    assert f"{CLIENT}: Rechnungen schreiben" in names


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
        flow = getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name)
        assert isinstance(flow, Flow)
        inspect.signature(flow.fn).bind(**deployment["parameters"])
        assert [schedule["timezone"] for schedule in deployment["schedules"]] == ["Europe/Berlin"]


def test_a_rehearsal_clock_starts_where_it_is_told() -> None:
    """`at` is the instant a rehearsal starts at, its day the one in Germany."""
    clock = Clock(datetime(2026, 11, 2, 23, 30, tzinfo=BERLIN))
    assert (clock.today().isoformat(), clock.now().utcoffset() is not None) == ("2026-11-02", True)
