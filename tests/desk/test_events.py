"""`events`: subscriptions are made, listed, put right after a move, and ended."""

import json

import pytest
from typer.testing import CliRunner, Result

from config.settings import PREFIX
from desk.cli import app
from tests.flows.business import CLIENT, Business

BASE = "https://rechnungen.example"
ADDRESS = f"{BASE}/callbacks/{CLIENT}/lexware"
ELSEWHERE = "https://anderswo.example/rueckruf"
WANTED = {
    "delivery-note.created",
    "delivery-note.changed",
    "delivery-note.status.changed",
    "payment.changed",
    "invoice.status.changed",
    "credit-note.created",
    "token.revoked",
}


@pytest.fixture
def installed(business: Business, monkeypatch: pytest.MonkeyPatch) -> Business:
    """A business whose settings stand in the environment, with an address for callbacks."""
    for name in ("home", "clients", "secrets"):
        monkeypatch.setenv(PREFIX + name.upper(), str(getattr(business.settings, name)))
    monkeypatch.setenv(PREFIX + "CALLBACK_URL", BASE)
    return business


def events(*words: str) -> Result:
    """The answer of `rechnungsbote events`."""
    return CliRunner().invoke(app, ["events", *words])


def subscribed() -> dict[str, set[str]]:
    """The events by the address they go to, as `events list --json` tells them."""
    answer = events("list", "--json")
    assert answer.exit_code == 0, answer.output
    found: dict[str, set[str]] = {}
    for row in json.loads(answer.stdout)["subscriptions"]:
        found.setdefault(row["address"], set()).add(row["event"])
    return found


def other_subscription(business: Business, event: str, address: str) -> None:
    """A subscription that was there before."""
    body = {"eventType": event, "callbackUrl": address}
    assert business.stage.post("event-subscriptions", body).status_code == 201


def test_subscribing_leaves_exactly_what_is_wanted(installed: Business) -> None:
    """Missing events are made, unwanted ones and former addresses of this client end, those of others stay."""
    other_subscription(installed, "quotation.changed", ADDRESS)
    other_subscription(installed, "delivery-note.created", f"{BASE}/callbacks/{CLIENT}/frueher")
    other_subscription(installed, "delivery-note.created", f"{BASE}/callbacks/nachbar/lexware")
    other_subscription(installed, "invoice.created", ELSEWHERE)
    for _ in range(2):
        assert events("subscribe").exit_code == 0
        assert subscribed() == {
            ADDRESS: WANTED,
            f"{BASE}/callbacks/nachbar/lexware": {"delivery-note.created"},
            ELSEWHERE: {"invoice.created"},
        }


def test_unsubscribing_ends_only_ours(installed: Business) -> None:
    """Everything that goes to our address ends, and the number is told."""
    other_subscription(installed, "invoice.created", ELSEWHERE)
    events("subscribe")
    assert f"{len(WANTED)} Abonnements beendet" in events("unsubscribe").stdout
    assert subscribed() == {ELSEWHERE: {"invoice.created"}}


def test_without_an_address_the_variable_is_named(installed: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    """Subscribing needs to know where to: the message names the variable and an example, and ends with 2."""
    monkeypatch.delenv(PREFIX + "CALLBACK_URL")
    answer = events("subscribe")
    assert answer.exit_code == 2
    assert "RECHNUNGSBOTE_CALLBACK_URL" in answer.stderr


def test_an_unreachable_system_ends_with_its_sentence(installed: Business) -> None:
    """When Lexware does not answer, the command says so and ends with 3."""
    installed.fault(kind="503", path_regex="event-subscriptions", times=None)
    answer = events("list")
    assert answer.exit_code == 3
    assert "Lexware Office ist gestört" in answer.stderr
