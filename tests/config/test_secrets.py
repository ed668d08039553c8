"""Secrets are references; what cannot be had is told with a cure, and no value is ever shown."""

import asyncio
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from config.secrets import SecretsMissing, SecretUnavailable, is_reference, resolve, resolve_options, secret_names_of
from config.settings import Settings


class Connection(BaseModel):
    """Settings as a connector might ask for them."""

    host: str
    login: SecretStr
    proof: SecretStr | None = None


@pytest.fixture
def smtp(folder: Path) -> Path:
    """A secret in a file that only its owner may read."""
    file = folder / "secrets" / "sommer_smtp"
    file.write_text("hunter2-hunter2\n")
    file.chmod(0o600)
    return file


def test_secret_from_the_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """{env: NAME} is the value of the variable."""
    monkeypatch.setenv("SOMMER_LEXWARE_KEY", "key-12345")
    assert resolve({"env": "SOMMER_LEXWARE_KEY"}, settings) == SecretStr("key-12345")


def test_secret_from_env_file(settings: Settings, folder: Path) -> None:
    """{env: NAME} also finds the variable in .env, which then nobody else may read."""
    (folder / ".env").write_text("SOMMER_LEXWARE_KEY=key-12345\n")
    (folder / ".env").chmod(0o600)
    assert resolve({"env": "SOMMER_LEXWARE_KEY"}, settings) == SecretStr("key-12345")
    (folder / ".env").chmod(0o644)
    with pytest.raises(SecretUnavailable, match=r"chmod 600 \.env"):
        resolve({"env": "SOMMER_LEXWARE_KEY"}, settings)


@pytest.mark.usefixtures("smtp")
def test_secret_from_a_file(settings: Settings) -> None:
    """{file: NAME} is the file's text without its last line feed."""
    assert resolve({"file": "sommer_smtp"}, settings) == SecretStr("hunter2-hunter2")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_file_that_others_can_read_is_refused(mode: int, smtp: Path, settings: Settings) -> None:
    """A secret that group or world can reach is not used until its rights are mended."""
    smtp.chmod(mode)
    with pytest.raises(SecretUnavailable) as caught:
        resolve({"file": "sommer_smtp"}, settings)
    assert f"Rechte {mode:o}" in caught.value.message
    assert caught.value.cure == "chmod 600 secrets/sommer_smtp"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"abc\n", b"\xff\xfe" * 4, b"x" * 70_000])
def test_file_without_a_usable_secret_is_refused(content: bytes, smtp: Path, settings: Settings) -> None:
    """An empty, short, binary or huge file is no secret."""
    smtp.write_bytes(content)
    with pytest.raises(SecretUnavailable):
        resolve({"file": "sommer_smtp"}, settings)


@pytest.mark.parametrize("name", ["../sommer_smtp", "/etc/passwd", ".hidden", "a/b", "", 5, None])
def test_reference_is_a_name_not_a_path(name: object, settings: Settings) -> None:
    """A file reference cannot leave the secrets folder."""
    with pytest.raises(SecretUnavailable, match="nicht erlaubt"):
        resolve({"file": name}, settings)


@pytest.mark.usefixtures("smtp")
def test_options_are_resolved_deeply(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """References are replaced wherever they stand, and the plain values are handed back for the logs."""
    monkeypatch.setenv("KEY", "key-12345")
    options = {"host": "h", "oauth": {"client_secret": {"env": "KEY"}}, "more": [{"file": "sommer_smtp"}], "port": 587}
    resolved = resolve_options(options, settings)
    assert resolved.options == {
        "host": "h",
        "oauth": {"client_secret": SecretStr("key-12345")},
        "more": [SecretStr("hunter2-hunter2")],
        "port": 587,
    }
    assert resolved.secrets == {"key-12345", "hunter2-hunter2"}
    assert "key-12345" not in repr(resolved.options)


def test_every_missing_secret_is_named(settings: Settings) -> None:
    """All that is missing is told at once, with paths, without values."""
    options = {"password": "hunter2", "api_key": {"env": "KEY"}, "token": {"file": "nowhere"}}
    with pytest.raises(SecretsMissing) as caught:
        resolve_options(options, settings)
    assert [finding.path for finding in caught.value.findings] == [("password",), ("api_key",), ("token",)]
    assert "hunter2" not in str(caught.value)


def test_plain_value_for_a_secret_field_is_refused(settings: Settings) -> None:
    """A connector's secret fields need references, whatever their names are."""
    names = secret_names_of(Connection)
    assert names == {"login", "proof"}
    with pytest.raises(SecretsMissing, match="login: Ein Geheimnis darf nicht"):
        resolve_options({"host": "h", "login": "hunter2", "proof": None}, settings, names)


def test_only_one_known_kind_is_a_reference() -> None:
    """A mapping with other or more keys is an ordinary option."""
    assert is_reference({"env": "A"})
    assert not is_reference({"env": "A", "file": "b"})
    assert not is_reference({"vault": "A"})
    assert not is_reference("env")


@pytest.mark.slow
def test_secret_from_a_prefect_block(settings: Settings) -> None:
    """{block: NAME} is the value of a Secret block, also when asked from within an async flow."""
    # Importing prefect takes two seconds, which the fast tests of this file need not wait for.
    from prefect.blocks.system import Secret
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        Secret(value=SecretStr("block-12345")).save("sommer-key", _sync=True)  # type: ignore[call-arg]
        assert resolve({"block": "sommer-key"}, settings) == SecretStr("block-12345")
        assert asyncio.run(_resolve_block(settings)) == SecretStr("block-12345")
        with pytest.raises(SecretUnavailable, match="Den Prefect-Block nowhere gibt es nicht"):
            resolve({"block": "nowhere"}, settings)


async def _resolve_block(settings: Settings) -> SecretStr:
    return resolve({"block": "sommer-key"}, settings)
