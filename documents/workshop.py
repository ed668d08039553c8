"""Where templates are filled in and pages printed: our own here, those that a client has written in a child process.

Jinja's sandbox keeps template code away from Python, files and network, but not from endless loops; a process of its
own can be ended. It gets values and gives text or PDF, sees no environment variable of ours, has a limit of memory.
"""

import atexit
import json
import os
import pickle
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from documents import errors
from documents.errors import BrokenTemplate, DocumentError, TooSlow
from documents.letter import Giro
from documents.limits import MAX_SECONDS
from documents.look import Look
from documents.templates import templates

_ROOT = Path(__file__).resolve().parent.parent
_INHERITED = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME")


def write(look: Look, name: str, **values: object) -> str:
    """The text of `<language>/<name>` with these values. Raises `BrokenTemplate`, `TooLarge`, `TooSlow`."""
    if not look.has_own_templates:
        return templates(look).write(name, **values)
    return _child().ask("write", look, name, values).decode()


def printed(look: Look, page: str, xml: bytes, issued: date, giro: Giro | None) -> bytes:
    """The page as PDF/A-3b, see `documents.pdf.print_pdf`. Raises what that does, and `TooSlow`."""
    pictures = {giro.address: giro.picture} if giro else {}
    if not look.has_own_templates:
        # The layout engine takes half a second to load, and most commands print nothing.
        from documents.pdf import print_pdf

        return print_pdf(page, xml, look, issued, pictures)
    return _child().ask("print", page, xml, look, issued, pictures)


class Child:
    """One child process, started when first needed and again after it had to be ended. Use it from any thread."""

    def __init__(self, seconds: float = MAX_SECONDS, program: str = "documents.workshop_process") -> None:
        """End the process, which runs the module `program`, if an answer takes longer than `seconds`."""
        self._seconds = seconds
        self._program = program
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: TemporaryDirectory[str] | None = None

    def ask(self, task: str, *arguments: object) -> bytes:
        """The answer to one task. Raises the `DocumentError` that the child names."""
        with self._lock:
            header, content = self._exchange(pickle.dumps((task, arguments)))
        if "error" in header:
            raise _rebuilt(header)
        return content

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            # Closes the pipes as well, also when the process is long gone.
            self._process.communicate()
        self._process = None
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = None

    def _exchange(self, request: bytes) -> tuple[dict[str, Any], bytes]:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        too_slow = threading.Event()

        def end() -> None:
            too_slow.set()
            process.kill()

        killer = threading.Timer(self._seconds, end)
        killer.start()
        try:
            process.stdin.write(len(request).to_bytes(8, "big") + request)
            process.stdin.flush()
            line = process.stdout.readline()
            header = json.loads(line) if line else {}
            content = process.stdout.read(header.get("size", 0))
        except OSError:
            header, content = {}, b""
        finally:
            killer.cancel()
        if too_slow.is_set() or not header or len(content) != header.get("size", 0):
            self.close()
            raise TooSlow(self._seconds) if too_slow.is_set() else BrokenTemplate("des Mandanten", _CRASH)
        return header, content

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
            # A process that is killed tidies nothing up: what it leaves goes with its folder.
            self._folder = TemporaryDirectory(prefix="rechnungsbote-druck-")
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._program],
                cwd=_ROOT,
                env=inherited | {"PYTHONPATH": str(_ROOT), "TMPDIR": self._folder.name},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process


_CRASH = "ihr Prozess ist abgestürzt, vermutlich braucht sie zu viel Speicher"
_children: dict[int, Child] = {}


def _child() -> Child:
    """The child of this process; a forked process must not share its parent's."""
    if os.getpid() not in _children:
        _children[os.getpid()] = child = Child()
        atexit.register(child.close)
    return _children[os.getpid()]


def _rebuilt(header: dict[str, Any]) -> DocumentError:
    """The child's error; only our own types are made from what it says."""
    kind = getattr(errors, header["error"], None)
    if not (isinstance(kind, type) and issubclass(kind, DocumentError)):
        return BrokenTemplate("des Mandanten", header["message"])
    error = kind.__new__(kind, header["message"])
    vars(error).update(header["values"])
    return error
