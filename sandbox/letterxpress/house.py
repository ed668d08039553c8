"""The printing house: its orders, and how the clock prints them a quarter of an hour after they came."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.agenda import Agenda
from sandbox.clock import BERLIN, Clock
from sandbox.letterxpress.orders import Refused, Wish
from sandbox.letterxpress.window import address_in, text_of

TIME_TO_THINK = timedelta(minutes=15)
BASKET = timedelta(days=7)
ON_ITS_WAY = timedelta(days=1)
# Invented, but of the right size: a letter of one page in black costs about a euro, every further page some cents.
FIRST_PAGE, FURTHER_PAGE, IN_COLOUR, REGISTERED = Decimal("0.98"), Decimal("0.08"), Decimal("0.12"), Decimal("2.35")
VAT = Decimal("0.19")


@dataclass
class Order:
    """An order; times are the stage's clock."""

    id: int
    wish: Wish
    live: bool
    address: str
    price: Decimal
    status: str
    created_at: datetime
    updated_at: datetime
    delivered_at: datetime | None = None

    @property
    def is_printed(self) -> bool:
        """Whether it is on its way to the customer."""
        return self.status == "done"

    def report(self, name: str) -> dict[str, Any]:
        """What lies behind the counter, for tests and people."""
        wish = self.wish
        return {
            "id": self.id,
            "mode": "live" if self.live else "test",
            "status": self.status,
            "notice": wish.notice,
            "filename": wish.filename,
            "address": self.address,
            "pages": wish.pages,
            "color": wish.color,
            "registered": wish.registered,
            "created_at": self.created_at.isoformat(),
            "sha256": hashlib.sha256(wish.pdf).hexdigest(),
            "posted": self.is_printed,
            "file": name,
        }


class House:
    """All orders of one account. `on_post` hears the address and the text of every letter that is posted."""

    def __init__(self, folder: Path, clock: Clock, agenda: Agenda, on_post: Callable[[str, str, str], None]) -> None:
        self._folder, self._clock, self._agenda, self._on_post = folder, clock, agenda, on_post
        self.orders: dict[int, Order] = {}
        self.balance = Decimal("100.00")
        self.misread = ""
        """What is read instead of the address of the next letter."""
        self._next = 1000
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("[0-9]*.pdf"):
            old.unlink()

    def add(self, wish: Wish, *, live: bool) -> Order:
        """Take an order. Nothing recognises one that was sent before: the same twice is two letters."""
        self._next += 1
        now = self._clock.now()
        address, self.misread = self.misread or address_in(wish.pdf), ""
        order = Order(self._next, wish, live, address, price_of(wish), "queue", now, now)
        self.orders[order.id] = order
        (self._folder / self.file_name(order)).write_bytes(wish.pdf)
        if not live:
            order.status = "draft"
            self._agenda.plan(now + BASKET, partial(self._forget, order))
        elif not order.address or order.price > self.balance:
            order.status = "hold"
        else:
            self.balance -= order.price
            self._agenda.plan(now + TIME_TO_THINK, partial(self._print, order))
        return order

    def find(self, id_: int) -> Order:
        """One order. Raises `Refused`."""
        if id_ not in self.orders:
            raise Refused(404, "Not found.")
        return self.orders[id_]

    def cancel(self, id_: int) -> None:
        """Take an order back. Raises `Refused` when it is printed or the time to think is over."""
        order = self.find(id_)
        self._still_open(order)
        order.status, order.updated_at = "canceled", self._clock.now()

    def change(self, id_: int, wish: Wish) -> Order:
        """Exchange a letter in time. Raises `Refused`."""
        order = self.find(id_)
        self._still_open(order)
        order.wish, order.address, order.updated_at = wish, address_in(wish.pdf), self._clock.now()
        return order

    def set_status(self, id_: int, status: str) -> Order:
        """What people at the service do by hand; what they put back into the queue is printed in its time."""
        order = self.find(id_)
        order.status, order.updated_at = status, self._clock.now()
        if status == "queue":
            self._agenda.plan(order.updated_at + TIME_TO_THINK, partial(self._print, order))
        return order

    @staticmethod
    def file_name(order: Order) -> str:
        """Under which name its PDF lies in the folder."""
        return f"{order.id}.pdf"

    def _still_open(self, order: Order) -> None:
        if order.is_printed or self._clock.now() - order.created_at > TIME_TO_THINK:
            raise Refused(422, "The print job can no longer be changed.")

    def _print(self, order: Order) -> None:
        if order.status == "queue":
            order.status, order.updated_at = "done", self._clock.now()
            order.delivered_at = order.updated_at + ON_ITS_WAY
            self._on_post(order.address, text_of(order.wish.pdf), f"letter-{order.id}")

    def _forget(self, order: Order) -> None:
        self.orders.pop(order.id, None)


def price_of(wish: Wish) -> Decimal:
    """What a letter costs, without VAT."""
    colour = IN_COLOUR * wish.pages if wish.color == "4" else Decimal(0)
    registered = REGISTERED if wish.registered else Decimal(0)
    return FIRST_PAGE + FURTHER_PAGE * (wish.pages - 1) + colour + registered


def shown(order: Order, now: datetime) -> dict[str, Any]:
    """An order as the API gives it; times are German local time without zone."""
    sent: dict[str, Any] = {
        # The facts leave open how lines are parted.
        "address": order.address,
        "pages": order.wish.pages,
        "amount": float(order.price),
        "vat": float((order.price * VAT).quantize(Decimal("0.01"))),
        "status": "sent" if order.is_printed else order.status,
    }
    if order.wish.registered and order.is_printed:
        sent["tracking_code"] = f"RR{order.id:09}DE"
        if order.delivered_at and order.delivered_at <= now:
            sent["tracking_status"] = f"Zugestellt: {_local(order.delivered_at)}"
    wish = order.wish
    return {
        "id": order.id,
        "status": order.status,
        "shipping": wish.shipping,
        "mode": wish.mode,
        "color": wish.color,
        "c4": wish.c4,
        "registered": wish.registered,
        "dispatch_date": wish.dispatch_date,
        "filename_original": wish.filename,
        "notice": wish.notice,
        "created_at": _local(order.created_at),
        "updated_at": _local(order.updated_at),
        "items": [sent],
    }


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(BERLIN):%Y-%m-%d %H:%M:%S}"
