"""The interface for other programs: jobs in, invoices out, every change once, nobody's data for somebody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from desk.web.access import Require, Role
from desk.web.problems import MEDIA_TYPE
from ledger.tables import IncomingRow
from tests.desk.interface import OTHER, Interface, add_client, job, opened
from tests.flows.business import CLIENT, TODAY, Business
from tests.sandbox.running import Stage

NASTY = '<script>alert("x")</script> & Söhne'


@pytest.fixture
def api(business: Business) -> Iterator[Interface]:
    """The interface of an empty business."""
    with opened(business) as interface:
        yield interface


@pytest.fixture
def owner(api: Interface) -> dict[str, str]:
    """A program that may do everything for the first client."""
    return api.token("owner", {CLIENT: Role.OWNER})


@pytest.fixture
def billed(business: Business) -> Business:
    """A business with one invoice, RE1001 over 214.08, sent and open."""
    business.finished_job()
    business.run()
    return business


def test_a_pushed_job_becomes_a_mailed_invoice(business: Business, api: Interface, owner: dict[str, str]) -> None:
    """A job from elsewhere goes the way of a collected one, to the customer's mailbox."""
    pushed = api.post(f"jobs/{CLIENT}", owner, job(), "k-1")
    assert (pushed.status_code, pushed.json()["state"], pushed.json()["invoice"]) == (201, "ready", None)
    business.run()
    (mail,) = business.mails()
    assert mail["envelope"]["recipients"] == ["rechnung@baeckerei.example"]
    found = api.get(f"jobs/{CLIENT}/crm-1", owner)
    assert (found["state"], found["invoice"], found["problems"]) == ("taken", "RE1001", [])
    shown = api.get(f"invoices/{CLIENT}/RE1001", owner)
    assert (shown["gross"], shown["open_amount"], shown["state"]) == ("190.40", "190.40", "offen")
    assert [each["kind"] for each in shown["documents"]] == ["invoice-pdf", "invoice-xml", "invoice-mail"]
    assert shown["timeline"][-1]["text"] == "Rechnungsmail erledigt"
    paper = api.client.get(f"/api/v1/invoices/{CLIENT}/RE1001/documents/invoice-pdf", headers=owner)
    assert paper.content.startswith(b"%PDF")


def test_an_id_that_looks_like_a_voucher_is_none(business: Business, api: Interface, owner: dict[str, str]) -> None:
    """A UUID of the other program is not taken for a document of the accounting system."""
    pushed = job(external_id="0b4a7c1e-1111-4222-8333-444455556666")
    assert api.post(f"jobs/{CLIENT}", owner, pushed, "k-1").status_code == 201
    business.run()
    assert len(business.mails()) == 1


def test_a_job_is_mended_until_it_is_billed(business: Business, api: Interface, owner: dict[str, str]) -> None:
    """What holds a job is told; a new version under a new key mends it; on an invoice it stays as it is."""
    bad = job(lines=[{"name": "Arbeitszeit", "quantity": "2", "unit": "Stunde", "unit_price": "0"}])
    api.post(f"jobs/{CLIENT}", owner, bad, "k-1")
    business.run()
    held = api.get(f"jobs/{CLIENT}/crm-1", owner)
    assert (held["state"], "über null" in held["problems"][0]) == ("held", True)
    assert api.post(f"jobs/{CLIENT}", owner, job(), "k-2").status_code == 200
    business.run()
    assert len(business.mails()) == 1
    assert api.post(f"jobs/{CLIENT}", owner, bad, "k-3").status_code == 409
    assert api.post(f"jobs/{CLIENT}", owner, job(), "k-4").status_code == 200, "the same once more changes nothing"
    business.run()
    assert len(business.mails()) == 1


def test_a_customer_is_told_once_and_used_by_name(business: Business, api: Interface, owner: dict[str, str]) -> None:
    """A job may name a customer who was told before; one nobody knows is refused with the cure."""
    by_name = job(customer=None, customer_id="c-7")
    assert api.post(f"jobs/{CLIENT}", owner, by_name, "k-1").status_code == 409
    assert api.post(f"customers/{CLIENT}", owner, job()["customer"], "k-2").status_code == 201
    assert api.post(f"customers/{CLIENT}", owner, job()["customer"], "k-3").status_code == 200
    assert api.post(f"jobs/{CLIENT}", owner, by_name, "k-4").status_code == 201
    business.run()
    assert len(business.mails()) == 1
    assert api.get(f"customers/{CLIENT}/one?key=10307", owner)["contact"]["name"] == "Bäckerei Özdemir GmbH"


def test_the_same_key_gives_the_same_answer(api: Interface, owner: dict[str, str]) -> None:
    """Repeated, it is answered from memory; with another body it is a mistake; another caller has keys of his own."""
    first = api.post(f"jobs/{CLIENT}", owner, job(), "k-1")
    again = api.post(f"jobs/{CLIENT}", owner, job(), "k-1")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = api.post(f"jobs/{CLIENT}", owner, job(number="A-2"), "k-1")
    assert (other.status_code, other.headers["content-type"]) == (422, MEDIA_TYPE)
    second = api.token("second", {CLIENT: Role.OWNER})
    assert "Idempotent-Replayed" not in api.post(f"jobs/{CLIENT}", second, job(), "k-1").headers


def test_a_push_without_key_is_refused(api: Interface, owner: dict[str, str]) -> None:
    """Whoever cannot repeat safely may not hand in at all."""
    answer = api.post(f"jobs/{CLIENT}", owner, job())
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, "header.Idempotency-Key")


def parallel(api: Interface, token: dict[str, str], path: str, body: Any) -> list[Any]:
    """The answers to eight equal requests at once."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _number: api.post(path, token, body, "k-1"), range(8)))


def booked_once(api: Interface, token: dict[str, str]) -> None:
    """Eight equal payments at once are one payment."""
    body = {"reason": "bar", "on": "2026-11-02", "amount": "100.00"}
    answers = parallel(api, token, f"invoices/{CLIENT}/RE1001/payment", body)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert api.get(f"invoices/{CLIENT}/RE1001", token)["open_amount"] == "114.08"


def test_a_payment_is_booked_once_however_often_it_comes(billed: Business) -> None:
    """On SQLite, under parallel requests with the same key."""
    with opened(billed) as api:
        booked_once(api, api.token("owner", {CLIENT: Role.OWNER}))


@pytest.mark.postgres
def test_a_payment_is_booked_once_on_postgresql(
    flow_stage: Stage, business: Business, tmp_path: Path, postgresql_url: str
) -> None:
    """On PostgreSQL, under parallel requests with the same key."""
    on_server = Business(flow_stage, tmp_path, database_url=postgresql_url)
    on_server.finished_job()
    on_server.run()
    with opened(on_server) as api:
        booked_once(api, api.token("owner", {CLIENT: Role.OWNER}))


def test_an_act_that_fails_leaves_its_key_free(billed: Business) -> None:
    """A payment without key or day is refused, a wrong one too, and nothing of it is kept."""
    with opened(billed) as api:
        owner = api.token("owner", {CLIENT: Role.OWNER})
        path = f"invoices/{CLIENT}/RE1001/payment"
        body = {"reason": "bar", "on": "2026-11-02", "amount": "1.00"}
        assert api.post(path, owner, body).status_code == 422
        assert api.post(path, owner, {"reason": "bar", "amount": "1.00"}, "k-1").status_code == 422
        assert api.post(path, owner, body, "k-1").status_code == 200
        assert api.get(f"invoices/{CLIENT}/RE1001", owner)["open_amount"] == "213.08"


def test_acts_are_the_levers_of_the_page(billed: Business) -> None:
    """Hold and release, promise, dispute and their ends: each with its reason, named in the timeline."""
    with opened(billed) as api:
        owner = api.token("buchhaltung", {CLIENT: Role.OWNER})
        path = f"invoices/{CLIENT}/RE1001"
        assert {"hold", "payment", "promise", "dispute"} <= set(api.get(path, owner)["possible"])
        for act, more in (
            ("hold", {"until": "2026-11-20"}),
            ("release", {}),
            ("promise", {"on": "2026-11-20"}),
            ("end-promise", {}),
            ("dispute", {}),
        ):
            answer = api.post(f"{path}/{act}", owner, {"reason": f"wegen {act}", **more})
            assert answer.status_code == 200, answer.text
        assert api.post(f"{path}/approve", owner, {"reason": "ja"}).status_code == 409
        assert api.post(f"{path}/hold", owner, {}).status_code == 422, "a reason is always wanted"
        shown = api.get(path, owner)
        assert shown["state"] == "strittig"
        assert shown["timeline"][-1]["facts"]["by"] == "Programm buchhaltung"


def test_a_block_spares_a_customer(billed: Business) -> None:
    """Set and lifted through the interface, seen at the customer."""
    with opened(billed) as api:
        owner = api.token("owner", {CLIENT: Role.OWNER})
        (known,) = api.get("customers", owner)["customers"]
        body = {"customer": known["key"], "reason": "Stammkunde"}
        assert api.post(f"blocks/{CLIENT}", owner, body).status_code == 200
        seen = api.get(f"customers/{CLIENT}/one?key={known['key']}", owner)
        assert [each["reason"] for each in seen["blocks"]] == ["Stammkunde"]
        assert api.post(f"blocks/{CLIENT}/lift", owner, body).status_code == 200
        assert api.post(f"blocks/{CLIENT}/lift", owner, body).status_code == 409
        assert api.post(f"blocks/{CLIENT}", owner, body | {"customer": "niemand"}).status_code == 404


def test_figures_tasks_and_health_are_told(billed: Business) -> None:
    """Receivables by state, analysis, tasks, figures, and health without its details for whom it does not concern."""
    with opened(billed) as api:
        owner, reader = api.token("owner", {CLIENT: Role.OWNER}), api.token("reader", {CLIENT: Role.READER})
        sums = {each["state"]: each for each in api.get("receivables", owner)["receivables"]}
        assert (sums["offen"]["count"], sums["offen"]["amount"]) == (1, "214.08")
        assert api.get("analysis", reader)["open_amount"] == "214.08"
        assert api.get("tasks", reader) == {"tasks": []}
        assert "text" in api.get("health", owner)["points"][0]
        assert "text" not in api.get("health", reader)["points"][0]
        figures = api.client.get("/api/v1/metrics", headers=reader).text
        assert f'rechnungsbote_items{{client="{CLIENT}",kind="send-invoice",state="done"}} 1.0' in figures


def test_pages_follow_each_other_without_gap(business: Business, api: Interface, owner: dict[str, str]) -> None:
    """Filters and the place of the next page stay within what the token may see."""
    for number in range(3):
        api.post(f"jobs/{CLIENT}", owner, job(external_id=f"crm-{number}", number=f"A-{number}"), f"k-{number}")
    business.run()
    assert len(api.get("invoices", owner)["invoices"]) == 3
    assert api.get("invoices?q=RE1002", owner)["invoices"][0]["number"] == "RE1002"
    assert api.get(f"invoices?client={OTHER}", owner)["invoices"] == []


def test_texts_of_customers_are_data(business: Business, api: Interface, owner: dict[str, str]) -> None:
    """A name with markup comes back as it is, as JSON and nothing else."""
    pushed = job(customer=job()["customer"] | {"name": NASTY})
    api.post(f"jobs/{CLIENT}", owner, pushed, "k-1")
    business.run()
    answer = api.client.get("/api/v1/invoices", headers=owner)
    assert answer.json()["invoices"][0]["customer"] == NASTY
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("secret", ["", "rb_falsch", "owner", "rb_"])
def test_nobody_comes_in_without_a_token(secret: str, api: Interface, owner: dict[str, str]) -> None:
    """Without one, with a wrong one, and with a revoked one: 401 as problem+json."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    answer = api.client.get("/api/v1/invoices", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, MEDIA_TYPE)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert api.client.get("/", headers=owner, follow_redirects=False).status_code == 303, "tokens open no page"


def addresses(api: Interface, client: str) -> Iterator[tuple[str, str, str]]:
    """Every route of the interface filled in for a client: method, path, and its name."""
    app: Any = api.client.app
    values = {"client": client, "marker": "RE1001", "kind": "invoice-pdf", "act": "hold", "number": "1"}
    values |= {"external_id": "crm-1"}
    for router in app.state.interface:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            path = route.path
            for name, value in values.items():
                path = path.replace(f"{{{name}}}", value)
            yield from ((method, path, route.path) for method in route.methods or ())


BODIES: dict[str, Any] = {
    "/api/v1/jobs/{client}": job(),
    "/api/v1/customers/{client}": job()["customer"],
    "/api/v1/invoices/{client}/{marker}/{act}": {"reason": "ohne"},
    "/api/v1/blocks/{client}": {"customer": "10001", "reason": "ohne"},
    "/api/v1/blocks/{client}/lift": {"customer": "10001", "reason": "ohne"},
}


def test_no_route_tells_about_a_foreign_client(billed: Business) -> None:
    """Whatever the role elsewhere: a foreign client looks like one that does not exist, and nothing changes."""
    with opened(billed) as api:
        owner = api.token("owner", {CLIENT: Role.OWNER})
        before = api.get(f"invoices/{CLIENT}/RE1001", owner)
        for role in Role:
            token = api.token(f"foreign-{role}", {OTHER: role})
            for method, path, name in addresses(api, CLIENT):
                headers = {**token, "Idempotency-Key": "k"}
                query = {"key": "10001", "client": CLIENT}
                answer = api.client.request(method, path, headers=headers, json=BODIES.get(name), params=query)
                assert answer.status_code == 404 or ("{client}" not in name and answer.status_code == 200), path
                assert "RE1001" not in answer.text, path
                assert "zdemir" not in answer.text, path
        assert api.get(f"invoices/{CLIENT}/RE1001", owner) == before


def test_a_reader_changes_nothing(billed: Business) -> None:
    """Every changing route answers 403 to a program that may only read; office may not write off."""
    with opened(billed) as api:
        reader, office = api.token("reader", {CLIENT: Role.READER}), api.token("office", {CLIENT: Role.OFFICE})
        for method, path, name in addresses(api, CLIENT):
            if method == "POST":
                headers = {**reader, "Idempotency-Key": "k"}
                assert api.client.post(path, headers=headers, json=BODIES.get(name)).status_code == 403, path
        path = f"invoices/{CLIENT}/RE1001/write-off"
        assert api.post(path, office, {"reason": "Insolvenz"}).status_code == 403


def test_every_route_asks_for_a_right(api: Interface) -> None:
    """No route of the interface can be reached without `require`."""
    app: Any = api.client.app
    for router in app.state.interface:
        for route in router.routes:
            asked = [each.call for each in route.dependant.dependencies if isinstance(each.call, Require)]
            nested = [
                inner.call
                for each in route.dependant.dependencies
                for inner in each.dependencies
                if isinstance(inner.call, Require)
            ]
            assert asked + nested, route.path


def test_a_client_for_all_sees_all(business: Business) -> None:
    """A token for every client sees each, in lists together."""
    add_client(business)
    business.finished_job()
    business.run()
    with opened(business) as api:
        everywhere = api.token("all", {"*": Role.READER})
        assert api.get("receivables", everywhere)["clients"] == [CLIENT, OTHER]


def test_money_is_assigned_or_sent_back_by_a_program(billed: Business) -> None:
    """A proposal is listed with its reasons, rejected, booked elsewhere; what is nobody's goes out of sight."""
    with opened(billed) as api:
        office = api.token("office", {CLIENT: Role.OFFICE})
        with api.house.ledger.writing() as session:
            session.add_all([_money("a", [{"number": "RE1001"}], "proposed"), _money("b", [], "open")])
        mine, foreign = api.get("payments", office)["payments"]
        assert (mine["invoices"], mine["amount"], mine["reasons"]) == (["RE1001"], "14.08", ["Betrag ähnlich."])
        path = f"payments/{CLIENT}/{mine['id']}"
        assert api.post(f"{path}/reject", office, {"reason": "anderer Kunde"}).status_code == 200
        assert api.post(f"{path}/reject", office, {"reason": "anderer Kunde"}).status_code == 409
        assert api.get("payments", office)["payments"][0]["invoices"] == []
        assert api.post(f"{path}/confirm", office, {}).status_code == 409
        assert api.post(f"{path}/confirm", office, {"invoice": "RE9999"}).status_code == 409
        assert api.post(f"{path}/confirm", office, {"invoice": "re1001"}).json()["said"] == "Gebucht auf RE1001."
        assert api.get(f"invoices/{CLIENT}/RE1001", office)["open_amount"] == "200.00"
        drop = {"reason": "Steuererstattung", "is_foreign": True}
        assert api.post(f"payments/{CLIENT}/{foreign['id']}/reject", office, drop).status_code == 200
        assert api.get("payments", office)["payments"] == []
        assert api.post(f"{path}/confirm", office, {"invoice": "RE1001"}).status_code == 404


def _money(key: str, shares: list[dict[str, Any]], state: str) -> IncomingRow:
    now, line = datetime.fromisoformat(TODAY), {"counterparty": "Özdemir", "purpose": "Rechnung"}
    return IncomingRow(
        client=CLIENT, source="bank", key=key, received_on=now.date(), amount=Decimal("14.08"), line=line, state=state,
        shares=shares, reasons=[{"text": "Betrag ähnlich."}], decided_by="", seen_at=now,
    )  # fmt: skip
