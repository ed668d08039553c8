"""No notice is ever lawless, whatever the history and the policy.

The properties, each a test below:
1. Nothing is demanded before the claim is due, its last day moved by § 193 BGB has passed, and an extension has ended.
2. No interest, fee or lump sum before default (§§ 280, 286, 288 BGB); the letter that brings it about is free.
3. Consumers owe no lump sum (§ 288 (5) s. 1) and at most the cost of a letter, for mails nothing (§ 309 no. 5 BGB).
4. Lump sum and fees together never exceed 40 euro unless fees alone do (§ 288 (5) s. 3 BGB).
5. Interest never exceeds base rate plus 5 points for consumers, 9 for others (§ 288 (1), (2) BGB).
6. No letter for disputed, deferred, blocked, promised, written-off, paid or contradicted claims (§§ 242, 286 (4) BGB),
   nor while money waits to be confirmed or just the 15 % of § 48 EStG are open.
7. No letter before the period that the previous one set has ended (§ 242 BGB).
8. No letter on Sundays, holidays or outside the client's hours, nor before the banks' last working day is known.
9. A policy that `breaches` finds lawful never needs the decision's own safety catches for fees.
10. An invoice that rides in another one's letter is decided the same and costs no fee of its own (§ 280 BGB).
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calendar import is_working_day, last_day_to_pay
from billing.dunning import Decision, Outcome, decide, earliest_action
from billing.dunning_costs import default_of
from billing.dunning_facts import Arrival, Facts, PastNotice, Promise, Receipt, Source
from billing.dunning_policy import (
    BUSINESS_LEVELS,
    DEFAULT_GROUPS,
    FREE_LEVELS,
    Action,
    Level,
    Policy,
    Tone,
    breaches,
    without_fees,
)
from billing.interest import margin
from billing.invoices import Channel
from billing.parties import CustomerKind

CENTS = st.integers(0, 60_000).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.dates(date(2025, 3, 1), date(2026, 9, 30))
LEVELS = st.builds(
    Level,
    days=st.integers(0, 40),
    action=st.sampled_from(Action),
    tone=st.sampled_from(Tone),
    fee=st.sampled_from([Decimal("0.00"), Decimal("1.20"), Decimal("7.50"), Decimal("45.00")]),
    interest=st.booleans(),
    lump_sum=st.booleans(),
    channel=st.sampled_from(Channel),
)
POLICIES = st.builds(
    Policy,
    levels=st.lists(LEVELS, min_size=1, max_size=4).map(tuple),
    land=st.sampled_from(["", "BY", "SN"]),
    hours=st.sampled_from([(0, 24), (8, 12)]),
    weekdays=st.sampled_from([(0, 1, 2, 3, 4), (1, 3)]),
)
LAWFUL = st.builds(Policy, st.just(FREE_LEVELS), groups=st.just(DEFAULT_GROUPS), land=st.sampled_from(["", "BY"]))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Facts, Policy, date]:
    """A claim with letters, payments and words of people in any order, its policy, and the day of the decision."""
    policy = draw(POLICIES | LAWFUL)
    due, today = sorted((draw(DAYS), draw(DAYS)))
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    notices = []
    day = due
    for level in range(1, draw(st.integers(0, 3)) + 1):
        day += timedelta(draw(st.integers(1, 40)))
        received = draw(st.none() | st.just(day + timedelta(1)))
        notices.append(PastNotice(level, Arrival.SENT, day, received, received and received + timedelta(7)))
    ends = st.none() | DAYS
    gross = Decimal("600.00")
    facts = Facts(
        number="RE-1",
        gross=gross,
        due_date=due,
        arrival=draw(st.sampled_from([Arrival.SENT] * 5 + [Arrival.BOUNCED])),
        open_amount=draw(CENTS),
        is_voided=False,
        read_at=now - timedelta(seconds=draw(st.sampled_from([5, 5, 5, 90]))),
        notices=tuple(notices),
        block=draw(st.sampled_from(["", "", "", "Bitte des Chefs"])),
        dispute=draw(st.sampled_from(["", "", "", "Mangel"])),
        disputed_amount=draw(st.none() | CENTS),
        kind=draw(st.sampled_from(CustomerKind)),
        received_on=draw(st.none() | st.just(due - timedelta(14))),
        due_agreed=draw(st.booleans()),
        note_printed=draw(st.booleans()),
        receipts=draw(st.lists(st.builds(Receipt, DAYS, CENTS), max_size=2).map(tuple)),
        sources=draw(st.lists(st.builds(Source, st.just("Bank"), st.none() | st.just(today)), max_size=1).map(tuple)),
        contradiction=draw(st.sampled_from(["", "", "", "10 statt 20 EUR"])),
        promises=draw(st.lists(st.builds(Promise, CENTS, DAYS, st.just(gross)), max_size=1).map(tuple)),
        extended_until=draw(ends),
    )
    return facts, policy, today


def decided(history: tuple[Facts, Policy, date]) -> Decision:
    """The decision of that day at ten in the morning (Berlin)."""
    facts, policy, today = history
    return decide(facts, policy, today, datetime(today.year, today.month, today.day, 9, tzinfo=UTC))


@given(histories())
def test_every_letter_is_lawful(history: tuple[Facts, Policy, date]) -> None:
    """Properties 1, 6, 7 and 8: a letter goes out only in its time and with nothing in the way."""
    facts, policy, today = history
    decision = decided(history)
    if decision.outcome is not Outcome.NOTICE:
        return
    assert today > last_day_to_pay(max(facts.due_date, facts.extended_until or facts.due_date), policy.land)
    assert facts.arrival is Arrival.SENT
    assert {facts.block, facts.contradiction, facts.dispute} == {""}
    assert all(promise.is_kept(facts.open_amount or Decimal(0)) or promise.due_on < today for promise in facts.promises)
    assert decision.demanded == facts.open_amount
    assert decision.demanded >= policy.minimum
    assert is_working_day(today, policy.land)
    assert today.weekday() in policy.weekdays
    assert all(source.complete_until for source in facts.sources)
    previous = facts.notices[-1] if facts.notices else None
    assert previous is None or previous.pay_until is None or today > previous.pay_until
    assert decision.pay_until is not None
    assert decision.pay_until > today


@given(histories())
def test_costs_are_owed_only_in_default(history: tuple[Facts, Policy, date]) -> None:
    """Properties 2 to 5: what a letter adds to the claim is what the law allows on that day."""
    facts, policy, today = history
    decision = decided(history)
    costs = decision.costs
    if not costs.total:
        return
    assert decision.outcome is Outcome.NOTICE
    start = default_of(facts, policy.land)
    assert start.in_default_since is not None
    assert start.in_default_since <= today
    step = policy.levels_for(facts.kind)[(decision.level or 1) - 1]
    assert step.action is Action.NOTICE
    if facts.kind is CustomerKind.CONSUMER:
        assert costs.lump_sum == 0
        assert costs.fee == 0
    if costs.lump_sum:
        assert costs.lump_sum + costs.fee + costs.earlier_fees <= 40
    assert all(period.rate == period.base_rate + margin(facts.kind) for period in costs.periods)
    assert all(period.first >= start.in_default_since and period.last <= today for period in costs.periods)


@given(histories())
def test_a_lawful_policy_needs_no_safety_catch(history: tuple[Facts, Policy, date]) -> None:
    """Property 9: where the policy is lawful the letter charges exactly the fee that the policy says."""
    facts, policy, _ = history
    decision = decided(history)
    if breaches(policy) or not decision.costs.in_default_since:
        return
    assert decision.costs.fee == policy.levels_for(facts.kind)[(decision.level or 1) - 1].fee


@given(histories())
def test_a_dispute_or_an_extension_always_stops_a_letter(history: tuple[Facts, Policy, date]) -> None:
    """Property 6 as a change: adding any of these to a history leaves no letter."""
    facts, policy, today = history
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    changes: list[dict[str, object]] = [
        {"dispute": "Mangel", "disputed_amount": None},
        {"extended_until": today},
        {"contradiction": "1 statt 2 EUR"},
        {"written_off": "Insolvenz"},
        {"unconfirmed": "10 EUR vom 1.3."},
        {"is_tax_withheld": True},
        {"block": "die Antwort des Kunden wartet"},
        {"promises": (Promise(facts.gross, today, facts.open_amount or Decimal(0)),)},
        {"sources": (Source("Bank", None),)},
    ]
    for change in changes:
        changed = replace(facts, open_amount=max(facts.open_amount or Decimal(0), Decimal(10)), **change)  # type: ignore[arg-type]
        assert decide(changed, policy, today, now).outcome is not Outcome.NOTICE


@given(histories())
def test_a_letter_for_several_costs_one_fee(history: tuple[Facts, Policy, date]) -> None:
    """Property 10: without the fee the same is demanded at the same level; interest stays as it is."""
    facts, policy, today = history
    alone, along = decided(history), decided((facts, without_fees(policy), today))
    assert (along.outcome, along.level, along.demanded) == (alone.outcome, alone.level, alone.demanded)
    assert along.costs.fee == 0
    assert along.costs.interest == alone.costs.interest


def test_the_defaults_are_lawful() -> None:
    """Out of the box nobody is charged what he does not owe."""
    assert breaches(Policy(FREE_LEVELS, groups=DEFAULT_GROUPS)) == []


@pytest.mark.parametrize(
    ("kind", "levels", "paragraph"),
    [
        (CustomerKind.CONSUMER, BUSINESS_LEVELS, "§ 288 Abs. 5 Satz 1"),
        (CustomerKind.BUSINESS, (Level(7, Action.NOTICE, lump_sum=True),), "§ 288 Abs. 5"),
        (CustomerKind.PUBLIC, (Level(7, Action.REMINDER, interest=True),), "§§ 286, 288"),
        (CustomerKind.BUSINESS, (*FREE_LEVELS[:2], Level(9, Action.NOTICE, fee=Decimal(41))), "§ 309 Nr. 5"),
    ],
)
def test_an_unlawful_policy_is_named_with_its_paragraph(
    kind: CustomerKind, levels: tuple[Level, ...], paragraph: str
) -> None:
    """What may not be is found, at its level, with the paragraph and a cure."""
    found = breaches(Policy(FREE_LEVELS, groups={kind: levels}))
    assert any(paragraph in breach.text and breach.kind is kind and breach.cure for breach in found)


FACTS = Facts(
    "RE-1", Decimal("1000.00"), date(2026, 6, 15), Arrival.SENT, Decimal("1000.00"), False,
    datetime(2026, 7, 30, 8, 59, 30, tzinfo=UTC), kind=CustomerKind.BUSINESS, received_on=date(2026, 6, 1),
    notices=(PastNotice(1, Arrival.SENT, date(2026, 6, 22), date(2026, 6, 22), date(2026, 6, 29)),),
)  # fmt: skip


def test_a_business_in_default_owes_interest_and_the_lump_sum_once() -> None:
    """Default by reminder of 22.6. with a period to 29.6.: 1 day at 10.27 %, 30 days at 10.52 %, and 40 EUR."""
    decision = decided((FACTS, Policy(BUSINESS_LEVELS), date(2026, 7, 30)))
    assert (decision.outcome, decision.title) == (Outcome.NOTICE, "1. Mahnung")
    costs = decision.costs
    assert costs.in_default_since == date(2026, 6, 30)
    assert (costs.interest, costs.lump_sum, costs.fee) == (Decimal("8.93"), Decimal(40), Decimal(0))
    assert [period.rate for period in costs.periods] == [Decimal("10.27"), Decimal("10.52")]


def test_a_broken_promise_resumes_at_once() -> None:
    """The day after the promised one the next letter is due, whatever the level's days say; a kept one is over."""
    policy = Policy((Level(7, Action.REMINDER), Level(60, Action.NOTICE)))
    promised = replace(FACTS, promises=(Promise(Decimal(500), date(2026, 7, 8), Decimal("1000.00")),))
    assert earliest_action(FACTS, policy) == date(2026, 8, 21)
    assert earliest_action(promised, policy) == date(2026, 7, 9)
    waiting = decided((replace(promised, read_at=datetime(2026, 7, 8, 9, tzinfo=UTC)), policy, date(2026, 7, 8)))
    assert "promised" in [reason.code for reason in waiting.obstacles]
    kept = replace(promised, open_amount=Decimal("500.00"))
    assert earliest_action(kept, policy) == date(2026, 8, 21)


def test_beyond_the_known_base_rates_no_interest_is_demanded() -> None:
    """Nothing is extrapolated: the letter goes out without interest and the reason says so."""
    late = date(2027, 1, 12)
    facts = replace(FACTS, read_at=datetime(2027, 1, 12, 8, 59, 30, tzinfo=UTC))
    decision = decided((facts, Policy(BUSINESS_LEVELS), late))
    assert decision.outcome is Outcome.NOTICE
    assert decision.costs.interest == 0
    assert "no-interest" in [reason.code for reason in decision.reasons]
