"""An HTTP answer as a value."""

import json
from dataclasses import dataclass, field

from starlette.types import Send

Headers = list[tuple[bytes, bytes]]
_CHUNK = b" " * 65536


@dataclass
class Answer:
    """Status, headers and body; `padding` bytes of blanks are streamed after the body."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)
    padding: int = 0


def message(status: int, text: str | None, **headers: str) -> Answer:
    """A gateway answer {"message": text}."""
    named = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    body = json.dumps({"message": text}).encode()
    return Answer(status, body, [(b"content-type", b"application/json"), *named])


async def send_answer(answer: Answer, send: Send) -> None:
    """Send an answer; its content-length is always that of what is sent."""
    headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    if not answer.padding and answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if not answer.padding:
        await send({"type": "http.response.body", "body": answer.body})
        return
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    for _ in range(answer.padding // len(_CHUNK)):
        await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
