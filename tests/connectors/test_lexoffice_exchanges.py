"""Exchanges with Lexware Office and what we make of them, side by side in tests/fixtures/lexoffice."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from billing.drafting import CannotDraft, draft
from billing.invoices import Channel
from billing.jobs import Job, Terms
from connectors import lexoffice
from connectors.errors import ConnectorError
from connectors.lexoffice_invoices import payload_for

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "lexoffice"
ASKED = sorted(path for path in FOLDER.glob("*.json") if not path.name.endswith(".expected.json"))
NOW = datetime(2026, 11, 4, 8, tzinfo=UTC)
MARKER = "RB-2345-6789-ABCD"

ASKS: dict[str, Callable[[lexoffice.Lexoffice, str], Any]] = {
    "signals": lambda office, since: office.signals(date.fromisoformat(since)),
    "job": lambda office, external_id: office.job(external_id),
    "read": lambda office, external_id: office.read(external_id),
    "changes": lambda office, since: office.changes(date.fromisoformat(since), NOW),
    "state": lambda office, external_id: office.state(external_id, NOW),
}


class Recording:
    """Plays the recorded exchanges: only the requests recorded are answered, each once."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.left = exchanges

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The answer recorded for this request."""
        asked = f"{request.method} {request.url.raw_path.decode()}"
        found = next((exchange for exchange in self.left if exchange["request"] == asked), None)
        assert found is not None, f"{asked} is not recorded"
        self.left.remove(found)
        return httpx.Response(found["status"], json=found["answer"])


def outcome(ask: Callable[[], Any]) -> Any:
    """What is returned, row by row for lists, or the error with its message."""
    rows: list[Any] = []
    try:
        answer = ask()
        if not isinstance(answer, Iterator):
            return answer
        for row in answer:
            rows.append(row)
    except ConnectorError as error:
        return [*rows, {"error": type(error).__name__, "message": error.message, "evidence": error.evidence}]
    return rows


def invoice_of(job: Job) -> Any:
    """The request that would make the job's invoice, or what keeps it from being made."""
    try:
        made = draft(job, Terms(14), Channel.MAIL, date(2026, 11, 4), MARKER)
    except CannotDraft as error:
        return [f"{problem.code}: {problem.message}" for problem in error.problems]
    return outcome(lambda: payload_for(made))


@pytest.mark.parametrize("path", ASKED, ids=lambda path: path.stem)
def test_exchange_gives_what_is_expected(path: Path, expect: Callable[[Path, Any], None]) -> None:
    """Each recorded exchange gives its golden answer, and no recorded request is left over."""
    case = json.loads(path.read_text(encoding="utf-8"))
    recording = Recording(case["exchanges"])
    settings = lexoffice.Settings.model_validate({"api_key": path.stem, "signal": case["signal"], "rate": 1000})
    office = lexoffice.connect(settings, httpx.MockTransport(recording.handle), sleep=lambda seconds: None)
    answer = outcome(lambda: ASKS[case["ask"]](office, case["argument"]))
    result = {"answer": answer} | ({"invoice": invoice_of(answer)} if isinstance(answer, Job) else {})
    expect(path.with_suffix(".expected.json"), result)
    assert recording.left == []


def test_no_expected_answer_without_its_exchange() -> None:
    """A golden file whose exchange is gone is an orphan."""
    expected = {path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json")}
    assert expected == {path.stem for path in ASKED}
