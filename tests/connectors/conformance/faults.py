"""Far sides that misbehave: each is a handler for a made-up transport."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

Far = Callable[[httpx.Request], httpx.Response]
JSON = {"Content-Type": "application/json"}
ECHO = "X-Echo-Authorization"


def _key_of(request: httpx.Request) -> str:
    if found := request.headers.get("Authorization") or request.headers.get("X-MiteApiKey"):
        return str(found)
    return str(json.loads(request.content)["auth"]["apikey"])


class Cut(httpx.SyncByteStream):
    """A body that breaks off in the middle."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"objects": [{"id": "'
        raise httpx.ReadError("connection reset by peer")


class Endless(httpx.SyncByteStream):
    """A body that never ends."""

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield b" " * 1024 * 1024


def status(code: int, headers: dict[str, str] | None = None) -> Far:
    """Always this status; the error body repeats the key, as careless systems do."""

    def answer(request: httpx.Request) -> httpx.Response:
        said = f"no {_key_of(request)}"
        body = {"message": said, "error": {"message": said}}
        return httpx.Response(code, json=body, headers=headers)

    return answer


def body(content: bytes, content_type: str = "application/json") -> Far:
    """Always this body with status 200."""
    return lambda request: httpx.Response(200, content=content, headers={"Content-Type": content_type})


def stream(kind: type[httpx.SyncByteStream]) -> Far:
    """Always a body of that kind."""
    return lambda request: httpx.Response(200, headers=JSON, stream=kind())


def failing(error: Exception) -> Far:
    """Always this failure of the connection, which repeats the key like a careless proxy."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise type(error)(f"{error} {_key_of(request)}", request=request)  # type: ignore[call-arg]

    return fail


def saying(value: Any) -> Far:
    """Always this JSON."""
    return body(json.dumps(value).encode())


UNREADABLE: dict[str, Far] = {
    "HTML": body(b"<!DOCTYPE html><title>Wartung</title>", "text/html"),
    "HTML als JSON": body(b"<!DOCTYPE html>"),
    "NaN": body(b'{"objects": NaN, "content": NaN}'),
    "doppelter Name": body(b'{"id": "1", "id": "2"}'),
    "abgeschnittenes JSON": body(b'{"objects": [{"id": '),
    "kein UTF-8": body(b'{"id": "\xff"}'),
    "zu tief verschachtelt": body(b"[" * 100_000),
    "endlos": stream(Endless),
}
SILENT: dict[str, Far] = {
    "Leitung reisst": failing(httpx.ReadError("reset")),
    "Zeit ist um": failing(httpx.ReadTimeout("no answer")),
    "Antwort bricht ab": stream(Cut),
}
NEVER_SENT: dict[str, Far] = {
    "keine Verbindung": failing(httpx.ConnectError("refused")),
    "keine Verbindung in der Zeit": failing(httpx.ConnectTimeout("no route")),
}
