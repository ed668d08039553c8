"""Signs of life: a run says that it begins, each minute that it still works, and that it is over.

Whoever hears neither the next sign nor the last knows that it died. Prefect's own events do not tell: those about
states wait up to a quarter of an hour for an earlier one that a scheduled run never had, its heartbeats do not wait.
"""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prefect import runtime
from prefect.events import emit_event

ALIVE = "rechnungsbote.run.alive"
OVER = "rechnungsbote.run.over"
EVERY = 60.0
"""Seconds from one sign to the next."""


@contextmanager
def breathing(every: float = EVERY) -> Iterator[None]:
    """Tell Prefect that the present flow run is alive, every so many seconds again, and at last that it is over."""
    is_over = threading.Event()
    run = {"prefect.resource.id": f"prefect.flow-run.{runtime.flow_run.id}"}
    # Signs close to each other are weighed in any order unless each names the one it follows.
    last = emit_event(ALIVE, resource=run)

    def breathe() -> None:
        nonlocal last
        while not is_over.wait(every):
            last = emit_event(ALIVE, resource=run, follows=last)

    # A new thread would know nothing of the server that this run belongs to.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(breathe,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        emit_event(OVER, resource=run, follows=last)
