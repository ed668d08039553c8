"""Logs: key and value on standard error, secrets masked, in colour for people or as JSON lines for machines."""

import logging
import sys

import structlog

from config.redaction import redactor
from config.settings import Settings
from flows.wiring import secrets_in_use

CHATTY = ("httpx", "httpcore", "alembic", "weasyprint", "fontTools", "asyncio")


def configure_logging(settings: Settings) -> None:
    """Set up structlog and the standard library's loggers behind it."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    render: structlog.typing.Processor = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
