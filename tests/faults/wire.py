"""A scripted peer on a real socket: it reads what it is sent and answers exactly the bytes of its script.

It is the outside: `accepted` counts what it has taken as done, whatever it then says, or fails to say, about it.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

RESET = struct.pack("ii", 1, 0)


class Line:
    """One connection, seen from the peer."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._read = connection.makefile("rb")

    def line(self) -> bytes:
        """The next line of the other side."""
        return self._read.readline()

    def some(self, number: int) -> bytes:
        """So many bytes of the other side."""
        return self._read.read(number)

    def say(self, text: bytes) -> None:
        """Answer."""
        self.socket.sendall(text)

    def say_and_hang_up(self, text: bytes) -> None:
        """Answer, and be gone."""
        self.say(text)
        self.hang_up()

    def drip(self, text: bytes, pause: float = 0.002) -> None:
        """Answer byte by byte."""
        for place in range(len(text)):
            self.socket.sendall(text[place : place + 1])
            time.sleep(pause)

    def reset(self) -> None:
        """Break the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._read.close()
        self.socket.close()

    def hang_up(self) -> None:
        """End the connection politely."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self._read.close()
        self.socket.close()


class Peer:
    """A server that plays one script for each connection."""

    def __init__(self, play: Callable[[Line, "Peer"], None]) -> None:
        self.accepted = 0
        self.connections = 0
        self._play = play
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A last connection wakes the one who waits for it.
        self._closing = True
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._listener.close()

    _closing = False

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._closing:
                connection.close()
                return
            connection.settimeout(10)
            self.connections += 1
            line = Line(connection)
            with suppress(OSError):
                self._play(line, self)
            line.hang_up()


@contextmanager
def nobody() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port: int = reserved.getsockname()[1]
    yield port
