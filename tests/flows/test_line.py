"""A big run goes chunk by chunk: the first customer has his mail while the last invoices are still to be written."""

import pytest
from sqlalchemy import select

from flows.chain.steps import COLLECT, ISSUE, TRACK, TRANSMIT
from flows.performing import MOST_SILENT
from flows.report import Result
from ledger import overview
from ledger.effects import Kind, State
from ledger.tables import EffectRow, JournalRow
from tests.flows.business import CLIENT, Business

CHUNK = 2
JOBS = 7
LATER = "2026-11-02T10:00:00+01:00"
BOTH = (COLLECT, ISSUE, TRANSMIT)


@pytest.fixture
def busy(business: Business) -> Business:
    """A business with several finished jobs and small chunks."""
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(f"{text}running: {{chunk: {CHUNK}}}\n", "utf-8")
    contact = business.customer()
    for _ in range(JOBS):
        business.finished_job(contact)
    return business


def happened(business: Business) -> list[str]:
    """The events of the journal, in order."""
    with business.house() as house, house.ledger.reading() as session:
        return list(session.scalars(select(JournalRow.event).order_by(JournalRow.id)))


def attempts(business: Business, kind: Kind) -> list[int]:
    """How often each effect of a kind was tried."""
    with business.house() as house, house.ledger.reading() as session:
        return list(session.scalars(select(EffectRow.attempts).where(EffectRow.kind == kind)))


def test_the_first_mail_leaves_before_the_last_invoice_is_written(busy: Business) -> None:
    """Whoever pulls the plug in the middle leaves whole chunks behind, not thousands of invoices without a mail."""
    reports = busy.run(*BOTH)
    events = happened(busy)
    last_creation = max(at for at, event in enumerate(events) if event == f"{Kind.CREATE_INVOICE} {State.DONE}")
    assert events.index(f"{Kind.SEND_INVOICE} {State.DONE}") < last_creation
    assert len(busy.mails()) == len(busy.upstream()) == JOBS
    assert [reports[step.name].count(Result.DONE) for step in BOTH] == [JOBS, 2 * JOBS, 2 * JOBS]


def test_the_steps_alone_do_the_same(busy: Business) -> None:
    """As Prefect runs them: one after the other, each whole."""
    for step in BOTH:
        busy.run(step)
    assert len(busy.mails()) == len(busy.upstream()) == JOBS


def test_steps_between_keep_their_place(busy: Business) -> None:
    """What stands before the line in a cycle is done before it, what stands after it afterwards."""
    reports = busy.run(COLLECT, ISSUE, TRANSMIT, TRACK)
    assert list(reports) == [step.name for step in (*BOTH, TRACK)]
    assert all(report.client == CLIENT for report in reports.values())


def test_what_fails_is_tried_once_in_a_run(busy: Business) -> None:
    """Chunk after chunk is listed anew; what waits for the next run is not taken up again by that."""
    busy.fault(smtp="rcpt-450", times=1000)
    busy.run(*BOTH)
    assert attempts(busy, Kind.SEND_INVOICE) == [1] * JOBS
    assert len(busy.upstream()) == JOBS


def test_a_mail_server_out_of_reach_stops_the_mails_only(busy: Business) -> None:
    """A few tries show it; the invoices are written, printed and filed all the same, and the next run mails them."""
    busy.fault(smtp="auth-535", times=None)
    busy.run(*BOTH)
    assert len(busy.upstream()) == JOBS
    assert MOST_SILENT <= sum(attempts(busy, Kind.SEND_INVOICE)) <= MOST_SILENT + CHUNK
    assert max(attempts(busy, Kind.SEND_INVOICE)) == 1, "what is due at once again is still left for the next run"
    busy.stage.http.delete("/_control/faults")
    busy.run(TRANSMIT, at=LATER)
    assert len(busy.mails()) == JOBS


@pytest.mark.parametrize(
    ("limit", "mails", "title"),
    [
        ("mails_per_day", 3, "Tagesgrenze erreicht: 4 Mails warten"),
        ("invoices_per_day", 3, "Tagesgrenze erreicht: 4 Rechnungen warten"),
    ],
)
def test_a_daily_cap_holds_and_tells_how_many_wait(busy: Business, limit: str, mails: int, title: str) -> None:
    """Also where the cap is met in the middle of the run, with the last chunks still to come."""
    text = busy.client_file.read_text("utf-8")
    busy.client_file.write_text(f"{text}limits: {{{limit}: {mails}}}\n", "utf-8")
    busy.run(*BOTH)
    assert len(busy.mails()) == mails
    with busy.house() as house, house.ledger.reading() as session:
        assert [task.title for task in overview.open_tasks(session, [CLIENT])] == [title]


def test_an_accounting_system_out_of_reach_stops_the_invoices_only(busy: Business) -> None:
    """What was written before still reaches its customers."""
    busy.run(COLLECT, ISSUE)
    busy.finished_job()
    busy.run(COLLECT)
    busy.fault(method="POST", path_regex="/v1/invoices", kind="503", times=None)
    busy.run(ISSUE, TRANSMIT)
    assert len(busy.mails()) == len(busy.upstream()) == JOBS
