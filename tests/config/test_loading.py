"""Clients are read one by one; what is wrong with one never hides another."""

from pathlib import Path

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator

from config.loading import LoadedClient, beside, load_client, load_clients, problem_at, problems_from, problems_of
from config.problems import ConfigError
from config.secrets import SecretsMissing, resolve_options
from config.settings import Settings

from .conftest import SOMMER, Broken


class Connection(BaseModel, frozen=True, extra="forbid"):
    """Settings as a connector might ask for them."""

    base_url: str = Field(examples=["https://api.lexware.io"])
    api_key: SecretStr
    page_size: int = Field(100, ge=1, le=250)
    signal: str = "done"

    @field_validator("signal")
    @classmethod
    def _known(cls, signal: str) -> str:
        if signal != "done":
            raise ValueError("Dieses Signal gibt es nicht.")
        return signal


@pytest.fixture
def sommer(settings: Settings) -> LoadedClient:
    """The client in order."""
    return load_clients(settings)[0][0]


def test_healthy_client_is_handed_out_beside_a_broken_one(folder: Path, settings: Settings) -> None:
    """One broken file takes only its own client out of work."""
    (folder / "clients" / "meier.yaml").write_text(SOMMER.replace("name: sommer", "name: meier").replace("14", "x"))
    clients, problems = load_clients(settings)
    assert [loaded.config.name for loaded in clients] == ["sommer"]
    assert {problem.file for problem in problems} == {"clients/meier.yaml"}


def test_file_with_another_ending_is_told(folder: Path, settings: Settings) -> None:
    """A client in a .yml file is not silently left out."""
    (folder / "clients" / "meier.yml").write_text(SOMMER)
    (problem,) = load_clients(settings)[1]
    assert (problem.file, problem.line) == ("clients/meier.yml", 1)
    assert "meier.yaml" in problem.cure


def test_missing_folder_is_told(settings: Settings) -> None:
    """A wrong folder is a problem, not an installation without clients."""
    clients, (problem,) = load_clients(settings.model_copy(update={"clients": Path("mandanten")}))
    assert not clients
    assert problem.file == "mandanten"
    assert "RECHNUNGSBOTE_CLIENTS" in problem.cure


def test_unreadable_file_is_told(folder: Path, settings: Settings) -> None:
    """A file that cannot be opened is a problem of that client."""
    (folder / "clients" / "meier.yaml").mkdir()
    clients, (problem,) = load_clients(settings)
    assert len(clients) == 1
    assert (problem.file, problem.line, problem.cure) == ("clients/meier.yaml", 1, "Rechte der Datei prüfen.")


def test_empty_file_is_told(folder: Path) -> None:
    """An empty file lacks everything, and says so at its first line."""
    empty = folder / "clients" / "meier.yaml"
    empty.write_text("")
    found = load_client(empty)
    assert isinstance(found, list)
    assert "seller" in {problem.path for problem in found}
    assert {problem.line for problem in found} == {1}


def test_empty_sections_mean_defaults(broken: Broken, settings: Settings) -> None:
    """A heading without entries is as good as none, where nothing must be said."""
    assert broken('limits:\n  mails_per_day: 200\nschedule:\n  poll: "*/5 * * * *"\n', "limits:\nschedule:\n") == []
    assert load_clients(settings)[0][0].config.limits.mails_per_day == 200


def test_error_prints_all_problems(broken: Broken) -> None:
    """ConfigError prints one block for each problem."""
    problems = broken("  mails_per_day: 200", "  mails_per_day: -1\n  stopped: vielleicht")
    text = str(ConfigError(problems))
    assert text.count("Abhilfe:") == len(problems) == 2
    assert "limits.stopped" in text


@pytest.mark.parametrize(
    ("system", "line", "path", "message", "cure"),
    [
        ("lexware", 16, "systems.lexware.api_key", "SOMMER_LEXWARE_KEY ist nicht gesetzt", "Umgebung des Dienstes"),
        ("mail", 20, "systems.mail.password", "secrets/sommer_smtp gibt es nicht", "chmod 600 secrets/sommer_smtp"),
    ],
)
def test_missing_secret_is_told_with_its_line(
    system: str, line: int, path: str, message: str, cure: str, sommer: LoadedClient, settings: Settings
) -> None:
    """Loading asks for no secret; whoever connects can tell each that is missing with its line."""
    with pytest.raises(SecretsMissing) as caught:
        resolve_options(sommer.config.systems[system].options, settings)
    (problem,) = problems_of(caught.value, sommer, ("systems", system))
    assert (problem.line, problem.path) == (line, path)
    assert message in problem.message
    assert cure in problem.cure


def test_connector_complaint_gets_a_line(sommer: LoadedClient) -> None:
    """What a connector finds wrong in its settings is told like every other mistake."""
    with pytest.raises(ValidationError) as caught:
        Connection.model_validate(
            {"base_urll": "sk-live-12345", "api_key": SecretStr("k"), "page_size": 0, "signal": "x"}
        )
    problems = problems_from(caught.value, sommer, ("systems", "lexware"), Connection)
    told = {problem.path: problem for problem in problems}
    assert told["systems.lexware.base_url"].line == 15
    assert told["systems.lexware.base_url"].cure == "zum Beispiel  base_url: https://api.lexware.io"
    assert told["systems.lexware.page_size"].message == "Der Wert muss mindestens 1 sein."
    assert told["systems.lexware.signal"].message == "Dieses Signal gibt es nicht."
    assert "Gemeint ist wohl „base_url“" in told["systems.lexware.base_urll"].cure
    assert "sk-live" not in str(ConfigError(problems))


def test_other_rooms_can_complain(sommer: LoadedClient) -> None:
    """A problem found elsewhere points to the line of the value, and shows it."""
    problem = problem_at(sommer, ("systems", "lexware", "module"), "Diesen Anschluss gibt es nicht.", "lexoffice")
    assert (problem.line, problem.path, problem.value) == (14, "systems.lexware.module", '"lexoffice"')


def test_logo_lies_beside_the_file(sommer: LoadedClient) -> None:
    """Paths in a client's file start at its folder."""
    assert beside(sommer, "logos/sommer.svg") == Path("clients/logos/sommer.svg")
    assert beside(sommer, None) is None


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("mails_per_day: 200", "stopped: true", "limits.stopped"),
        ("days_until_due: 14", "days_until_due: 90", "invoices.days_until_due"),
        ('"#0b5d4e"', '"#5c8a2f"', "look.accent"),
        ("{days: 5, action: reminder}", "{days: 1, action: reminder}", "dunning.levels[0].days"),
        ("from: rechnung@sommer.example", "from: rechnung@anders.example", "mail.from"),
    ],
)
def test_advice_does_not_stop_the_client(old: str, new: str, path: str, broken: Broken, settings: Settings) -> None:
    """What is unwise but possible is a hint beside the client."""
    assert broken(old, new) == []
    (sommer,) = load_clients(settings)[0]
    assert [hint.path for hint in sommer.hints] == [path]
    assert all(hint.line > 1 and hint.cure for hint in sommer.hints)
