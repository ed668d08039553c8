"""Invoices on their way: drafted with the intent to create them, issued, filed, sent."""

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from billing.drafting import Problem, draft
from billing.invoices import Channel
from ledger import effects, forms, invoices, jobs, journal, rechecks
from ledger.database import Clash, Ledger, Transaction
from ledger.effects import DOUBLED, Kind, Settlement, State
from ledger.invoices import DRAFTED, FILED, ISSUED, Paper
from ledger.tables import EffectRow, InvoiceRow, JobRow
from tests.billing.samples import JOB, TERMS, TODAY, drafted
from tests.ledger.samples import CLIENT, DUTY, LEASE, NOW, QUIET, add_invoice, new_invoice, settle, state, taken
from tests.ledger.test_payments import BOOKED

PDF = Paper("invoice-pdf", "ab" * 32, "application/pdf", "Rechnung_RE-1.pdf", 17, "v1")
OTHER = Problem("differs", "Bruttosumme: erwartet 1, gebucht 2.")


def creation(ledger: Ledger, invoice_id: int) -> int:
    """The id of the effect that creates the invoice."""
    with ledger.reading() as session:
        return invoices.effect_of(session, invoice_id, Kind.CREATE_INVOICE).id


def end(ledger: Ledger, invoice_id: int, outcome: State) -> int:
    """Let the creation end in a state; the effect's id."""
    effect_id = creation(ledger, invoice_id)
    settle(ledger, taken(ledger, effect_id), Settlement(outcome, "so kam es", not_before=NOW))
    return effect_id


def change(ledger: Ledger, invoice_id: int, do: Callable[[Transaction, InvoiceRow], object]) -> None:
    """Change an invoice, committed."""
    with ledger.writing() as session:
        do(session, invoices.get(session, invoice_id))


def row_of(ledger: Ledger, invoice_id: int) -> InvoiceRow:
    """The invoice as it stands."""
    with ledger.reading() as session:
        return invoices.get(session, invoice_id)


def test_draft_and_intent_are_one(ledger: Ledger) -> None:
    """The drafted invoice, the taken job and the planned creation are written in one transaction."""
    invoice_id = new_invoice(ledger)
    row = row_of(ledger, invoice_id)
    assert (row.stage, row.marker, row.gross, row.open_amount) == (DRAFTED, "RB-1", Decimal("220.01"), row.gross)
    assert state(ledger, creation(ledger, invoice_id)) is State.PLANNED
    with ledger.reading() as session:
        assert jobs.ready(session, CLIENT) == []
        assert jobs.get(session, row.job_id).state == jobs.TAKEN


def test_a_crash_while_drafting_leaves_the_job_as_it_was(ledger: Ledger) -> None:
    """No invoice, no intent, and the job still waits."""
    with ledger.writing() as session:
        job_id = jobs.store(session, CLIENT, JOB, NOW).id

    def crashes() -> None:
        with ledger.writing() as session:
            invoices.add(session, jobs.get(session, job_id), drafted(), NOW)
            raise RuntimeError("Absturz")

    with pytest.raises(RuntimeError):
        crashes()
    with ledger.reading() as session:
        assert jobs.ready(session, CLIENT) == [job_id]
        assert session.query(InvoiceRow).count() == session.query(EffectRow).count() == 0
        assert list(journal.faults(session)) == []


def test_a_job_is_on_one_invoice_only(ledger: Ledger) -> None:
    """A second draft for the same job is refused by the database, also under another marker."""
    new_invoice(ledger)

    def again() -> None:
        with ledger.writing() as session:
            job = session.query(JobRow).one()
            invoices.add(session, job, drafted(marker="RB-other"), NOW)

    with pytest.raises(Clash):
        again()


def test_a_marker_stands_on_one_invoice_only(ledger: Ledger) -> None:
    """Two jobs cannot get the same marker."""
    new_invoice(ledger)

    def again() -> None:
        with ledger.writing() as session:
            job = jobs.store(session, CLIENT, replace(JOB, external_id="dn-2"), NOW)
            invoices.add(session, job, drafted(marker="RB-1"), NOW)

    with pytest.raises(Clash):
        again()


def test_two_workers_never_bill_one_order_twice(ledger: Ledger) -> None:
    """Looking whether an order is billed and billing it is one step, also for two delivery notes at once."""
    with ledger.writing() as session:
        ids = [jobs.store(session, CLIENT, replace(JOB, external_id=f"dn-{n}"), NOW).id for n in range(8)]
    barrier = threading.Barrier(2)

    def bill(mine: list[int]) -> None:
        barrier.wait(10)
        for job_id in mine:
            with ledger.writing() as session:
                job = jobs.get(session, job_id)
                if jobs.invoice_of_order(session, CLIENT, "oc-1") is None:
                    made = draft(jobs.job_of(job), TERMS, Channel.MAIL, TODAY, f"RB-{job_id}")
                    invoices.add(session, job, made, NOW)

    threads = [threading.Thread(target=bill, args=(mine,)) for mine in (ids[::2], ids[1::2])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with ledger.reading() as session:
        assert session.query(InvoiceRow).count() == 1


def test_a_draft_comes_back_exactly(ledger: Ledger) -> None:
    """Lines, sums, terms and customer survive the JSON column."""
    with ledger.writing() as session:
        row = add_invoice(session)
        job = jobs.job_of(jobs.get(session, row.job_id))
        row_id = row.id
    assert invoices.draft_of(row_of(ledger, row_id)) == draft(job, TERMS, Channel.MAIL, TODAY, "RB-1")


def test_what_wants_a_next_step(ledger: Ledger) -> None:
    """To be created or compared: planned, failed and done ones; held ones last and limited; others not at all."""
    ids = [new_invoice(ledger, str(number)) for number in range(7)]
    for invoice_id, outcome in zip(ids[1:5], (State.FAILED, State.DONE, State.UNKNOWN, State.REFUSED), strict=True):
        end(ledger, invoice_id, outcome)
    for invoice_id in (ids[0], ids[2]):
        change(ledger, invoice_id, lambda session, row: invoices.hold(session, row, [OTHER], NOW))
    with ledger.reading() as session:
        assert invoices.in_work(session, CLIENT, 1) == [ids[1], ids[5], ids[6], ids[0]]
        assert invoices.in_work(session, CLIENT, 9) == [ids[1], ids[5], ids[6], ids[0], ids[2]]
        assert invoices.in_work(session, "winter", 9) == []
    with ledger.writing() as session:
        rechecks.looked(session, CLIENT, rechecks.of_invoice(ids[0]), NOW)
    with ledger.reading() as session:
        assert invoices.in_work(session, CLIENT, 1)[-1] == ids[2], "who was not looked at is next"


def test_a_held_invoice_names_its_reasons_once(ledger: Ledger, invoice_id: int) -> None:
    """The same reasons again are no news; issuing wipes them out."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        assert invoices.hold(session, row, [OTHER], NOW)
        assert not invoices.hold(session, row, [OTHER], NOW)
        assert invoices.hold(session, row, [OTHER, OTHER], NOW)
        invoices.issue(session, row, BOOKED, NOW)
    assert row_of(ledger, invoice_id).problems == []


def test_an_issued_invoice_has_number_and_dates(ledger: Ledger, invoice_id: int) -> None:
    """Number and due date are those of the accounting system."""
    with pytest.raises(ValueError, match="not issued yet"):
        invoices.invoice_of(row_of(ledger, invoice_id))
    change(ledger, invoice_id, lambda session, row: invoices.issue(session, row, BOOKED, NOW))
    issued = invoices.invoice_of(row_of(ledger, invoice_id))
    assert (issued.number, issued.due_date) == ("RE-1", BOOKED.due_date)
    assert row_of(ledger, invoice_id).stage == ISSUED


def test_no_invoice_is_issued_without_due_date(ledger: Ledger, invoice_id: int) -> None:
    """A draft in the accounting system is no invoice."""
    with pytest.raises(ValueError, match="due date"):
        change(
            ledger, invoice_id, lambda session, row: invoices.issue(session, row, replace(BOOKED, due_date=None), NOW)
        )
    assert row_of(ledger, invoice_id).stage == DRAFTED


def test_documents_are_filed_once(ledger: Ledger, invoice_id: int) -> None:
    """One document per kind; a second one of the kind is refused."""
    change(ledger, invoice_id, lambda session, row: invoices.issue(session, row, BOOKED, NOW))
    with ledger.reading() as session:
        assert invoices.to_file(session, CLIENT, 9) == [invoice_id]
    change(ledger, invoice_id, lambda session, row: invoices.file(session, row, [PDF], DUTY, NOW))
    assert row_of(ledger, invoice_id).stage == FILED
    with ledger.reading() as session:
        assert invoices.to_file(session, CLIENT, 9) == []
        (document,) = invoices.documents(session, invoice_id).values()
        assert (document.kind, document.sha256, document.size) == (PDF.kind, PDF.sha256, PDF.size)
        form = forms.of(session, invoice_id)
    assert form is not None
    assert (form.form, form.is_compulsory, form.table_row, form.reason) == ("zugferd", False, "7", DUTY.reason)
    with pytest.raises(Clash):
        change(ledger, invoice_id, lambda session, row: invoices.keep(session, row, PDF, NOW))


def refused(ledger: Ledger) -> list[int]:
    """Ids of the invoices whose creation was refused."""
    with ledger.reading() as session:
        return invoices.refused(session, CLIENT)


def redraft(ledger: Ledger, invoice_id: int) -> bool:
    """Make the draft anew with one line less."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        made = drafted(replace(JOB, lines=JOB.lines[:1]), row.marker)
        return invoices.redraft(session, row, made, NOW)


def test_a_refused_invoice_can_be_drafted_anew(ledger: Ledger, invoice_id: int) -> None:
    """It provably does not exist there: new sums, the same marker, and the creation is planned again."""
    effect_id = end(ledger, invoice_id, State.REFUSED)
    assert refused(ledger) == [invoice_id]
    with ledger.reading() as session:
        assert invoices.refused_jobs(session, CLIENT, "lexware", 9) == [("dn-1", "1")]
    assert redraft(ledger, invoice_id)
    row = row_of(ledger, invoice_id)
    assert (row.gross, row.open_amount, row.marker) == (Decimal("190.40"), Decimal("190.40"), "RB-1")
    assert state(ledger, effect_id) is State.PLANNED
    assert refused(ledger) == []


@pytest.mark.parametrize("outcome", [State.DONE, State.FAILED, State.UNKNOWN])
def test_no_other_invoice_is_drafted_anew(ledger: Ledger, invoice_id: int, outcome: State) -> None:
    """What exists, may exist or is about to be created keeps its draft."""
    end(ledger, invoice_id, outcome)
    assert refused(ledger) == []
    assert not redraft(ledger, invoice_id)
    assert row_of(ledger, invoice_id).gross == Decimal("220.01")


def test_an_invoice_found_twice_is_never_drafted_anew(ledger: Ledger, invoice_id: int) -> None:
    """P8: it exists twice; a mended job must not lead to a third."""
    effect_id = end(ledger, invoice_id, State.UNKNOWN)
    with ledger.writing() as session:
        assert effects.refuse(session, effects.get(session, effect_id), "Zweimal gefunden.", "x, y", NOW + QUIET)
        assert effects.get(session, effect_id).phase == DOUBLED
    assert refused(ledger) == []
    with ledger.reading() as session:
        assert invoices.refused_jobs(session, CLIENT, "lexware", 9) == []
    assert not redraft(ledger, invoice_id)
    assert state(ledger, effect_id) is State.REFUSED


def test_a_created_invoice_is_known_by_its_id_there(ledger: Ledger, invoice_id: int) -> None:
    """From the accounting system's id back to ours; foreign ids and other clients give nothing."""
    with ledger.writing() as session:
        invoices.created(session, invoice_id, "inv-1")
    with ledger.reading() as session:
        found = invoices.by_external_id(session, CLIENT, ["inv-1", "inv-2"])
        assert {external_id: row.id for external_id, row in found.items()} == {"inv-1": invoice_id}
        assert invoices.by_external_id(session, "winter", ["inv-1"]) == {}
        assert invoices.by_external_id(session, CLIENT, []) == {}


@pytest.mark.parametrize("number", ["RE-1", "RE_2026_1", "RE%1", "RE\\1", "2026/0042"])
def test_an_invoice_is_found_by_number_or_marker(ledger: Ledger, invoice_id: int, number: str) -> None:
    """Letter case does not matter; no sign in a number is a wildcard."""
    other = new_invoice(ledger, "2")
    change(ledger, invoice_id, lambda session, row: invoices.issue(session, row, replace(BOOKED, number=number), NOW))
    change(ledger, other, lambda session, row: invoices.issue(session, row, replace(BOOKED, number="REx2026x1"), NOW))

    def find(name: str, client: str | None = None) -> list[int]:
        with ledger.reading() as session:
            return [row.id for row in invoices.find(session, name, client)]

    assert find(number) == find(number.lower()) == find("rb-1") == find("RB-1", CLIENT) == [invoice_id]
    assert find(number, "winter") == find("%") == find("") == find("RE") == []


def test_an_invoice_that_is_not_there_is_a_lookup_error(ledger: Ledger) -> None:
    """Asking for what does not exist is said plainly."""
    with ledger.reading() as session, pytest.raises(LookupError):
        invoices.get(session, 4711)


def test_failed_creations_wait_their_turn(ledger: Ledger, invoice_id: int) -> None:
    """The list of work is not the permission: the claim asks for the time."""
    effect_id = creation(ledger, invoice_id)
    settle(ledger, taken(ledger, effect_id), Settlement(State.FAILED, not_before=NOW + LEASE))
    with ledger.reading() as session:
        assert invoices.in_work(session, CLIENT, 9) == [invoice_id]
    with ledger.writing() as session:
        assert effects.take(session, effect_id, "me", NOW, LEASE) is None
