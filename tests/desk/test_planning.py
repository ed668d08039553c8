"""`plan`: what waits, and how long the quota makes it, before anything is done."""

import json

import pytest
from typer.testing import CliRunner

from config.settings import PREFIX
from desk.cli import app
from flows.chain.steps import COLLECT
from tests.flows.business import CLIENT, Business

JOBS = 5


@pytest.fixture
def installed(business: Business, monkeypatch: pytest.MonkeyPatch) -> Business:
    """A business under Lexware's real quota, whose settings stand in the environment."""
    for name in ("home", "clients", "secrets"):
        monkeypatch.setenv(PREFIX + name.upper(), str(getattr(business.settings, name)))
    text = business.client_file.read_text("utf-8")
    quota = text.replace("rate: 10000", "rate: 2").replace("burst: 10000", "burst: 4")
    business.client_file.write_text(quota, "utf-8")
    return business


def planned(*options: str) -> dict[str, object]:
    """What `plan --json` says about the one client."""
    answer = CliRunner().invoke(app, ["plan", "--json", *options])
    assert answer.exit_code == 0, answer.output
    (found,) = json.loads(answer.stdout)["plans"]
    assert isinstance(found, dict)
    return found


def test_the_plan_names_jobs_requests_and_time(installed: Business) -> None:
    """Five finished jobs at five requests, two lists, two requests a second after a burst of four; nothing happens."""
    for _ in range(JOBS):
        installed.finished_job()
    found = planned()
    assert (found["client"], found["unread"], found["requests"]) == (CLIENT, JOBS, JOBS * 5 + 2)
    assert found["seconds"] == pytest.approx((JOBS * 5 + 2 - 4) / 2, abs=1)
    assert not installed.upstream()
    assert not installed.invoices()


def test_what_was_read_costs_only_its_invoice(installed: Business) -> None:
    """A job that is in the ledger already is not read again: two requests are left of it."""
    installed.finished_job()
    installed.run(COLLECT)
    found = planned()
    assert (found["unread"], found["uninvoiced"], found["requests"]) == (0, 1, 4)


def test_a_source_that_does_not_answer_is_told(installed: Business) -> None:
    """The plan then names the fault and ends with 1, with what the ledger alone knows."""
    installed.fault(kind="503", method="GET", path_regex="voucherlist")
    answer = CliRunner().invoke(app, ["plan"])
    assert answer.exit_code == 1
    assert CLIENT in answer.output
    assert "Lexware" in answer.output
