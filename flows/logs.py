"""Logs: key and value on standard error or in a file, secrets masked, in colour for people or as JSON for machines."""

import io
import logging
import sys
from typing import TextIO, cast

import structlog

from billing.system_words import cause_of
from config.problems import ConfigError, ConfigProblem
from config.redaction import redactor
from config.settings import PREFIX, Settings
from flows.connections import secrets_in_use
from flows.log_file import LogFile

MIB = 1024 * 1024
CHATTY = ("httpx", "httpcore", "alembic", "weasyprint", "fontTools", "asyncio")


class _StandardError(io.TextIOBase):
    """Standard error as it is when a line is written: whoever put another one in its place may have closed that."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logging(settings: Settings) -> None:
    """Set up structlog and the standard library's loggers behind it. Raises `ConfigError` for a log file out of reach.

    With a file nothing goes to standard error, unless somebody watches there.
    """
    is_watched = sys.stderr.isatty()
    streams: list[_StandardError | LogFile] = [_StandardError()] if is_watched or not settings.log_file else []
    if settings.log_file:
        streams.append(_file(settings))
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    render: structlog.typing.Processor = structlog.dev.ConsoleRenderer(colors=is_watched and not settings.log_file)
    if settings.log_format == "json":
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redactor(secrets_in_use),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        # One write a line: other processes may write to the same file.
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _All(streams))),
        cache_logger_on_first_use=True,
    )


class _All:
    """Several streams as one."""

    def __init__(self, streams: list[_StandardError | LogFile]) -> None:
        self._streams = streams

    def write(self, text: str) -> int:
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self._streams:
            stream.flush()


def _file(settings: Settings) -> LogFile:
    assert settings.log_file is not None
    file = LogFile(settings.log_file, settings.log_file_mb * MIB, settings.log_file_keep)
    try:
        file.try_writing()
    except OSError as error:
        message = f"In diese Datei kann nicht protokolliert werden ({cause_of(error)})."
        cure = "Ordner und Rechte des Dienstes prüfen, oder die Variable weglassen: dann Fehlerausgabe und journald."
        name = f"{PREFIX}LOG_FILE"
        raise ConfigError([ConfigProblem("Umgebung", 0, name, message, cure, str(settings.log_file))]) from None
    return file
