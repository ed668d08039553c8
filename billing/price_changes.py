"""When a contract's price changes: a dated price of its plan or its own reaches it with a period of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from billing.contracts import Contract, Part, Stage, Terms, later, parts, periods


@dataclass(frozen=True, slots=True)
class PriceChange:
    """From `since` on a piece of the plan costs `new` net per period instead of `old`."""

    since: date
    plan: str
    quantity: Decimal
    old: Decimal
    new: Decimal


def price_changes(contract: Contract, terms: Terms, today: date) -> list[PriceChange]:
    """The changes of price after today that the customer is to be told of; to another plan he has agreed himself.

    The plans of all stages must be in `terms`.
    """
    if not _may_change(contract, terms, today):
        return []
    found = []
    for before, part in pairwise(_parts(contract, _horizon(contract, terms))):
        plan = terms.plans[part.stage.plan]
        old, new = before.price(plan), part.price(plan)
        if part.first > today and part.stage.plan == before.stage.plan and old != new:
            found.append(PriceChange(part.first, plan.name, part.stage.quantity, old, new))
    return found


def _may_change(contract: Contract, terms: Terms, today: date) -> bool:
    """Whether it is worth looking at its periods: most contracts have neither a change nor a new price ahead."""
    return contract.stages[-1].since > today or any(
        later(day, stage.cycle_months) > today for stage in contract.stages for day in _dated(stage, terms)
    )


def _horizon(contract: Contract, terms: Terms) -> date:
    return max([contract.stages[-1].since, *(day for stage in contract.stages for day in _dated(stage, terms))])


def _dated(stage: Stage, terms: Terms) -> tuple[date, ...]:
    """Days from which a stage's plan has another price; its first price is for all time."""
    return tuple(day for day, _ in terms.plans[stage.plan].prices[1:]) if stage.price is None else ()


def _parts(contract: Contract, horizon: date) -> Iterator[Part]:
    """The contract's parts up to the first period that begins on that day or later."""
    for period in periods(contract):
        yield from parts(contract, period)
        if period.first >= horizon:
            return
