"""What all connector tests share: golden answers, a stage of its own, and a bucket that never makes a test wait."""

import json
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from connectors import lexoffice, sevdesk, smtp
from tests.sandbox.running import Stage, running


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Callable[[Path, Any], None]:
    """Compare a value with the golden file, or rewrite it on demand."""
    update = request.config.getoption("--update-expected")

    def check(golden: Path, value: Any) -> None:
        text = json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n"
        if update:
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8")

    return check


def plain(value: Any) -> Any:
    """A translated value as JSON: amounts and times as text, and without the fields that have their default."""
    if is_dataclass(value) and not isinstance(value, type):
        given = {field: getattr(value, field.name) for field in fields(value)}
        return {field.name: plain(found) for field, found in given.items() if found != default_of(field)}
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def default_of(field: Field[Any]) -> Any:
    """A field's default; `MISSING` where it has none."""
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.fixture(scope="session")
def quiet_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage process for all connector tests, without rate limit."""
    with running(tmp_path_factory.mktemp("stage") / "folder", "--world", "leer,leer-sevdesk", "--rate", "0") as stage:
        yield stage


@pytest.fixture
def stage(quiet_stage: Stage) -> Stage:
    """The stage, put back to its start, its lists without lag."""
    quiet_stage.control("reset", {})
    quiet_stage.control("index-lag", {"seconds": 0})
    return quiet_stage


@pytest.fixture
def office(stage: Stage) -> Iterator[lexoffice.Lexoffice]:
    """Our connector to the stage's Lexware Office; it never really sleeps."""
    connected = lexoffice.connect(lexoffice_settings(stage), sleep=lambda seconds: None)
    yield connected
    connected.close()


def lexoffice_settings(stage: Stage, **changes: Any) -> lexoffice.Settings:
    """Settings for the stage; the rate is no hindrance unless a test is about it."""
    given = {"api_key": stage.ready["api_key"], "base_url": stage.ready["http"], "rate": 10_000, "burst": 10_000}
    return lexoffice.Settings.model_validate(given | changes)


@pytest.fixture
def account(stage: Stage) -> Iterator[sevdesk.Sevdesk]:
    """Our connector to the stage's sevDesk; it never really sleeps."""
    connected = sevdesk.connect(sevdesk_settings(stage), sleep=lambda seconds: None)
    yield connected
    connected.close()


def sevdesk_settings(stage: Stage, **changes: Any) -> sevdesk.Settings:
    """Settings for the stage, which has two users; the rate is no hindrance unless a test is about it."""
    given = {**stage.ready["sevdesk"], "contact_person": 240501, "rate": 10_000, "burst": 10_000}
    return sevdesk.Settings.model_validate(given | changes)


@pytest.fixture
def post_office(stage: Stage) -> smtp.Settings:
    """Settings for the stage's mail server."""
    given = {name: stage.ready["smtp"][name] for name in ("host", "port", "username", "password", "ca_file")}
    return smtp.Settings.model_validate(given | {"timeouts": {"connect": 5, "command": 5, "dot": 1}})
