"""How Prefect is set up: its page is never open to everybody."""

from pathlib import Path

import pytest

from config.settings import Settings
from desk.prefect_settings import LOGIN, prefect_settings

AUTH = "PREFECT_SERVER_API_AUTH_STRING"


@pytest.mark.parametrize("left_behind", [None, "", "\n"])
def test_the_page_is_guarded_whatever_a_crash_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_behind: str | None
) -> None:
    """The login is made once and is for the service alone; an empty file counts as none."""
    monkeypatch.delenv(AUTH, raising=False)
    file = tmp_path / "prefect" / LOGIN
    if left_behind is not None:
        file.parent.mkdir()
        file.touch(mode=0o600)
        file.write_text(left_behind, "utf-8")
    first, again = (prefect_settings(Settings(home=tmp_path), "127.0.0.1", 4200, guarded=True)[AUTH] for _ in "12")
    assert first.startswith("betrieb:")
    assert (len(first) > 20, again, file.stat().st_mode & 0o777) == (True, first, 0o600)
