"""Dunning steps: one per invoice and level, with the decision behind it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.dunning import Decision, Outcome, Reason
from billing.dunning_facts import Arrival, Facts, PastNotice
from billing.dunning_policy import Action, Level, Policy
from ledger import effects, invoices, journal, notices
from ledger.bodies import FACTS, POLICY
from ledger.database import Clash, Ledger
from ledger.effects import Kind, Settlement, State
from ledger.tables import DecisionRow, NoticeRow
from tests.ledger.samples import CLIENT, NOW, SECOND, add_invoice, reach, settle, taken

TODAY = date(2026, 11, 23)
OPEN = Decimal("220.01")
THEN = Policy((Level(7, Action.REMINDER), Level(10, Action.TASK)), Decimal("5.00"), "BY")
KNOWN = Facts("RE-1", OPEN, date(2026, 11, 16), Arrival.SENT, OPEN, False, NOW, (PastNotice(1, Arrival.SENT, TODAY),))
REMIND = Decision(Outcome.NOTICE, 1, (Reason("open", "Offen.", True),))
NOTHING = Decision(Outcome.NOTHING, None, (Reason("paid", "Bezahlt.", False),))


def decide(ledger: Ledger, invoice_id: int, decision: Decision = REMIND, now: datetime = NOW) -> int:
    """Keep a decision; its id."""
    with ledger.writing() as session:
        invoice = invoices.get(session, invoice_id)
        return notices.decide(session, invoice, decision, KNOWN, THEN, TODAY, now).id


def remind(ledger: Ledger, invoice_id: int, level: int = 1, number: int = 1) -> tuple[int, int]:
    """Take a step with a reminder; the ids of notice and effect."""
    decision_id = decide(ledger, invoice_id, replace(REMIND, level=level))
    with ledger.writing() as session:
        effect = effects.plan(session, CLIENT, Kind.SEND_REMINDER, f"reminder-{number}", invoice_id, {}, NOW)
        row = notices.take(session, session.get_one(DecisionRow, decision_id), level, OPEN, NOW, effect_id=effect.id)
        return row.id, effect.id


def past(ledger: Ledger, invoice_id: int) -> tuple[PastNotice, ...]:
    """The steps taken."""
    with ledger.reading() as session:
        return notices.past(session, invoice_id)


def test_a_level_is_taken_once(ledger: Ledger, invoice_id: int) -> None:
    """The database refuses a second notice of the same level, and nothing of that transaction is kept."""
    remind(ledger, invoice_id)
    with pytest.raises(Clash):
        remind(ledger, invoice_id, number=2)
    with ledger.reading() as session:
        assert len(notices.of_invoice(session, invoice_id)) == 1
        assert effects.due(session, CLIENT, Kind.SEND_REMINDER, NOW) != []
        assert len(effects.due(session, CLIENT, Kind.SEND_REMINDER, NOW)) == 1


def test_another_level_or_invoice_is_another_notice(ledger: Ledger, invoice_id: int) -> None:
    """Levels and invoices do not stand in each other's way."""
    with ledger.writing() as session:
        other = add_invoice(session, "2").id
    remind(ledger, invoice_id, 1, 1)
    remind(ledger, invoice_id, 2, 2)
    remind(ledger, other, 1, 3)
    assert [step.level for step in past(ledger, invoice_id)] == [1, 2]
    assert [step.level for step in past(ledger, other)] == [1]


def test_a_withdrawn_level_may_be_taken_again(ledger: Ledger, invoice_id: int) -> None:
    """What never left does not count, but its number is used up."""
    notice_id, _ = remind(ledger, invoice_id)
    with ledger.writing() as session:
        session.get_one(NoticeRow, notice_id).withdrawn_at = NOW
    assert past(ledger, invoice_id) == ()
    remind(ledger, invoice_id, number=2)
    assert len(past(ledger, invoice_id)) == 1
    with ledger.reading() as session:
        assert notices.number_of(session, invoice_id) == 2


@pytest.mark.parametrize(
    ("outcome", "arrival", "day"),
    [
        (State.DONE, Arrival.SENT, TODAY),
        (State.UNKNOWN, Arrival.UNKNOWN, TODAY),
        (State.FAILED, Arrival.WAITING, None),
        (State.REFUSED, Arrival.REFUSED, None),
        (State.IN_FLIGHT, Arrival.WAITING, None),
        (State.PLANNED, Arrival.WAITING, None),
    ],
)
def test_a_step_counts_from_the_day_it_left(
    ledger: Ledger, invoice_id: int, outcome: State, arrival: Arrival, day: date | None
) -> None:
    """Sent, or of unknown fate: the day of the attempt in Germany. Otherwise it has not left yet."""
    _, effect_id = remind(ledger, invoice_id)
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    if outcome is not State.PLANNED:
        flight = taken(ledger, effect_id, now=late)
        reach(ledger, flight, "dot", late)
        if outcome is not State.IN_FLIGHT:
            settle(ledger, flight, Settlement(outcome), late)
    received = day if arrival is Arrival.SENT else None
    assert past(ledger, invoice_id) == (PastNotice(1, arrival, day, received),)


def test_a_task_counts_from_the_day_it_was_made(ledger: Ledger, invoice_id: int) -> None:
    """There is no mail to wait for."""
    decision_id = decide(ledger, invoice_id)
    with ledger.writing() as session:
        task = notices.ask(session, CLIENT, "dunning/1", "Nachfassen", "", "Büro", TODAY, NOW, invoice_id)
        decision = session.get_one(DecisionRow, decision_id)
        notices.take(session, decision, 1, OPEN, datetime(2026, 11, 22, 23, 30, tzinfo=UTC), task_id=task.id)
    assert past(ledger, invoice_id) == (PastNotice(1, Arrival.SENT, TODAY),)


def test_the_step_of_a_reminder_is_found(ledger: Ledger, invoice_id: int) -> None:
    """From the effect back to the notice, with the amount that its letter names."""
    notice_id, effect_id = remind(ledger, invoice_id)
    with ledger.reading() as session:
        (notice,) = notices.of_effect(session, effect_id)
        assert (notice.id, notice.open_amount) == (notice_id, OPEN)


def test_a_decision_keeps_facts_policy_and_reasons(ledger: Ledger, invoice_id: int) -> None:
    """What it rested on comes back exactly: amounts, days, instants and past steps."""
    decide(ledger, invoice_id)
    with ledger.reading() as session:
        row = notices.latest(session, invoice_id)
    assert row is not None
    assert FACTS.validate_python(row.facts) == KNOWN
    assert POLICY.validate_python(row.policy) == THEN
    assert row.reasons == [{"code": "open", "text": "Offen.", "speaks_for": True}]
    assert (row.outcome, row.level, row.day, row.decided_at) == ("notice", 1, TODAY, NOW)


def test_a_decision_that_repeats_the_last_is_kept_once(ledger: Ledger, invoice_id: int) -> None:
    """Day after day the same: one row; something else in between: rows of their own."""
    first = decide(ledger, invoice_id, NOTHING)
    assert decide(ledger, invoice_id, NOTHING, NOW + timedelta(days=1)) == first
    second = decide(ledger, invoice_id, REMIND)
    third = decide(ledger, invoice_id, NOTHING)
    assert len({first, second, third}) == 3
    with ledger.reading() as session:
        events = [entry.event for entry in journal.entries(session, invoice_id)]
    assert events.count("dunning decided: nothing") == 2
    assert events.count("dunning decided: notice") == 1


def test_without_decision_there_is_none(ledger: Ledger, invoice_id: int) -> None:
    """The latest decision about an untouched invoice is none."""
    with ledger.reading() as session:
        assert notices.latest(session, invoice_id) is None


def test_a_task_is_asked_once(ledger: Ledger, invoice_id: int) -> None:
    """The same key gives the task that is there; another client has tasks of its own."""
    with ledger.writing() as session:
        first = notices.ask(session, CLIENT, "k", "Anrufen", "Bitte", "Büro", TODAY, NOW, invoice_id)
        again = notices.ask(session, CLIENT, "k", "Anders", "", "", None, NOW + SECOND)
        other = notices.ask(session, "winter", "k", "Anrufen", "Bitte", "Büro", TODAY, NOW)
        assert again is first
        assert again.title == "Anrufen"
        assert other.id != first.id
