"""What holds for every connector: found by its `connect`, nothing to register."""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

import connectors

SECRET = "Geheim-4711-xyz"
MODULES = [importlib.import_module(f"connectors.{found.name}") for found in pkgutil.iter_modules(connectors.__path__)]
CONNECTORS = [module for module in MODULES if hasattr(module, "connect")]


def least_settings(module: ModuleType, **changes: Any) -> dict[str, Any]:
    """Values for all required fields and all secrets of a connector."""
    fields: dict[str, Any] = module.Settings.model_fields
    secrets = {name: SECRET for name, field in fields.items() if field.annotation is SecretStr}
    needed = {name: field for name, field in fields.items() if field.is_required()}
    required = {
        name: (field.examples or ["https://beispiel.example" if name == "url" else "beispiel.example"])[0]
        for name, field in needed.items()
    }
    return required | secrets | changes


def test_connectors_are_found() -> None:
    """At least Lexware Office and SMTP are there."""
    assert {"connectors.lexoffice", "connectors.smtp"} <= {module.__name__ for module in CONNECTORS}


@pytest.mark.parametrize("module", CONNECTORS, ids=lambda module: module.__name__)
def test_settings_are_strict(module: ModuleType) -> None:
    """Settings are frozen, know no other fields, and describe every field in German for whoever writes the YAML."""
    settings = module.Settings.model_validate(least_settings(module))
    assert isinstance(settings, BaseModel)
    with pytest.raises(ValidationError):
        module.Settings.model_validate(least_settings(module, unheard_of=1))
    with pytest.raises(ValidationError):
        setattr(settings, next(iter(module.Settings.model_fields)), "x")
    assert all(field.description for field in module.Settings.model_fields.values())


@pytest.mark.parametrize("module", CONNECTORS, ids=lambda module: module.__name__)
def test_no_secret_in_any_repr(module: ModuleType) -> None:
    """Neither settings nor connection show a secret, and a mistake in the settings does not either."""
    settings = module.Settings.model_validate(least_settings(module))
    connection = module.connect(settings)
    try:
        assert SECRET not in repr(settings) + str(settings) + repr(connection) + str(vars(connection))
    finally:
        connection.close()


@pytest.mark.parametrize("module", CONNECTORS, ids=lambda module: module.__name__)
def test_no_secret_in_a_settings_error(module: ModuleType) -> None:
    """A key that cannot be used is refused without being repeated."""
    names = [name for name, field in module.Settings.model_fields.items() if field.annotation is SecretStr]
    for name in names:
        with pytest.raises(ValidationError) as caught:
            module.Settings.model_validate(least_settings(module) | {name: f"{SECRET} ü"})
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", ["http://api.example.test", "ftp://localhost", "api.lexware.io", ""])
def test_key_never_goes_over_plain_http(url: str) -> None:
    """Without TLS the only host allowed is this machine."""
    lexoffice = importlib.import_module("connectors.lexoffice")
    with pytest.raises(ValidationError, match="https"):
        lexoffice.Settings(api_key=SECRET, base_url=url)


@pytest.mark.parametrize("module", CONNECTORS, ids=lambda module: module.__name__)
def test_certificate_file_is_checked_before_the_first_request(module: ModuleType, tmp_path: Path) -> None:
    """A missing or senseless CA file is a mistake in the settings, not a failing connection later."""
    senseless = tmp_path / "ca.pem"
    senseless.write_text("kein Zertifikat", encoding="utf-8")
    for path in (senseless, tmp_path / "missing.pem"):
        with pytest.raises(ValidationError, match="Zertifikat"):
            module.Settings.model_validate(least_settings(module, ca_file=path))
