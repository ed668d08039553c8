"""A folder on this machine or on a share, in which people find documents under readable names."""

import os
import tempfile
from pathlib import Path, PurePosixPath

from billing.system_words import cause_of
from connectors.errors import CannotExpress, Conflict, Unavailable

UNFINISHED = ".neu-"
"""How the names of files begin that are still being written."""


class FileTree:
    """Files documents below one folder. A file appears whole or not at all, and is never overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return f"FileTree({self._folder.name})"

    def file(self, path: str, content: bytes) -> None:
        """Put these bytes there, once. Raises `Conflict` if something else lies there.

        Raises `Unavailable` if nothing can be written, or without the folder: it may be a share that is away, so it
        is not made here.
        """
        place = PurePosixPath(path)
        if place.is_absolute() or ".." in place.parts:
            raise CannotExpress(f"Unter {path} kann nichts abgelegt werden. Bitte melden.")
        if not self._folder.is_dir():
            raise Unavailable(f"Der Ordner der Ablage fehlt: {self._folder}. Bitte anlegen oder filing.folder ändern.")
        try:
            self._put(self._folder / place, content)
        except OSError as fault:
            why = cause_of(fault)
            message = f"In die Ablage {self._folder} lässt sich nicht schreiben ({why}). Bitte Rechte und Platz prüfen."
            raise Unavailable(message, type(fault).__name__) from fault

    def _put(self, target: Path, content: bytes) -> None:
        if target.is_file():
            self._compare(target, content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix=UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).chmod(0o644)
            Path(unfinished).replace(target)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def _compare(self, target: Path, content: bytes) -> None:
        if target.read_bytes() != content:
            name = target.relative_to(self._folder)
            raise Conflict(f"In der Ablage liegt unter „{name}“ schon etwas anderes. Bitte umbenennen oder entfernen.")
