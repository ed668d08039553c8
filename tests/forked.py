"""Commands as processes of their own, forked from a server that has loaded the program: each starts in milliseconds."""

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import desk.cli
from tests.sandbox.running import ROOT

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["desk.cli"])
SECONDS = 120


def rechnungsbote(*words: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """How `rechnungsbote` with these words ends, in this environment. Raises `TimeoutExpired`."""
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        process = SERVER.Process(target=_live, args=(words, dict(environment), *said))
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(words, SECONDS)
        return subprocess.CompletedProcess(words, process.exitcode, *(each.read_text("utf-8") for each in said))


def _live(words: tuple[str, ...], environment: Mapping[str, str], *said: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    for descriptor, file in enumerate(said, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), descriptor)
    sys.argv = ["rechnungsbote", *words]
    try:
        desk.cli.main()
    finally:
        # Other than a program's end, that of a forked process skips what was left to be done then.
        atexit._run_exitfuncs()
