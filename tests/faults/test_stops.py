"""What keeps everything in the house: the brake, the caps, a clock that jumped, a ledger that was put back."""

from datetime import UTC, datetime, timedelta

import pytest

from desk import rehearsing
from desk.running import run_clients
from flows.chain import issue
from flows.chain.steps import CYCLE, run_step
from flows.report import Result
from flows.wiring import at_work
from ledger import invoices, notices, overrides, stops
from ledger.effects import Kind
from ledger.overrides import NothingToDecide, Word
from ledger.overview import Departure, about_to_leave
from ledger.stops import ALL, Cause
from tests.faults.stories import COPY_TO, changing, draft_all, sent
from tests.flows.business import CLIENT, Business

WORD = Word("Frau Sommer", "zu früh")
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY_2 = "2026-11-03T09:00:00+01:00"
DAY_2_LATER = "2026-11-03T09:05:00+01:00"
DAY_3 = "2026-11-04T09:05:00+01:00"
OVERDUE = "2026-11-24T10:00:00+01:00"
TASK_DAY = "2026-12-02T10:00:00+01:00"


@pytest.mark.parametrize(("client", "kind"), [(ALL, ALL), (CLIENT, ALL), (CLIENT, Kind.CREATE_INVOICE)])
def test_a_stop_lets_nothing_out_until_it_is_lifted(business: Business, client: str, kind: str) -> None:
    """Whatever the brake covers is not even prepared, reading goes on, and status names who pulled it and why."""
    with changing(business) as session:
        stops.stop(session, client, kind, WORD, NOW)
    assert business.run()["collect"].count(Result.DONE) == 1
    (case,) = business.cases()
    assert (case.kind, case.reason, case.evidence) == ("stop", "zu früh", "von Frau Sommer")
    assert (business.upstream(), business.mails()) == ([], [])
    with changing(business) as session:
        stops.lift(session, client, kind, (Cause.PERSON,), WORD, NOW)
    business.run()
    assert (len(business.upstream()), sent(business), business.cases()) == (1, 1, [])


def test_a_stop_of_one_kind_or_client_leaves_the_rest_alone(business: Business) -> None:
    """Copies may be stopped while invoices go their way; another client's brake is none of ours."""
    with changing(business) as session:
        stops.stop(session, CLIENT, Kind.SEND_COPY, WORD, NOW)
        stops.stop(session, "winter", ALL, WORD, NOW)
    business.run()
    assert [mail["envelope"]["recipients"] for mail in business.mails()] == [["rechnung@baeckerei.example"]]


def test_pressing_the_brake_twice_is_one_stop(business: Business) -> None:
    """A second stop, and a second go, say that there is nothing to do."""
    with changing(business) as session:
        stops.stop(session, CLIENT, ALL, WORD, NOW)
    with pytest.raises(NothingToDecide), changing(business) as session:
        stops.stop(session, CLIENT, ALL, WORD, NOW)
    with changing(business) as session:
        stops.lift(session, CLIENT, ALL, (Cause.PERSON,), WORD, NOW)
    with pytest.raises(NothingToDecide), changing(business) as session:
        stops.lift(session, CLIENT, ALL, (Cause.PERSON,), WORD, NOW)


def test_a_brake_pulled_in_mid_run_holds_the_very_next_effect(business: Business) -> None:
    """The claim itself asks: what was listed before the brake was pulled stays in the house as well."""
    with business.house() as house, at_work(house, house.client(CLIENT), NOW) as work:
        draft_all(work)
        (listed,) = issue.in_work(work)
        with house.ledger.writing() as session:
            stops.stop(session, CLIENT, ALL, WORD, NOW)
        entry = issue.issue_one(work, listed)
    assert entry is not None
    assert (entry.result, entry.text, business.upstream()) == (Result.STILL, "zu früh", [])


@pytest.mark.parametrize("what", ["mails_per_day", "invoices_per_day"])
def test_what_exceeds_the_cap_waits_and_is_told_once(business: Business, what: str) -> None:
    """Two invoices on a day with a cap of one: the second waits for the next day, and one task says so."""
    business.finished_job()
    text = business.client_file.read_text("utf-8").replace(f"  copy_to: {COPY_TO}\n", "")
    business.client_file.write_text(f"{text}limits: {{{what}: 1}}\n", "utf-8")
    business.run()
    business.run(at="2026-11-02T10:00:00+01:00")
    assert sent(business) == 1
    with business.house() as house, house.ledger.reading() as session:
        assert [task.title for task in notices.tasks(session)] == [
            f"Tagesgrenze erreicht: 1 {'Mails warten' if what == 'mails_per_day' else 'Rechnungen warten'}"
        ]
    business.run(at="2026-11-03T11:00:00+01:00")
    assert sent(business) == 2


@pytest.mark.parametrize("gap", [timedelta(days=4), timedelta(hours=-1)])
def test_a_jump_of_the_clock_holds_everything(business: Business, gap: timedelta) -> None:
    """The last run seems days ago, or still to come: reading goes on, nothing leaves until a person confirms."""
    now = datetime.now(UTC)
    with changing(business) as session:
        stops.beat(session, CLIENT, now - gap, timedelta(days=3))
    _run_by_the_real_clock(business)
    (case,) = business.cases()
    assert "rechnungsbote go" in case.reason
    assert (business.upstream(), business.mails()) == ([], [])
    with changing(business) as session:
        stops.lift(session, CLIENT, ALL, (Cause.CLOCK,), WORD, now)
    _run_by_the_real_clock(business)
    assert (len(business.upstream()), business.cases()) == (1, [])


@pytest.mark.parametrize("gap", [timedelta(days=2), timedelta(minutes=-3)])
def test_ordinary_gaps_are_no_jump(business: Business, gap: timedelta) -> None:
    """A weekend without runs, or two machines a little apart, hold nothing."""
    with changing(business) as session:
        stops.beat(session, CLIENT, datetime.now(UTC) - gap, timedelta(days=3))
    _run_by_the_real_clock(business)
    assert (len(business.upstream()), business.cases()) == (1, [])


def test_a_dry_run_shows_and_does_nothing(business: Business) -> None:
    """What would leave is named with its recipient; upstream, mailbox, ledger and archive stay as they were."""
    business.run()
    business.finished_job()
    before = _traces(business)
    for at, kind in (("2026-11-03T09:00:00+01:00", Kind.CREATE_INVOICE), (OVERDUE, Kind.SEND_REMINDER)):
        found = _rehearsed(business, at)
        assert kind in [each.kind for each in found]
        assert all(each.recipient for each in found if each.kind != Kind.CREATE_INVOICE)
    assert _traces(business) == before


def test_a_given_up_reminder_lets_the_next_level_follow(business: Business) -> None:
    """The level given up is not written again, and the one after it comes in its time."""
    business.run()
    business.fault(smtp="disconnect-after-dot-not-stored")
    business.run(at=OVERDUE)
    with changing(business) as session:
        invoice = invoices.find(session, "RE1001")[0]
        overrides.give_up(session, invoice, WORD, datetime.fromisoformat(OVERDUE))
    business.run(at="2026-11-25T10:00:00+01:00")
    assert sent(business) == 1
    business.run(at=TASK_DAY)
    with business.house() as house, house.ledger.reading() as session:
        assert ["nachfassen" in task.title for task in notices.tasks(session)] == [True]


def test_summer_time_sends_nothing_early_and_nothing_twice(business: Business) -> None:
    """Runs in both hours of 25 October, two in the doubled one, remind exactly when and as often as on any day."""
    text = business.client_file.read_text("utf-8").replace("since: 2026-11-01", "since: 2026-09-01")
    business.client_file.write_text(text, "utf-8")
    business.stage.control("clock", {"now": "2026-11-02T08:00:00+01:00"})
    business.run(at="2026-10-24T23:30:00+02:00")
    for at in ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"):
        business.run(at=at)
    assert (len(business.upstream()), len(business.mails())) == (1, 2)
    (invoice,) = business.invoices()
    assert invoice.due_date is not None
    assert invoice.due_date - invoice.issue_date == timedelta(days=14)


def _run_by_the_real_clock(business: Business) -> None:
    with business.house() as house, at_work(house, house.client(CLIENT)) as work:
        for step in CYCLE:
            run_step(work, step)


def _rehearsed(business: Business, at: str) -> list[Departure]:
    with business.house() as house, rehearsing.copied(house) as copy:
        run_clients(copy, [copy.client(CLIENT)], datetime.fromisoformat(at), as_json=False, steps=rehearsing.REHEARSED)
        with copy.ledger.reading() as session:
            return about_to_leave(session, [CLIENT])


def _traces(business: Business) -> tuple[object, ...]:
    with business.house() as house, house.ledger.reading() as session:
        journal = session.connection().exec_driver_sql("SELECT count(*) FROM journal").scalar()
    archive = sorted(path.name for path in (business.folder / "var/archive").rglob("*"))
    return business.upstream(), len(business.mails()), journal, archive
