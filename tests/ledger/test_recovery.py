"""Real processes: racing for the same work, and killed in the middle of it."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger import effects
from ledger.database import Ledger
from ledger.effects import CLAIMED, State
from ledger.owners import is_dead, this_process
from tests.ledger.children import child, do_all, go, hold
from tests.ledger.samples import CLIENT, QUIET, SECOND, plan, read, state, take, taken


def recovered(ledger: Ledger) -> list[tuple[int, str]]:
    """Put right what was left, now; id and state of what changed."""
    with ledger.writing() as session:
        changed = effects.recover(session, CLIENT, datetime.now(UTC), QUIET)
        return [(row.id, row.state) for row in changed]


def test_two_processes_do_each_effect_once(ledger: Ledger, invoice_id: int, tmp_path: Path) -> None:
    """Fifty mails, two processes on one database: fifty deeds, none left out, none doubled."""
    ids = [plan(ledger, invoice_id, f"mail-{number}") for number in range(50)]
    deeds = tmp_path / "deeds"
    with child(do_all, ledger.url, deeds) as one, child(do_all, ledger.url, deeds) as other:
        go(one, other)
    done = Counter(int(line) for line in deeds.read_text("utf-8").splitlines())
    assert done == dict.fromkeys(ids, 1)
    assert {state(ledger, effect_id) for effect_id in ids} == {State.DONE}
    assert {read(ledger, effect_id).attempts for effect_id in ids} == {1}


@pytest.mark.parametrize(
    ("phase", "outcome"), [(CLAIMED, State.FAILED), ("sending", State.UNKNOWN), ("dot", State.UNKNOWN)]
)
def test_what_a_killed_process_held_is_put_right_at_once(
    sqlite_ledger: Ledger, sqlite_invoice: int, phase: str, outcome: State
) -> None:
    """Nobody waits for the lease of a process that is provably dead; while it lives, nobody touches its effect."""
    mail = plan(sqlite_ledger, sqlite_invoice)
    with child(hold, sqlite_ledger.url, mail, phase) as process:
        assert recovered(sqlite_ledger) == []
        assert state(sqlite_ledger, mail) is State.IN_FLIGHT
        process.kill()
        assert recovered(sqlite_ledger) == [(mail, outcome)]
    assert recovered(sqlite_ledger) == []
    assert (take(sqlite_ledger, mail, now=datetime.now(UTC) + SECOND) is not None) == (outcome is State.FAILED)


def test_this_process_is_alive() -> None:
    """Its name says where, which and since when."""
    host, pid, started = this_process().split("/")
    assert int(pid) == os.getpid()
    assert host
    assert started
    assert not is_dead(this_process())


def test_another_process_with_the_same_number_is_not_the_owner() -> None:
    """A pid that was given out again does not keep a dead owner alive."""
    host, pid, _ = this_process().split("/")
    assert is_dead(f"{host}/{pid}/00000000-1")


@pytest.mark.parametrize("owner", ["", "me", "a/b/c", "elsewhere/1/00000000-1", "elsewhere/999999999/00000000-1"])
def test_nobody_else_is_called_dead(owner: str) -> None:
    """Another machine, or a name that we cannot read, is given its whole lease."""
    assert not is_dead(owner)


def test_a_process_that_never_was_is_dead() -> None:
    """No such pid on this machine: provably not running."""
    host = this_process().split("/")[0]
    assert is_dead(f"{host}/999999999/00000000-1")


def test_an_effect_of_this_process_is_left_alone(ledger: Ledger, mail: int) -> None:
    """The recovery that a living worker runs itself does not take away its own work."""
    taken(ledger, mail, this_process(), datetime.now(UTC))
    assert recovered(ledger) == []
