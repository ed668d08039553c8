"""Settings of the installation: from environment variables RECHNUNGSBOTE_..., or a file .env in the working folder."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.problems import MISSING, ConfigError, ConfigProblem, shown
from config.wording import message_for, nearest

PREFIX = "RECHNUNGSBOTE_"
ENV_FILE = Path(".env")
TIMEZONE = ZoneInfo("Europe/Berlin")
"""Calendar days of due dates and schedules; German law knows no other, so it cannot be configured."""


def environment() -> dict[str, str]:
    """All variables: those of the process win over those of `.env`; empty ones count as not set."""
    return {name: value for name, value in {**_env_file(), **os.environ}.items() if value}


def _env_file() -> dict[str, str | None]:
    return dict(dotenv_values(ENV_FILE, interpolate=False)) if ENV_FILE.is_file() else {}


class _OurVariables(PydanticBaseSettingsSource):
    """Reads our variables and refuses misspelt ones, which would otherwise silently leave a default in force."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The text of one variable."""
        return _our_variables().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        ours = _our_variables()
        unknown = ours.keys() - self.settings_cls.model_fields.keys()
        if unknown:
            raise ConfigError(_misspelt(name, self.settings_cls.model_fields) for name in sorted(unknown))
        return dict(ours)


def _our_variables() -> dict[str, str]:
    """Our variables by field name, such as `home`."""
    ours = {name.upper(): value for name, value in environment().items() if name.upper().startswith(PREFIX)}
    return {name.removeprefix(PREFIX).lower(): value for name, value in ours.items()}


def _misspelt(field: str, known: Mapping[str, object]) -> ConfigProblem:
    cure = nearest(_variable(field), [_variable(name) for name in known])
    return _problem(field, MISSING, "Diese Variable gibt es nicht.", cure)


class Settings(BaseSettings):
    """How this installation works. Durations in seconds unless the name says otherwise.

    Raises `ConfigError` for an unknown RECHNUNGSBOTE_ variable and pydantic's `ValidationError` for a bad value;
    `load_settings` turns both into one `ConfigError`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(Path("var"), description="Ordner für alles, was sich das Programm merkt")
    database_url: str = Field(
        default_factory=lambda data: f"sqlite:///{data['home'] / 'ledger.db'}",
        pattern=r"^(sqlite|postgresql\+psycopg)://",
        repr=False,
        description="Datenbank: sqlite:///Pfad oder postgresql+psycopg://...",
        examples=["postgresql+psycopg://rechnungsbote:…@db/rechnungsbote"],
    )
    archive: str = Field(
        default_factory=lambda data: str(data["home"] / "archive"),
        pattern=r"^[^\x00\n]+$",
        description="Ordner der versandten Belege, zehn Jahre aufzubewahren; oder ein Objektspeicher: s3://Eimer/Pfad",
        examples=["var/archive"],
    )
    clients: Path = Field(Path("config/clients"), description="Ordner mit einer YAML-Datei je Mandant")
    secrets: Path = Field(Path("secrets"), description="Ordner mit einer Datei je Geheimnis, nur für den Dienst lesbar")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Was ins Protokoll kommt", examples=["INFO"]
    )
    log_format: Literal["console", "json"] = Field("console", description="Form des Protokolls", examples=["json"])
    log_file: Path | None = Field(
        None,
        description="Datei, in die das Protokoll statt auf die Fehlerausgabe geht; ohne sie tut es journald",
        examples=["var/protokoll.log"],
    )
    log_file_mb: int = Field(10, ge=1, le=10_000, description="Ab dieser Größe in MiB beginnt eine neue Datei")
    log_file_keep: int = Field(
        9, ge=0, le=1000, description="So viele volle Protokolldateien bleiben (.1 ist die neueste)"
    )
    lease_seconds: int = Field(
        900, ge=10, le=86_400, description="So lange gilt eine Arbeit als in Händen; länger als die längste Frist"
    )
    quiet_seconds: int = Field(
        120,
        ge=0,
        le=86_400,
        description="Wartezeit, bevor ein unklarer Ausgang nachgeschlagen wird (mindestens 60 ratsam)",
    )
    clock_jump_days: int = Field(
        3, ge=1, le=366, description="Lag der letzte Lauf länger zurück, geht erst nach einer Bestätigung etwas hinaus"
    )
    lookups: int = Field(2, ge=2, le=10, description="So viele leere Suchen, bis ein Beleg als nicht angelegt gilt")
    backoff_first_seconds: int = Field(300, ge=1, le=86_400, description="Wartezeit nach dem ersten Fehlschlag")
    backoff_factor: int = Field(2, ge=1, le=10, description="Um so viel wächst die Wartezeit von Mal zu Mal")
    backoff_cap_seconds: int = Field(14_400, ge=1, le=86_400, description="Längste Wartezeit zwischen zwei Versuchen")
    give_up_after_hours: int = Field(96, ge=1, le=720, description="Danach wird aus Fehlschlägen eine Aufgabe")
    account_wait_hours: int = Field(
        24, ge=1, le=720, description="So lange wartet ein geändertes Konto, bis es jemand bestätigen darf"
    )
    chunk_size: int = Field(50, ge=1, le=500, description="So viele Vorgänge bearbeitet eine Prefect-Aufgabe")
    printers: int | None = Field(
        None,
        ge=0,
        le=64,
        description="So viele Prozesse drucken in einem großen Lauf voraus; ohne Angabe einer je Kern, höchstens 4",
    )
    payment_age_seconds: int = Field(
        60, ge=1, le=60, description="So alt darf der Zahlungsstand bei einer Erinnerung höchstens sein"
    )
    desk_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+(/\S*)?$",
        description="Adresse der Webseite (rechnungsbote desk), auf die Berichte in Prefect verweisen",
        examples=["https://rechnungen.beispiel.de"],
    )
    alarm_mail: str | None = Field(
        None,
        pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$",
        description="Erhält eine Mail, wenn ein Lauf rot endet oder abstürzt",
        examples=["betrieb@beispiel.de"],
    )
    alarm_client: str | None = Field(
        None,
        pattern=r"^[a-z][a-z0-9-]{1,30}$",
        description="Mandant, über dessen Mailverbindung Alarme hinausgehen; leer: der erste mit Mailversand",
        examples=["sommer"],
    )
    alarm_webhook: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+(/\S*)?$",
        repr=False,
        description="Diese Adresse ruft Prefect auf, wenn ein Lauf rot endet oder abstürzt",
        examples=["https://chat.beispiel.de/hooks/abc"],
    )
    callback_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+(/\S*)?$",
        description="Öffentliche Adresse, unter der fremde Systeme  rechnungsbote receive  erreichen",
        examples=["https://rechnungen.beispiel.de"],
    )
    overlap_days: int = Field(1, ge=1, le=30, description="Um so viele Tage wird beim Abholen zurückgegriffen")
    recheck_held_limit: int = Field(
        20, ge=0, le=1000, description="So viele zurückgehaltene Aufträge je Lauf neu prüfen"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values given in code win over variables; there is no third source."""
        return init_settings, _OurVariables(settings_cls)


def load_settings() -> Settings:
    """The settings of this installation. Raises `ConfigError` naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        # A default that follows from a wrong value is no mistake of its own.
        details = [detail for detail in error.errors() if detail["type"] != "default_factory_not_called"]
        raise ConfigError(_bad_value(detail) for detail in details) from None


def _bad_value(detail: ErrorDetails) -> ConfigProblem:
    name = str(detail["loc"][0])
    field = Settings.model_fields[name]
    cure = f"zum Beispiel  {_variable(name)}={field.examples[0]}" if field.examples else ""
    return _problem(name, detail["input"], message_for(detail, field), cure)


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _problem(field: str, value: object, message: str, cure: str) -> ConfigProblem:
    variable = _variable(field)
    line = 0 if _in_process(variable) else _line_in_env_file(variable)
    place = str(ENV_FILE) if line else "Umgebung"
    return ConfigProblem(place, line, variable, message, cure, shown(value, (field,)))


def _in_process(variable: str) -> bool:
    return any(name.upper() == variable and value for name, value in os.environ.items())


def _line_in_env_file(variable: str) -> int:
    if not ENV_FILE.is_file():
        return 0
    wanted = re.compile(rf"\s*(export\s+)?{re.escape(variable)}\s*=", re.IGNORECASE)
    lines = enumerate(ENV_FILE.read_text("utf-8").splitlines(), 1)
    return next((number for number, line in lines if wanted.match(line)), 0)
