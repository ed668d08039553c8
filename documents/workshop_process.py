"""The child process in which templates of clients run: reads tasks from standard input, answers on standard output.

A task is eight bytes of length and a pickled `(name, arguments)` from our own parent. The answer is one line of JSON,
`{"size": n}` followed by n bytes, or `{"error": type, "message": words, "values": {…}}`. Ends when its input ends.
"""

import json
import pickle
import resource
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, BinaryIO

from documents.errors import DocumentError
from documents.look import Look
from documents.pdf import print_pdf
from documents.templates import templates

MAX_MEMORY = 2_000_000_000
MAX_FILE = 50_000_000


def write(look: Look, name: str, values: dict[str, object]) -> bytes:
    """A template filled in."""
    return templates(look).write(name, **values).encode()


def printed(page: str, xml: bytes, look: Look, issued: date, pictures: dict[str, bytes]) -> bytes:
    """A page as PDF."""
    return print_pdf(page, xml, look, issued, pictures)


Tasks = Mapping[str, Callable[..., bytes]]
TASKS: Tasks = {"write": write, "print": printed}


def serve(tasks: Tasks, source: BinaryIO, target: BinaryIO) -> None:
    """Answer tasks until the input ends."""
    while length := source.read(8):
        # Only our parent holds the other end of this pipe.
        task, arguments = pickle.loads(source.read(int.from_bytes(length, "big")))  # noqa: S301
        header, content = _answer(tasks[task], arguments)
        target.write(json.dumps(header).encode() + b"\n" + content)
        target.flush()


def _answer(task: Callable[..., bytes], arguments: tuple[Any, ...]) -> tuple[dict[str, Any], bytes]:
    try:
        content = task(*arguments)
    except DocumentError as error:
        return {"error": type(error).__name__, "message": str(error), "values": vars(error)}, b""
    return {"size": len(content)}, content


def main(tasks: Tasks = TASKS) -> None:
    """Set the limits and serve."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))
    serve(tasks, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
