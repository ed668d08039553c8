"""The journal: one chain, in which every later change shows."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from ledger import journal
from ledger.database import Ledger
from ledger.journal import FIRST
from ledger.tables import JournalRow, MetaRow
from tests.ledger.children import child, go, write
from tests.ledger.samples import CLIENT, NOW

EVENTS = [f"event {number}" for number in range(6)]


@pytest.fixture
def written(ledger: Ledger) -> Ledger:
    """A journal of six entries."""
    for number, event in enumerate(EVENTS):
        with ledger.writing() as session:
            journal.record(session, NOW + timedelta(seconds=number), CLIENT, event, number=number, betrag="12,30 €")
    return ledger


def faults(ledger: Ledger) -> list[str]:
    """What is wrong with the journal."""
    with ledger.reading() as session:
        return list(journal.faults(session))


def ids(ledger: Ledger) -> list[int]:
    """The ids of all entries."""
    with ledger.reading() as session:
        return list(session.scalars(select(JournalRow.id).order_by(JournalRow.id)))


def tamper(ledger: Ledger, *statements: Any) -> None:
    """Change the tables behind the journal's back."""
    with ledger.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_untouched_journal_verifies(written: Ledger) -> None:
    """Entries come in order, each seals the one before, and the head is the last seal."""
    assert faults(written) == []
    with written.reading() as session:
        rows = session.scalars(select(JournalRow).order_by(JournalRow.id)).all()
        head = session.get_one(MetaRow, journal.HEAD).value
    assert [row.event for row in rows] == EVENTS
    assert [row.previous for row in rows] == [FIRST, *(row.seal for row in rows[:-1])]
    assert head == rows[-1].seal


def test_an_empty_journal_verifies(ledger: Ledger) -> None:
    """Nothing has happened, nothing is wrong."""
    assert faults(ledger) == []


def test_seals_never_change_their_recipe() -> None:
    """Golden value: with another recipe every journal of the past would look forged."""
    entry = JournalRow(
        at=datetime(2026, 11, 2, 10, tzinfo=timezone(timedelta(hours=1))),
        client=CLIENT,
        event="invoice issued",
        invoice_id=7,
        facts={"number": "RE-1", "kunde": "Müller & Söhne", "gross": "220.01"},
        previous=FIRST,
    )
    assert journal.seal_of(entry) == "4cf0a642958ecf4c12669b2da1f322f917c31982463b2cbaddfd7fd67b116a6a"


CHANGES: list[dict[str, Any]] = [
    {"event": "other"},
    {"client": "winter"},
    {"at": NOW + timedelta(microseconds=1)},
    {"facts": {"number": 2, "betrag": "12,31 €"}},
    {"facts": {}},
    {"seal": "f" * 64},
    {"previous": "f" * 64},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_changed_entry_is_named(written: Ledger, change: dict[str, Any]) -> None:
    """Whatever is changed in an entry, its number stands in the report, and the entries before it are clean."""
    victim = ids(written)[2]
    tamper(written, update(JournalRow).where(JournalRow.id == victim).values(**change))
    found = faults(written)
    assert found
    assert f"Eintrag {victim} " in found[0]


def test_a_change_that_is_sealed_again_breaks_the_next_entry(written: Ledger) -> None:
    """Who also computes the new seal is betrayed by the entry after it."""
    victim, after = ids(written)[2:4]
    with written.reading() as session:
        entry = session.get_one(JournalRow, victim)
        entry.event = "other"
        seal = journal.seal_of(entry)
    tamper(written, update(JournalRow).where(JournalRow.id == victim).values(event="other", seal=seal))
    (found,) = faults(written)
    assert f"Eintrag {after} " in found


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_removed_entry_shows_at_the_next(written: Ledger, place: int) -> None:
    """The gap is named by the entry after it."""
    victim, after = ids(written)[place : place + 2]
    tamper(written, delete(JournalRow).where(JournalRow.id == victim))
    (found,) = faults(written)
    assert found.startswith(f"Journal, Eintrag {after} ")


def test_an_inserted_entry_shows(written: Ledger) -> None:
    """An entry put in front or behind, even one sealed by the recipe, does not fit into the chain."""
    with written.reading() as session:
        last = session.scalars(select(JournalRow).order_by(JournalRow.id.desc())).first()
    assert last is not None
    forged = JournalRow(at=NOW, client=CLIENT, event="forged", invoice_id=None, facts={}, previous=last.seal)
    values = {"at": NOW, "client": CLIENT, "event": "forged", "invoice_id": None, "facts": {}}
    row = insert(JournalRow).values(id=last.id + 1, previous=last.seal, seal=journal.seal_of(forged), **values)
    tamper(written, row)
    assert faults(written) == ["Journal: am Ende fehlen Einträge."]
    tamper(written, update(JournalRow).where(JournalRow.id == last.id + 1).values(id=ids(written)[0] - 1))
    assert "davor fehlt etwas oder wurde etwas eingefügt" in faults(written)[0]


@pytest.mark.parametrize("kept", [0, 1, 5])
def test_a_cut_off_journal_shows(written: Ledger, kept: int) -> None:
    """Entries missing at the end are noticed by the head."""
    tamper(written, delete(JournalRow).where(JournalRow.id.in_(ids(written)[kept:])))
    assert faults(written) == ["Journal: am Ende fehlen Einträge."]


def test_a_journal_without_head_is_a_fault(written: Ledger) -> None:
    """Who cuts off the end and removes the head is noticed too."""
    tamper(written, delete(JournalRow).where(JournalRow.id == ids(written)[-1]))
    tamper(written, delete(MetaRow).where(MetaRow.key == journal.HEAD))
    assert faults(written) == ["Journal: der Kopf der Kette fehlt."]


def test_no_entry_without_head(ledger: Ledger) -> None:
    """A database that the migrations did not set up takes no entries."""
    tamper(ledger, delete(MetaRow).where(MetaRow.key == journal.HEAD))
    with pytest.raises(LookupError, match="journal head"), ledger.writing() as session:
        journal.record(session, NOW, CLIENT, "event")


def test_an_entry_belongs_to_its_transaction(written: Ledger) -> None:
    """What is taken back leaves no entry and does not move the head."""

    def fails() -> None:
        with written.writing() as session:
            journal.record(session, NOW, CLIENT, "never")
            raise RuntimeError("Absturz")

    with pytest.raises(RuntimeError):
        fails()
    assert len(ids(written)) == len(EVENTS)
    assert faults(written) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"text": 'Ä"ö\\\n\t\u2028 €😀'},
        {"number": 10**18, "fraction": 0.1, "tiny": 1e-7, "yes": True, "none": None},
        {"nested": {"b": [1, {"z": 1, "a": 2}], "a": []}},
        {"gross": str(Decimal("220.010"))},
    ],
    ids=["text", "numbers", "nested", "amount"],
)
def test_facts_come_back_as_they_were_sealed(ledger: Ledger, facts: dict[str, Any]) -> None:
    """Letters, numbers and nesting survive either database, so the seal still fits."""
    with ledger.writing() as session:
        journal.record(session, NOW, CLIENT, "event", **facts)
    assert faults(ledger) == []
    with ledger.reading() as session:
        assert session.scalars(select(JournalRow.facts)).one() == facts


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 7, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1)), fold=1),
    ],
)
def test_an_instant_of_any_zone_is_sealed_the_same(ledger: Ledger, at: datetime) -> None:
    """The seal is over the instant in UTC, which is what comes back."""
    with ledger.writing() as session:
        journal.record(session, at, CLIENT, "event")
    assert faults(ledger) == []


def test_the_history_of_an_invoice(ledger: Ledger, invoice_id: int) -> None:
    """What happened to one invoice comes in order, without what happened elsewhere."""
    with ledger.reading() as session:
        assert [entry.event for entry in journal.entries(session, invoice_id)] == [
            "invoice drafted",
            "create-invoice planned",
        ]


def in_threads(ledger: Ledger, work: Callable[[int], None]) -> None:
    """The work in three threads at once."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_threads_write_one_chain(ledger: Ledger) -> None:
    """Three threads, twenty transactions each of two entries: 120 entries, none lost, none forked."""

    def write(number: int) -> None:
        for count in range(20):
            with ledger.writing() as session:
                journal.record(session, NOW, CLIENT, "one", thread=number, count=count)
                journal.record(session, NOW, CLIENT, "two", thread=number, count=count)

    in_threads(ledger, write)
    assert len(ids(ledger)) == 120
    assert faults(ledger) == []


def test_writers_of_the_same_rows_in_another_order_do_not_block_each_other(ledger: Ledger) -> None:
    """Journal first or row first, up or down: no deadlock, every transaction commits."""
    with ledger.writing() as session:
        session.add_all(MetaRow(key=f"k{number}", value="") for number in range(3))

    def write(number: int) -> None:
        for count in range(10):
            with ledger.writing() as session:
                keys = ["k0", "k1", "k2"] if number else ["k2", "k1", "k0"]
                for key in keys:
                    session.execute(update(MetaRow).where(MetaRow.key == key).values(value=f"{number}/{count}"))
                    journal.record(session, NOW, CLIENT, "event", key=key)

    in_threads(ledger, write)
    assert len(ids(ledger)) == 90
    assert faults(ledger) == []


def test_processes_write_one_chain(ledger: Ledger) -> None:
    """Two processes, thirty entries each: one chain of sixty."""
    with child(write, ledger.url, 30) as one, child(write, ledger.url, 30) as other:
        go(one, other)
    assert len(ids(ledger)) == 60
    assert faults(ledger) == []


def test_the_chain_goes_on_after_a_gap_in_the_numbers(postgresql_ledger: Ledger) -> None:
    """Numbers that a rolled back transaction used up are no gap in the chain."""
    with postgresql_ledger.engine.begin() as connection:
        connection.execute(text("SELECT nextval('journal_id_seq')"))
    with postgresql_ledger.writing() as session:
        journal.record(session, NOW, CLIENT, "event")
    assert faults(postgresql_ledger) == []
