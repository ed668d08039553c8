"""Standard output and error as every command may rely on: open, and able to take any text.

Whoever pipes into `head` stops reading when he has seen enough; a service may be started with a closed output, a
terminal may know ASCII only. None of that is a fault of the command.
"""

import io
import os
import signal
import sys
from typing import Any, TextIO

from billing.system_words import cause_of
from desk.console import Exit, err

OUT, ERR = 1, 2
UNREAD = 128 + signal.SIGPIPE
"""How a program ends in a shell when nobody reads on."""


class _Pipe(io.FileIO):
    """A stream that ends the command without a word when its reader is gone.

    Not by the signal itself: that would also kill where only the other end of a network connection has closed.
    """

    def write(self, content: Any) -> int:
        try:
            return super().write(content)
        except OSError as error:
            # What is still buffered goes nowhere: else the end of the process would try it once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if isinstance(error, BrokenPipeError):
                raise SystemExit(UNREAD) from None
            err.print(f"Die Ausgabe ist nicht ganz geschrieben: {cause_of(error)}.")
            raise SystemExit(Exit.UNREACHABLE) from None


def steady() -> None:
    """Replace both streams by such ones."""
    _fill()
    sys.stdout, sys.stderr = _steady(sys.stdout, OUT), _steady(sys.stderr, ERR)


def flush() -> None:
    """Write what is buffered while a reader who is gone can still be told from a fault."""
    sys.stdout.flush()
    sys.stderr.flush()


def _fill() -> None:
    # A closed descriptor would be given to the next file that is opened, and what is printed would land in the ledger.
    while (found := os.open(os.devnull, os.O_RDWR)) <= ERR:
        pass
    os.close(found)


def _steady(stream: TextIO | None, descriptor: int) -> TextIO:
    """The same stream; None is what Python makes of a closed one."""
    encoding = stream.encoding if stream else "utf-8"
    raw = io.BufferedWriter(_Pipe(descriptor, "w", closefd=False))
    is_by_line = descriptor == ERR or os.isatty(descriptor)
    return io.TextIOWrapper(raw, encoding, "replace", line_buffering=is_by_line)
