"""The files for servers: compose, its databases, the image and the units say what the program understands."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from config.settings import PREFIX, Settings
from desk.cli import app

SETUP = Path(__file__).resolve().parents[1] / "setup"
ONCE = ("prefect-services", "register")
NEEDED_BY_SCALE = {
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    "PREFECT_SERVER_DOCKET_URL",
    "PREFECT_SERVER_EVENTS_MESSAGING_BROKER",
    "PREFECT_SERVER_EVENTS_MESSAGING_CACHE",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE",
    "PREFECT_REDIS_MESSAGING_URL",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services as compose reads them, anchors resolved."""
    found: dict[str, Any] = YAML(typ="safe").load(SETUP / "compose.yaml")
    return found


def test_every_service_of_compose_can_start(compose: dict[str, Any]) -> None:
    """Whom a service waits for exists and tells when it is healthy; every volume is declared."""
    services = compose["services"]
    for name, service in services.items():
        for other in service.get("depends_on", {}):
            assert "healthcheck" in services[other], f"{name} waits for {other}"
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source.startswith(".") or source in compose["volumes"], volume


def test_commands_in_compose_and_units_exist(compose: dict[str, Any]) -> None:
    """Every `rechnungsbote …` that a server would start is a command with those options."""
    commands = [service["command"] for service in compose["services"].values() if "command" in service]
    units = [shlex.split(line) for unit in SETUP.glob("*.service") for line in _exec_lines(unit)]
    ours = [[str(part) for part in command] for command in (*commands, *units) if "rechnungsbote" in str(command[0])]
    assert len(ours) >= 6
    known = get_command(app)
    for _, name, *options in ours:
        command = known.commands[name]  # type: ignore[attr-defined]
        accepted = {option for parameter in command.params for option in parameter.opts}
        assert {option for option in options if option.startswith("--")} <= accepted, name


def test_every_prefect_server_knows_redis_and_postgresql(compose: dict[str, Any]) -> None:
    """The server and its services are told the same, and all that several of them need."""
    first, second = (compose["services"][name]["environment"] for name in ("prefect", "prefect-services"))
    assert first == second
    assert first.keys() >= NEEDED_BY_SCALE


def test_compose_sets_only_variables_that_exist(compose: dict[str, Any]) -> None:
    """Each RECHNUNGSBOTE_ variable is one of the settings; each ${…} stands in the example."""
    text = (SETUP / "compose.yaml").read_text("utf-8")
    ours = {name.removeprefix(PREFIX).lower() for name in re.findall(rf"{PREFIX}[A-Z_]+", text)}
    assert ours <= Settings.model_fields.keys()
    example = (SETUP / "compose.env.beispiel").read_text("utf-8")
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    """A password that nobody set stops compose instead of being empty."""
    text = (SETUP / "compose.yaml").read_text("utf-8")
    for name in re.findall(r"\$\{([A-Z_]*(?:PASSWORD|LOGIN))", text):
        assert not re.search(rf"\$\{{{name}(?!:\?)", text), name


def test_what_must_run_once_is_not_scaled(compose: dict[str, Any]) -> None:
    """The planner and the registrar have no replicas; ports are open to this machine only."""
    for name, service in compose["services"].items():
        assert name not in ONCE or "deploy" not in service
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def _exec_lines(unit: Path) -> list[str]:
    return [line.partition("=")[2] for line in unit.read_text("utf-8").splitlines() if line.startswith("ExecStart=")]
