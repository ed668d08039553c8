"""Logs in a file: turned at a size, shared by several writers, never in the way of work."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog

from config.problems import ConfigError
from config.settings import Settings
from flows.connections import secrets_in_use
from flows.log_file import LogFile
from flows.logs import configure_logging

LINE = "x" * 99 + "\n"


def lines_in(folder: Path) -> list[str]:
    """All lines of all log files of a folder."""
    files = [file for file in sorted(folder.glob("log*")) if file.suffix != ".lock"]
    return [line for file in files for line in file.read_text("utf-8").splitlines(keepends=True)]


def test_a_file_is_turned_at_its_size(tmp_path: Path) -> None:
    """No file is larger than the limit, the newest old one is .1, and no more are kept than wanted."""
    log = LogFile(tmp_path / "log", 300, keep=2)
    for number in range(10):
        log.write(f"{number} {LINE[2:]}")

    assert [line[0] for line in lines_in(tmp_path)] == ["9", "6", "7", "8", "3", "4", "5"]
    assert all(file.stat().st_size <= 300 for file in tmp_path.iterdir())
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


def test_none_is_kept_when_none_is_wanted(tmp_path: Path) -> None:
    """With 0 old files a full one begins anew."""
    log = LogFile(tmp_path / "log", 150, keep=0)
    log.write(LINE)
    log.write(LINE)

    assert lines_in(tmp_path) == [LINE]


def test_several_writers_lose_no_line(tmp_path: Path) -> None:
    """Four who turn the same file as they write: every line is there once and whole."""

    def write(who: int) -> None:
        log = LogFile(tmp_path / "log", 2000, keep=1000)
        for number in range(100):
            log.write(f"{who}/{number}\n")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    assert sorted(lines_in(tmp_path)) == sorted(f"{who}/{number}\n" for who in range(4) for number in range(100))


def test_the_log_goes_to_the_file_without_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a log file standard error stays empty, and a secret stands in neither."""
    secrets_in_use.add("geheim-4711")
    configure_logging(Settings(home=tmp_path, log_file=tmp_path / "log", log_format="json"))
    structlog.get_logger().warning("sent", key="geheim-4711")
    secrets_in_use.discard("geheim-4711")

    (line,) = lines_in(tmp_path)
    assert '"event": "sent"' in line
    assert "4711" not in line + capsys.readouterr().err


def test_a_full_disk_stops_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the file refuses goes to standard error."""
    (tmp_path / "log").mkdir()
    LogFile(tmp_path / "log", 300, keep=1).write(LINE)

    assert capsys.readouterr().err == LINE


def test_a_file_out_of_reach_is_named_at_the_start(tmp_path: Path) -> None:
    """A log file that cannot be written ends in a sentence with variable, value and cure."""
    with pytest.raises(ConfigError, match=r"(?s)RECHNUNGSBOTE_LOG_FILE = .*protokolliert.*Abhilfe"):
        configure_logging(Settings(home=tmp_path, log_file=tmp_path))


def test_logging_follows_standard_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who had exchanged standard error when logging was set up, and closed his since, breaks nothing."""
    with (tmp_path / "exchanged").open("w") as exchanged:
        monkeypatch.setattr(sys, "stderr", exchanged)
        configure_logging(Settings(home=tmp_path))
        log = structlog.get_logger()
        log.warning("first")
    monkeypatch.undo()

    log.warning("second")

    assert "first" in (tmp_path / "exchanged").read_text("utf-8")
