"""Changes of price ahead: told of with the period that they reach, and none that nobody pays."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from billing.contracts import Contract, Stage, parts, periods
from billing.price_changes import PriceChange, price_changes
from tests.billing.test_contracts import BASIC, DAYS, PRO, TERMS, YEARLY, contract, contracts

PRO_CHANGE = PriceChange(date(2027, 1, 15), "profi", Decimal(1), Decimal("79.00"), Decimal("89.00"))
NOVEMBER = contract(date(2026, 11, 15), PRO)


def staged(*stages: Stage, **facts: Any) -> Contract:
    """A contract with these stages after its first one."""
    return replace(NOVEMBER, stages=(*NOVEMBER.stages, *stages), **facts)


OWN = replace(NOVEMBER.stages[0], since=date(2026, 12, 15), price=Decimal("70.00"))


@pytest.mark.parametrize(
    ("made", "today", "expected"),
    [
        (NOVEMBER, date(2026, 11, 20), [PRO_CHANGE]),
        (NOVEMBER, date(2027, 1, 14), [PRO_CHANGE]),
        (NOVEMBER, date(2027, 1, 15), []),
        (replace(NOVEMBER, ends_on=date(2027, 1, 14)), date(2026, 11, 20), []),
        (contract(date(2026, 11, 15), BASIC), date(2026, 11, 20), []),
        (contract(date(2027, 2, 1), PRO), date(2026, 11, 20), []),
        (staged(OWN), date(2026, 11, 20),
         [PriceChange(OWN.since, "profi", Decimal(1), Decimal("79.00"), Decimal("70.00"))]),
        (staged(Stage(date(2026, 12, 15), "basis", 1)), date(2026, 11, 20), []),
        (staged(replace(NOVEMBER.stages[0], since=date(2026, 12, 15), quantity=Decimal(3))), date(2026, 11, 20),
         [replace(PRO_CHANGE, quantity=Decimal(3))]),
    ],
)  # fmt: skip
def test_what_is_to_be_told(made: Contract, today: date, expected: list[PriceChange]) -> None:
    """With the first period at the new price; not after it, not after the end, not for an own price or another plan."""
    assert price_changes(made, TERMS, today) == expected


def test_a_yearly_price_reaches_the_next_year() -> None:
    """The plan's price has changed already, the contract's has not."""
    dearer = replace(YEARLY, prices=(*YEARLY.prices, (date(2026, 12, 1), Decimal("500.00"))))
    terms = replace(TERMS, plans={**TERMS.plans, "jahr": dearer})
    (found,) = price_changes(contract(date(2026, 11, 1), YEARLY), terms, date(2027, 6, 1))
    assert (found.since, found.new) == (date(2027, 11, 1), Decimal("500.00"))


@given(contracts(), DAYS)
def test_the_new_price_is_the_one_that_is_billed(made: Contract, today: date) -> None:
    """On the day that is named a part begins, and it costs what was told."""
    for each in price_changes(made, TERMS, today):
        period = next(period for period in periods(made) if period.last >= each.since)
        (part,) = (part for part in parts(made, period) if part.first == each.since)
        assert part.price(TERMS.plans[each.plan]) == each.new != each.old
        assert each.since > today
