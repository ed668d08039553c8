"""Approvals: a draft is asked about once, decided once, and another draft is another question."""

from datetime import timedelta

import pytest

from ledger import approvals, effects, invoices, notices
from ledger.approvals import State
from ledger.database import Ledger
from ledger.effects import Kind
from ledger.overrides import NothingToDecide, Word
from ledger.tables import InvoiceRow
from tests.ledger.samples import CLIENT, NOW, state

PATIENCE = timedelta(days=2)
WORD = Word("Frau Sommer", "geprüft")


def ask(ledger: Ledger, invoice_id: int) -> State:
    """Ask about the draft as it stands; where the question stands."""
    with ledger.writing() as session:
        row = approvals.ask(session, invoices.get(session, invoice_id), "Über der Grenze.", "Büro", NOW, PATIENCE)
        return State(row.state)


def waiting(ledger: Ledger) -> list[str]:
    """Markers of what waits."""
    with ledger.reading() as session:
        return [invoice.marker for _, invoice in approvals.waiting(session, [CLIENT])]


def draft(ledger: Ledger, invoice_id: int) -> InvoiceRow:
    """The invoice."""
    with ledger.reading() as session:
        return invoices.get(session, invoice_id)


def test_asking_twice_asks_once(ledger: Ledger, invoice_id: int) -> None:
    """One question and one task come of a draft, however many runs see it."""
    assert [ask(ledger, invoice_id) for _ in range(3)] == [State.WAITING] * 3
    assert len(waiting(ledger)) == 1
    with ledger.reading() as session:
        (task,) = notices.tasks(session, CLIENT)
    assert (task.owner, "freigeben" in task.title) == ("Büro", True)


def test_a_yes_is_kept_and_works_once(ledger: Ledger, invoice_id: int) -> None:
    """After approval nothing waits, the task is closed, and the same word finds nothing to decide."""
    ask(ledger, invoice_id)
    with ledger.writing() as session:
        approvals.approve(session, invoices.get(session, invoice_id), WORD, NOW)
    assert ask(ledger, invoice_id) is State.GRANTED
    with ledger.reading() as session:
        assert (notices.tasks(session, CLIENT), approvals.waiting(session, [CLIENT])) == ([], [])
    with ledger.writing() as session, pytest.raises(NothingToDecide):
        approvals.approve(session, invoices.get(session, invoice_id), WORD, NOW)


def test_a_no_drops_the_creation(ledger: Ledger, invoice_id: int) -> None:
    """A declined invoice is never created."""
    ask(ledger, invoice_id)
    with ledger.writing() as session:
        approvals.decline(session, invoices.get(session, invoice_id), WORD, NOW)
        effect_id = invoices.effect_of(session, invoice_id, Kind.CREATE_INVOICE).id
    assert state(ledger, effect_id) is effects.State.CANCELLED


def test_another_draft_is_another_question(ledger: Ledger, invoice_id: int) -> None:
    """What was approved holds for exactly that draft: changed afterwards, it waits again."""
    ask(ledger, invoice_id)
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        approvals.approve(session, row, WORD, NOW)
        row.draft = {**row.draft, "title": "teurer"}
    assert ask(ledger, invoice_id) is State.WAITING


def test_reminders_come_at_their_pace(ledger: Ledger, invoice_id: int) -> None:
    """The approver is reminded after each span of patience, once."""
    ask(ledger, invoice_id)
    told = []
    for hours in (0, 47, 48, 49, 96):
        with ledger.writing() as session:
            row = approvals.of_draft(session, invoices.get(session, invoice_id))
            assert row is not None
            told.append(approvals.remind(session, row, PATIENCE, NOW + timedelta(hours=hours)))
    assert told == [False, False, True, False, True]


def test_a_lapsed_question_is_asked_again(ledger: Ledger, invoice_id: int) -> None:
    """A raised limit lets the draft go; a lowered one asks anew."""
    ask(ledger, invoice_id)
    with ledger.writing() as session:
        approvals.lapse(session, invoices.get(session, invoice_id), NOW)
    assert waiting(ledger) == []
    assert ask(ledger, invoice_id) is State.WAITING


@pytest.mark.parametrize("name", ["RB-1", "rb-1", "LS-1"])
def test_people_name_it_by_marker_or_job(ledger: Ledger, invoice_id: int, name: str) -> None:
    """Before it has a number an invoice is called by our marker or by its job."""
    ask(ledger, invoice_id)
    with ledger.reading() as session:
        assert [row.id for row in approvals.find(session, name, [CLIENT])] == [invoice_id]
        assert approvals.find(session, name, ["anderer"]) == []
