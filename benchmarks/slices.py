"""Slices of a core: a machine with few cores measures what one with many would do.

Every process that is given a slice works as if alone on a core that is slower by that share, whatever the others do, as
long as all slices together leave room. Control groups of Linux (version 1 or 2) do it; they want root.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

ROOT = Path("/sys/fs/cgroup")
PERIOD = 10_000
"""Microseconds in which a process gets its share once: short, so that nobody keeps a lock long while he must rest."""
LOOK_EVERY = 0.05


class Slices:
    """Slices of one size, `share` of a core each."""

    def __init__(self, share: float) -> None:
        self.share = share
        self._groups: dict[int, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the slices back; their processes have ended."""
        for group in self._groups.values():
            group.rmdir()

    def give(self, pid: int) -> None:
        """A slice of its own for a process, with all its threads. Raises `SystemExit` where that is not allowed."""
        if pid in self._groups:
            return
        quota = int(self.share * PERIOD)
        old = (ROOT / "cpu").is_dir()
        group = (ROOT / "cpu" if old else ROOT) / f"rb-bench-{os.getpid()}-{pid}"
        try:
            group.mkdir()
            if old:
                (group / "cpu.cfs_period_us").write_text(str(PERIOD), "ascii")
                (group / "cpu.cfs_quota_us").write_text(str(quota), "ascii")
            else:
                (group / "cpu.max").write_text(f"{quota} {PERIOD}", "ascii")
        except OSError as error:
            cure = "Als root auf Linux starten oder --slice weglassen."
            raise SystemExit(f"Scheiben eines Kerns gibt es hier nicht ({error}). {cure}") from error
        self._groups[pid] = group
        # One that has just ended needs no slice.
        with suppress(ProcessLookupError):
            (group / "cgroup.procs").write_text(str(pid), "ascii")

    @contextmanager
    def given_to(self, pids: Sequence[int]) -> Iterator[None]:
        """Slices for these processes and each of those they start meanwhile."""
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(pids, over))
        self._give_all(pids)
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()

    def _watch(self, pids: Sequence[int], over: threading.Event) -> None:
        while not over.wait(LOOK_EVERY):
            self._give_all(pids)

    def _give_all(self, pids: Sequence[int]) -> None:
        for pid in pids:
            self.give(pid)
            self._give_all(_children(pid))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text("ascii").split())
    return found
