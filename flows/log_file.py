"""The log in a file: it is turned at a size, and several processes may write to it at once."""

import fcntl
import os
import sys
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
"""Names of customers stand in a log: only the service reads it."""


class LogFile:
    """A file of at most `limit` bytes and so many old ones beside it (`.1` is the newest); a stream for structlog.

    The library's own rotating handler loses lines when two processes turn the file: here a lock and the file's own
    size decide, line by line.
    """

    def __init__(self, path: Path, limit: int, keep: int) -> None:
        self._path, self._limit, self._keep = path, limit, keep
        self._lock = path.with_name(f"{path.name}.lock")

    def try_writing(self) -> None:
        """Raises `OSError` when nothing can be written there."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.close(self._opened())

    def write(self, text: str) -> int:
        """Write a line; one that the disk refuses goes to standard error: a full disk stops no invoice."""
        try:
            self._append(text.encode("utf-8", "replace"))
        except OSError:
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def _append(self, content: bytes) -> None:
        turn = os.open(self._lock, os.O_WRONLY | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            file = self._opened()
            if os.fstat(file).st_size + len(content) > self._limit:
                os.close(file)
                self._turn()
                file = self._opened()
            try:
                os.write(file, content)
            finally:
                os.close(file)
        finally:
            os.close(turn)

    def _opened(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE)

    def _turn(self) -> None:
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{at}") for at in range(1, self._keep + 1))]
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            with suppress(FileNotFoundError):
                newer.replace(older)
        if not self._keep:
            self._path.unlink()
