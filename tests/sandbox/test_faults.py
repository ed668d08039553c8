"""Ordered HTTP faults: what the client sees and what has really happened."""

import json
import time
from typing import Any

import httpx
import pytest

from tests.sandbox.running import Json, Stage, eventually


def order(stage: Stage, kind: str, **more: Any) -> None:
    """Order one fault."""
    stage.control("faults", {"kind": kind, **more})


def made(stage: Stage) -> int:
    """How many invoices there are."""
    return len(stage.control("invoices"))


@pytest.mark.parametrize(
    ("kind", "status", "count"),
    [
        ("gateway-timeout-after-effect", 504, 1),
        ("gateway-timeout-before-effect", 504, 0),
        ("double-effect", 201, 2),
        ("html", 200, 0),
        ("cut", 201, 1),
        ("nan", 201, 1),
        ("500", 500, 0),
        ("503", 503, 0),
        ("429", 429, 0),
        ("401", 401, 0),
    ],
)
def test_answer_and_effect(stage: Stage, invoice_body: Json, kind: str, status: int, count: int) -> None:
    """Each kind gives its status and has its effect; the next request is served normally."""
    order(stage, kind, method="POST", path_regex="^/v1/invoices$")
    assert stage.get("profile").status_code == 200
    assert stage.post("invoices", invoice_body).status_code == status
    assert made(stage) == count
    entry = stage.control("requests")[-1]
    assert (entry["fault"], entry["executed"]) == (kind, count > 0)
    assert stage.post("invoices", invoice_body).status_code == 201


@pytest.mark.parametrize(("kind", "count"), [("reset-before", 0), ("reset-after-effect", 1)])
def test_resets(stage: Stage, invoice_body: Json, kind: str, count: int) -> None:
    """The connection is reset without an answer; the journal has no status."""
    order(stage, kind)
    with pytest.raises(httpx.NetworkError):
        stage.post("invoices", invoice_body)
    assert made(stage) == count
    assert stage.control("requests")[-1]["status"] is None


def test_late_effect(stage: Stage, invoice_body: Json) -> None:
    """The gateway gives up at once, the document appears later."""
    order(stage, "late-effect", delay=0.2)
    answer = stage.post("invoices", invoice_body)
    assert (answer.status_code, answer.json()) == (504, {"message": "Endpoint request timed out"})
    assert made(stage) == 0
    assert eventually(lambda: made(stage) == 1)


def test_unreadable_answers(stage: Stage) -> None:
    """cut is broken JSON, nan holds NaN, html is a page: none is an answer of the API."""
    order(stage, "cut")
    with pytest.raises(json.JSONDecodeError):
        stage.get("payment-conditions").json()
    order(stage, "nan")
    assert '"paymentTermDuration": NaN' in stage.get("payment-conditions").text
    order(stage, "html", status=502)
    page = stage.get("payment-conditions")
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")


def test_huge_answers_do_not_end_soon(stage: Stage) -> None:
    """A huge answer brings megabytes without announcing their number."""
    order(stage, "huge", megabytes=3)
    answer = stage.get("profile")
    assert len(answer.content) > 3_000_000
    assert "content-length" not in answer.headers


def test_silence(stage: Stage) -> None:
    """Silence is no answer at all for a time."""
    order(stage, "silence", delay=0.3)
    start = time.monotonic()
    with pytest.raises(httpx.NetworkError):
        stage.get("profile")
    assert time.monotonic() - start >= 0.3


def test_stale_reads_show_the_state_before(stage: Stage, invoice_body: Json) -> None:
    """A stale payment read still shows the amount before the payment; so does a stale list."""
    invoice = stage.made("invoices", invoice_body, finalize="true")
    query = {"voucherType": "invoice", "voucherStatus": "any"}
    stage.read("voucherlist", **query)
    stage.control("payments", {"voucherId": invoice["id"]})
    order(stage, "stale", times=2)
    assert stage.read(f"payments/{invoice['id']}")["openAmount"] == 190.4
    assert stage.read("voucherlist", **query)["content"][0]["openAmount"] == 190.4
    assert stage.read(f"payments/{invoice['id']}")["openAmount"] == 0


def test_after_and_times(stage: Stage) -> None:
    """`after` requests pass, then `times` are hit; the list shows what is spent; DELETE forgets all."""
    order(stage, "500", after=1, times=2, path_regex="profile")
    assert [stage.get("profile").status_code for _ in range(4)] == [200, 500, 500, 200]
    assert [fault["spent"] for fault in stage.control("faults")] == [True]
    order(stage, "503", times=None)
    assert [stage.get("profile").status_code for _ in range(3)] == [503] * 3
    assert stage.http.delete("/_control/faults").status_code == 204
    assert stage.get("profile").status_code == 200


def test_server_errors_may_have_an_effect(stage: Stage, invoice_body: Json) -> None:
    """With `effect` a 500 comes although the document was made; its text can be the disguised rate limit."""
    order(stage, "500", effect=True, message="Internal server error or rate limit exceeded")
    answer = stage.post("invoices", invoice_body)
    assert answer.json() == {"message": "Internal server error or rate limit exceeded"}
    assert made(stage) == 1
    order(stage, "500")
    assert stage.get("profile").json() == {"message": None}


def test_unknown_kinds_are_refused(stage: Stage) -> None:
    """A misspelt fault is an error, not a fault that never comes."""
    assert stage.http.post("/_control/faults", json={"kind": "timeout"}).status_code == 422
    assert stage.http.post("/_control/faults", json={"smtp": "rcpt-451"}).status_code == 422
