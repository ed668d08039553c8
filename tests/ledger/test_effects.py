"""Effects: intent before effect, one claim, three outcomes, and nothing repeated that may have happened."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ledger import effects
from ledger.database import Ledger, Transaction
from ledger.effects import CLAIMED, Kind, LeaseLost, Settlement, State
from ledger.tables import AttemptRow, EffectRow
from tests.ledger.samples import (
    CLIENT,
    LEASE,
    NOW,
    QUIET,
    SECOND,
    new_invoice,
    plan,
    reach,
    read,
    settle,
    state,
    take,
    taken,
    unknown,
)


def attempts(ledger: Ledger, effect_id: int) -> list[tuple[int, str, str]]:
    """Number, phase and outcome of the attempts at an effect."""
    query = select(AttemptRow).where(AttemptRow.effect_id == effect_id).order_by(AttemptRow.number)
    with ledger.reading() as session:
        return [(row.number, row.phase, row.outcome) for row in session.scalars(query)]


def search(ledger: Ledger, effect_id: int, minutes: float, needed: int = 2) -> bool:
    """Note a complete search that found nothing, so many minutes after the start."""
    now = NOW + timedelta(minutes=minutes)
    with ledger.writing() as session:
        return effects.searched_in_vain(session, effects.get(session, effect_id), needed, QUIET, now)


def end(ledger: Ledger, effect_id: int, outcome: State) -> None:
    """Bring a planned effect into a state."""
    if outcome is State.PLANNED:
        return
    if outcome is State.CANCELLED:
        with ledger.writing() as session:
            assert effects.cancel(session, effect_id, "nicht mehr gewünscht", NOW)
        return
    flight = taken(ledger, effect_id)
    if outcome is not State.IN_FLIGHT:
        settle(ledger, flight, Settlement(outcome, "so kam es"))


def test_an_effect_is_planned_once(ledger: Ledger, invoice_id: int) -> None:
    """The same business key gives the effect that is there, unchanged, whatever the second plan says."""
    first = plan(ledger, invoice_id)
    with ledger.writing() as session:
        again = effects.plan(session, CLIENT, Kind.SEND_INVOICE, "mail-1", invoice_id, {"sha256": "other"}, NOW + LEASE)
        assert again.id == first
    assert read(ledger, first).payload == {"sha256": "ab"}
    assert read(ledger, first).not_before == NOW


def test_another_client_kind_or_key_is_another_effect(ledger: Ledger, invoice_id: int) -> None:
    """The key is (client, kind, key), and each part counts."""
    with ledger.writing() as session:
        ids = {
            effects.plan(session, client, kind, key, invoice_id, {}, NOW).id
            for client in (CLIENT, "winter")
            for kind in (Kind.SEND_INVOICE, Kind.SEND_COPY)
            for key in ("mail-1", "mail-2")
        }
    assert len(ids) == 8


def test_what_is_not_committed_is_not_planned(ledger: Ledger, invoice_id: int) -> None:
    """A crash before the commit leaves no intent, and without intent there is no effect."""

    def crashes() -> None:
        with ledger.writing() as session:
            effects.plan(session, CLIENT, Kind.SEND_INVOICE, "mail-1", invoice_id, {}, NOW)
            raise RuntimeError("Absturz")

    with pytest.raises(RuntimeError):
        crashes()
    with ledger.reading() as session:
        assert effects.due(session, CLIENT, Kind.SEND_INVOICE, NOW) == []


def test_what_was_planned_comes_back_in_order_and_in_its_time(ledger: Ledger, invoice_id: int) -> None:
    """Due are planned and failed effects whose time has come, of this client and kind, oldest first."""
    first, second, later = (plan(ledger, invoice_id, key) for key in ("b", "a", "c"))
    settle(ledger, taken(ledger, later), Settlement(State.FAILED, not_before=NOW + LEASE))
    with ledger.reading() as session:
        assert effects.due(session, CLIENT, Kind.SEND_INVOICE, NOW) == [first, second]
        assert effects.due(session, CLIENT, Kind.SEND_INVOICE, NOW + LEASE - SECOND) == [first, second]
        assert effects.due(session, CLIENT, Kind.SEND_INVOICE, NOW + LEASE) == [first, second, later]
        assert effects.due(session, CLIENT, Kind.SEND_INVOICE, NOW - SECOND) == []
        assert effects.due(session, "winter", Kind.SEND_INVOICE, NOW) == []
        assert effects.due(session, CLIENT, Kind.SEND_REMINDER, NOW) == []


@pytest.mark.parametrize("outcome", State)
def test_only_planned_and_failed_effects_can_be_taken(ledger: Ledger, mail: int, outcome: State) -> None:
    """Done, refused, unknown, cancelled and in flight are nobody's to take."""
    end(ledger, mail, outcome)
    flight = take(ledger, mail, "other")
    assert (flight is not None) == (outcome in (State.PLANNED, State.FAILED))


def test_an_effect_is_not_taken_before_its_time(ledger: Ledger, mail: int) -> None:
    """The conditional update asks for the time too, not only the list of due ones."""
    settle(ledger, taken(ledger, mail), Settlement(State.FAILED, not_before=NOW + LEASE))
    assert take(ledger, mail, now=NOW + LEASE - SECOND) is None
    assert take(ledger, mail, now=NOW + LEASE) is not None


def test_the_attempt_is_written_before_it_is_made(ledger: Ledger, mail: int) -> None:
    """Taking leaves a row of the attempt with owner and phase, committed."""
    flight = taken(ledger, mail)
    row = read(ledger, mail)
    assert (row.state, row.phase, row.owner, row.attempts) == (State.IN_FLIGHT, CLAIMED, "me", 1)
    assert row.lease_until == NOW + LEASE
    assert attempts(ledger, mail) == [(1, CLAIMED, State.IN_FLIGHT)]
    assert (flight.attempt, flight.key, flight.kind, flight.payload) == (1, "mail-1", Kind.SEND_INVOICE, row.payload)


def test_attempts_are_counted_and_kept(ledger: Ledger, mail: int) -> None:
    """Each attempt has its own row with how far it came and how it ended."""
    first = taken(ledger, mail)
    reach(ledger, first, "pre_dot")
    settle(ledger, first, Settlement(State.FAILED, "421", "später"))
    second = taken(ledger, mail)
    assert read(ledger, mail).phase == CLAIMED
    reach(ledger, second, "dot")
    settle(ledger, second, Settlement(State.DONE, result={"answer": "250"}))
    assert attempts(ledger, mail) == [(1, "pre_dot", State.FAILED), (2, "dot", State.DONE)]
    assert read(ledger, mail).result == {"answer": "250"}
    assert second.token != first.token


def test_of_two_racing_threads_exactly_one_takes(ledger: Ledger, invoice_id: int) -> None:
    """Forty races, one winner each."""
    ids = [plan(ledger, invoice_id, f"mail-{number}") for number in range(40)]
    winners: list[tuple[int, str]] = []
    barrier = threading.Barrier(2)

    def race(owner: str) -> None:
        barrier.wait(10)
        for effect_id in ids:
            if take(ledger, effect_id, owner):
                winners.append((effect_id, owner))

    threads = [threading.Thread(target=race, args=(owner,)) for owner in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(effect_id for effect_id, _ in winners) == ids
    assert all(read(ledger, effect_id).owner == owner for effect_id, owner in winners)


def test_planning_the_same_in_two_threads_makes_one_effect(ledger: Ledger, invoice_id: int) -> None:
    """Both get the same effect, or one learns that the other was faster."""
    barrier = threading.Barrier(2)
    made: list[int] = []

    def race() -> None:
        barrier.wait(10)
        made.extend(plan(ledger, invoice_id, f"mail-{number}") for number in range(10))

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 20
    assert len(set(made)) == 10


def test_phases_are_written_down(ledger: Ledger, mail: int) -> None:
    """How far an attempt has come stands in the effect while it runs, and in the attempt for ever."""
    flight = taken(ledger, mail)
    for phase in ("pre_dot", "dot"):
        reach(ledger, flight, phase)
        assert read(ledger, mail).phase == phase
    settle(ledger, flight, Settlement(State.FAILED))
    taken(ledger, mail)
    assert attempts(ledger, mail) == [(1, "dot", State.FAILED), (2, CLAIMED, State.IN_FLIGHT)]


def test_who_lost_the_lease_goes_no_further(ledger: Ledger, mail: int) -> None:
    """A worker that slept through its lease stops before it does anything outside."""
    flight = taken(ledger, mail)
    with pytest.raises(LeaseLost):
        reach(ledger, flight, "dot", NOW + LEASE)
    assert read(ledger, mail).phase == CLAIMED
    reach(ledger, flight, "dot", NOW + LEASE - SECOND)


def test_who_was_replaced_can_neither_go_on_nor_settle(ledger: Ledger, mail: int) -> None:
    """The token fences off the slow worker when somebody else has taken over."""
    slow = taken(ledger, mail)
    with ledger.writing() as session:
        effects.recover(session, CLIENT, NOW + LEASE, QUIET)
    fast = taken(ledger, mail, "fast", NOW + LEASE)
    with pytest.raises(LeaseLost):
        reach(ledger, slow, "dot", NOW + SECOND)
    with pytest.raises(LeaseLost):
        settle(ledger, slow, Settlement(State.REFUSED, "zu spät"))
    assert read(ledger, mail).owner == "fast"
    reach(ledger, fast, "dot", NOW + LEASE)


def test_a_fact_is_taken_in_after_the_lease_while_nobody_acted(ledger: Ledger, mail: int) -> None:
    """The receiver's yes counts, even if it came after the lease ran out."""
    flight = taken(ledger, mail)
    reach(ledger, flight, "dot")
    settle(ledger, flight, Settlement(State.DONE), NOW + 3 * LEASE)
    assert state(ledger, mail) is State.DONE


def test_an_attempt_ends_once(ledger: Ledger, mail: int) -> None:
    """A second settlement of the same attempt is refused."""
    flight = taken(ledger, mail)
    settle(ledger, flight, Settlement(State.DONE))
    with pytest.raises(LeaseLost):
        settle(ledger, flight, Settlement(State.FAILED))
    assert state(ledger, mail) is State.DONE


def test_recovery_goes_by_the_phase(ledger: Ledger, invoice_id: int) -> None:
    """What had not begun goes back to failed at once; what may have left becomes unknown, after the quiet period."""
    begun, not_begun = plan(ledger, invoice_id, "begun"), plan(ledger, invoice_id, "not begun")
    reach(ledger, taken(ledger, begun), "dot")
    taken(ledger, not_begun)
    later = NOW + LEASE
    with ledger.writing() as session:
        changed = effects.recover(session, CLIENT, later, QUIET)
        assert sorted((row.id, row.state) for row in changed) == [(begun, State.UNKNOWN), (not_begun, State.FAILED)]
    assert read(ledger, begun).not_before == later + QUIET
    assert read(ledger, not_begun).not_before == later
    assert "Phase dot" in read(ledger, begun).evidence
    assert attempts(ledger, begun) == [(1, "dot", State.UNKNOWN)]
    assert attempts(ledger, not_begun) == [(1, CLAIMED, State.FAILED)]


def test_recovery_leaves_a_running_lease_alone(ledger: Ledger, mail: int) -> None:
    """Until its lease runs out an attempt belongs to its owner."""
    reach(ledger, taken(ledger, mail), "dot")
    with ledger.writing() as session:
        assert effects.recover(session, CLIENT, NOW + LEASE - SECOND, QUIET) == []
        assert effects.recover(session, "winter", NOW + 9 * LEASE, QUIET) == []
    assert state(ledger, mail) is State.IN_FLIGHT


@pytest.mark.parametrize("outcome", [outcome for outcome in State if outcome is not State.IN_FLIGHT])
def test_recovery_touches_nothing_that_is_at_rest(ledger: Ledger, mail: int, outcome: State) -> None:
    """Only effects in flight are put right."""
    end(ledger, mail, outcome)
    with ledger.writing() as session:
        assert effects.recover(session, CLIENT, NOW + 9 * LEASE, QUIET) == []
    assert state(ledger, mail) is outcome


def test_an_unknown_effect_waits_for_its_quiet_period(ledger: Ledger, mail: int) -> None:
    """It is listed for the look-up when the quiet period is over, not before."""
    unknown(ledger, mail)
    with ledger.reading() as session:
        assert effects.unknown(session, CLIENT, Kind.SEND_INVOICE, NOW + QUIET - SECOND) == []
        assert [row.id for row in effects.unknown(session, CLIENT, Kind.SEND_INVOICE, NOW + QUIET)] == [mail]
        assert [row.id for row in effects.in_state(session, CLIENT, Kind.SEND_INVOICE, State.UNKNOWN)] == [mail]


def test_two_empty_searches_a_quiet_period_apart_allow_one_new_attempt(ledger: Ledger, mail: int) -> None:
    """P9: the first search counts after the quiet period, the second a quiet period later, and then once."""
    unknown(ledger, mail)
    assert not search(ledger, mail, 1.9)
    assert read(ledger, mail).lookups == 0
    assert not search(ledger, mail, 2)
    assert read(ledger, mail).lookups == 1
    assert not search(ledger, mail, 3.9)
    assert read(ledger, mail).lookups == 1
    assert state(ledger, mail) is State.UNKNOWN
    assert search(ledger, mail, 4)
    assert state(ledger, mail) is State.FAILED
    assert not search(ledger, mail, 60)
    assert take(ledger, mail, now=NOW + timedelta(minutes=4)) is not None


@pytest.mark.parametrize("needed", [2, 3, 5])
def test_as_many_searches_as_configured_are_needed(ledger: Ledger, mail: int, needed: int) -> None:
    """Not one search less."""
    unknown(ledger, mail)
    answers = [search(ledger, mail, 2 * number, needed) for number in range(1, needed + 1)]
    assert answers == [False] * (needed - 1) + [True]


def test_searches_begin_anew_after_each_unknown_outcome(ledger: Ledger, mail: int) -> None:
    """Old searches say nothing about the attempt that came after them."""
    unknown(ledger, mail)
    assert [search(ledger, mail, minutes) for minutes in (2, 4)] == [False, True]
    unknown(ledger, mail, NOW + timedelta(minutes=4))
    assert [search(ledger, mail, minutes) for minutes in (5, 6, 7, 8)] == [False, False, False, True]


def test_two_searches_at_the_same_moment_count_once(ledger: Ledger, mail: int) -> None:
    """Two workers that read the same effect cannot both count."""
    unknown(ledger, mail)
    row = read(ledger, mail)
    now = NOW + QUIET
    for counted in (1, 1):
        with ledger.writing() as session:
            assert not effects.searched_in_vain(session, row, 2, QUIET, now)
        assert read(ledger, mail).lookups == counted


def test_a_search_on_the_ground_of_an_old_row_counts_for_nothing(ledger: Ledger, mail: int) -> None:
    """Who read the effect before somebody else counted must read it again, however much time has passed."""
    unknown(ledger, mail)
    old = read(ledger, mail)
    assert not search(ledger, mail, 2)
    with ledger.writing() as session:
        assert not effects.searched_in_vain(session, old, 2, QUIET, NOW + timedelta(minutes=9))
    assert read(ledger, mail).looked_at == NOW + timedelta(minutes=2)


@pytest.mark.parametrize("outcome", State)
def test_adopting_and_refusing_want_an_unknown_effect(ledger: Ledger, invoice_id: int, outcome: State) -> None:
    """A look-up changes nothing that somebody else has settled meanwhile."""
    for leave in (adopt, refuse):
        effect_id = plan(ledger, invoice_id, leave.__name__)
        end(ledger, effect_id, outcome)
        with ledger.writing() as session:
            assert leave(session, effects.get(session, effect_id)) == (outcome is State.UNKNOWN)
        if outcome is not State.UNKNOWN:
            assert state(ledger, effect_id) is outcome


def adopt(session: Transaction, effect: EffectRow) -> bool:
    """A look-up has found it done."""
    return effects.adopt(session, effect, {"external_id": "x"}, NOW)


def refuse(session: Transaction, effect: EffectRow) -> bool:
    """A look-up has found two of it."""
    return effects.refuse(session, effect, "Zweimal gefunden.", "x, y", NOW)


def test_a_look_up_settles_an_unknown_effect(ledger: Ledger, invoice_id: int) -> None:
    """Found once: done, with what was found. Found twice: refused, with the evidence."""
    one, other = plan(ledger, invoice_id, "one"), plan(ledger, invoice_id, "other")
    for effect_id, leave in ((one, adopt), (other, refuse)):
        unknown(ledger, effect_id)
        with ledger.writing() as session:
            assert leave(session, effects.get(session, effect_id))
    assert (state(ledger, one), read(ledger, one).result) == (State.DONE, {"external_id": "x"})
    assert (state(ledger, other), read(ledger, other).evidence) == (State.REFUSED, "x, y")


@pytest.mark.parametrize("outcome", State)
def test_only_what_provably_did_not_happen_is_cancelled(ledger: Ledger, mail: int, outcome: State) -> None:
    """Planned, failed and refused effects can be dropped; in flight, unknown and done ones cannot."""
    end(ledger, mail, outcome)
    with ledger.writing() as session:
        dropped = effects.cancel(session, mail, "bezahlt", NOW)
    assert dropped == (outcome in (State.PLANNED, State.FAILED, State.REFUSED))
    assert state(ledger, mail) is (State.CANCELLED if dropped else outcome)
    assert not dropped or take(ledger, mail) is None


@pytest.mark.parametrize("outcome", State)
def test_only_a_refused_effect_gets_a_new_start(ledger: Ledger, mail: int, outcome: State) -> None:
    """Planning again is for what a person has mended."""
    end(ledger, mail, outcome)
    with ledger.writing() as session:
        again = effects.plan_again(session, effects.get(session, mail), NOW)
    assert again == (outcome is State.REFUSED)
    assert state(ledger, mail) is (State.PLANNED if again else outcome)


def test_what_was_found_twice_never_gets_a_new_start(ledger: Ledger, mail: int) -> None:
    """It happened, even doubly: neither planning again nor cancelling may pretend that it did not."""
    unknown(ledger, mail)
    with ledger.writing() as session:
        assert refuse(session, effects.get(session, mail))
    with ledger.writing() as session:
        effect = effects.get(session, mail)
        assert not effects.plan_again(session, effect, NOW)
        assert not effects.cancel(session, mail, "nicht mehr gewünscht", NOW)
    assert state(ledger, mail) is State.REFUSED


def test_what_was_done_is_counted_for_the_daily_cap(ledger: Ledger, invoice_id: int) -> None:
    """Only effects of these kinds, in these states, of this client and after the instant count."""
    for number, outcome in enumerate([State.DONE, State.DONE, State.FAILED, State.UNKNOWN, State.PLANNED]):
        end(ledger, plan(ledger, invoice_id, f"mail-{number}"), outcome)
    with ledger.reading() as session:
        mails, copies, done = [Kind.SEND_INVOICE], [Kind.SEND_COPY], [State.DONE]
        assert effects.number_since(session, CLIENT, mails, done, NOW - SECOND) == 2
        assert effects.number_since(session, CLIENT, mails, [*done, State.UNKNOWN], NOW - SECOND) == 3
        assert effects.number_since(session, CLIENT, mails, done, NOW) == 0
        assert effects.number_since(session, CLIENT, copies, done, NOW - SECOND) == 0
        assert effects.number_since(session, "winter", mails, done, NOW - SECOND) == 0
        assert effects.counts(session, CLIENT)[Kind.SEND_INVOICE] == {
            State.DONE: 2,
            State.FAILED: 1,
            State.UNKNOWN: 1,
            State.PLANNED: 1,
        }


def test_an_effect_that_is_not_there_is_a_lookup_error(ledger: Ledger) -> None:
    """Asking for what does not exist is said plainly."""
    with ledger.reading() as session, pytest.raises(LookupError):
        effects.get(session, 4711)


@pytest.mark.postgres
def test_another_workers_step_is_not_undone_by_recovery(postgresql_ledger: Ledger) -> None:
    """A worker that reaches the dot while recovery has read its lease as over is not given back as not begun."""
    invoice_id = new_invoice(postgresql_ledger)
    blocked, moving = plan(postgresql_ledger, invoice_id, "a"), plan(postgresql_ledger, invoice_id, "b")
    flight = taken(postgresql_ledger, moving)
    taken(postgresql_ledger, blocked)

    def recover() -> None:
        with postgresql_ledger.writing() as session:
            effects.recover(session, CLIENT, NOW + LEASE, QUIET)

    # The worker's clock was read before the lease ran out, its statement arrives in the middle of recovery.
    with postgresql_ledger.writing() as session:
        effects.get(session, blocked)
        other = threading.Thread(target=recover)
        other.start()
        other.join(0.2)
        effects.reach(session, flight, "dot", NOW + LEASE - SECOND)
    other.join(20)
    assert state(postgresql_ledger, moving) is State.UNKNOWN
    assert state(postgresql_ledger, blocked) is State.FAILED


@given(
    attempt=st.integers(1, 1000),
    first=st.integers(1, 86_400),
    factor=st.integers(1, 10),
    cap=st.integers(1, 7 * 86_400),
    share=st.floats(0, 1),
)
def test_waiting_grows_up_to_the_cap(attempt: int, first: int, factor: int, cap: int, share: float) -> None:
    """The pause lies between half of the exponential and all of it, never above the cap, for any number of attempts."""
    pause = back_off(attempt, first, factor, cap, lambda low, high: low + share * (high - low))
    longest = min(cap, first * factor ** (attempt - 1))
    assert timedelta(seconds=longest) / 2 - SECOND <= pause <= timedelta(seconds=longest)


@given(attempt=st.integers(1, 60), first=st.integers(1, 3600), factor=st.integers(1, 10), cap=st.integers(1, 86_400))
def test_waiting_never_gets_shorter(attempt: int, first: int, factor: int, cap: int) -> None:
    """With the same luck a later attempt waits at least as long as the one before."""
    assert back_off(attempt, first, factor, cap, half) <= back_off(attempt + 1, first, factor, cap, half)


def half(low: float, _high: float) -> float:
    """The least that chance can give."""
    return low


def back_off(attempt: int, first: int, factor: int, cap: int, jitter: Callable[[float, float], float]) -> timedelta:
    """The pause, with figures in seconds."""
    return effects.back_off(attempt, timedelta(seconds=first), factor, timedelta(seconds=cap), jitter)
