"""The spool: what was learnt outside survives the process that could not record it."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger import effects, spool
from ledger.database import Ledger
from ledger.effects import Flight, Settlement, State
from ledger.owners import this_process
from ledger.spool import Spool
from tests.ledger.children import child, note
from tests.ledger.samples import CLIENT, LEASE, NOW, QUIET, plan, reach, read, settle, state, taken

DEAD = this_process().rpartition("/")[0] + "/00000000-1"
"""A process that had our number before us."""

RESULT = {"answer": "250 Größe OK"}


def line(flight: Flight) -> dict[str, Any]:
    """What the spool says about a flight."""
    return {"effect": flight.effect_id, "attempt": flight.attempt, "result": RESULT}


def left(folder: Path) -> list[list[dict[str, Any]]]:
    """The lines that dead processes left, file by file."""
    return [lines for _, lines in Spool(folder, this_process()).left_behind()]


def replayed(ledger: Ledger, said: dict[str, Any]) -> int | None:
    """Tell the ledger; the id of the effect that became done thereby."""
    with ledger.writing() as session:
        effect = spool.replay(session, said, NOW + LEASE)
        return effect.id if effect else None


@pytest.fixture
def flight(ledger: Ledger, mail: int) -> Flight:
    """A mail at its dot."""
    begun = taken(ledger, mail)
    reach(ledger, begun, "dot")
    return begun


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A spool folder that is not there yet."""
    return tmp_path / "spool"


def test_a_dead_process_leaves_its_lines(folder: Path, flight: Flight) -> None:
    """Each line comes back as it was noted."""
    Spool(folder, DEAD).note(flight, RESULT)
    Spool(folder, DEAD).note(flight, RESULT)
    assert left(folder) == [[line(flight), line(flight)]]


def test_the_lines_of_the_living_are_their_own(folder: Path, flight: Flight) -> None:
    """Nobody replays what its process is about to record itself."""
    Spool(folder, this_process()).note(flight, RESULT)
    Spool(folder, "elsewhere/1/00000000-1").note(flight, RESULT)
    assert left(folder) == []


def test_without_a_folder_nothing_is_left(folder: Path) -> None:
    """The very first start finds nothing."""
    assert left(folder) == []


def test_what_the_ledger_knows_is_forgotten(folder: Path, flight: Flight) -> None:
    """After clearing nothing is left behind, and noting goes on."""
    box = Spool(folder, DEAD)
    box.note(flight, RESULT)
    box.clear()
    assert left(folder) == [[]]
    box.note(flight, RESULT)
    assert left(folder) == [[line(flight)]]


def test_one_flight_is_forgotten_without_the_others(ledger: Ledger, folder: Path, invoice_id: int) -> None:
    """A line whose effect could not be recorded outlives the next success, also in another spool of the process."""
    stuck, fine = (taken(ledger, plan(ledger, invoice_id, key)) for key in ("stuck", "fine"))
    Spool(folder, DEAD).note(stuck, RESULT)
    box = Spool(folder, DEAD)
    box.note(fine, RESULT)
    box.clear(fine)
    assert left(folder) == [[line(stuck)]]
    box.clear(stuck)
    assert left(folder) == [[]]
    assert [path.suffix for path in folder.iterdir()] == [".jsonl"]


@pytest.mark.parametrize("kept", [1, 20, -1])
def test_a_line_cut_by_a_crash_is_passed_over(folder: Path, flight: Flight, kept: int) -> None:
    """What was written before it counts."""
    Spool(folder, DEAD).note(flight, RESULT)
    (path,) = folder.iterdir()
    whole = path.read_text("utf-8")
    path.write_text(whole + whole[:kept], "utf-8")
    assert left(folder) == [[line(flight)]]


def test_a_line_cut_by_a_full_disk_does_not_spoil_the_next(folder: Path, flight: Flight) -> None:
    """The next line begins on a line of its own."""
    Spool(folder, DEAD).note(flight, RESULT)
    (path,) = folder.iterdir()
    path.write_text(path.read_text("utf-8")[:20], "utf-8")
    Spool(folder, DEAD).note(flight, RESULT)
    assert left(folder) == [[line(flight)]]


def test_a_note_that_cannot_be_written_is_an_error(folder: Path, flight: Flight) -> None:
    """A file where the folder should be: the caller hears of it."""
    folder.write_text("", "utf-8")
    with pytest.raises(OSError, match="spool"):
        Spool(folder, DEAD).note(flight, RESULT)


def test_an_effect_in_flight_becomes_done(ledger: Ledger, mail: int, flight: Flight) -> None:
    """The attempt that the line speaks of is settled with what was learnt, once."""
    assert replayed(ledger, line(flight)) == mail
    assert (state(ledger, mail), read(ledger, mail).result) == (State.DONE, RESULT)
    assert replayed(ledger, line(flight)) is None


def test_an_effect_that_was_called_unknown_becomes_done(ledger: Ledger, mail: int, flight: Flight) -> None:
    """Recovery came first: the line adopts it all the same."""
    with ledger.writing() as session:
        effects.recover(session, CLIENT, NOW + LEASE, QUIET)
    assert state(ledger, mail) is State.UNKNOWN
    assert replayed(ledger, line(flight)) == mail
    assert (state(ledger, mail), read(ledger, mail).result) == (State.DONE, RESULT)


def test_a_line_about_an_older_attempt_changes_nothing(ledger: Ledger, mail: int, flight: Flight) -> None:
    """What was decided since is not overturned."""
    settle(ledger, flight, Settlement(State.FAILED))
    taken(ledger, mail, "other")
    assert replayed(ledger, line(flight)) is None
    assert state(ledger, mail) is State.IN_FLIGHT


@pytest.mark.parametrize("outcome", [State.DONE, State.FAILED, State.REFUSED])
def test_a_line_about_a_settled_attempt_changes_nothing(
    ledger: Ledger, mail: int, flight: Flight, outcome: State
) -> None:
    """The ledger knew already."""
    settle(ledger, flight, Settlement(outcome))
    assert replayed(ledger, line(flight)) is None
    assert state(ledger, mail) is outcome


def test_a_line_about_nothing_we_know_changes_nothing(ledger: Ledger, flight: Flight) -> None:
    """A ledger restored from before does not stumble over it."""
    assert replayed(ledger, line(flight) | {"effect": 4711}) is None


def test_a_killed_process_leaves_what_it_learnt(sqlite_ledger: Ledger, sqlite_invoice: int, folder: Path) -> None:
    """Accepted, noted, killed before the ledger heard of it: the mail is done, not unknown."""
    mail = plan(sqlite_ledger, sqlite_invoice)
    with child(note, sqlite_ledger.url, folder, mail) as process:
        assert left(folder) == []
        process.kill()
    ((said,),) = left(folder)
    assert replayed(sqlite_ledger, said) == mail
    assert state(sqlite_ledger, mail) is State.DONE
    assert json.dumps(read(sqlite_ledger, mail).result) == '{"answer": "250 OK"}'
