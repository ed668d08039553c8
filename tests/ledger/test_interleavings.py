"""Any order of workers, crashes, lost, late and doubled effects, pauses and clocks: nothing twice, nothing stuck."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from ledger import effects
from ledger.database import Ledger, open_ledger
from ledger.effects import Flight, Kind, LeaseLost, Settlement, State
from ledger.tables import EffectRow
from tests.ledger.samples import LEASE, NOW, QUIET, new_invoice

KIND = Kind.SEND_INVOICE
SEARCHES = 2
AT_REST = (State.DONE, State.REFUSED, State.CANCELLED)
SLEEPS = st.sampled_from([0, 0, 300])
"""Seconds that a worker may lose before a step: nothing, or its lease."""

WAITS = st.sampled_from([0, 1, 120])
"""Seconds before or during a search: within or after the quiet period."""

BACK = 600
"""Seconds by which somebody sets the clock back."""

# What becomes of a request (seconds until each copy of it lands outside), and what the worker hears of it.
FATES = st.sampled_from(
    [((0,), State.DONE), ((0,), State.UNKNOWN), ((239,), State.UNKNOWN), ((239,), State.UNKNOWN)]
    + [((0, 0), State.UNKNOWN), ((0, 239), State.UNKNOWN)]
    + [((), State.UNKNOWN), ((), State.UNKNOWN), ((), State.FAILED), ((), State.REFUSED)]
)


@dataclass
class Worker:
    """A worker in the middle of an attempt: how it will settle it, `FAILED` as long as it has not asked."""

    flight: Flight
    outcome: State = State.FAILED
    has_asked: bool = False


class Effects(RuleBasedStateMachine):
    """Two workers, one effect and the world outside; each run has a client of its own."""

    def __init__(self, ledger: Ledger, invoice_id: int) -> None:
        super().__init__()
        self.ledger = ledger
        self.invoice_id = invoice_id
        self.client = uuid4().hex
        self.now = NOW
        self.behind = 0
        self.begin()

    def begin(self) -> None:
        """Plan an effect of which nobody has heard yet."""
        self.state = State.PLANNED
        self.landings: list[datetime] = []
        self.acted = 0
        self.workers: list[Worker] = []
        self.searches: list[tuple[EffectRow, int]] = []
        with self.ledger.writing() as session:
            key = uuid4().hex
            self.effect_id = effects.plan(session, self.client, KIND, key, self.invoice_id, {}, self.now).id

    @precondition(lambda self: self.state in AT_REST)
    @rule()
    def begin_again(self) -> None:
        """Its story is over: the next one."""
        self.begin()

    def read(self) -> State:
        """The state in which the effect stands."""
        with self.ledger.reading() as session:
            return State(session.scalars(select(EffectRow.state).where(EffectRow.id == self.effect_id)).one())

    def wait(self, seconds: int) -> None:
        """Time goes by."""
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.behind < 3 * BACK)
    @rule()
    def set_the_clock_back(self) -> None:
        """Somebody sets the clock back; what has landed has landed, and what is on its way takes as long as before."""
        self.behind += BACK
        self.now -= timedelta(seconds=BACK)
        self.landings = [landing - timedelta(seconds=BACK) for landing in self.landings]

    @precondition(lambda self: len(self.workers) < 2)
    @rule()
    def take(self) -> None:
        """A worker tries to claim it, whether it is due or not."""
        with self.ledger.writing() as session:
            flight = effects.take(session, self.effect_id, f"worker {len(self.workers)}", self.now, LEASE)
        if flight:
            self.workers.append(Worker(flight))

    @precondition(lambda self: any(not worker.has_asked for worker in self.workers))
    @rule(data=st.data(), pause=SLEEPS, fate=FATES)
    def act(self, data: st.DataObject, pause: int, fate: tuple[tuple[int, ...], State]) -> None:
        """A worker announces the step and takes it; the world acts now, late, twice or never, and answers or not."""
        self.wait(pause)
        worker = data.draw(st.sampled_from([worker for worker in self.workers if not worker.has_asked]))
        try:
            with self.ledger.writing() as session:
                effects.reach(session, worker.flight, "sending", self.now)
        except LeaseLost:
            self.workers.remove(worker)
            return
        delays, worker.outcome = fate
        worker.has_asked = True
        self.acted += bool(delays)
        self.landings += [self.now + timedelta(seconds=delay) for delay in delays]

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), pause=SLEEPS, crashes=st.sampled_from([False, False, True]))
    def settle(self, data: st.DataObject, pause: int, crashes: bool) -> None:
        """A worker writes down what it heard, however late, or is gone without a word."""
        self.wait(pause)
        worker = data.draw(st.sampled_from(self.workers))
        self.workers.remove(worker)
        if crashes:
            return
        told = Settlement(worker.outcome, not_before=self.now + QUIET if worker.outcome is State.UNKNOWN else None)
        try:
            with self.ledger.writing() as session:
                effects.settle(session, worker.flight, told, self.now)
        except LeaseLost:
            return

    @precondition(lambda self: self.state is State.IN_FLIGHT)
    @rule(pause=SLEEPS)
    def recover(self, pause: int) -> None:
        """Somebody puts right what was left."""
        self.wait(pause)
        with self.ledger.writing() as session:
            effects.recover(session, self.client, self.now, QUIET)

    @precondition(lambda self: self.state is State.UNKNOWN and len(self.searches) < 3)
    @rule(pause=WAITS)
    def begin_search(self, pause: int) -> None:
        """Somebody searches if the quiet period is over; what is found is told later."""
        self.wait(pause)
        with self.ledger.reading() as session:
            listed = effects.unknown(session, self.client, KIND, self.now)
        found = sum(landing <= self.now for landing in self.landings)
        self.searches += [(row, found) for row in listed]

    @precondition(lambda self: self.searches)
    @rule(data=st.data(), pause=WAITS)
    def end_search(self, data: st.DataObject, pause: int) -> None:
        """What was found is written down, on the ground of the row as it was read."""
        self.wait(pause)
        self.note_search(*self.searches.pop(data.draw(st.integers(0, len(self.searches) - 1))))

    def note_search(self, row: EffectRow, found: int) -> None:
        """Adopt the one hit, hand several to a person, count none."""
        with self.ledger.writing() as session:
            if found == 1:
                effects.adopt(session, row, {}, self.now)
            elif found:
                effects.refuse(session, row, "mehrfach", "", self.now)
            else:
                effects.searched_in_vain(session, row, SEARCHES, QUIET, self.now)

    @precondition(lambda self: self.state in (State.UNKNOWN, State.DONE, State.REFUSED))
    @rule()
    def meddle(self) -> None:
        """Somebody mends what was refused, or gives up what is not known to be undone."""
        with self.ledger.writing() as session:
            effects.plan_again(session, effects.get(session, self.effect_id), self.now)
            if self.state is not State.REFUSED:
                effects.cancel(session, self.effect_id, "nicht mehr gewünscht", self.now)

    @invariant()
    def it_is_done_once_at_most(self) -> None:
        """P8: however the answers were lost, it happened once at most."""
        assert self.acted <= 1

    @invariant()
    def its_state_tells_the_truth(self) -> None:
        """Done has happened; planned, failed, refused and cancelled have not, and nothing is on its way."""
        self.state = self.read()
        if self.state not in (State.UNKNOWN, State.IN_FLIGHT):
            is_done = self.state is State.DONE or (self.state is State.REFUSED and len(self.landings) > 1)
            assert bool(self.landings) == is_done, self.state

    def teardown(self) -> None:
        """Nothing is stuck: with time, recovery and searches alone it rests, or is due again."""
        self.workers, self.searches = [], []
        self.wait(self.behind)
        for _ in range(SEARCHES + 2 if self.state in (State.UNKNOWN, State.IN_FLIGHT) else 0):
            self.recover(300)
            self.begin_search(0)
            while self.searches:
                self.note_search(*self.searches.pop())
        with self.ledger.reading() as session:
            is_due = effects.due(session, self.client, KIND, self.now) == [self.effect_id]
        assert is_due or self.read() in AT_REST
        self.its_state_tells_the_truth()


@pytest.fixture
def memory() -> Iterator[Ledger]:
    """A ledger in memory: thousands of transactions without a disk."""
    ledger = open_ledger("sqlite://")
    yield ledger
    ledger.close()


def test_any_interleaving_is_safe(memory: Ledger) -> None:
    """No schedule of two workers does anything twice or leaves anything behind."""
    invoice_id = new_invoice(memory)
    run_state_machine_as_test(
        lambda: Effects(memory, invoice_id),  # type: ignore[arg-type]
        settings=settings(
            max_examples=120, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
