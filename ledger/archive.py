"""The archive: bytes that were sent or will be, each stored once under its SHA-256 and never changed."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

UNFINISHED = ".new-"
"""How the names of files begin that are still being written."""


class ArchiveFault(Exception):
    """Stored bytes are missing or are not what their name says; the message is German."""


class Archive:
    """A folder of immutable files `ab/abcdef…`; names come from content alone, never from outside.

    `ledger.object_archive` keeps the same in an object store.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._durable: set[Path] = set()

    def put(self, content: bytes) -> str:
        """Store durably and return the SHA-256 in hex: on disk before this returns, or `OSError` and nothing stored.

        Raises `ArchiveFault` when the content is there already but was changed: it is never overwritten.
        """
        name = hashlib.sha256(content).hexdigest()
        if self.has(name):
            self.get(name)
        else:
            self._write(name, content)
        self._settle(name)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of that hash, checked. Raises `ArchiveFault` when they are missing or were changed."""
        try:
            content = self._read(name)
        except FileNotFoundError as error:
            raise ArchiveFault(f"Archiv: die Datei {name} fehlt.") from error
        if hashlib.sha256(content).hexdigest() != name:
            raise ArchiveFault(f"Archiv: der Inhalt von {name} wurde verändert.")
        return content

    def has(self, name: str) -> bool:
        """Whether something lies under that hash; `get` says whether it is still the right thing."""
        return os.path.lexists(self._path(name))

    def discard(self, name: str) -> None:
        """Delete what lies under that hash, once its time is over and nobody names it any more."""
        self._path(name).unlink(missing_ok=True)

    def faults(self, names: Iterable[str]) -> Iterator[str]:
        """German sentences about every one of `names` that is missing or was changed, and about all that lies there."""
        wanted = list(names)
        for name in dict.fromkeys([*wanted, *self.stored()]):
            try:
                self.get(name)
            except ArchiveFault as fault:
                yield str(fault)
            except ValueError:
                yield f"Archiv: {name!r} gehört nicht hierher; Namen sind immer SHA-256."

    def stored(self) -> Iterator[str]:
        """The names of all that lies there, whether the ledger knows it or not; unfinished writing does not count."""
        for path in sorted(self.root.glob("*/*")):
            if not path.name.startswith(UNFINISHED):
                yield path.name

    def _read(self, name: str) -> bytes:
        try:
            # A link could lead anywhere: what lies in the archive are files.
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise ArchiveFault(f"Archiv: {name} ist ein Verweis statt einer Datei.") from error
            raise
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def _write(self, name: str, content: bytes) -> None:
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=UNFINISHED)
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

    def _settle(self, name: str) -> None:
        # Also for content that is there already: the process that wrote it may not have come so far yet.
        folder = self._path(name).parent
        sync_folder(folder)
        if folder not in self._durable:
            sync_folder(self.root)
            self._durable.add(folder)

    def _path(self, name: str) -> Path:
        check_name(name)
        return self.root / name[:2] / name


def check_name(name: str) -> None:
    """Raise `ValueError` unless it is a SHA-256 in small hex: no other name opens anything."""
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise ValueError(f"{name!r} is no SHA-256")


def sync_folder(folder: Path) -> None:
    """Make a rename durable: the directory entry has to reach the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
