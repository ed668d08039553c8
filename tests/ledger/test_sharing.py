"""Paused clients and shared batches: nothing leaves for whom rests, and runs beside each other take different items."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ledger import chunks, effects, pauses
from ledger.database import Ledger
from ledger.overrides import NothingToDecide, Word
from ledger.owners import this_process
from tests.ledger.samples import CLIENT, NOW, new_invoice, plan, take, taken

WORD = Word("Betrieb", "Buchhaltung zieht um")
LEASE = timedelta(minutes=15)
GONE = "/".join([this_process().split("/")[0], "1", "zzz-0"])


def share(ledger: Ledger, run: str, wanted: list[int], owner: str = "", minutes: int = 0) -> list[int]:
    """Take up to two of the wanted items."""
    with ledger.writing() as session:
        who, now = owner or this_process(), NOW + timedelta(minutes=minutes)
        return chunks.take(session, CLIENT, "Belege", run, who, wanted, 2, now, LEASE)


def test_nothing_is_taken_for_whom_rests(ledger: Ledger, invoice_id: int) -> None:
    """While a client is paused no effect begins; afterwards it does."""
    mail = plan(ledger, invoice_id)
    with ledger.writing() as session:
        pauses.pause(session, CLIENT, WORD, NOW)
    assert take(ledger, mail) is None
    with ledger.writing() as session:
        assert list(pauses.paused(session)) == [CLIENT]
        pauses.resume(session, CLIENT, WORD, NOW)
    assert take(ledger, mail) is not None


def test_pausing_one_leaves_others_alone(ledger: Ledger) -> None:
    """The pause of another client stops nobody."""
    mail = plan(ledger, new_invoice(ledger))
    with ledger.writing() as session:
        pauses.pause(session, "anderer", WORD, NOW)
    assert take(ledger, mail) is not None


def test_pause_and_resume_work_once(ledger: Ledger) -> None:
    """Said twice, each has nothing to decide."""
    with ledger.writing() as session, pytest.raises(NothingToDecide):
        pauses.resume(session, CLIENT, WORD, NOW)
    with ledger.writing() as session:
        pauses.pause(session, CLIENT, WORD, NOW)
    with ledger.writing() as session, pytest.raises(NothingToDecide):
        pauses.pause(session, CLIENT, WORD, NOW)


def test_runs_take_different_items(ledger: Ledger) -> None:
    """Two runs over the same list take each item once, and the list comes to an end."""
    assert share(ledger, "a", [1, 2, 3, 4, 5]) == [1, 2]
    assert share(ledger, "b", [1, 2, 3, 4, 5]) == [3, 4]
    assert share(ledger, "a", [3, 4, 5]) == [5]
    assert share(ledger, "b", [1, 2, 5]) == []


@pytest.mark.parametrize(("owner", "minutes"), [(GONE, 0), ("elsewhere/1/x", 16)])
def test_items_of_the_dead_are_taken_over(ledger: Ledger, owner: str, minutes: int) -> None:
    """What a killed run had taken is free at once on its own machine, elsewhere when its time is over."""
    assert share(ledger, "a", [1, 2], owner) == [1, 2]
    assert share(ledger, "b", [1, 2], minutes=minutes) == [1, 2]


def test_a_finished_run_gives_back(ledger: Ledger) -> None:
    """What a run leaves undone is open to the next one."""
    share(ledger, "a", [1, 2])
    with ledger.writing() as session:
        chunks.give_back(session, "a", NOW)
    assert share(ledger, "b", [1, 2]) == [1, 2]


@pytest.mark.postgres
def test_a_phase_does_not_wait_for_a_writer(postgresql_ledger: Ledger) -> None:
    """While another worker writes, an attempt goes on to its next phase; one that lost its right does not."""
    flight = taken(postgresql_ledger, plan(postgresql_ledger, new_invoice(postgresql_ledger)))
    with postgresql_ledger.writing() as writing:
        pauses.pause(writing, "anderer", WORD, NOW)
        with postgresql_ledger.moving() as session:
            effects.reach(session, flight, "sending", NOW)
        with pytest.raises(effects.LeaseLost), postgresql_ledger.moving() as session:
            effects.reach(session, replace(flight, token="fremd"), "dot", NOW)
