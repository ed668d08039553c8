"""The installation's settings: from variables and .env, and never silently a default instead of a misspelt name."""

from pathlib import Path

import pytest

from config.problems import ConfigError, ConfigProblem
from config.settings import Settings, load_settings


def test_defaults_follow_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Database and archive lie in the home folder unless they are set themselves."""
    monkeypatch.setenv("RECHNUNGSBOTE_HOME", "daten")
    settings = load_settings()
    assert settings.database_url == "sqlite:///daten/ledger.db"
    assert settings.archive == "daten/archive"
    monkeypatch.setenv("RECHNUNGSBOTE_ARCHIVE", "belege")
    assert load_settings().archive == "belege"


def test_process_wins_over_env_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """.env is read, foreign names in it are nobody's business, and a variable of the process wins."""
    (folder / ".env").write_text("OTHER=1\nRECHNUNGSBOTE_CHUNK_SIZE=20\nRECHNUNGSBOTE_LOG_FORMAT=json\n")
    monkeypatch.setenv("RECHNUNGSBOTE_CHUNK_SIZE", "30")
    settings = load_settings()
    assert (settings.chunk_size, settings.log_format) == (30, "json")


def test_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable leaves the default."""
    monkeypatch.setenv("RECHNUNGSBOTE_HOME", "")
    assert load_settings().home == Path("var")


def test_misspelt_variable_names_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable is an error with the nearest name, also when settings are made directly."""
    monkeypatch.setenv("RECHNUNGSBOTE_QUIET_SECOND", "5")
    problem = _only_problem()
    assert (problem.file, problem.line, problem.path) == ("Umgebung", 0, "RECHNUNGSBOTE_QUIET_SECOND")
    assert "Gemeint ist wohl „RECHNUNGSBOTE_QUIET_SECONDS“" in problem.cure
    with pytest.raises(ConfigError):
        Settings()


def test_misspelt_line_in_env_file_is_found(folder: Path) -> None:
    """A misspelt name in .env is told with its line, without its value."""
    (folder / ".env").write_text("# Mandanten\n\nexport RECHNUNGSBOTE_DATABSE_URL=postgresql://u:geheim@h/d\n")
    problem = _only_problem()
    assert (problem.file, problem.line) == (".env", 3)
    assert "RECHNUNGSBOTE_DATABASE_URL" in problem.cure
    assert "geheim" not in str(problem)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("RECHNUNGSBOTE_QUIET_SECONDS", "bald", "eine ganze Zahl"),
        ("RECHNUNGSBOTE_LOOKUPS", "1", "mindestens 2"),
        ("RECHNUNGSBOTE_PAYMENT_AGE_SECONDS", "61", "höchstens 60"),
        ("RECHNUNGSBOTE_LOG_FORMAT", "xml", "console oder json"),
        ("RECHNUNGSBOTE_DATABASE_URL", "mysql://x", "Schreibweise"),
    ],
)
def test_bad_value_is_told(variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad value is told with the variable, the value and what is expected."""
    monkeypatch.setenv(variable, value)
    problem = _only_problem()
    assert (problem.path, problem.value) == (variable, f'"{value}"')
    assert message in problem.message


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "postgresql+psycopg2://u@h/d", "sqlite+aiosqlite:///d"])
def test_only_drivers_that_are_here_are_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that names no driver, or another one, is told with an example as it is typed."""
    monkeypatch.setenv("RECHNUNGSBOTE_DATABASE_URL", url)
    assert "RECHNUNGSBOTE_DATABASE_URL=postgresql+psycopg://" in _only_problem().cure


def test_database_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database address, which may hold a password, is in no repr and in no complaint."""
    monkeypatch.setenv("RECHNUNGSBOTE_DATABASE_URL", "postgresql+psycopg://u:geheim@h/d")
    assert "geheim" not in repr(load_settings())
    monkeypatch.setenv("RECHNUNGSBOTE_DATABASE_URL", "mysql://u:geheim@h/d")
    assert "geheim" not in str(_only_problem())


def test_every_field_is_described() -> None:
    """Every setting says in German what it is for."""
    assert all(field.description for field in Settings.model_fields.values())


def _only_problem() -> ConfigProblem:
    with pytest.raises(ConfigError) as caught:
        load_settings()
    (problem,) = caught.value.problems
    return problem
