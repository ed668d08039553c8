"""Contracts handed in by another program, up to the invoice in the customer's mailbox."""

from collections.abc import Iterator
from typing import Any

import pytest

from desk.web.access import Role
from tests.desk.interface import JOB, OTHER, Interface, opened
from tests.flows.business import CLIENT, Business

SECTION = """
contracts:
  since: 2026-11-01
  plans:
    basis: {title: Wartung Basis, price: 49.00, setup_fee: 99.00, calendar: true, notice_months: 1}
    profi: {title: Wartung Profi, price: 79.00, calendar: true}
"""
NEW: dict[str, Any] = {"number": "V-1", "customer": "c-7", "plan": "basis", "begins_on": "2026-11-01"}
FIRST, SECOND = "2026-11-02T09:00:00+01:00", "2026-12-01T09:00:00+01:00"
CONSUMER = {**JOB["customer"], "external_id": "c-8", "number": "10308", "name": "Frieda Frei", "kind": "consumer"}


@pytest.fixture
def contracted(business: Business) -> Business:
    """A business that sells plans."""
    with business.client_file.open("a", encoding="utf-8") as file:
        file.write(SECTION)
    return business


@pytest.fixture
def api(contracted: Business) -> Iterator[Interface]:
    """Its interface."""
    with opened(contracted) as interface:
        yield interface


def made(api: Interface, owner: dict[str, str], key: str = "k-1", **changes: Any) -> Any:
    """The answer to a new contract."""
    return api.post(f"contracts/{CLIENT}", owner, NEW | changes, key)


def test_a_contract_becomes_an_invoice_each_month(contracted: Business, api: Interface, owner: dict[str, str]) -> None:
    """Handed in twice it is one; the first month with the set-up fee; changed, the next one costs more."""
    first, second = made(api, owner), made(api, owner)
    assert (first.status_code, second.status_code, second.headers["Idempotent-Replayed"]) == (201, 201, "true")
    told = second.json()
    assert (told["customer"], told["name"], told["stand"]) == ("10307", "Bäckerei Özdemir GmbH", "läuft")
    assert (told["monthly"], told["next_on"], told["owes_setup"]) == ("49.00", "2026-11-01", True)
    contracted.run(at=FIRST)
    change = {"since": "2026-12-01", "plan": "profi", "quantity": "2", "reason": "mehr Plätze"}
    assert api.post(f"contracts/{CLIENT}/V-1/change", owner, change).status_code == 200
    contracted.run(at=SECOND)
    shown = api.get(f"contracts/{CLIENT}/V-1", owner)
    assert [(bill["first"], bill["net"], bill["invoice"]) for bill in shown["bills"]] == [
        ("2026-12-01", "158.00", "RE1002"), ("2026-11-01", "148.00", "RE1001")
    ]  # fmt: skip
    assert [stage["plan"] for stage in shown["stages"]] == ["basis", "profi"]
    assert [entry["text"] for entry in shown["timeline"]] == [
        "Vertrag berechnet", "Vertrag geändert", "Vertrag berechnet", "Vertrag angelegt"
    ]  # fmt: skip
    assert api.get(f"invoices/{CLIENT}/RE1002", owner)["gross"] == "188.02"
    again = api.post(f"contracts/{CLIENT}/V-1/reopen", owner, {"reason": "falsch"})
    assert again.status_code == 409
    assert "RE1002 gilt" in again.text


def test_notice_and_back(api: Interface, owner: dict[str, str]) -> None:
    """The answer says the last day; resumed there is none; each once per key."""
    made(api, owner)
    end = {"received_on": "2026-10-30", "reason": "Brief"}
    # The clock of the interface stands before the contract begins.
    first = api.post(f"contracts/{CLIENT}/V-1/end", owner, end | {"ends_on": "2026-12-31"}, "e-1")
    assert (first.status_code, first.json()["ends_on"]) == (200, "2026-12-31"), first.text
    assert api.post(f"contracts/{CLIENT}/V-1/end", owner, end, "e-2").status_code == 409
    assert api.post(f"contracts/{CLIENT}/V-1/end", owner, end | {"ends_on": "2026-12-31"}, "e-1").json() == first.json()
    back = api.post(f"contracts/{CLIENT}/V-1/resume", owner, {"reason": "bleibt"})
    assert (back.status_code, back.json()["ends_on"]) == (200, None)
    assert api.post(f"contracts/{CLIENT}/V-1/resume", owner, {"reason": "bleibt"}).status_code == 409


def test_a_planned_change_and_back(api: Interface, owner: dict[str, str]) -> None:
    """It is gone from the stages; a second time there is nothing to take back."""
    made(api, owner)
    change = {"since": "2027-01-01", "plan": "profi", "quantity": "2", "reason": "mehr Plätze"}
    assert len(api.post(f"contracts/{CLIENT}/V-1/change", owner, change).json()["stages"]) == 2
    back = api.post(f"contracts/{CLIENT}/V-1/withdraw", owner, {"reason": "doch nicht"})
    assert (back.status_code, [stage["plan"] for stage in back.json()["stages"]]) == (200, ["basis"])
    assert back.json()["timeline"][0]["text"] == "Geplante Änderung zurückgenommen"
    again = api.post(f"contracts/{CLIENT}/V-1/withdraw", owner, {"reason": "doch nicht"})
    assert (again.status_code, "keine Änderung geplant" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"number": "V 1"}, 422, "number"),
        ({"quantity": "0"}, 422, "quantity"),
        ({"price": "9.999"}, 422, "price"),
        ({"speed": 3}, 422, "speed"),
        ({"plan": "gold"}, 409, "gibt es nicht"),
        ({"begins_on": "9999-12-31"}, 409, "2000 bis 2100"),
        ({"billed_until": "9999-12-31"}, 409, "noch nichts berechnet"),
        ({"customer": "c-8", "terms": {"notice_months": 3}}, 409, "§ 309 Nr. 9"),
        ({"terms": {"renewal_months": 12}}, 409, "Mindestlaufzeit"),
    ],
)
def test_what_cannot_be_made(
    api: Interface, owner: dict[str, str], changes: dict[str, Any], status: int, words: str
) -> None:
    """Wrong form is 422 with its place, wrong sense 409 with the reason; nothing is kept."""
    assert api.post(f"customers/{CLIENT}", owner, CONSUMER, "c-8").status_code == 201
    answer = made(api, owner, **changes)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert api.get(f"contracts/{CLIENT}", owner) == {"contracts": [], "after": ""}


def test_a_number_in_other_letters_is_taken(api: Interface, owner: dict[str, str]) -> None:
    """Nobody could tell v-1 from V-1 on the phone."""
    made(api, owner)
    answer = made(api, owner, "k-2", number="v-1")
    assert (answer.status_code, "nur anders groß und klein geschrieben" in answer.text) == (409, True)


def test_own_terms_and_lists(api: Interface, owner: dict[str, str]) -> None:
    """What is not said is the plan's; lists are leafed through and searched, and keep ended ones back."""
    own = {"setup_fee": "0", "term_months": 6}
    told = [made(api, owner, f"k-{number}", number=f"V-{number:02}", terms=own) for number in range(53)]
    assert {answer.status_code for answer in told} == {201}
    agreed = told[0].json()["agreed"]
    assert (agreed["setup_fee"], agreed["term_months"], agreed["notice_months"]) == ("0", 6, 1)
    first = api.get(f"contracts/{CLIENT}", owner)
    rest = api.get(f"contracts/{CLIENT}?after={first['after']}", owner)
    numbers = [each["number"] for page in (first, rest) for each in page["contracts"]]
    assert numbers == [f"V-{number:02}" for number in range(53)]
    assert rest["after"] == ""
    assert len(api.get(f"contracts/{CLIENT}?q=V-1", owner)["contracts"]) == 10
    end = {"received_on": "2026-10-01", "ends_on": "2026-10-31", "reason": "nie begonnen"}
    assert api.post(f"contracts/{CLIENT}/V-00/end", owner, end).status_code == 200
    assert len(api.get(f"contracts/{CLIENT}?q=V-0&ended=true", owner)["contracts"]) == 10


def test_rights_and_clients(api: Interface, owner: dict[str, str]) -> None:
    """A reader makes none, nobody sees a foreign client's, and a client without plans says so."""
    made(api, owner)
    reader = api.token("reader", {CLIENT: Role.READER})
    assert made(api, reader, "r-1", number="V-2").status_code == 403
    assert len(api.get(f"contracts/{CLIENT}", reader)["contracts"]) == 1
    foreign = api.token("foreign", {OTHER: Role.OWNER})
    assert api.client.get(f"/api/v1/contracts/{CLIENT}/V-1", headers=foreign).status_code == 404
    assert api.client.get(f"/api/v1/contracts/{CLIENT}/V-99", headers=owner).status_code == 404
