"""What stands before the API: login, rate limit, error forms and the request journal."""

import json

import pytest

from tests.sandbox.running import Json, Stage


def test_wrong_keys_get_the_gateway_form(stage: Stage) -> None:
    """Without or with a wrong key every path is 401 {"message": "Unauthorized"}."""
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer falsch"}):
        answer = stage.http.get("/v1/invoices/x", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
        assert answer.headers["x-amzn-errortype"] == "UnauthorizedException"


def test_wrong_urls_are_forbidden(stage: Stage) -> None:
    """A resource that does not exist is the gateway's 403; a path below a known one is 404."""
    assert stage.get("rechnungen").json() == {"message": "Forbidden"}
    assert stage.get("rechnungen").status_code == 403
    assert stage.get("invoices/1/actions/pursue").status_code == 404


def test_bodies_need_a_content_type(stage: Stage, invoice_body: Json) -> None:
    """415 without JSON content type, 400 for broken JSON, NaN and anything but an object."""
    plain = stage.http.post("/v1/invoices", content=json.dumps(invoice_body))
    assert (plain.status_code, plain.json()["error"]) == (415, "Unsupported Media Type")
    headers = {"Content-Type": "application/json; charset=utf-8"}
    for content in ("{", "[]", '{"voucherDate": NaN}', ""):
        assert stage.http.post("/v1/invoices", content=content, headers=headers).status_code == 400


def test_empty_bucket_refuses_without_doing(stage: Stage, invoice_body: Json) -> None:
    """Beyond the bucket a request is 429, not executed, and normally without Retry-After."""
    stage.control("rate", {"rate": 0.001, "burst": 4})
    answers = [stage.post("invoices", invoice_body) for _ in range(6)]
    assert [a.status_code for a in answers] == [201] * 4 + [429] * 2
    assert answers[-1].json().keys() == {"message"}
    assert "retry-after" not in answers[-1].headers
    assert len(stage.control("invoices")) == 4
    assert [e["executed"] for e in stage.control("requests")] == [True] * 4 + [False] * 2


def test_retry_after_can_be_ordered(stage: Stage) -> None:
    """The header of a 429 is what the control interface says, however absurd."""
    stage.control("rate", {"rate": 0.001, "burst": 1, "retry_after": "86400"})
    assert stage.get("profile").status_code == 200
    assert stage.get("profile").headers["retry-after"] == "86400"


def test_bucket_fills_with_real_time(stage: Stage) -> None:
    """Tokens come back at the rate."""
    stage.control("rate", {"rate": 20, "burst": 1})
    statuses = {stage.get("profile").status_code for _ in range(40)}
    assert statuses == {200, 429}


def test_every_request_is_journalled(stage: Stage, invoice_body: Json) -> None:
    """requests.jsonl and the control interface show number, times, path, status and purpose."""
    invoice = stage.made("invoices", invoice_body, finalize="true")
    stage.get(f"invoices/{invoice['id']}/file")
    stage.get("voucherlist", voucherType="invoice")
    entries = stage.control("requests")
    assert [(e["n"], e["status"], e["purpose"]) for e in entries] == [
        (1, 201, "create invoice"),
        (2, 200, "read invoice"),
        (3, 200, "read file of invoice"),
        (4, 400, "read voucher list"),
    ]
    assert entries[0]["query"] == "finalize=true"
    assert entries[0]["sandbox_time"].startswith("2026-11-02T08:")
    lines = (stage.folder / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(text) for text in lines] == entries
    assert [e["n"] for e in stage.control("requests?since=3")] == [4]


def test_control_lists_itself(stage: Stage, invoice_body: Json) -> None:
    """GET /_control/ names every path and action; the dumps need no login and cost no request."""
    stage.made("order-confirmations", invoice_body)
    listing = stage.control("")
    assert "POST /_control/faults" in listing["paths"]
    assert "to-draft" in listing["actions"]
    assert [body["voucherNumber"] for body in stage.control("documents/order-confirmations")] == ["AB1001"]
    assert stage.control("settings")["index_lag"] == 0
    assert stage.control("contacts") == []
    assert len(stage.control("requests")) == 2


def test_profile_and_payment_conditions(stage: Stage) -> None:
    """The organisation has a profile and exactly one default payment condition, a bare array."""
    assert stage.read("profile")["companyName"] == "Malerbetrieb Sommer GmbH"
    conditions = stage.get("payment-conditions").json()
    assert [c["paymentTermDuration"] for c in conditions if c["organizationDefault"]] == [14]


@pytest.mark.parametrize(
    "body", [{"now": "2026-11-02T08:00:00"}, {"forward": 1}, {"advance": {"years": 1}}, {"now": "morgen"}]
)
def test_control_refuses_what_it_does_not_know(stage: Stage, body: Json) -> None:
    """Naive times and unknown fields on the control interface are 422, not ignored."""
    assert stage.http.post("/_control/clock", json=body).status_code == 422
