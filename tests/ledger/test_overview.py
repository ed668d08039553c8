"""What people ask the ledger: every case with its reason and evidence, and none forgotten."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing.drafting import Problem
from billing.payments import PaymentFact, Standing
from ledger import effects, invoices, jobs, notices, overview, payments
from ledger.claims import Circumstances
from ledger.database import Ledger
from ledger.effects import Kind, Settlement, State
from ledger.receivables import receivables
from ledger.tables import NoticeRow
from tests.billing.samples import JOB
from tests.ledger.samples import CLIENT, DUTY, NOW, QUIET, SECOND, add_invoice, new_invoice, plan, settle, taken
from tests.ledger.test_invoices import OTHER, PDF
from tests.ledger.test_notices import decide, remind
from tests.ledger.test_payments import BOOKED

CLIENTS = {CLIENT: Circumstances(land="BY")}
MISSING = Problem("no-address", "Die Anschrift fehlt.")


@pytest.fixture
def issued(ledger: Ledger, invoice_id: int) -> int:
    """An issued invoice, RE-1 over 220.01, due on 16.11.2026."""
    with ledger.writing() as session:
        invoices.issue(session, invoices.get(session, invoice_id), BOOKED, NOW)
    return invoice_id


def cases(ledger: Ledger, *clients: str) -> list[tuple[str, str, str, str]]:
    """Client, state, reason and evidence of all cases."""
    with ledger.reading() as session:
        found = overview.cases(session, clients or [CLIENT])
    return [(case.client, case.state, case.reason, case.evidence) for case in found]


def test_all_is_well_without_cases(ledger: Ledger, invoice_id: int) -> None:
    """What goes on by itself is no case."""
    assert invoice_id
    assert cases(ledger) == []


def test_every_held_failed_refused_or_unknown_thing_is_listed(ledger: Ledger) -> None:
    """P23: oldest first, each with its reason and its evidence."""
    with ledger.writing() as session:
        job = jobs.store(session, CLIENT, replace(JOB, external_id="dn-incomplete"), NOW - SECOND)
        jobs.hold(session, job, [MISSING], NOW)
        invoices.hold(session, add_invoice(session, "held"), [OTHER, MISSING], NOW)
    invoice_id = new_invoice(ledger)
    for second, outcome in enumerate((State.FAILED, State.REFUSED, State.UNKNOWN, State.DONE), 1):
        flight = taken(ledger, plan(ledger, invoice_id, outcome))
        settle(ledger, flight, Settlement(outcome, f"Grund {outcome}", f"Beleg {outcome}"), NOW + second * SECOND)
    taken(ledger, plan(ledger, invoice_id, "in flight"))
    assert cases(ledger) == [
        (CLIENT, "held", "Die Anschrift fehlt.", "no-address"),
        (CLIENT, "held", f"{OTHER.message} Die Anschrift fehlt.", "differs, no-address"),
        (CLIENT, "failed", "Grund failed", "Beleg failed"),
        (CLIENT, "refused", "Grund refused", "Beleg refused"),
        (CLIENT, "unknown", "Grund unknown", "Beleg unknown"),
    ]
    assert cases(ledger, "winter") == []


def test_only_a_failed_effect_has_a_next_try(ledger: Ledger, invoice_id: int) -> None:
    """What waits for a person shows no time."""
    for outcome in (State.FAILED, State.UNKNOWN):
        flight = taken(ledger, plan(ledger, invoice_id, outcome))
        settle(ledger, flight, Settlement(outcome, not_before=NOW + QUIET))
    with ledger.reading() as session:
        found = {case.state: case.next_try for case in overview.cases(session, [CLIENT])}
    assert found == {"failed": NOW + QUIET, "unknown": None}


@pytest.mark.parametrize(
    ("open_amount", "is_voided", "today", "word"),
    [
        ("220.01", False, date(2026, 11, 16), Standing.OPEN),
        ("220.01", False, date(2026, 11, 17), Standing.OVERDUE),
        ("20.00", False, date(2026, 11, 16), Standing.PARTLY_PAID),
        ("0.00", False, date(2026, 12, 24), Standing.PAID),
        ("220.01", True, date(2026, 12, 24), Standing.VOIDED),
    ],
)
def test_an_invoice_shows_its_standing_of_today(
    ledger: Ledger, issued: int, open_amount: str, is_voided: bool, today: date, word: Standing
) -> None:
    """Computed at the moment of reading from the latest fact."""
    with ledger.writing() as session:
        fact = PaymentFact("lexware", Decimal(open_amount), is_voided, "1", NOW)
        payments.note(session, invoices.get(session, issued), fact)
    with ledger.reading() as session:
        (shown,) = board = receivables(session, CLIENTS, today)
        assert overview.counts(session, CLIENT, board)["receivables"] == {word: 1}
    assert (shown.number, shown.gross, shown.due_date) == ("RE-1", Decimal("220.01"), date(2026, 11, 16))
    assert (shown.open_amount, shown.standing) == (Decimal(open_amount), word)


def test_a_draft_is_no_receivable(ledger: Ledger, invoice_id: int) -> None:
    """Without a number nobody owes anything yet."""
    assert invoice_id
    with ledger.reading() as session:
        assert receivables(session, CLIENTS, NOW.date()) == []


def test_notices_and_tasks_are_counted_by_invoice(ledger: Ledger, issued: int) -> None:
    """Withdrawn ones do not count."""
    remind(ledger, issued, 1, 1)
    withdrawn, _ = remind(ledger, issued, 2, 2)
    decision_id = decide(ledger, issued)
    with ledger.writing() as session:
        session.get_one(NoticeRow, withdrawn).withdrawn_at = NOW
        task = notices.ask(session, CLIENT, "dunning", "Anrufen", "", "Büro", None, NOW, issued)
        decision = notices.latest(session, issued)
        assert decision is not None
        assert decision.id == decision_id
        notices.take(session, decision, 3, Decimal("220.01"), NOW, task_id=task.id)
    with ledger.reading() as session:
        (shown,) = receivables(session, CLIENTS, NOW.date())
        assert [row.title for row in overview.open_tasks(session, [CLIENT])] == ["Anrufen"]
        assert overview.open_tasks(session, ["winter"]) == []
    assert (shown.notices, shown.tasks) == (1, 1)


def test_the_counts_say_where_everything_stands(ledger: Ledger, issued: int) -> None:
    """Jobs, invoices, receivables and effects, by state."""
    with ledger.writing() as session:
        jobs.store(session, CLIENT, replace(JOB, external_id="dn-2"), NOW)
        invoices.file(session, invoices.get(session, issued), [PDF], DUTY, NOW)
        effects.plan(session, CLIENT, Kind.SEND_INVOICE, "mail", issued, {}, NOW)
    with ledger.reading() as session:
        assert overview.counts(session, CLIENT, receivables(session, CLIENTS, NOW.date())) == {
            "jobs": {"taken": 1, "ready": 1},
            "invoices": {"filed": 1},
            "receivables": {"offen": 1},
            "create-invoice": {"planned": 1},
            "send-invoice": {"planned": 1},
        }
        assert [row.name for row in overview.archived(session)] == ["Rechnung_RE-1.pdf"]
        assert [row.name for row in overview.archived(session, CLIENT)] == ["Rechnung_RE-1.pdf"]
        assert overview.archived(session, "winter") == []
