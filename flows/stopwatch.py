"""The stopwatch: where the time of a run goes, as a line of the log that developers and benchmarks read (DEBUG)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger()

TOOK = "took"


@contextmanager
def timed(client: str, what: str, items: int) -> Iterator[None]:
    """Log how long a part of a run took: `seconds` on the wall, `cpu` seconds of this process without its children."""
    wall, cpu = time.monotonic(), time.process_time()
    try:
        yield
    finally:
        took = {"seconds": round(time.monotonic() - wall, 4), "cpu": round(time.process_time() - cpu, 4)}
        log.debug(TOOK, client=client, what=what, items=items, **took)
