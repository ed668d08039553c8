"""FinTS with the real library against the stage's bank: what is read, what a person must do, what is never tried."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors import bank_access, camt, fints
from connectors.errors import (
    CannotExpress,
    ChannelDown,
    ConnectorError,
    NotAuthorised,
    NotFound,
    TanNeeded,
    Unavailable,
    UnexpectedAnswer,
)
from connectors.statements import FileRead
from tests.sandbox.running import Stage

NOW = datetime(2026, 11, 4, 8, tzinfo=UTC)
SINCE = date(2026, 10, 1)
SAMPLE = (Path(__file__).parents[1] / "fixtures/bank/camt052_v08.xml").read_text("utf-8")
THEIRS = camt.statements_of(SAMPLE.encode())[0]


@pytest.fixture
def bank(stage: Stage, tmp_path: Path) -> Iterator[Stage]:
    """The stage's bank with one statement, and a folder for what is remembered."""
    stage.control("reset", {})
    stage.control("bank", {"statements": [SAMPLE]})
    bank_access.share(tmp_path / "banks")
    yield stage
    bank_access.share(None)


def account(stage: Stage, **changes: Any) -> fints.Fints:
    """The connection to the account of the sample."""
    login = stage.ready["fints"] | {"product_id": "RECHNUNGSBOTE", "iban": THEIRS.account} | changes
    return fints.connect(fints.Settings.model_validate(login))


def read(connection: fints.Fints, now: datetime = NOW) -> list[FileRead]:
    """What the account gives."""
    return list(connection.files(SINCE, now))


def requests(stage: Stage) -> int:
    """How many messages the bank has got."""
    return sum(each["path"] == "/fints" for each in stage.control("requests"))


def test_lines_are_those_of_the_file(bank: Stage) -> None:
    """The same document, read at the bank or as a file, gives lines with the same ids; complete until yesterday."""
    (file,) = read(account(bank))
    assert [line for statement in file.statements for line in statement.lines] == list(THEIRS.lines)
    assert [statement.complete_until for statement in file.statements] == [None, date(2026, 11, 3)]
    state = bank.control("bank")
    assert (state["product"], state["wanted"]) == ("RECHNUNGSBOTE", [["20261001", "20261104"]])


def test_an_account_without_movements_is_complete_too(bank: Stage) -> None:
    """The bank's "no movements" is an answer, too. What is older than 89 days is not asked for."""
    bank.control("bank", {"statements": []})
    (file,) = account(bank).files(date(2020, 1, 1), NOW)
    assert [(each.lines, each.complete_until) for each in file.statements] == [((), date(2026, 11, 3))]
    assert bank.control("bank")["wanted"] == [["20260807", "20261104"]]


def test_banks_are_not_asked_too_often(bank: Stage) -> None:
    """Within six hours nothing is asked again, by whatever process; the bank's id for us is asked for once."""
    read(account(bank))
    before = requests(bank)
    assert read(account(bank), NOW + timedelta(hours=5)) == []
    assert requests(bank) == before
    assert len(read(account(bank), NOW + timedelta(hours=6))) == 1


def test_a_confirmation_is_for_a_person(bank: Stage) -> None:
    """When the bank wants the app, nothing is read and the sentence names the command; once confirmed, it goes on."""
    bank.control("bank", {"statements": [SAMPLE], "asks": True})
    connection = account(bank)
    for _ in range(2):
        with pytest.raises(TanNeeded, match="payment access"):
            read(connection)
    asked: list[str] = []
    pauses: list[float] = []

    def press_enter(words: str) -> str:
        asked.append(words)
        return ""

    connection.confirm(press_enter, pauses.append)
    assert (asked, pauses) == (["Bitte in der App freigeben."], [2.0])
    assert len(read(account(bank))) == 1


def test_a_wrong_pin_is_tried_once(bank: Stage, tmp_path: Path) -> None:
    """Three wrong PINs lock an account: after the first nobody sends another, until a person does."""
    wrong = account(bank, pin="98765")
    with pytest.raises(NotAuthorised, match="nicht noch einmal"):
        read(wrong)
    before = requests(bank)
    for connection in (wrong, account(bank, pin="98765")):
        with pytest.raises(NotAuthorised):
            read(connection)
    assert (requests(bank), bank.control("bank")["wrong"]) == (before, 1)
    assert "98765" not in "".join(file.read_text() for file in (tmp_path / "banks").iterdir())
    account(bank).confirm(lambda words: "", lambda seconds: None)
    assert len(read(account(bank))) == 1


@pytest.mark.parametrize(
    ("changes", "settings", "kind", "words"),
    [
        ({"has_camt": False}, {}, CannotExpress, "bank_folder"),
        ({"statements": ["<Document/>"]}, {}, UnexpectedAnswer, "CAMT"),
        ({"statements": []}, {"iban": "DE75512108001245126199"}, NotFound, "…6199"),
        ({"statements": [SAMPLE.replace(THEIRS.account, "DE75512108001245126199")]}, {}, UnexpectedAnswer, "anderen"),
    ],
)
def test_what_cannot_be_used_is_told(
    bank: Stage, changes: dict[str, Any], settings: dict[str, Any], kind: type[ConnectorError], words: str
) -> None:
    """No CAMT, no statement, another account: a typed error with the cure, and nothing counts as read."""
    bank.control("bank", changes)
    for _ in range(2):
        with pytest.raises(kind, match=words):
            read(account(bank, **settings))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(503), Unavailable),
        (httpx.Response(302, headers={"location": "https://example.com/"}), Unavailable),
        (httpx.Response(200, content=b"<html>Wartung</html>"), UnexpectedAnswer),
        (httpx.Response(200, content=b"SE5IQks6MTozKw=="), UnexpectedAnswer),
        (httpx.ConnectError("refused"), ChannelDown),
        (httpx.ReadTimeout("slow"), ChannelDown),
    ],
)
def test_a_far_side_that_is_no_bank(answer: httpx.Response | httpx.HTTPError, kind: type[ConnectorError]) -> None:
    """Faults of the way become our errors, whatever the library makes of them; the PIN is not doubted."""

    def far(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    login = {"url": "https://bank.example/fints", "bank_code": "12030000", "username": "anna", "pin": "12345"}
    settings = fints.Settings.model_validate(login | {"product_id": "X", "iban": THEIRS.account})
    connection = fints.connect(settings, httpx.MockTransport(far))
    for _ in range(2):
        with pytest.raises(kind) as caught:
            read(connection)
        assert type(caught.value) is kind
        assert "12345" not in f"{caught.value} {caught.value.evidence}"


def test_the_library_logs_nothing(bank: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Its messages hold names, accounts and amounts of customers."""
    with caplog.at_level(logging.DEBUG):
        read(account(bank))
    assert [record for record in caplog.records if record.name.startswith("fints")] == []
