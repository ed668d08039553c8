"""Approval and rest in the chain: what waits for a person, who is reminded, and that nobody else waits with it."""

import json
import subprocess
from datetime import UTC, datetime

import pytest

from desk import approving, clients
from flows.chain.steps import ISSUE
from flows.report import Result
from ledger.overrides import NothingToDecide, Word
from tests.flows.business import CLIENT, TODAY, Business
from tests.flows.test_chain import FIRST_REMINDER
from tests.forked import rechnungsbote
from tests.sandbox.running import line

WORD = Word("Frau Sommer", "geprüft")
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
LATER = "2026-11-02T10:00:00+01:00"
TWO_DAYS_LATER = "2026-11-04T09:05:00+01:00"
LIMIT = "approval: {over: 1000, approver: Frau Sommer}\n"


@pytest.fixture
def limited(business: Business) -> Business:
    """A business whose invoices above 1,000 euro want approval, with one above and one below."""
    business.client_file.write_text(business.client_file.read_text("utf-8") + LIMIT, "utf-8")
    business.finished_job(lineItems=[line(1, 2000)])
    business.finished_job()
    return business


def test_only_what_is_over_the_limit_waits(limited: Business) -> None:
    """The small invoice is mailed at once; the large one is told once, then waits quietly, and goes after a yes."""
    first, second = limited.run()["issue"], limited.run(ISSUE)["issue"]
    assert (first.count(Result.HELD), second.count(Result.HELD), second.count(Result.STILL)) == (1, 0, 1)
    assert "rechnungsbote approve RB-" in first.failures[0].text
    assert len(limited.upstream()) == len(limited.mails()) == 1
    (case,) = limited.cases()
    assert (case.state, "Frau Sommer" in case.evidence) == ("waiting", True)
    _decide(limited, granted=True)
    limited.run(at=LATER)
    assert (len(limited.mails()), limited.cases()) == (2, [])


def test_the_approver_is_reminded(limited: Business) -> None:
    """After the days the client set, the run tells it again, once."""
    limited.run()
    told = [limited.run(ISSUE, at=at)["issue"].count(Result.HELD) for at in (LATER, TWO_DAYS_LATER, TWO_DAYS_LATER)]
    assert told == [0, 1, 0]


def test_a_declined_invoice_is_never_made(limited: Business) -> None:
    """After a no nothing of it reaches the accounting system, and it is on no list."""
    limited.run()
    _decide(limited, granted=False)
    limited.run(at=LATER)
    assert (len(limited.upstream()), limited.cases()) == (1, [])


def test_a_raised_limit_lets_go(limited: Business) -> None:
    """The limit of today counts: without one nothing waits any more."""
    limited.run()
    limited.write_client()
    limited.run(at=LATER)
    assert (len(limited.mails()), limited.cases()) == (2, [])


def test_who_rests_is_left_alone_and_nobody_else(business: Business) -> None:
    """Paused by command, a client's run does nothing and says why; resumed, it goes on where it stood."""
    business.finished_job()
    with business.house() as house:
        assert "ruht" in clients.pause(house, CLIENT, Word("Betrieb", "Umzug"), NOW)
        assert "Umzug" in house.rests(CLIENT)
    ran = _command(business, "run", "--at", TODAY[:19])
    assert (ran.returncode, "Umzug" in ran.stderr, business.mails()) == (0, True, [])
    (told,) = json.loads(_command(business, "clients", "--json").stdout)["clients"]
    assert (told["client"], told["paused"]) == (CLIENT, True)
    assert _command(business, "resume", CLIENT).returncode == 0
    assert _command(business, "run", "--at", TODAY[:19]).returncode == 0
    assert len(business.mails()) == 1


def test_a_mistake_in_one_file_is_told_beside_the_others(business: Business) -> None:
    """`clients` lists those in order, names the mistake of the other file and ends with 2."""
    (business.folder / "clients" / "kaputt.yaml").write_text("name: kaputt\n", "utf-8")
    told = _command(business, "clients")
    assert (told.returncode, CLIENT in told.stdout, "kaputt.yaml" in told.stderr) == (2, True, True)


def test_the_day_of_the_next_check_stands_in_the_ledger(business: Business) -> None:
    """`checks` names the day, and on that day the reminder leaves, though Prefect has never heard of the invoice."""
    business.finished_job()
    business.run()
    (check,) = json.loads(_command(business, "checks", "--json").stdout)
    assert check["check_on"] > check["due_date"]
    assert check["check_on"] <= FIRST_REMINDER[:10]
    business.run(at=FIRST_REMINDER)
    assert len(business.mails()) == 2
    (later,) = json.loads(_command(business, "checks", "--json").stdout)
    assert later["check_on"] > check["check_on"]


def test_what_never_waited_cannot_be_approved(business: Business) -> None:
    """A name that nobody was asked about is answered with where to look."""
    with business.house() as house, pytest.raises(NothingToDecide, match="rechnungsbote approvals"):
        approving.decide(house, "RB-NIX", None, WORD, NOW, granted=True)


def _decide(business: Business, *, granted: bool) -> None:
    (waiting,) = json.loads(_command(business, "approvals", "--json").stdout)
    with business.house() as house:
        assert waiting["marker"] in approving.decide(house, waiting["marker"], CLIENT, WORD, NOW, granted=granted)


def _command(business: Business, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return rechnungsbote(*arguments, environment=business.environment())
