"""What is remembered about the access to a bank: the id it gave us, when it was read last, whether it refused the PIN.

A wrong PIN is never tried again by the program: three of them lock the account. Once `share` has named a folder, all
processes of the installation remember the same; nothing in it is secret, and the PIN does not stand there.
"""

import hashlib
import os
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError


class Access(BaseModel, frozen=True):
    """The state of one access; `system_id` is the bank's name for this installation, empty before the first time."""

    system_id: str = ""
    read_at: AwareDatetime | None = None
    is_refused: bool = False


class Memory:
    """The state of one access, kept in a file of its own; without a file it lasts as long as the connection."""

    def __init__(self, file: Path | None) -> None:
        self._file, self._known = file, Access()

    def recall(self) -> Access:
        """What is known; nothing where the file is new or was cut."""
        if self._file is None:
            return self._known
        try:
            return Access.model_validate_json(self._file.read_text("utf-8"))
        except (OSError, ValidationError):
            return Access()

    def remember(self, **news: str | bool | datetime) -> None:
        """Change what is known, so that another process sees all of it or nothing."""
        self._known = self.recall().model_copy(update=news)
        if self._file is None:
            return
        fresh = self._file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(self._known.model_dump_json(), "utf-8")
        fresh.replace(self._file)


_folder: Path | None = None


def share(folder: Path | None) -> None:
    """Remember in files of `folder` from now on; with None in the process alone."""
    global _folder
    if folder:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _folder = folder


def memory_of(url: str, username: str) -> Memory:
    """The memory of one access."""
    name = hashlib.sha256(f"{url}\n{username}".encode()).hexdigest()[:16]
    return Memory(_folder / f"{name}.json" if _folder else None)
