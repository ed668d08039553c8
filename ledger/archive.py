"""The archive: bytes that were sent or will be, each stored once under its SHA-256 and never changed."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path


class ArchiveFault(Exception):
    """Stored bytes are missing or are not what their name says; the message is German."""


class Archive:
    """A folder of immutable files `ab/abcdef…`; names come from content alone, never from outside."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, content: bytes) -> str:
        """Store durably and return the SHA-256 in hex: on disk before this returns, or `OSError` and nothing stored.

        Raises `ArchiveFault` when the content is there already but was changed: it is never overwritten.
        """
        name = hashlib.sha256(content).hexdigest()
        target = self._path(name)
        if target.exists():
            self.get(name)
        else:
            self._write(content, target)
        # Also for content that is there already: the process that wrote it may not have come so far yet.
        sync_folder(target.parent)
        sync_folder(self.root)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of that hash, checked. Raises `ArchiveFault` when they are missing or were changed."""
        try:
            content = self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise ArchiveFault(f"Archiv: die Datei {name} fehlt.") from error
        if hashlib.sha256(content).hexdigest() != name:
            raise ArchiveFault(f"Archiv: der Inhalt von {name} wurde verändert.")
        return content

    def faults(self, names: Iterable[str]) -> Iterator[str]:
        """German sentences about every one of `names` that is missing or was changed."""
        for name in names:
            try:
                self.get(name)
            except ArchiveFault as fault:
                yield str(fault)

    def _path(self, name: str) -> Path:
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise ValueError(f"{name!r} is no SHA-256")
        return self.root / name[:2] / name

    def _write(self, content: bytes, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o440)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def sync_folder(folder: Path) -> None:
    """Make a rename durable: the directory entry has to reach the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
