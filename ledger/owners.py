"""Who is running: a name for this process by which others can tell whether it is still alive."""

import os
import socket
from pathlib import Path


def this_process() -> str:
    """`host/pid/start`: the start tells a living process from another one that got the same pid later."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{_started(pid)}"


def is_dead(owner: str) -> bool:
    """Whether that process provably runs no more. A process on another machine is never called dead."""
    try:
        host, pid, started = owner.split("/")
        number = int(pid)
    except ValueError:
        return False
    if host != socket.gethostname():
        return False
    return not _is_running(number) or _started(number) != started


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str:
    """The start time in clock ticks since boot, with the boot it belongs to; "-" where /proc does not say."""
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except (OSError, IndexError):
        return "-"
    return f"{boot}-{ticks}"
