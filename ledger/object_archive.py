"""The archive in an object store (S3 and whatever else fsspec knows): never overwritten, read back after writing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import fsspec

from ledger.archive import Archive, ArchiveFault, check_name


class ObjectArchive(Archive):
    """Objects `ab/abcdef…` below a URL such as `s3://bucket/belege`; the store's own settings hold its credentials."""

    def __init__(self, url: str) -> None:
        super().__init__(Path(url))
        # Listings are not remembered: other processes write, too.
        self._store, self._base = fsspec.core.url_to_fs(url, use_listings_cache=False)

    def has(self, name: str) -> bool:
        """Whether an object of that name is there, sound or not."""
        return bool(self._store.exists(self._object(name)))

    def discard(self, name: str) -> None:
        """Delete the object, once its time is over and nobody names it any more."""
        if self.has(name):
            self._store.rm_file(self._object(name))

    def stored(self) -> Iterator[str]:
        """The names of all objects there, whether the ledger knows them or not."""
        if self._store.exists(self._base):
            yield from sorted(str(path).rpartition("/")[2] for path in self._store.find(self._base))

    def _read(self, name: str) -> bytes:
        content: bytes = self._store.cat_file(self._object(name))
        return content

    def _write(self, name: str, content: bytes) -> None:
        """Create the object and believe only what is read back; another writer of the same bytes is no harm."""
        self._store.makedirs(self._object(name).rpartition("/")[0], exist_ok=True)
        with contextlib.suppress(FileExistsError):
            self._store.pipe_file(self._object(name), content, mode="create")
        self.get(name)

    def _settle(self, name: str) -> None:
        """An object store keeps what it has taken; there is nothing to flush."""

    def _object(self, name: str) -> str:
        check_name(name)
        return f"{self._base}/{name[:2]}/{name}"


def open_archive(place: str) -> Archive:
    """The archive at a folder or, where the place is a URL, in an object store. Raises `ArchiveFault` with the cure."""
    if "://" not in place:
        return Archive(Path(place))
    try:
        return ObjectArchive(place)
    except (ImportError, ValueError) as error:
        kind = place.partition("://")[0]
        raise ArchiveFault(
            f"Archiv: für {kind}:// fehlt der Anschluss ({error}). Abhilfe: das Paket dafür installieren"
            " (s3:// braucht s3fs) oder RECHNUNGSBOTE_ARCHIVE auf einen Ordner setzen."
        ) from error
