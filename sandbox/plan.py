"""The description of a world, read from `worlds/<name>.yaml`."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

WORLDS = Path(__file__).parent / "worlds"
Json = dict[str, Any]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Payment(_Frozen):
    """One payment a customer makes, `days` after the day a mail about the invoice arrived.

    `after` says which mail; `share` is the part of the gross amount (None: all that is open); `again` pays the
    whole gross amount although nothing is open any more.
    """

    after: Literal["invoice", "reminder", "second-reminder"] = "invoice"
    days: int = Field(ge=1)
    share: Decimal | None = None
    again: bool = False


class Customer(_Frozen):
    """A customer: its contact as the system wants it, its payment terms and its habit (a name from `habits`)."""

    contact: Json
    habit: str
    terms: Json | None = None
    comment: str | None = None


class Line(_Frozen):
    """One line of a job; `price` is net or gross as the job says; without quantity it is a text line."""

    name: str
    quantity: Decimal | None = None
    unit: str = "Stück"
    price: Decimal = Decimal(0)
    rate: int = 19
    discount: Decimal | None = None
    description: str | None = None


class Job(_Frozen):
    """An order: confirmed on day `ordered`, done on day `done`, counted from the first day of the world.

    `signal` is how the owner marks it done (sevDesk only); instead of being done it may be rejected, or have been
    billed by hand.
    """

    key: str
    customer: str
    title: str
    ordered: int
    done: int
    begun: int | None = None
    tax: Literal["net", "gross"] = "net"
    signal: Literal["accepted", "delivery-note", "tag"] = "delivery-note"
    outcome: Literal["done", "rejected", "billed"] = "done"
    discount_percent: Decimal | None = None
    discount_absolute: Decimal | None = None
    lines: tuple[Line, ...]
    comment: str | None = None


class Plan(_Frozen):
    """A whole world and the accounting system it plays in."""

    system: Literal["lexoffice", "sevdesk"] = "lexoffice"
    description: str
    profile: Json
    payment_conditions: list[Json] = []
    habits: dict[str, tuple[Payment, ...]] = {}
    customers: dict[str, Customer] = {}
    jobs: tuple[Job, ...] = ()


def world_names() -> list[str]:
    """The worlds that exist."""
    return sorted(path.stem for path in WORLDS.glob("*.yaml"))


@cache
def load(name: str) -> Plan:
    """The world of that name; decimal numbers are read exactly."""
    text = (WORLDS / f"{name}.yaml").read_text(encoding="utf-8")
    return Plan.model_validate(YAML(typ="safe", pure=True).load(text))
