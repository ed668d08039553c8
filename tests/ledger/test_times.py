"""Recorded work in the ledger: renewed, approved, billed once, and never changed in silence after that."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from billing.parties import Address, Customer
from billing.work_entries import WorkEntry
from ledger import clientele, jobs, notices, times
from ledger.database import Ledger
from ledger.overrides import NothingToDecide, Word
from ledger.tables import JournalRow
from ledger.time_tables import WorkEntryRow
from ledger.times import Intake, Outcome, State
from tests.billing.samples import JOB
from tests.billing.work import entry
from tests.ledger.samples import CLIENT, NOW

ASKED = Intake(needs_approval=True, task_owner="Büro")
UNASKED = replace(ASKED, needs_approval=False)
WORD = Word("Anna", "geprüft")
KRAEMER = Customer("", "Hausverwaltung Krämer", Address("Markt 1", "80331", "München"), number="10307")


def take_in(ledger: Ledger, *entries: WorkEntry, intake: Intake = ASKED) -> list[Outcome]:
    """Report work."""
    with ledger.writing() as session:
        return times.receive(session, CLIENT, entries, intake, NOW)


def rows(ledger: Ledger, **wanted: Any) -> list[WorkEntryRow]:
    """What there is."""
    with ledger.reading() as session:
        return times.rows(session, [CLIENT], **wanted)


def decide(ledger: Ledger, state: State) -> int:
    """Say the same about all work."""
    act = times.approve if state is State.APPROVED else times.reject
    with ledger.writing() as session:
        return act(session, CLIENT, [row.id for row in times.rows(session, [CLIENT])], WORD, NOW)


def bill(ledger: Ledger) -> int:
    """Put all work on a job; its id."""
    with ledger.writing() as session:
        job = jobs.store(session, CLIENT, replace(JOB, source=times.TIMES, external_id="times:10307:2026-10"), NOW)
        times.bill(session, times.rows(session, [CLIENT]), job, NOW)
        return job.id


def tasks(ledger: Ledger) -> list[str]:
    """What people have been given to do."""
    with ledger.reading() as session:
        return [f"{task.title} {task.body}" for task in notices.tasks(session, CLIENT)]


def test_work_is_kept_once(ledger: Ledger) -> None:
    """The same report twice is one entry, in the same batch and in another; it comes back as it was told."""
    assert take_in(ledger, entry(1), entry(2)) == [Outcome.NEW, Outcome.NEW]
    assert take_in(ledger, entry(1), entry(1)) == [Outcome.SAME, Outcome.SAME]
    found = rows(ledger)
    assert [times.entry_of(row) for row in found] == [entry(1), entry(2)]
    assert {row.state for row in found} == {"recorded"}


def test_who_asks_nobody_approves_by_rule(ledger: Ledger) -> None:
    """Without approval work is ready at once; what is not billable never is."""
    take_in(ledger, entry(1), entry(2, is_billable=False), intake=UNASKED)
    assert [(row.state, row.decided_by) for row in rows(ledger)] == [("approved", times.NO_APPROVAL), ("recorded", "")]


def test_approval_names_who_and_when(ledger: Ledger) -> None:
    """It stands at the entry and in the journal, and saying it twice changes nothing."""
    take_in(ledger, entry(1), entry(2))
    assert (decide(ledger, State.APPROVED), decide(ledger, State.APPROVED)) == (2, 0)
    assert {(row.state, row.decided_by, row.decided_at, row.reason) for row in rows(ledger)} == {
        ("approved", "Anna", NOW, "geprüft")
    }
    with ledger.reading() as session:
        told = [found.facts["by"] for found in session.query(JournalRow) if found.event == "work approved"]
    assert told == ["Anna"]


def test_changed_work_is_approved_anew(ledger: Ledger) -> None:
    """An approval was given for what stood there then."""
    take_in(ledger, entry(1))
    decide(ledger, State.APPROVED)
    assert take_in(ledger, entry(1, version="2", minutes=90)) == [Outcome.CHANGED]
    assert [(row.state, row.minutes, row.decided_by) for row in rows(ledger)] == [("recorded", 90, "")]


def test_a_rejection_can_be_taken_back(ledger: Ledger) -> None:
    """Rejected work is not billed, but not gone."""
    take_in(ledger, entry(1))
    for state in (State.REJECTED, State.APPROVED, State.REJECTED):
        assert decide(ledger, state) == 1
        assert [row.state for row in rows(ledger)] == [state]


def test_billed_work_is_not_decided_about(ledger: Ledger) -> None:
    """What is on an invoice can be neither approved nor rejected, nor what does not exist."""
    take_in(ledger, entry(1))
    bill(ledger)
    for state in (State.APPROVED, State.REJECTED):
        with pytest.raises(NothingToDecide, match="schon abgerechnet"):
            decide(ledger, state)
    with pytest.raises(NothingToDecide, match="unbekannt"), ledger.writing() as session:
        times.approve(session, CLIENT, [4711], WORD, NOW)


def test_a_change_after_billing_is_a_task(ledger: Ledger) -> None:
    """The entry stays as it was billed; each further version is told once, with what was and what is."""
    take_in(ledger, entry(1))
    bill(ledger)
    changed = entry(1, version="2", minutes=90)
    assert [*take_in(ledger, changed), *take_in(ledger, changed)] == [Outcome.CONTRADICTED, Outcome.SAME]
    assert [(row.state, row.minutes) for row in rows(ledger)] == [("billed", 60)]
    (told,) = tasks(ledger)
    assert "Zeit von Jana Sommer am 05.10.2026 wurde nach der Abrechnung geändert" in told
    assert "60 Minuten" in told
    assert "90 Minuten" in told
    take_in(ledger, entry(1, version="3", minutes=95))
    assert len(tasks(ledger)) == 2


def test_deleted_work_is_withdrawn(ledger: Ledger) -> None:
    """What a complete list does not name any more is not billed; where it was billed, a person is told."""
    take_in(ledger, entry(1), entry(2, day=6), entry(3, day=-20))
    with ledger.writing() as session:
        times.bill(session, times.rows(session, [CLIENT], since=date(2026, 10, 6)), None, NOW)
        for _ in range(2):
            times.withdraw(session, CLIENT, "mite", date(2026, 10, 1), set(), ASKED, NOW)
    assert [row.state for row in rows(ledger)] == ["recorded", "withdrawn", "covered"]
    assert len(tasks(ledger)) == 1
    assert take_in(ledger, entry(1)) == [Outcome.CHANGED], "it is back"


def test_a_customer_has_several_names(ledger: Ledger) -> None:
    """A number, the id under which a program announced him and what the time recording calls him are one customer."""
    with ledger.writing() as session:
        clientele.announce(session, CLIENT, "crm-7", KRAEMER, NOW)
    intake = replace(ASKED, aliases={"Krämer": "10307"})
    take_in(ledger, entry(1), entry(2, customer="crm-7"), entry(3, customer="Krämer"), intake=intake)
    assert {row.customer_key for row in rows(ledger)} == {"10307"}
    with ledger.reading() as session:
        assert clientele.recipient(session, CLIENT, "10307") == KRAEMER
        assert clientele.recipient(session, CLIENT, "4711") is None


def test_a_name_may_be_explained_later(ledger: Ledger) -> None:
    """Open work finds its customer as soon as somebody says who that is."""
    take_in(ledger, entry(1, customer="Krämer"))
    with ledger.writing() as session:
        times.rename(session, CLIENT, {"Krämer": "10307"})
        assert times.customers(session, CLIENT, date(2026, 10, 31)) == ["10307"]


def test_only_open_billable_work_has_customers(ledger: Ledger) -> None:
    """Rejected, later and unbillable work brings nobody an invoice."""
    take_in(ledger, entry(1, customer="a"), entry(2, customer="b", is_billable=False), entry(3, 40, customer="c"))
    with ledger.reading() as session:
        assert times.customers(session, CLIENT, date(2026, 10, 31)) == ["a"]
    decide(ledger, State.REJECTED)
    with ledger.reading() as session:
        assert times.customers(session, CLIENT, date(2026, 12, 31)) == []


def test_work_is_found_by_month_and_customer(ledger: Ledger) -> None:
    """The filters of the list, each alone."""
    take_in(ledger, entry(1), entry(2, 35), entry(3, customer="4711"))
    wanted: list[dict[str, Any]] = [
        {"since": date(2026, 11, 1)}, {"until": date(2026, 10, 31), "customer": "10307"}, {"customer": "4711"},
        {"states": [State.BILLED]},
    ]  # fmt: skip
    assert [[row.external_id for row in rows(ledger, **each)] for each in wanted] == [["0002"], ["0001"], ["0003"], []]


def test_another_client_sees_nothing(ledger: Ledger) -> None:
    """The same ids of another client are other entries."""
    take_in(ledger, entry(1))
    with ledger.writing() as session:
        assert times.receive(session, "winter", [entry(1)], ASKED, NOW) == [Outcome.NEW]
    assert len(rows(ledger)) == 1


def test_a_job_knows_its_work(ledger: Ledger) -> None:
    """From the job the way back leads to every entry on it."""
    take_in(ledger, entry(1), entry(2))
    job_id = bill(ledger)
    with ledger.reading() as session:
        assert [row.external_id for row in times.of_job(session, job_id)] == ["0001", "0002"]


def test_thousands_come_at_once(ledger: Ledger) -> None:
    """A whole year of a small office is one batch."""
    work = [replace(entry(number), day=date(2026, 1, 1) + timedelta(number % 365)) for number in range(600)]
    assert set(take_in(ledger, *work)) == {Outcome.NEW}
    assert set(take_in(ledger, *work)) == {Outcome.SAME}
