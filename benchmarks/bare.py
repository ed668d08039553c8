"""Bare WeasyPrint: what the line is compared with.

`python -m benchmarks.bare` is a process that has loaded what prints and nothing else of ours. It prints one page after
the other as WeasyPrint alone would, a line of output for each, until it is killed.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.render import LINES, LOOK, print_bare, sample
from benchmarks.slices import Slices
from documents.invoice import invoice_sheet
from documents.samples import SELLER

SECONDS = 10
"""How long `rate` looks."""


@contextmanager
def printing(processes: int, share: float | None = None) -> Iterator[Callable[[], float]]:
    """So many processes that print, each with this share of a core; the yield tells their documents per second."""
    command = [sys.executable, "-m", "benchmarks.bare"]
    with ExitStack() as stack:
        slices = stack.enter_context(Slices(share)) if share else None
        # They are killed in the end, and would leave a megabyte of fonts each.
        environment = os.environ | {"TMPDIR": stack.enter_context(tempfile.TemporaryDirectory())}
        started = [
            stack.enter_context(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
            for _ in range(processes)
        ]
        pages: list[str] = []
        for process in started:
            stack.callback(process.kill)
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()
            if slices:
                slices.give(process.pid)
            threading.Thread(target=pages.extend, args=[process.stdout], daemon=True).start()
        before, began = len(pages), time.monotonic()

        def so_far() -> float:
            if any(process.poll() is not None for process in started):
                raise SystemExit("Ein Prozess mit WeasyPrint allein ist gestorben; warum, steht darüber.")
            return (len(pages) - before) / (time.monotonic() - began)

        yield so_far


def rate(processes: int) -> float:
    """Documents per second that so many processes print at once, with the machine to themselves."""
    with printing(processes) as so_far:
        time.sleep(SECONDS)
        return so_far()


def main() -> None:
    """Print until somebody ends it."""
    sheet = invoice_sheet(sample(LINES), SELLER, LOOK)
    while True:
        print_bare(sheet)
        print(flush=True)


if __name__ == "__main__":
    main()
