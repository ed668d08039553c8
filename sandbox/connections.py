"""Open HTTP connections by their peer, so that one can be reset instead of answered."""

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class RememberedConnection(H11Protocol):
    """uvicorn's HTTP protocol that lets `reset` find its transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection; answers leave at once (asyncio does not see to it for this kind of socket)."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        if self.client is not None:
            _OPEN.pop(self.client, None)


def reset(scope: dict[str, Any]) -> None:
    """End the connection of an ASGI request with a TCP reset."""
    transport = _OPEN.get(tuple(scope["client"] or ()))
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    transport.abort()
