"""Each status word has its fact and its day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.payments import Standing
from billing.standings import expires_on, stand_of, warns_of_expiry
from tests.billing.test_dunning_law import FACTS

TODAY = date(2026, 7, 30)
FRESH = replace(FACTS, notices=(), received_on=None)


@pytest.mark.parametrize(
    ("changes", "today", "word", "since"),
    [
        ({}, date(2026, 6, 15), Standing.OPEN, None),
        ({"open_amount": Decimal(400)}, date(2026, 6, 15), Standing.PARTLY_PAID, None),
        ({"open_amount": Decimal(0)}, TODAY, Standing.PAID, None),
        ({}, TODAY, Standing.OVERDUE, date(2026, 6, 16)),
        ({"received_on": date(2026, 6, 1)}, TODAY, Standing.IN_DEFAULT, date(2026, 7, 16)),
        ({"due_agreed": True}, TODAY, Standing.IN_DEFAULT, date(2026, 6, 16)),
        ({"dispute": "Mangel"}, TODAY, Standing.DISPUTED, None),
        ({"extended_until": date(2026, 8, 1)}, TODAY, Standing.DEFERRED, None),
        ({"written_off": "Insolvenz"}, TODAY, Standing.UNCOLLECTIBLE, None),
        ({"is_voided": True}, TODAY, Standing.VOIDED, None),
    ],
)
def test_each_word_has_its_fact(changes: dict[str, Any], today: date, word: Standing, since: date | None) -> None:
    """Nine words, each computed from the facts with the day that made it."""
    stand = stand_of(replace(FRESH, **changes), today)
    assert (stand.word, stand.since) == (word, since)
    assert stand.fact.endswith((".", ")."))


def test_limitation_is_warned_of_from_october() -> None:
    """Due in 2023 expires with 2026: silent in September, told from 1 October."""
    old = replace(FACTS, due_date=date(2023, 2, 1))
    assert expires_on(old.due_date) == date(2026, 12, 31)
    assert not warns_of_expiry(old, date(2026, 9, 30))
    assert warns_of_expiry(old, date(2026, 10, 1))
    assert not warns_of_expiry(replace(old, open_amount=Decimal(0)), date(2026, 10, 1))
