"""Printing ahead: processes that lay out the next invoices while the caller still files and mails the one before.

Layout is nearly all of the work on an invoice, and Python does one thing at a time per process.
"""

import pickle
import threading
from collections.abc import Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from billing.einvoice_duty import Form
from billing.invoices import Invoice
from billing.parties import Seller
from documents.errors import DocumentError
from documents.invoice import Paper, invoice_paper
from documents.look import Look
from documents.workshop import Child

_PROGRAM = "documents.press_process"


@dataclass(frozen=True, slots=True)
class Order:
    """What one paper is made of; the same order gives the same bytes wherever it is printed."""

    invoice: Invoice
    seller: Seller
    look: Look
    form: Form


class PressRoom:
    """Prints orders in up to `processes` processes, which start with the first order and end with this one.

    The processes import what prints and nothing else; those of `multiprocessing` would first load the caller's program.
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._threads: ThreadPoolExecutor | None = None
        self._local = threading.local()
        self._printers: list[Child] = []
        self._begun: dict[Hashable, tuple[Order, Future[Paper | None]]] = {}

    def begin(self, key: Hashable, order: Order) -> None:
        """Start printing, to be asked for by `printed`. A client's own templates keep to the one child they have."""
        if self.processes and not order.look.has_own_templates:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self.processes, initializer=self._set_up)
            self._begun[key] = (order, self._threads.submit(self._print, order))

    def printed(self, key: Hashable, order: Order) -> Paper:
        """The paper, printed ahead or now. Raises what `invoice_paper` raises."""
        begun, future = self._begun.pop(key, (None, None))
        if future is not None and begun == order and (paper := future.result()) is not None:
            return paper
        return invoice_paper(order.invoice, order.seller, order.look, order.form)

    def forget(self, key: Hashable) -> None:
        """Nobody will ask for this one."""
        self._begun.pop(key, None)

    def close(self) -> None:
        """End the processes and forget what was begun."""
        self._begun.clear()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        self._threads = None
        while self._printers:
            self._printers.pop().close()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that run."""
        return [printer.pid for printer in self._printers if printer.pid]

    def _set_up(self) -> None:
        """Give a thread its printer: it does nothing but wait for that."""
        self._local.printer = Child(program=_PROGRAM)
        self._printers.append(self._local.printer)

    def _print(self, order: Order) -> Paper | None:
        """The paper; None when it could not be made: the caller finds the reason by trying again."""
        printer: Child = self._local.printer
        try:
            paper: Paper = pickle.loads(printer.ask("paper", order))  # noqa: S301
        except DocumentError:
            return None
        return paper
