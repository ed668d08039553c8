"""The supervisor: children in order, restarted when they fall, ended in reverse, and none left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sandbox.running import ROOT, eventually

FIRST = "erster"
SECOND = "zweiter"
PATIENCE = 60
KEEPER = """
import asyncio, sys
from pathlib import Path
from desk import supervising
from desk.supervising import Child, NotReady, Supervisor
supervising.FIRST_PAUSE = 0.05
folder = Path(sys.argv[1])
life = "import os, signal, sys, time, pathlib\\n" \\
    "log = pathlib.Path(sys.argv[1]) / 'log'\\n" \\
    "def say(what): log.open('a').write(f'{what} {sys.argv[2]} {os.getpid()}\\\\n')\\n" \\
    "def end(*_): say('ends'); sys.exit(0)\\n" \\
    "signal.signal(signal.SIGTERM, signal.SIG_IGN if len(sys.argv) > 3 else end)\\n" \\
    "say('lives')\\n" \\
    "time.sleep(600)"
async def ready(): return "lives erster" in ((folder / "log").read_text() if (folder / "log").exists() else "")
async def never(): return False
def child(name, *more, **options): return Child(name, (sys.executable, "-c", life, str(folder), name, *more), **options)
wanted = {
    "two": [child("erster", ready=ready), child("zweiter")],
    "stubborn": [child("erster", "taub", grace=0.2)],
    "never": [child("erster", ready=never, ready_within=0.5)],
}[sys.argv[2]]
try:
    asyncio.run(Supervisor(lambda: wanted, lambda: print("started", flush=True)).run())
except NotReady as error:
    sys.exit(str(error))
"""


def test_children_start_in_order_and_end_in_reverse(tmp_path: Path) -> None:
    """The second starts when the first is ready; SIGTERM ends the second before the first, and all is quiet."""
    with _keeper(tmp_path, "two") as keeper:
        assert eventually(lambda: len(_told(tmp_path)) == 2, PATIENCE)
        keeper.terminate()
        assert keeper.wait(20) == 0
        told = [line.split()[:2] for line in _told(tmp_path)]
        assert told == [["lives", FIRST], ["lives", SECOND], ["ends", SECOND], ["ends", FIRST]]


def test_a_fallen_child_lives_again(tmp_path: Path) -> None:
    """Killed, a child is started again with another process, and its neighbour is left alone."""
    with _keeper(tmp_path, "two") as keeper:
        assert eventually(lambda: len(_told(tmp_path)) == 2, PATIENCE)
        os.kill(_pid(_told(tmp_path)[1]), signal.SIGKILL)
        assert eventually(lambda: len(_told(tmp_path)) == 3, PATIENCE)
        keeper.terminate()
        assert keeper.wait(20) == 0
        lives = [line.split()[1] for line in _told(tmp_path) if line.startswith("lives")]
        assert lives == [FIRST, SECOND, SECOND]


def test_a_deaf_child_is_killed(tmp_path: Path) -> None:
    """What does not end in its grace is killed, so that nothing is left of it."""
    with _keeper(tmp_path, "stubborn") as keeper:
        assert eventually(lambda: len(_told(tmp_path)) == 1, PATIENCE)
        keeper.send_signal(signal.SIGINT)
        assert keeper.wait(20) == 0
        assert not _is_alive(_pid(_told(tmp_path)[0]))


def test_a_child_that_never_comes_up_is_told(tmp_path: Path) -> None:
    """The keeper gives up with a German sentence naming the child, and takes it down."""
    with _keeper(tmp_path, "never") as keeper:
        assert keeper.wait(20) == 1
        assert keeper.stderr is not None
        assert "erster ist nach 0 Sekunden nicht bereit. Abhilfe" in keeper.stderr.read().replace("nach 1 ", "nach 0 ")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_nothing_outlives_a_killed_keeper(tmp_path: Path) -> None:
    """SIGKILL of the keeper leaves no orphan that holds its ports."""
    with _keeper(tmp_path, "two") as keeper:
        assert eventually(lambda: len(_told(tmp_path)) == 2, PATIENCE)
        keeper.kill()
        keeper.wait(20)
        assert eventually(lambda: not any(_is_alive(_pid(line)) for line in _told(tmp_path)), PATIENCE)


def _keeper(folder: Path, wanted: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", KEEPER, str(folder), wanted]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def _told(folder: Path) -> list[str]:
    log = folder / "log"
    return log.read_text().splitlines() if log.exists() else []


def _pid(line: str) -> int:
    return int(line.split()[2])


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    time.sleep(0.02)
    return state != "Z"
