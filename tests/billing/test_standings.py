"""Each status word has its fact and its day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calendar import last_day_to_pay
from billing.payments import Standing
from billing.standings import expires_on, stand_of, warns_of_expiry
from tests.billing.test_dunning_law import FACTS

TODAY = date(2026, 7, 30)
FRESH = replace(FACTS, notices=(), received_on=None)
DUE = date(2026, 6, 15)
EXTENDED = {"extended_until": date(2026, 8, 1), "extended_on": date(2026, 6, 20)}
"""Until a Saturday: Monday 3 August still is in time (§ 193 BGB)."""
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
MONEY = st.decimals(-50, 1200, places=2)


@pytest.mark.parametrize(
    ("changes", "today", "word", "since"),
    [
        ({}, date(2026, 6, 15), Standing.OPEN, None),
        ({"open_amount": Decimal(400)}, date(2026, 6, 15), Standing.PARTLY_PAID, None),
        ({"open_amount": Decimal(0)}, TODAY, Standing.PAID, None),
        ({"open_amount": Decimal(400), "paid_on": date(2026, 6, 9)}, DUE, Standing.PARTLY_PAID, date(2026, 6, 9)),
        ({"open_amount": Decimal(0), "paid_on": date(2026, 6, 9)}, TODAY, Standing.PAID, date(2026, 6, 9)),
        ({"open_amount": None}, DUE, Standing.OPEN, None),
        ({}, DUE, Standing.OPEN, None),
        ({}, TODAY, Standing.OVERDUE, date(2026, 6, 16)),
        ({"received_on": date(2026, 6, 1)}, TODAY, Standing.IN_DEFAULT, date(2026, 7, 16)),
        ({"due_agreed": True}, TODAY, Standing.IN_DEFAULT, date(2026, 6, 16)),
        ({"dispute": "Mangel", "disputed_on": date(2026, 7, 2)}, TODAY, Standing.DISPUTED, date(2026, 7, 2)),
        ({"dispute": "Mangel", "disputed_amount": Decimal(9)}, TODAY, Standing.DISPUTED, None),
        (EXTENDED, TODAY, Standing.DEFERRED, date(2026, 6, 20)),
        (EXTENDED, date(2026, 8, 3), Standing.DEFERRED, date(2026, 6, 20)),
        (EXTENDED, date(2026, 8, 4), Standing.OVERDUE, date(2026, 8, 4)),
        ({"written_off": "Insolvenz"}, TODAY, Standing.UNCOLLECTIBLE, None),
        ({"is_voided": True, "voided_on": date(2026, 6, 3)}, TODAY, Standing.VOIDED, date(2026, 6, 3)),
    ],
)
def test_each_word_has_its_fact(changes: dict[str, Any], today: date, word: Standing, since: date | None) -> None:
    """Nine words, each computed from the facts with the day that made it."""
    stand = stand_of(replace(FRESH, **changes), today)
    assert (stand.word, stand.since) == (word, since)
    assert stand.fact.endswith((".", ")."))


@given(
    MONEY | st.none(), st.booleans(), st.sampled_from(["", "Mangel"]), st.sampled_from(["", "Insolvenz"]),
    DAYS, DAYS, st.sampled_from(["", "BY"]),
)  # fmt: skip
def test_every_fact_has_its_word(
    open_amount: Decimal | None, voided: bool, dispute: str, off: str, due: date, today: date, land: str
) -> None:
    """Paid only without an open amount, late only after the last working day to pay, and nothing without a word."""
    facts = replace(FRESH, open_amount=open_amount, is_voided=voided, dispute=dispute, written_off=off, due_date=due)
    word = stand_of(facts, today, land).word
    rest = FACTS.gross if open_amount is None else open_amount
    assert (word is Standing.VOIDED) == voided
    assert (word is Standing.PAID) == (not voided and rest <= 0)
    late = word in (Standing.OVERDUE, Standing.IN_DEFAULT)
    assert late == (today > last_day_to_pay(due, land) and rest > 0 and not (voided or dispute or off))
    assert word is not Standing.PARTLY_PAID or 0 < rest < FACTS.gross


@pytest.mark.parametrize(
    ("due", "last"),
    [
        (date(2026, 11, 14), date(2026, 11, 16)),
        (date(2026, 11, 1), date(2026, 11, 2)),
        (date(2026, 4, 3), date(2026, 4, 7)),
        (date(2026, 12, 24), date(2026, 12, 24)),
    ],
)
def test_a_weekend_or_holiday_moves_the_last_day(due: date, last: date) -> None:
    """Due on a Saturday, Sunday or Good Friday, the next working day is still in time (§ 193 BGB)."""
    facts = replace(FRESH, due_date=due)
    assert stand_of(facts, last).word is Standing.OPEN
    late = stand_of(facts, last + timedelta(1))
    assert (late.word, late.since) == (Standing.OVERDUE, last + timedelta(1))
    assert ("§ 193 BGB" in late.fact) == (last != due)


def test_limitation_is_warned_of_from_october() -> None:
    """Due in 2023 expires with 2026: silent in September, told from 1 October."""
    old = replace(FACTS, due_date=date(2023, 2, 1))
    assert expires_on(old.due_date) == date(2026, 12, 31)
    assert not warns_of_expiry(old, date(2026, 9, 30))
    assert warns_of_expiry(old, date(2026, 10, 1))
    assert warns_of_expiry(replace(old, open_amount=None), date(2027, 2, 1))
    for over in ({"open_amount": Decimal(0)}, {"is_voided": True}, {"written_off": "Insolvenz"}):
        assert not warns_of_expiry(replace(old, **over), date(2026, 10, 1))
