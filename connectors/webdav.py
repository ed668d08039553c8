"""WebDAV (RFC 4918): a folder in Nextcloud, ownCloud, a NAS or any other cloud that speaks it, as the filing."""

import time
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import quote

import httpx
from pydantic import Field

from connectors.dav import Dav, DavSettings, open_dav
from connectors.errors import CannotExpress, Conflict, NotFound, Rejected
from connectors.http import FILE_LIMIT, Request
from connectors.protocols import Capability
from connectors.settings import BaseUrl

SYSTEM = "Die Ablage (WebDAV)"


class Settings(DavSettings, frozen=True, extra="forbid", hide_input_in_errors=True):
    """Where a client's documents are filed."""

    url: BaseUrl = Field(
        description="Adresse des Ordners, etwa https://wolke.beispiel.de/remote.php/dav/files/buero/Rechnungen"
    )


class WebDav:
    """Files documents below one folder, which must exist; nothing there is ever overwritten."""

    capabilities = frozenset({Capability.FILES})

    def __init__(self, dav: Dav) -> None:
        self._dav = dav

    def __repr__(self) -> str:
        return f"WebDav({self._dav!r})"

    def file(self, path: str, content: bytes) -> None:
        """Put these bytes there, once: two requests, more where folders are missing. Raises `Conflict`."""
        place = PurePosixPath(path)
        if place.is_absolute() or ".." in place.parts:
            raise CannotExpress(f"Unter {path} kann nichts abgelegt werden. Bitte melden.")
        if self._is_there(place, content):
            return
        try:
            self._put(place, content)
        except (Conflict, NotFound):
            # 409: a folder above is missing (RFC 4918 9.7.1); some say 404.
            self._make_folders(place.parent)
            self._put(place, content)

    def close(self) -> None:
        """Close all connections."""
        self._dav.close()

    def _is_there(self, place: PurePosixPath, content: bytes) -> bool:
        try:
            found = self._dav.ask(Request("GET", self._path(place), "file", "*/*", FILE_LIMIT))
        except NotFound:
            return False
        if found != content:
            raise Conflict(f"In der Ablage liegt unter „{place}“ schon etwas anderes. Bitte umbenennen oder entfernen.")
        return True

    def _put(self, place: PurePosixPath, content: bytes) -> None:
        # The condition lets nobody be overwritten who was faster since we looked (RFC 9110 13.1.2).
        only_new = {"If-None-Match": "*"}
        media_type = "application/octet-stream"
        self._dav.ask(
            Request(
                "PUT",
                self._path(place),
                "file",
                "*/*",
                FILE_LIMIT,
                {},
                content,
                content_type=media_type,
                further=only_new,
            )
        )

    def _make_folders(self, folder: PurePosixPath) -> None:
        for each in (*reversed(folder.parents), folder):
            if each.parts:
                try:
                    self._dav.ask(Request("MKCOL", self._path(each), "file", "*/*", FILE_LIMIT))
                except Rejected as error:
                    # 405: it is there already.
                    if ": 405" not in error.evidence:
                        raise

    def _path(self, place: PurePosixPath) -> str:
        return self._dav.path(quote(place.as_posix()))


def connect(
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> WebDav:
    """The folder of `settings`."""
    return WebDav(open_dav(SYSTEM, settings, transport, sleep))
