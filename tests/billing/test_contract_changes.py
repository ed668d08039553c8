"""Changes that were agreed for a later day: taken back until they hold or are billed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.contract_changes import withdrawn
from billing.contracts import Billed, Contract, NotPossible, Stage, changed
from tests.billing.test_contracts import DAYS, TERMS, contract, contracts

PLANNED = Stage(date(2027, 1, 1), "profi", 1)
NOVEMBER = contract(date(2026, 11, 1))


def agreed_on() -> Contract:
    """November's contract with a change ahead."""
    return changed(NOVEMBER, PLANNED, Billed(), TERMS)[0]


def test_a_planned_change_is_taken_back_whole() -> None:
    """What held before holds on; of several changes the last one goes first."""
    once = agreed_on()
    twice = changed(once, replace(PLANNED, since=date(2027, 2, 1), quantity=Decimal(3)), Billed(), TERMS)[0]
    assert withdrawn(twice, Billed(), date(2026, 12, 31)) == once
    assert withdrawn(once, Billed(date(2026, 12, 31)), date(2026, 12, 31)) == NOVEMBER


@pytest.mark.parametrize(
    ("made", "until", "today", "words"),
    [
        (NOVEMBER, None, date(2026, 11, 2), "keine Änderung geplant"),
        (agreed_on(), None, date(2027, 1, 1), r"gilt schon seit dem 01\.01\.2027.*ab dem 01\.01\.2027"),
        (agreed_on(), date(2027, 1, 31), date(2027, 1, 5), r"gilt schon seit.*ab dem 01\.02\.2027"),
        (agreed_on(), date(2027, 1, 31), date(2026, 12, 20), r"bis 31\.01\.2027 schon berechnet.*ab dem 01\.02\.2027"),
        (replace(agreed_on(), ends_on=date(2026, 12, 5)), None, date(2026, 12, 6), r"hat am 05\.12\.2026 geendet"),
    ],
)
def test_what_holds_or_is_billed_stays(made: Contract, until: date | None, today: date, words: str) -> None:
    """The reason names the day from which a new change is possible."""
    with pytest.raises(NotPossible, match=words):
        withdrawn(made, Billed(until), today)


@pytest.mark.parametrize("since", [date(2026, 11, 1), date(2027, 3, 1)])
def test_a_change_that_changes_nothing_is_refused(since: date) -> None:
    """It would only keep days before it from being changed."""
    with pytest.raises(NotPossible, match=r"gilt schon ab dem 01\.11\.2026"):
        changed(NOVEMBER, replace(NOVEMBER.stages[0], since=since), Billed(), TERMS)


def test_a_change_before_a_planned_one_names_the_cure() -> None:
    """Taken back, the planned one is out of the way."""
    with pytest.raises(NotPossible, match=r"ab dem 01\.01\.2027\. Was für später geplant ist.*zurücknehmen"):
        changed(agreed_on(), replace(PLANNED, since=date(2026, 12, 1)), Billed(), TERMS)


@given(contracts(), DAYS, st.integers(1, 400))
def test_agreed_and_taken_back_nothing_has_changed(made: Contract, today: date, after: int) -> None:
    """Whatever the contract: until the day comes, it is as if nobody had ever asked for the change."""
    assume(made.ends_on is None)
    since = max(today, made.stages[-1].since) + timedelta(after)
    stage = replace(made.stages[-1], since=since, quantity=Decimal(9))
    after_it, more = changed(made, stage, Billed(), TERMS)
    assert more is None
    assert withdrawn(after_it, Billed(), today) == made
