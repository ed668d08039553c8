"""What the checks note while a connector works: log lines and errors."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TypeVar

from connectors.errors import ConnectorError

Kind = TypeVar("Kind", bound=ConnectorError)


def error_of(act: Callable[[], object], what: str) -> ConnectorError:
    """The error that something raises; it is wrong if it raises none."""
    try:
        answer = act()
    except ConnectorError as error:
        return error
    raise AssertionError(f"{what}: kein Fehler, sondern {answer!r}")


@contextmanager
def log_text(level: int) -> Iterator[StringIO]:
    """Everything that is logged meanwhile from that level on."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
