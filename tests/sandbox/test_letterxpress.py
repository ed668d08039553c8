"""The stage's printing house, as its documentation describes the real one."""

import base64
import hashlib
from typing import Any

import httpx
import pytest

from sandbox.letterxpress.window import address_in, text_of
from sandbox.pdf import text_pdf
from tests.sandbox.running import Json, Stage

PDF = text_pdf([""] * 10 + ["Inge Test", "Weg 1", "10115 Berlin"])
SPECIFICATION = {"color": "1", "mode": "duplex", "shipping": "auto", "c4": 0}


@pytest.fixture(autouse=True)
def _afresh(stage: Stage) -> None:
    stage.control("reset", {})
    stage.control("rate", {"rate": 0})


def asked(stage: Stage, method: str, path: str, body: Json | None = None, **changes: Any) -> httpx.Response:
    """A request with the login in its body."""
    facts = stage.ready["letterxpress"]
    auth = {"username": facts["username"], "apikey": facts["api_key"], "mode": "live"} | changes
    return stage.http.request(method, f"/v3/{path}", json={"auth": auth, **(body or {})})


def letter(pdf: bytes = PDF, **changes: Any) -> Json:
    """The order of a letter."""
    encoded = base64.b64encode(pdf).decode()
    facts = {"base64_file": encoded, "base64_file_checksum": hashlib.md5(encoded.encode()).hexdigest()}  # noqa: S324
    return {"letter": {**facts, "specification": SPECIFICATION, "notice": "RB-1"} | changes}


def ordered(stage: Stage, **changes: Any) -> Json:
    """An order that must succeed."""
    answer = asked(stage, "POST", "printjobs", letter(**changes))
    assert answer.status_code == 200, answer.text
    data: Json = answer.json()["data"]
    return data


def test_a_letter_is_read_and_printed_in_its_time(stage: Stage) -> None:
    """The address comes from the window; a quarter of an hour later the letter is posted and cannot be taken back."""
    order = ordered(stage)
    assert (order["status"], order["items"][0]["address"]) == ("queue", "Inge Test\nWeg 1\n10115 Berlin")
    stage.control("clock", {"advance": {"minutes": 16}})
    shown = asked(stage, "GET", f"printjobs/{order['id']}").json()["data"]
    assert (shown["status"], shown["items"][0]["status"]) == ("done", "sent")
    assert asked(stage, "DELETE", f"printjobs/{order['id']}").status_code == 422
    (kept,) = stage.control("letters")
    assert (kept["posted"], (stage.folder / "letters" / kept["file"]).read_bytes()) == (True, PDF)


def test_the_same_twice_is_two_letters(stage: Stage) -> None:
    """There is no key that would recognise it."""
    assert ordered(stage)["id"] != ordered(stage)["id"]


def test_taken_back_in_time(stage: Stage) -> None:
    """Within a quarter of an hour nothing is printed."""
    order = ordered(stage)
    assert asked(stage, "DELETE", f"printjobs/{order['id']}").status_code == 200
    stage.control("clock", {"advance": {"hours": 1}})
    assert [(each["status"], each["posted"]) for each in stage.control("letters")] == [("canceled", False)]


def test_lists_have_fifteen_a_page(stage: Stage) -> None:
    """By state, newest first, with what is needed to go on."""
    ids = [ordered(stage)["id"] for _ in range(17)]
    first = asked(stage, "GET", "printjobs?filter=queue").json()["data"]
    second = asked(stage, "GET", "printjobs?filter=queue&page=2").json()["data"]
    assert [row["id"] for row in first["printjobs"] + second["printjobs"]] == ids[::-1]
    assert (first["pagination"]["last_page"], first["pagination"]["count"], first["pagination"]["total"]) == (2, 15, 17)
    assert asked(stage, "GET", "printjobs?filter=done").json()["data"]["printjobs"] == []


def test_who_may_ask(stage: Stage) -> None:
    """The login stands in the body, also of a GET; the content type is taken literally."""
    assert asked(stage, "GET", "printjobs", apikey="falsch").json() == {"message": "Unauthorized."}
    assert asked(stage, "GET", "printjobs", mode="echt").status_code == 401
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert stage.http.post("/v3/printjobs", content=b"{}", headers=headers).status_code == 400
    assert stage.http.get("/v3/balance").status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"base64_file_checksum": "0"}, {"base64_file": "???"}, {"specification": {**SPECIFICATION, "color": "2"}},
        {"registered": "r9"}, {"notice": "x" * 256}, {"dispatch_date": "morgen"}, {"specification": None},
        {"registered": "r1", "specification": {**SPECIFICATION, "shipping": "international"}},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_what_is_refused(stage: Stage, changes: Json) -> None:
    """A wrong order is refused with a word, and nothing is kept."""
    answer = asked(stage, "POST", "printjobs", letter(**changes))
    assert (answer.status_code, bool(answer.json()["message"])) == (422, True)
    assert stage.control("letters") == []


def test_only_papers_can_be_printed(stage: Stage) -> None:
    """What is no PDF is refused; what shows no address is held, and so is what the balance does not cover."""
    assert asked(stage, "POST", "printjobs", letter(b"Guten Tag")).status_code == 422
    assert asked(stage, "POST", "printjobs", letter(b"%PDF-1.7 kaputt")).status_code == 422
    assert ordered(stage, pdf=text_pdf(["Guten Tag"]))["status"] == "hold"
    stage.control("letters/balance", {"balance": "0.10"})
    assert ordered(stage)["status"] == "hold"


def test_a_trial_is_never_printed(stage: Stage) -> None:
    """It lies in the basket for a week and is gone then."""
    order = asked(stage, "POST", "printjobs", letter(), mode="test").json()["data"]
    assert order["status"] == "draft"
    stage.control("clock", {"advance": {"days": 8}})
    assert asked(stage, "GET", f"printjobs/{order['id']}").status_code == 404


def test_registered_mail_is_proven(stage: Stage) -> None:
    """It has a number at once and a proof a day later."""
    order = ordered(stage, registered="r1")
    stage.control("clock", {"advance": {"minutes": 16}})
    sent = asked(stage, "GET", f"printjobs/{order['id']}").json()["data"]["items"][0]
    assert (bool(sent["tracking_code"]), "tracking_status" in sent) == (True, False)
    stage.control("clock", {"advance": {"days": 2}})
    sent = asked(stage, "GET", f"printjobs/{order['id']}").json()["data"]["items"][0]
    assert sent["tracking_status"].startswith("Zugestellt: ")


def test_prices_and_balance(stage: Stage) -> None:
    """A letter costs something, and the balance sinks by that."""
    price = asked(stage, "GET", "price", letter()).json()["data"]["price"]
    before = float(asked(stage, "GET", "balance").json()["data"]["balance"])
    ordered(stage)
    assert float(asked(stage, "GET", "balance").json()["data"]["balance"]) == pytest.approx(before - price)


def test_the_window_is_read_by_place() -> None:
    """What stands above, below or beside the window is not the address; all of it is the text."""
    page = text_pdf([*["oben"] * 9, "", "Inge Test", "Weg 1", "", "", "unten"])
    assert address_in(page).split("\n")[:2] == ["Inge Test", "Weg 1"]
    assert "oben" not in address_in(page)
    assert "oben" in text_of(page)
    assert "unten" in text_of(page)
