"""Tiny servers that do exactly what a test says, down to the byte and the moment of hanging up."""

import contextlib
import functools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

SILENCE = "silence"
HANG_UP = "hang up"


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve each connection with `serve` in a thread of its own; yields the port."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _start(threads, lambda: _accept(listener, serve, threads))
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(5)


def _start(threads: list[threading.Thread], work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work, daemon=True)
    threads.append(thread)
    thread.start()


def _accept(listener: socket.socket, serve: Callable[[socket.socket], None], threads: list[threading.Thread]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            _start(threads, functools.partial(_serve, serve, connection))


def _serve(serve: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        serve(connection)


@dataclass
class HttpScript:
    """Answers each request with raw bytes, then hangs up; `pause` seconds before, `is_rude` resets the connection."""

    answer: bytes
    pause: float = 0
    is_rude: bool = False
    requests: list[bytes] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        """One request, one answer."""
        self.requests.append(connection.recv(65536))
        time.sleep(self.pause)
        connection.sendall(self.answer)
        if self.is_rude:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class SmtpScript:
    """An SMTP server whose reply can be replaced at each phase.

    Phases are greeting, ehlo, mail, rcpt, data, body, dot, rset and quit; `body` is acted on when the first line of
    the message has come. `seen` keeps the phases, `lines` the commands, `mails` what was accepted at the dot as it came
    over the wire.
    """

    replies: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        """One connection."""
        with connection.makefile("rb") as lines:
            if not self._reply(connection, "greeting", "220 scripted"):
                return
            while line := lines.readline():
                self.lines.append(line)
                phase = line.decode("latin-1").strip().partition(" ")[0].lower()
                if not self._reply(connection, phase, DEFAULTS.get(phase, "250 ok")):
                    return
                if phase == "data" and not self._take_mail(connection, lines):
                    return

    def _take_mail(self, connection: socket.socket, lines: BinaryIO) -> bool:
        received = b""
        while not received.endswith(b"\r\n.\r\n"):
            line = lines.readline()
            if not line or ("body" in self.replies and not self._reply(connection, "body", "")):
                return False
            received += line
        if not self.replies.get("dot", "250").startswith(("4", "5")):
            self.mails.append(received.removesuffix(b".\r\n"))
        return self._reply(connection, "dot", "250 2.0.0 queued as 1")

    def _reply(self, connection: socket.socket, phase: str, default: str) -> bool:
        self.seen.append(phase)
        reply = self.replies.get(phase, default)
        if reply == SILENCE:
            connection.recv(1)  # until the other side has had enough
        if reply in (SILENCE, HANG_UP):
            return False
        connection.sendall(reply.encode("latin-1") + b"\r\n")
        return True


DEFAULTS = {"ehlo": "250-scripted\r\n250 SIZE 100000", "data": "354 go on", "quit": "221 bye"}
