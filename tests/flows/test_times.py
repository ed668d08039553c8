"""A month's work becomes one job: once, whatever runs beside it or dies in the middle of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from billing.work_entries import WorkEntry
from flows.chain import times as chain
from flows.chain.steps import ISSUE, TIMES
from flows.clock import Clock
from flows.report import Result
from flows.wiring import at_work
from flows.work import Work
from ledger import jobs, notices, reopening, times
from ledger.overrides import NothingToDecide, Word
from ledger.tables import JobRow
from ledger.time_tables import WorkEntryRow
from ledger.times import Intake, State
from tests.billing.work import entry, travel
from tests.flows.business import CLIENT, Business

NOVEMBER, DECEMBER = "2026-11-03T06:00:00+01:00", "2026-12-03T06:00:00+01:00"
SECTION = """
times:
  since: 2026-09-01
  hourly_rate: 95.00
  approval: {approval}
  customers:
    "10307":
      names: [Krämer]
      recipient: {{name: Hausverwaltung Krämer GmbH, street: {street}, postcode: "80331", city: München,
                  email: rechnung@kraemer.example}}
    K0: {{included_hours: 1000, recipient: {{name: K, street: Weg 1, postcode: "80331", city: München}}}}
"""
WORD = Word("Anna", "geprüft")
NUMBERS = count()


class Killed(BaseException):
    """The process dies."""


def write(business: Business, approval: str = "true", street: str = "Marktplatz 1") -> None:
    """The client bills work by the month."""
    business.write_client()
    with business.client_file.open("a", encoding="utf-8") as file:
        file.write(SECTION.format(approval=approval, street=street))


@pytest.fixture
def timed(business: Business) -> Business:
    """A business that bills work by the month after approval."""
    write(business)
    return business


@contextmanager
def working(business: Business, at: str = NOVEMBER) -> Iterator[Work]:
    """The client at work as of an instant."""
    with business.house() as house, at_work(house, house.client(CLIENT), datetime.fromisoformat(at)) as work:
        yield work


def keep(business: Business, *entries: WorkEntry, approved: bool = True) -> None:
    """Recorded work, approved or not."""
    with working(business) as work, work.ledger.writing() as session:
        now = work.clock.now()
        times.receive(session, CLIENT, entries, Intake(True, "Büro", {"Krämer": "10307"}), now)
        if approved:
            ids = [row.id for row in times.rows(session, [CLIENT], states=[State.RECORDED]) if row.is_billable]
            times.approve(session, CLIENT, ids, WORD, now)


def states(business: Business) -> list[str]:
    """The states of all work, by day."""
    with working(business) as work, work.ledger.reading() as session:
        return [row.state for row in times.rows(session, [CLIENT])]


def jobs_of(business: Business) -> list[tuple[str, int]]:
    """Every job of recorded work with the number of rows of its timesheet."""
    with working(business) as work, work.ledger.reading() as session:
        found = session.query(JobRow).filter(JobRow.source == times.TIMES).order_by(JobRow.id)
        return [(row.external_id, len(jobs.job_of(row).timesheet)) for row in found]


def test_a_month_waits_for_the_last_approval(timed: Business) -> None:
    """As long as one entry of a customer is undecided nothing of his month is billed; rejected ones are left out."""
    keep(timed, entry(1), entry(2, 9))
    keep(timed, entry(3, 12), approved=False)
    report = timed.run(TIMES, at=NOVEMBER)["times"]
    assert [(found.result, found.text) for found in report.entries] == [
        (Result.STILL, "1 Einträge warten auf Freigabe.")
    ]
    with working(timed) as work, work.ledger.writing() as session:
        (waiting,) = times.rows(session, [CLIENT], states=[State.RECORDED])
        times.reject(session, CLIENT, [waiting.id], WORD, work.clock.now())
    timed.run(TIMES, at=NOVEMBER)
    assert jobs_of(timed) == [("times:10307:2026-10", 2)]
    assert states(timed) == ["billed", "billed", "rejected"]


def test_before_the_billing_day_nothing_is_billed(timed: Business) -> None:
    """October is open until the third of November."""
    keep(timed, entry(1))
    timed.run(TIMES, at="2026-11-02T23:59:00+01:00")
    assert jobs_of(timed) == []


def test_late_work_goes_on_the_next_invoice(timed: Business) -> None:
    """The month is closed: an entry that comes later waits for the next one, and shows its day there."""
    keep(timed, entry(1))
    timed.run(TIMES, at=NOVEMBER)
    keep(timed, entry(2, 20), entry(3, 40))
    timed.run(TIMES, at=NOVEMBER)
    assert jobs_of(timed) == [("times:10307:2026-10", 1)]
    timed.run(TIMES, at=DECEMBER)
    assert jobs_of(timed)[1:] == [("times:10307:2026-11", 2)]
    with working(timed) as work, work.ledger.reading() as session:
        lines = jobs.job_of(jobs.find(session, CLIENT, times.TIMES, "times:10307:2026-11")).lines
    assert [line.name for line in lines] == [
        "Nachtrag 20.10.2026, Ticket T-1: Entwicklung", "Ticket T-1: Entwicklung",
    ]  # fmt: skip


def test_who_nobody_knows_is_asked_for_once(timed: Business) -> None:
    """A task names the cure; once the customer is known, his work is billed."""
    keep(timed, entry(1, customer="Unbekannt AG"))
    reports = [timed.run(TIMES, at=NOVEMBER)["times"].entries[0].result for _ in range(2)]
    assert reports == [Result.HELD, Result.STILL]
    with working(timed) as work, work.ledger.reading() as session:
        (task,) = notices.tasks(session, CLIENT)
    assert "times.customers" in task.body
    text = timed.client_file.read_text("utf-8").replace("names: [Krämer]", "names: [Krämer, Unbekannt AG]")
    timed.client_file.write_text(text, "utf-8")
    timed.run(TIMES, at=NOVEMBER)
    assert jobs_of(timed) == [("times:10307:2026-10", 1)]


def test_a_month_within_the_allowance_is_no_invoice(timed: Business) -> None:
    """It is settled all the same, and a flat beside it would be billed."""
    keep(timed, entry(1, customer="K0"))
    timed.run(TIMES, at=NOVEMBER)
    assert (jobs_of(timed), states(timed)) == ([], ["covered"])
    keep(timed, entry(2, 35, customer="K0"), replace(travel(3, 36), customer="K0"))
    timed.run(TIMES, at=DECEMBER)
    assert jobs_of(timed) == [("times:K0:2026-11", 2)]


def test_a_held_job_is_made_anew(timed: Business) -> None:
    """A customer without address holds it; put right in the client's file, the same job goes on, with the same work."""
    write(timed, street='" "')
    keep(timed, entry(1), entry(2, 9))
    timed.run(TIMES, ISSUE, at=NOVEMBER)
    with working(timed) as work, work.ledger.reading() as session:
        assert jobs.find(session, CLIENT, times.TIMES, "times:10307:2026-10").state == jobs.HELD
    write(timed)
    timed.run(TIMES, ISSUE, at=NOVEMBER)
    assert jobs_of(timed) == [("times:10307:2026-10", 2)]
    assert [row.number for row in timed.invoices()] == ["RE1001"]


def give_back(business: Business, name: str) -> int:
    """Reopen the work of a job or an invoice."""
    with working(business) as work, work.ledger.writing() as session:
        return reopening.reopen(session, CLIENT, name, WORD, work.clock.now())


def test_a_cancelled_invoice_gives_its_work_back(timed: Business) -> None:
    """While it holds, nothing; cancelled, the same month is billed again under another name, and only once."""
    keep(timed, entry(1), entry(2, 9))
    timed.run(at=NOVEMBER)
    with pytest.raises(NothingToDecide, match="Rechnung RE1001 gilt"):
        give_back(timed, "RE1001")
    timed.stage.control("actions/void", {"id": timed.upstream()[0]["id"]})
    timed.run(at="2026-11-04T06:00:00+01:00")
    assert give_back(timed, "re1001") == 2
    with pytest.raises(NothingToDecide, match="schon zurückgegeben"):
        give_back(timed, "RE1001")
    for _ in range(2):
        timed.run(at="2026-11-05T06:00:00+01:00")
    assert [name for name, _ in jobs_of(timed)] == ["times:10307:2026-10", "times:10307:2026-10.2"]
    assert [row.number for row in timed.invoices()] == ["RE1001", "RE1002"]
    assert states(timed) == ["billed", "billed"]


def test_a_held_job_may_be_dropped(timed: Business) -> None:
    """Its work is free, can be rejected, and nothing is held any more."""
    write(timed, street='" "')
    keep(timed, entry(1))
    timed.run(TIMES, ISSUE, at=NOVEMBER)
    assert give_back(timed, "Z-2026-10-10307") == 1
    with working(timed) as work, work.ledger.writing() as session:
        (row,) = times.rows(session, [CLIENT])
        times.reject(session, CLIENT, [row.id], WORD, work.clock.now())
        assert jobs.held(session, CLIENT, times.TIMES, 9) == []
    timed.run(TIMES, ISSUE, at=NOVEMBER)
    assert states(timed) == ["rejected"]


def test_who_asks_nobody_bills_what_is_recorded(timed: Business) -> None:
    """Without approval the billing day is enough; a folder is read by the same step."""
    write(timed, approval="false")
    folder = timed.folder / "clients" / "zeiten"
    folder.mkdir()
    text = timed.client_file.read_text("utf-8").replace("  since: 2026-09-01", "  folder: zeiten\n  since: 2026-09-01")
    timed.client_file.write_text(text, "utf-8")
    (folder / "oktober.csv").write_text(
        "Id;Datum;Kunde;Stunden\n1;05.10.2026;Krämer;1,5\n2;31.08.2026;Krämer;8\n3;06.10.2026;Krämer;?\n", "utf-8"
    )
    first, second = (timed.run(TIMES, at=NOVEMBER)["times"] for _ in range(2))
    assert [found.text for found in first.entries][0] == "1 neu oder geändert."
    assert "oktober.csv, Zeile 4, Stunden: „?“" in first.entries[1].text
    assert len(second.entries) == 1, "the bad row is told again, the good one is known"
    assert jobs_of(timed) == [("times:10307:2026-10", 1)]


def test_two_at_once_make_one_job(timed: Business) -> None:
    """Four runs at the same moment bill a month once."""
    keep(timed, *(entry(number, 1 + number % 28) for number in range(40)))
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _number: timed.run(TIMES, at=NOVEMBER)["times"], range(4)))
    assert sum(report.count(Result.DONE) for report in reports) == 1
    assert jobs_of(timed) == [("times:10307:2026-10", 40)]
    assert set(states(timed)) == {"billed"}


@contextmanager
def dying(work: Work, at: int) -> Iterator[None]:
    """The process dies before its `at`-th commit; what was not committed is gone."""
    left = iter(range(at - 1))

    def die(_connection: Any) -> None:
        if next(left, None) is None:
            raise Killed

    event.listen(work.ledger.engine, "commit", die)
    try:
        yield
    except Killed:
        pass
    finally:
        event.remove(work.ledger.engine, "commit", die)


Act = tuple[str, int]
ACTS = st.lists(
    st.tuples(st.sampled_from(["report", "change", "approve", "reject", "bill", "bill dying"]), st.integers(0, 11)),
    max_size=25,
)


def test_nothing_is_lost_or_billed_twice(timed: Business) -> None:
    """Whatever is reported, changed, decided and killed in whichever order: in the end all stands on one job each."""
    with working(timed) as opened:

        @settings(max_examples=25, database=None)
        @given(ACTS)
        def play(acts: list[Act]) -> None:
            _Play(opened, f"kunde-{next(NUMBERS)}").through(acts)

        play()


class _Play:
    """One customer's history on a ledger that other customers have used before."""

    def __init__(self, work: Work, key: str) -> None:
        self.work, self.key, self.versions = work, key, dict[int, int]()

    def through(self, acts: list[Act]) -> None:
        """Play all acts, then approve the rest and let three months close."""
        for name, number in acts:
            self.act(name, number)
            self.check()
        self.decide(times.approve, [State.RECORDED])
        self.bill(3)
        self.check()
        assert {row.state for row in self.rows()} <= {State.BILLED, State.REJECTED}

    def act(self, name: str, number: int) -> None:
        """Do one thing; `number` chooses the entry, or the point of death."""
        if name in ("report", "change"):
            self.versions[number] = self.versions.get(number, 0) + (name == "change")
            self.report(number)
        elif name == "approve":
            self.decide(times.approve, [State.RECORDED])
        elif name == "reject":
            self.decide(times.reject, [State.RECORDED], most=1)
        elif name == "bill":
            self.bill(number % 3)
        else:
            with dying(self.work, 1 + number % 3):
                self.bill(number % 3)

    def report(self, number: int) -> None:
        """An entry between September and December, as it is now."""
        version = str(self.versions[number])
        told = entry(number, 1 + 8 * (number - 3), 30, external_id=f"{self.key}-{number}", version=version)
        with self.work.ledger.writing() as session:
            now = self.work.clock.now()
            times.receive(session, CLIENT, [replace(told, customer=self.key)], Intake(True, "Büro"), now)

    def decide(self, act: Any, states: list[State], most: int = 99) -> None:
        """Approve or reject what waits."""
        with self.work.ledger.writing() as session:
            found = times.rows(session, [CLIENT], customer=self.key, states=states)
            act(session, CLIENT, [row.id for row in found][:most], WORD, self.work.clock.now())

    def bill(self, months: int) -> None:
        """Run the step on the billing day of so many months after October."""
        clock = Clock(datetime.fromisoformat(NOVEMBER) + timedelta(31 * months))
        section = self.work.config.times
        assert section
        known = section.model_validate(
            section.model_dump()
            | {
                "customers": {
                    self.key: {"recipient": {"name": "K", "street": "Weg 1", "postcode": "80331", "city": "M"}}
                }
            }
        )
        config = self.work.config.model_copy(update={"times": known})
        chain.bill(replace(self.work, config=config, clock=clock))

    def rows(self) -> list[WorkEntryRow]:
        """All work of the customer."""
        with self.work.ledger.reading() as session:
            return times.rows(session, [CLIENT], customer=self.key)

    def check(self) -> None:
        """Billed work is on exactly the job it names, and every job has exactly its own work."""
        with self.work.ledger.reading() as session:
            found = session.query(JobRow).filter(JobRow.external_id.startswith(f"times:{self.key}:"))
            sheets = {row.id: sorted(line.text for line in jobs.job_of(row).timesheet) for row in found}
        own: dict[int, list[str]] = {job_id: [] for job_id in sheets}
        for row in self.rows():
            assert (row.job_id is not None) == (row.state == State.BILLED)
            if row.job_id:
                own[row.job_id].append(f"Entwicklung: {row.body['text']}")
        assert {job_id: sorted(texts) for job_id, texts in own.items()} == sheets
