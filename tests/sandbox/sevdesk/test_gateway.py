"""What stands before the API: login, rate limit, versions, error forms, faults and the journal."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.sandbox.agency import Desk, error, head, position
from tests.sandbox.running import Stage, eventually


def test_ready_line_names_the_account(desk: Desk) -> None:
    """The base URL ends in /api/v1, the token has 32 hexadecimal digits."""
    facts = desk.stage.ready["sevdesk"]
    assert facts["base_url"] == desk.stage.ready["http"] + "/api/v1"
    assert re.fullmatch(r"[0-9a-f]{32}", facts["api_key"])


def test_the_token_stands_bare_in_the_header(desk: Desk) -> None:
    """Bearer, Token, the URL parameter and Lexware's key are all 401."""
    token = desk.stage.ready["sevdesk"]["api_key"]
    for given in (f"Bearer {token}", f"Token {token}", "", desk.stage.ready["api_key"]):
        answer = desk.http.get(f"/SevUser?token={token}", headers={"Authorization": given})
        assert error(answer) == (401, "Authentication required")
    assert desk.get("SevUser").status_code == 200
    assert desk.stage.http.get("/v1/profile", headers={"Authorization": token}).status_code == 401


def test_a_renewed_token_voids_the_old_one(desk: Desk) -> None:
    """After regenerating only the new token works; a reset brings the first one back."""
    renewed = desk.control("token", {})["api_key"]
    assert desk.get("SevUser").status_code == 401
    assert desk.http.get("/SevUser", headers={"Authorization": renewed}).status_code == 200
    desk.stage.control("reset", {})
    assert desk.get("SevUser").status_code == 200


def test_429_has_retry_after_and_did_nothing(desk: Desk) -> None:
    """Beyond its own bucket a request is 429 with Retry-After; Lexware's bucket is another one."""
    desk.control("rate", {"rate": 0.001, "burst": 2})
    answers = [desk.post("Contact", {"name": "A", "category": {"id": 3, "objectName": "Category"}}) for _ in range(3)]
    assert [a.status_code for a in answers] == [201, 201, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert len(desk.control("records/Contact")) == 2
    assert desk.stage.get("profile").status_code == 200
    desk.control("rate", {"rate": 0.001, "burst": 1, "retry_after": ""})
    assert desk.get("SevUser").status_code == 200
    assert "retry-after" not in desk.get("SevUser").headers


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Rechnung", (404, "Not Found")),
        ("Invoice/99", (404, "Invoice not found")),
        ("Invoice/abc", (404, "Not Found")),
        ("Order/99/getPositions", (404, "Order not found")),
        ("SevSequence/Factory/getByType?objectType=Invoice&type=XX", (404, "SevSequence not found")),
        ("Contact/Mapper/checkCustomerNumberAvailability", (500, "Internal server error")),
        ("Invoice?limit=0", (400, "Invalid 'limit' parameter")),
        ("Invoice?limit=1001", (400, "Invalid 'limit' parameter")),
        ("Invoice?limit=alle", (400, "Invalid 'limit' parameter")),
        ("Invoice?offset=-1", (400, "Invalid 'offset' parameter")),
    ],
)
def test_error_forms(desk: Desk, path: str, expected: tuple[int, str]) -> None:
    """Every refusal is {"objects": null, "error": {"message": ...}}."""
    assert error(desk.get(path)) == expected


def test_missing_records_can_be_400(desk: Desk) -> None:
    """The specification says 400 for an unknown id; that can be chosen."""
    desk.control("settings", {"missing_status": 400})
    assert error(desk.get("Invoice/99")) == (400, "Invoice not found")


def test_validation_errors_carry_an_exception_id(desk: Desk) -> None:
    """Only what failed inside has an exceptionUUID."""
    assert "exceptionUUID" in desk.post("Contact", {}).json()["error"]
    assert "exceptionUUID" not in desk.get("Invoice/99").json()["error"]


def test_wrong_methods_and_bodies(desk: Desk) -> None:
    """405 for a method a path does not have, 400 for a body that is no object in a known form."""
    assert error(desk.delete("Contact/1"))[0] == 404 or desk.delete("Contact/1").status_code == 405
    for content, kind in (
        ("{", "json"),
        ("[]", "json"),
        ('{"a": NaN}', "json"),
        ("{}", "xml"),
        ("a=1&a[b]=2", "x-www-form-urlencoded"),
    ):
        headers = {"Content-Type": f"application/{kind}"}
        assert error(desk.http.post("/Contact", content=content, headers=headers)) == (400, "Malformed request body")


def test_form_fields_are_a_body_too(desk: Desk) -> None:
    """PHP-style form fields work like JSON."""
    made = desk.http.post("/Contact", data={"name": "A", "category[id]": "3", "category[objectName]": "Category"})
    assert made.json()["objects"]["category"] == {"id": "3", "objectName": "Category"}


def test_versions(desk: Desk) -> None:
    """X-Version default and 1.0 exist, others are 400, and factories know none."""
    assert desk.http.get("/Invoice", headers={"X-Version": "1.0"}).status_code == 200
    status, text = error(desk.http.get("/Invoice", headers={"X-Version": "1.7"}))
    assert (status, "1.0, default" in text) == (400, True)
    assert desk.http.post("/Invoice/Factory/saveInvoice", json={}, headers={"X-Version": "1.0"}).status_code == 400


@pytest.mark.parametrize("kind", ["401", "402", "403", "409", "422", "429", "500"])
def test_ordered_refusals_have_the_api_form(desk: Desk, kind: str) -> None:
    """A bare status can be ordered, with its text, and then nothing was done."""
    desk.stage.control("faults", {"kind": kind, "path_regex": "^/api/v1/Contact$", "message": "So nicht"})
    assert error(desk.post("Contact", {})) == (int(kind), "So nicht")
    assert desk.stage.control("requests")[-1]["executed"] is False


@pytest.mark.parametrize(("kind", "status"), [("503", 503), ("gateway-timeout-before-effect", 504)])
def test_the_proxy_answers_html(desk: Desk, kind: str, status: int) -> None:
    """What comes from the proxy is a page, not JSON."""
    desk.stage.control("faults", {"kind": kind})
    answer = desk.get("SevUser")
    assert (answer.status_code, answer.text[:6]) == (status, "<html>")


def test_amounts_can_turn_into_nan(desk: Desk) -> None:
    """The fault nan also spoils amounts that are strings, and leaves ids alone."""
    invoice = desk.invoice()
    desk.stage.control("faults", {"kind": "nan", "method": "GET"})
    spoiled = desk.one(f"Invoice/{invoice['id']}")
    assert (spoiled["sumGross"], spoiled["id"]) == ("NaN", invoice["id"])


def test_effects_without_an_answer(desk: Desk) -> None:
    """A save whose connection is reset, or that is answered too late, has been done; twice with double-effect."""
    body = desk.invoice_body()
    desk.stage.control("faults", {"kind": "reset-after-effect", "method": "POST"})
    with pytest.raises(httpx.TransportError):
        desk.post("Invoice/Factory/saveInvoice", body)
    assert len(desk.rows("Invoice")) == 1
    desk.stage.control("faults", {"kind": "double-effect", "method": "POST"})
    desk.post("Invoice/Factory/saveInvoice", body)
    assert len(desk.rows("Invoice")) == 3
    desk.stage.control("faults", {"kind": "late-effect", "method": "POST", "delay": 0.1})
    assert desk.post("Invoice/Factory/saveInvoice", body).status_code == 504
    assert eventually(lambda: len(desk.rows("Invoice")) == 4)


def test_stale_reads_show_the_state_before_the_last_change(desk: Desk) -> None:
    """With the fault stale a list lacks the newest invoice and a read shows the old status."""
    invoice = desk.invoice()
    desk.sent(invoice["id"])
    desk.stage.control("faults", {"kind": "stale", "method": "GET", "times": 2})
    assert desk.one(f"Invoice/{invoice['id']}")["status"] == "100"
    assert desk.rows("Invoice")[0]["status"] == "100"
    assert desk.rows("Invoice")[0]["status"] == "200"
    desk.invoice()
    desk.stage.control("faults", {"kind": "stale", "method": "GET"})
    assert len(desk.rows("Invoice")) == 1


def test_requests_are_journalled_with_system_and_purpose(desk: Desk) -> None:
    """Both systems share one journal; each entry names its system and what the call was for."""
    order = desk.order()
    desk.get("Order", status=500)
    desk.get(f"Order/{order['id']}")
    desk.get(f"Order/{order['id']}/getPositions")
    desk.stage.get("profile")
    assert [(e["system"], e["purpose"]) for e in desk.stage.control("requests")] == [
        ("sevdesk", "create contact"),
        ("sevdesk", "save order"),
        ("sevdesk", "read order list"),
        ("sevdesk", "read order"),
        ("sevdesk", "get positions of order"),
        ("lexoffice", "read profile"),
    ]
    lines = (desk.stage.folder / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["path"] == "/api/v1/Contact"


def test_reset_covers_the_account(desk: Desk) -> None:
    """After POST /_control/reset nothing is left of records, settings and faults."""
    desk.invoice()
    desk.control("settings", {"bookkeeping_version": "1.0"})
    desk.stage.control("reset", {})
    assert desk.rows("Invoice") == []
    assert desk.rows("Contact", depth=1) == []
    assert desk.get("Tools/bookkeepingSystemVersion").json() == {"objects": {"version": "2.0"}}


@pytest.mark.parametrize("body", [{"neu": True}, {"missing_status": 500}, {"delivery_date_rule": "vielleicht"}])
def test_control_refuses_what_it_does_not_know(desk: Desk, body: dict[str, Any]) -> None:
    """Unknown settings and values are 422, not ignored."""
    assert desk.stage.http.post("/_control/sevdesk/settings", json=body).status_code == 422


def test_control_lists_sevdesk(stage: Stage) -> None:
    """GET /_control/ names the paths and actions of sevDesk; unknown ids and actions are 404."""
    listing = stage.control("")
    assert "POST /_control/sevdesk/payments" in listing["paths"]
    assert {"edit-order", "tag", "edit-invoice", "cancel"} <= set(listing["sevdesk_actions"])
    assert stage.http.post("/_control/sevdesk/payments", json={"invoice_id": 5}).status_code == 404
    assert stage.http.post("/_control/sevdesk/actions/send", json={"id": 5}).status_code == 404
    assert stage.http.post("/_control/sevdesk/actions/dance", json={"id": 5}).status_code == 404


@pytest.mark.parametrize(
    "spoil", [{"discountSave": 7}, {"invoicePosSave": "x"}, {"invoicePosSave": [7]}, {"invoice": []}]
)
def test_nonsense_is_refused_not_crashed(desk: Desk, spoil: dict[str, Any]) -> None:
    """Wrong nesting gives the misleading 422 of the real system."""
    status, text = error(desk.post("Invoice/Factory/saveInvoice", desk.invoice_body() | spoil))
    assert (status, text) == (422, "expected array with 'id' and 'objectName'")


def test_huge_numbers_are_refused(desk: Desk) -> None:
    """A number beyond all reason is 422, whatever its form."""
    body = {"order": head(desk.contact()["id"]), "orderPosSave": [position("OrderPos", price=1e30)]}
    assert desk.post("Order/Factory/saveOrder", body).status_code == 422
