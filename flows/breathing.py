"""Signs of life: a run that works for minutes says so every minute, so that one that fell silent is told from it.

Prefect's own heartbeat speaks at once: that of a short run comes in after its end, where it looks like the beginning of
silence; and a run that dies before it is never missed.
"""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prefect import runtime
from prefect.events import emit_event

ALIVE = "rechnungsbote.run.alive"
EVERY = 60.0
"""Seconds from one sign to the next."""


@contextmanager
def breathing(every: float = EVERY) -> Iterator[None]:
    """Tell Prefect every so many seconds that the present flow run is alive; nothing about one that ends before."""
    is_over = threading.Event()
    run = {"prefect.resource.id": f"prefect.flow-run.{runtime.flow_run.id}"}
    # By its tag an automation knows that a run is ours.
    tags = [
        {"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"} for tag in runtime.flow_run.tags
    ]

    def breathe() -> None:
        while not is_over.wait(every):
            emit_event(ALIVE, resource=run, related=tags)

    # A new thread would know nothing of the server that this run belongs to.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(breathe,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
