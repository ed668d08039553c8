"""Remind, hand to a person, or do nothing: examples, and what holds for all facts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.calendar import LAENDER, is_working_day, last_day_to_pay
from billing.dunning import Decision, Outcome, decide, earliest_action, first_check
from billing.dunning_facts import Arrival, Facts, PastNotice
from billing.dunning_policy import Action, Level, Policy
from billing.parties import CustomerKind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
POLICY = Policy((Level(7, Action.REMINDER), Level(10, Action.REMINDER), Level(14, Action.TASK)), land="BY")
# Due on Monday 16.11.2026; the first level acts from Monday 23.11.2026.
FACTS = Facts(
    number="RE-1",
    gross=Decimal("220.01"),
    due_date=date(2026, 11, 16),
    arrival=Arrival.SENT,
    open_amount=Decimal("220.01"),
    is_voided=False,
    read_at=NOW - timedelta(seconds=5),
)
FIRST = PastNotice(1, Arrival.SENT, date(2026, 11, 23))
SECOND = PastNotice(2, Arrival.SENT, date(2026, 12, 3))


def at(day: date, facts: Facts = FACTS, policy: Policy = POLICY) -> Decision:
    """The decision on a day at nine, with the payment read just before."""
    now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return decide(replace(facts, read_at=now - timedelta(seconds=5)), policy, day, now)


def against(decision: Decision) -> list[str]:
    """The codes of the reasons that speak against acting."""
    return [reason.code for reason in decision.reasons if not reason.speaks_for]


def told(decision: Decision) -> str:
    """All reasons in one text."""
    return " ".join(reason.text for reason in decision.reasons)


def test_the_first_reminder_goes_out_on_its_day() -> None:
    """Seven days after the last day to pay, and not a day earlier."""
    assert at(date(2026, 11, 20)).outcome is Outcome.NOTHING
    assert against(at(date(2026, 11, 20))) == ["not-yet"]
    decision = at(TODAY)
    assert (decision.outcome, decision.level) == (Outcome.NOTICE, 1)
    assert [reason.code for reason in decision.reasons] == ["open", "due", "no-default", "costs"]


def test_the_reasons_are_sentences_with_the_figures() -> None:
    """An owner can read why."""
    assert [reason.text for reason in at(TODAY).reasons] == [
        "Offen sind 220,01 EUR von 220,01 EUR, eben geprüft.",
        "Stufe 1 ist ab 23.11.2026 an der Reihe: fällig am 16.11.2026.",
        "Kein Verzug: Ein nur auf die Rechnung gedrucktes Datum ist nicht vereinbart (BGH III ZR 91/07)."
        " Es ist keine Mahnung zugegangen (§ 286 Abs. 1 BGB)."
        " Der Hinweis an Verbraucher auf die 30 Tage steht nicht auf der Rechnung (§ 286 Abs. 3 Satz 1 BGB).",
        "Das Schreiben kostet den Kunden nichts.",
    ]


def test_the_second_level_counts_from_the_real_day_of_the_first() -> None:
    """Ten days after the day on which the first reminder left."""
    reminded = replace(FACTS, notices=(FIRST,))
    assert at(date(2026, 12, 2), reminded).outcome is Outcome.NOTHING
    decision = at(date(2026, 12, 3), reminded)
    assert (decision.outcome, decision.level) == (Outcome.NOTICE, 2)
    assert "Stufe 1 am 23.11.2026" in told(decision)


def test_the_last_level_is_a_task() -> None:
    """The third level hands over to a person; after it nothing happens any more."""
    decision = at(date(2026, 12, 17), replace(FACTS, notices=(FIRST, SECOND)))
    assert (decision.outcome, decision.level) == (Outcome.TASK, 3)
    third = PastNotice(3, Arrival.SENT, date(2026, 12, 17))
    done = at(date(2027, 6, 1), replace(FACTS, notices=(FIRST, SECOND, third)))
    assert (done.outcome, done.level, against(done)) == (Outcome.NOTHING, None, ["no-level"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"open_amount": Decimal("0.00")}, "paid"),
        ({"open_amount": Decimal("-3.00")}, "paid"),
        ({"open_amount": Decimal("4.99")}, "minimum"),
        ({"open_amount": None}, "unread"),
        ({"read_at": None}, "unread"),
        ({"read_at": NOW - timedelta(seconds=61)}, "stale"),
        ({"read_at": NOW + timedelta(seconds=1)}, "stale"),
        ({"is_voided": True}, "voided"),
        ({"arrival": Arrival.UNKNOWN}, "not-arrived"),
        ({"arrival": Arrival.WAITING}, "not-arrived"),
        ({"arrival": Arrival.REFUSED}, "not-arrived"),
        ({"block": "Kundin im Urlaub"}, "blocked"),
        ({"dispute": "Mangel gerügt"}, "disputed"),
        ({"notices": (PastNotice(1, Arrival.WAITING, None),)}, "previous-open"),
        ({"notices": (PastNotice(1, Arrival.REFUSED, None),)}, "previous-open"),
        ({"notices": (PastNotice(1, Arrival.REFUSED, date(2026, 1, 7)),)}, "previous-open"),
        ({"notices": (PastNotice(1, Arrival.WAITING, date(2026, 1, 7)),)}, "previous-open"),
        ({"due_date": date(2026, 11, 17)}, "not-yet"),
    ],
)
def test_each_obstacle_is_named(changes: dict[str, Any], code: str) -> None:
    """One thing in the way means nothing is done, for exactly that reason."""
    decision = decide(replace(FACTS, **changes), POLICY, TODAY, NOW)
    assert (decision.outcome, decision.level) == (Outcome.NOTHING, None)
    assert against(decision) == [code]


def test_all_obstacles_are_named_at_once() -> None:
    """Nobody lifts a block only to hear of the dispute."""
    facts = replace(FACTS, is_voided=True, arrival=Arrival.UNKNOWN, block="Urlaub", dispute="Mangel")
    assert against(at(date(2026, 11, 22), facts)) == [
        "voided",
        "not-arrived",
        "blocked",
        "disputed",
        "not-yet",
        "no-working-day",
    ]


@pytest.mark.parametrize("age", [0, 1, 59, 60])
def test_a_payment_state_is_fresh_for_a_minute(age: int) -> None:
    """Up to and including 60 seconds."""
    assert decide(replace(FACTS, read_at=NOW - timedelta(seconds=age)), POLICY, TODAY, NOW).outcome is Outcome.NOTICE


def test_the_minimum_itself_is_reminded() -> None:
    """Open 5.00 with a minimum of 5.00 is enough."""
    assert at(TODAY, replace(FACTS, open_amount=Decimal("5.00"))).outcome is Outcome.NOTICE


def test_nobody_is_reminded_on_a_holiday() -> None:
    """6 January is a holiday in Bavaria and a working day in Berlin."""
    epiphany = date(2027, 1, 6)
    assert against(at(epiphany)) == ["no-working-day"]
    assert at(epiphany, policy=replace(POLICY, land="BE")).outcome is Outcome.NOTICE


def test_a_due_date_on_a_saturday_moves_everything() -> None:
    """Due on Saturday 21.11., so payable until Monday 23.11., so reminded from 30.11."""
    facts = replace(FACTS, due_date=date(2026, 11, 21))
    assert first_check(facts.due_date, POLICY) == earliest_action(facts, POLICY) == date(2026, 11, 30)
    assert at(date(2026, 11, 27), facts).outcome is Outcome.NOTHING
    assert "kein Werktag, daher bis 23.11.2026, § 193 BGB" in told(at(date(2026, 11, 30), facts))


def test_a_level_of_zero_days_still_waits_for_the_next_day() -> None:
    """On the last day to pay itself the customer is in time."""
    policy = Policy((Level(0, Action.REMINDER), Level(0, Action.REMINDER)))
    assert at(date(2026, 11, 16), policy=policy).outcome is Outcome.NOTHING
    business = replace(FACTS, kind=CustomerKind.BUSINESS)
    assert at(date(2026, 11, 17), business, policy).outcome is Outcome.NOTICE
    reminded = replace(FACTS, notices=(PastNotice(1, Arrival.SENT, date(2026, 11, 17)),))
    assert at(date(2026, 11, 17), reminded, policy).outcome is Outcome.NOTHING


def test_a_consumer_gets_two_more_bank_days() -> None:
    """A consumer's order given in time is in time (BGH VIII ZR 222/15): its way of two bank days is waited for."""
    policy = Policy((Level(1, Action.REMINDER),))
    assert at(date(2026, 11, 18), policy=policy).outcome is Outcome.NOTHING
    assert at(date(2026, 11, 19), policy=policy).outcome is Outcome.NOTICE


def test_a_reminder_of_unknown_fate_is_not_repeated_but_followed() -> None:
    """The next level comes in its time, counted from the attempt."""
    unknown = PastNotice(1, Arrival.UNKNOWN, date(2026, 11, 23))
    decision = at(date(2026, 12, 3), replace(FACTS, notices=(unknown,)))
    assert (decision.outcome, decision.level) == (Outcome.NOTICE, 2)


def test_a_client_without_levels_never_reminds() -> None:
    """No policy, no check day, no reminder, and a reason."""
    policy = Policy(())
    assert first_check(FACTS.due_date, policy) is None
    assert earliest_action(FACTS, policy) is None
    assert against(at(TODAY, policy=policy)) == ["no-level"]


CENTS = st.integers(-1000, 60_000).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.dates(date(2026, 6, 1), date(2027, 6, 30))
POLICIES = st.builds(
    Policy,
    levels=st.lists(st.builds(Level, st.integers(0, 60), st.sampled_from(Action)), max_size=4).map(tuple),
    minimum=st.integers(0, 5000).map(lambda cents: Decimal(cents).scaleb(-2)),
    land=st.sampled_from(["", *sorted(LAENDER)]),
)
NOTICES = st.lists(st.tuples(st.sampled_from(Arrival), st.none() | DAYS), max_size=5).map(
    lambda taken: tuple(PastNotice(level, *step) for level, step in enumerate(taken, 1))
)
AGES = st.none() | st.integers(-120, 120) | st.just(5)
ANY_FACTS = st.builds(
    Facts,
    number=st.just("RE-1"),
    gross=st.just(Decimal("500.00")),
    due_date=DAYS,
    arrival=st.sampled_from(Arrival),
    open_amount=st.none() | CENTS,
    is_voided=st.booleans(),
    read_at=AGES.map(lambda age: None if age is None else NOW - timedelta(seconds=age)),
    notices=NOTICES,
    block=st.sampled_from(["", "Urlaub"]),
    dispute=st.sampled_from(["", "Mangel"]),
)
# Facts with nothing in the way but the amount and the calendar: here decisions to act are common.
OPEN_FACTS = st.builds(
    replace,
    st.just(FACTS),
    due_date=DAYS,
    open_amount=CENTS,
    notices=st.lists(DAYS, max_size=4).map(
        lambda days: tuple(PastNotice(level, Arrival.SENT, day) for level, day in enumerate(sorted(days), 1))
    ),
)
FACTS_OF_ALL_KINDS = ANY_FACTS | OPEN_FACTS


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS)
def test_every_decision_has_reasons(facts: Facts, policy: Policy, today: date) -> None:
    """Whatever the facts: a decision, reasons that are sentences, and a level exactly when something is done."""
    decision = decide(facts, policy, today, NOW)
    assert decision.reasons
    assert all(reason.code and reason.text.endswith(".") for reason in decision.reasons)
    assert (decision.level is None) == (decision.outcome is Outcome.NOTHING)
    assert (decision.outcome is Outcome.NOTHING) == bool(against(decision))


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS)
def test_nothing_is_done_unless_all_is_clear(facts: Facts, policy: Policy, today: date) -> None:
    """Acting needs a fresh, open, sufficient amount, arrival, no block, no dispute, a working day and its time."""
    decision = decide(facts, policy, today, NOW)
    if decision.outcome is Outcome.NOTHING:
        return
    assert not facts.is_voided
    assert facts.open_amount is not None
    assert facts.read_at is not None
    assert facts.open_amount > 0
    assert facts.open_amount >= policy.minimum
    assert timedelta(0) <= NOW - facts.read_at <= timedelta(seconds=60)
    assert facts.arrival is Arrival.SENT
    assert not facts.block
    assert not facts.dispute
    assert is_working_day(today, policy.land)
    assert today > last_day_to_pay(facts.due_date, policy.land) or facts.notices


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS)
def test_the_level_is_the_next_one_and_never_another(facts: Facts, policy: Policy, today: date) -> None:
    """One level at a time, none twice, none left out; a task only where the policy asks for one."""
    decision = decide(facts, policy, today, NOW)
    if decision.level is None:
        return
    assert decision.level == len(facts.notices) + 1
    wanted = policy.levels[decision.level - 1].action
    is_for_people = wanted in (Action.TASK, Action.HAND_OVER)
    assert decision.outcome is (Outcome.TASK if is_for_people else Outcome.NOTICE)


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS)
def test_a_level_never_acts_on_the_day_of_the_one_before(facts: Facts, policy: Policy, today: date) -> None:
    """At least a day, and as many as the policy says, lie between two levels, counted from the real day."""
    decision = decide(facts, policy, today, NOW)
    if decision.level is None or not facts.notices:
        return
    before = facts.notices[-1]
    assert before.sent_on is not None
    assert before.arrival in (Arrival.SENT, Arrival.UNKNOWN)
    assert (today - before.sent_on).days >= max(1, policy.levels[decision.level - 1].days)


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS, CENTS)
def test_more_money_paid_never_starts_a_reminder(facts: Facts, policy: Policy, today: date, paid: Decimal) -> None:
    """Where nothing was done, paying more changes that never."""
    assume(paid >= 0)
    assume(facts.open_amount is not None)
    before = decide(facts, policy, today, NOW)
    after = decide(replace(facts, open_amount=(facts.open_amount or 0) - paid), policy, today, NOW)
    assert before.outcome is not Outcome.NOTHING or after.outcome is Outcome.NOTHING


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS)
def test_any_doubt_stops_what_would_have_been_done(facts: Facts, policy: Policy, today: date) -> None:
    """A block, a dispute, a cancellation or a lost reading always means nothing."""
    doubts: list[dict[str, Any]] = [
        {"block": "x"},
        {"dispute": "x"},
        {"is_voided": True},
        {"open_amount": None},
        {"read_at": None},
        {"arrival": Arrival.UNKNOWN},
    ]
    for doubt in doubts:
        assert decide(replace(facts, **doubt), policy, today, NOW).outcome is Outcome.NOTHING


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS)
def test_waiting_never_skips_the_day(facts: Facts, policy: Policy, today: date) -> None:
    """The day named as the earliest is a day on which the calendar allows it or only a weekend is in the way."""
    earliest = earliest_action(facts, policy)
    if earliest is None:
        assert decide(facts, policy, today, NOW).outcome is Outcome.NOTHING
        return
    codes = against(decide(facts, policy, earliest, NOW))
    assert "not-yet" not in codes
    assert "not-yet" in against(decide(facts, policy, earliest - timedelta(1), NOW))


@given(DAYS, POLICIES)
def test_the_first_check_is_after_the_last_day_to_pay(due: date, policy: Policy) -> None:
    """Nobody is looked at while still in time (§ 193 BGB included)."""
    day = first_check(due, policy)
    assert (day is None) == (not policy.levels)
    assert day is None or day > last_day_to_pay(due, policy.land)


def test_a_debit_that_did_not_come_is_for_a_person() -> None:
    """Who lets us take the money gets no reminder: a person finds out why it is missing."""
    decision = at(TODAY, replace(FACTS, is_collected=True))
    assert (decision.outcome, decision.level) == (Outcome.TASK, 1)
    assert "Lastschrift" in told(decision)


@given(FACTS_OF_ALL_KINDS, POLICIES, DAYS)
def test_no_letter_where_we_collect(facts: Facts, policy: Policy, today: date) -> None:
    """Whatever else holds, a customer with a mandate gets no letter by itself (§ 286 Abs. 4: not his fault)."""
    assert decide(replace(facts, is_collected=True), policy, today, NOW).outcome is not Outcome.NOTICE
