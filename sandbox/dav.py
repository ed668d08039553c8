"""A cloud with files and task lists: WebDAV (RFC 4918) and CalDAV (RFC 4791) as far as a client of them needs it.

It is as strict as sabre/dav, which Nextcloud and many others run: Basic authentication, 409 without the folder above,
405 for a folder that is there, 412 for `If-None-Match: *` on a file that is there, tasks only as valid calendars.
"""

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote
from xml.sax.saxutils import escape

FILES = "/remote.php/dav/files/buero/Rechnungen"
TASKS = "/remote.php/dav/calendars/buero/aufgaben"
USERNAME, PASSWORD = "buero", "app-kennwort-4711"


@dataclass
class Cloud:
    """What lies there, by path; `faults` are what is answered first: a status, 0 hangs up, None is healthy."""

    url: str = ""
    folders: set[str] = field(default_factory=lambda: {FILES, TASKS})
    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[int | None] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def tick(self, name: str) -> None:
        """Somebody ticks a task off, on his phone."""
        path = f"{TASKS}/{name}.ics"
        text = (
            self.files[path].decode().replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED\r\nCOMPLETED:20261102T120000Z")
        )
        self.files[path] = text.encode()


@contextmanager
def cloud() -> Iterator[Cloud]:
    """A cloud on this machine."""
    found = Cloud()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"cloud": found}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    cloud: Cloud
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        if self._is_welcome():
            found = self.cloud.files.get(self._place)
            self._say(HTTPStatus.OK if found is not None else HTTPStatus.NOT_FOUND, found or b"")

    def do_PUT(self) -> None:
        if not self._is_welcome():
            return
        place = self._place
        if place.rpartition("/")[0] not in self.cloud.folders:
            self._say(HTTPStatus.CONFLICT)
        elif self.headers.get("If-None-Match") == "*" and place in self.cloud.files:
            self._say(HTTPStatus.PRECONDITION_FAILED)
        elif place.startswith(TASKS) and not _is_calendar(self.body):
            self._say(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        else:
            is_new = place not in self.cloud.files
            self.cloud.files[place] = self.body
            self._say(HTTPStatus.CREATED if is_new else HTTPStatus.NO_CONTENT)

    def do_MKCOL(self) -> None:
        if not self._is_welcome():
            return
        place = self._place
        if place in self.cloud.folders:
            self._say(HTTPStatus.METHOD_NOT_ALLOWED)
        elif place.rpartition("/")[0] not in self.cloud.folders:
            self._say(HTTPStatus.CONFLICT)
        else:
            self.cloud.folders.add(place)
            self._say(HTTPStatus.CREATED)

    def do_REPORT(self) -> None:
        if not self._is_welcome():
            return
        if b"calendar-query" not in self.body or b'comp-filter name="VTODO"' not in self.body:
            self._say(HTTPStatus.BAD_REQUEST)
            return
        rows = "".join(
            f"<d:response><d:href>{escape(path)}</d:href><d:propstat><d:prop><cal:calendar-data>"
            f"{escape(content.decode())}</cal:calendar-data></d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
            for path, content in self.cloud.files.items()
            if path.startswith(TASKS) and re.search(rb"^COMPLETED[:;]", content, re.MULTILINE)
        )
        opening = '<d:multistatus xmlns:d="DAV:" xmlns:cal="urn:ietf:params:xml:ns:caldav">'
        answer = f'<?xml version="1.0"?>{opening}{rows}</d:multistatus>'
        self._say(HTTPStatus.MULTI_STATUS, answer.encode(), "application/xml; charset=utf-8")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing on the screen."""

    @property
    def _place(self) -> str:
        return unquote(self.path).rstrip("/")

    def _is_welcome(self) -> bool:
        """Read the body and answer at once where a fault is due or the login is wrong."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.cloud.seen.append(f"{self.command} {self._place}")
        wanted = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        fault = self.cloud.faults.pop(0) if self.cloud.faults else None
        if fault is not None:
            self.close_connection = True
            if fault:
                self._say(HTTPStatus(fault))
            return False
        if self.headers.get("Authorization") != f"Basic {wanted}":
            self._say(HTTPStatus.UNAUTHORIZED)
            return False
        return True

    def _say(self, status: HTTPStatus, body: bytes = b"", media_type: str = "application/octet-stream") -> None:
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _is_calendar(content: bytes) -> bool:
    """One task with what RFC 5545 demands, in folded lines of at most 75 bytes that end with CRLF."""
    lines = content.split(b"\r\n")
    names = {line.partition(b":")[0].partition(b";")[0] for line in lines}
    is_short = all(len(line) <= 75 and b"\n" not in line for line in lines)
    needed = {b"BEGIN", b"VERSION", b"PRODID", b"UID", b"DTSTAMP", b"SUMMARY"}
    return is_short and lines[-1] == b"" and needed <= names and b"BEGIN:VTODO" in lines
