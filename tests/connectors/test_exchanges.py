"""Exchanges with each system and what we make of them, side by side in tests/fixtures/<connector>."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import httpx
import pytest

from billing.drafting import CannotDraft, draft
from billing.invoices import Channel, Draft
from billing.jobs import Job, Terms
from connectors import lexoffice, lexoffice_invoices, sevdesk, sevdesk_invoices
from connectors.errors import ConnectorError

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
NOW = datetime(2026, 11, 4, 8, tzinfo=UTC)
MARKER = "RB-2345-6789-ABCD"
CHOICES = sevdesk_invoices.Choices("77", "1", {"Stk": "1", "Stunde": "9"})

ASKS: dict[str, Callable[[Any, str], Any]] = {
    "signals": lambda system, since: system.signals(date.fromisoformat(since)),
    "job": lambda system, external_id: system.job(external_id),
    "read": lambda system, external_id: system.read(external_id),
    "changes": lambda system, since: system.changes(date.fromisoformat(since), NOW),
    "state": lambda system, external_id: system.state(external_id, NOW),
}


class System(NamedTuple):
    """A connector with recorded exchanges, and how it would write a draft."""

    module: ModuleType
    payload: Callable[[Draft], Any]


SYSTEMS = {
    "lexoffice": System(lexoffice, lexoffice_invoices.payload_for),
    "sevdesk": System(sevdesk, lambda made: sevdesk_invoices.payload_for(made, CHOICES)),
}


def is_asked(path: Path) -> bool:
    """Whether a file holds an exchange, not its golden answer."""
    return not path.name.endswith(".expected.json")


ASKED = sorted(path for name in SYSTEMS for path in (FIXTURES / name).glob("*.json") if is_asked(path))


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


def invoice_of(job: Job, payload: Callable[[Draft], Any]) -> Any:
    """The request that would make the job's invoice, or what keeps it from being made."""
    try:
        made = draft(job, Terms(14), Channel.MAIL, date(2026, 11, 4), MARKER)
    except CannotDraft as error:
        return [f"{problem.code}: {problem.message}" for problem in error.problems]
    return outcome(lambda: payload(made))


@pytest.mark.parametrize("path", ASKED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_exchange_gives_what_is_expected(path: Path, expect: Callable[[Path, Any], None]) -> None:
    """Each recorded exchange gives its golden answer, and no recorded request is left over."""
    case = json.loads(path.read_text(encoding="utf-8"))
    system = SYSTEMS[path.parent.name]
    recording = Recording(case["exchanges"])
    settings = system.module.Settings.model_validate(
        {"api_key": path.stem, "rate": 1000, "patience": {"tries": 1}, **case["settings"]}
    )
    connected = system.module.connect(settings, httpx.MockTransport(recording.handle), sleep=lambda seconds: None)
    answer = outcome(lambda: ASKS[case["ask"]](connected, case["argument"]))
    result = {"answer": answer}
    if isinstance(answer, Job):
        result["invoice"] = invoice_of(answer, system.payload)
    expect(path.with_suffix(".expected.json"), result)
    assert recording.left == []


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_expected_answer_without_its_exchange(name: str) -> None:
    """A golden file whose exchange is gone is an orphan."""
    files = list((FIXTURES / name).glob("*.json"))
    expected = {path.name.removesuffix(".expected.json") for path in files if not is_asked(path)}
    assert expected == {path.stem for path in files if is_asked(path)}
