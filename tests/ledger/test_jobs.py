"""Jobs as they were reported: renewed, held, set aside, and on an invoice only once."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.drafting import Problem
from billing.jobs import Discount, EarlyPayment, PriceMode, TaxCase, Terms
from billing.parties import CustomerKind
from ledger import jobs
from ledger.bodies import JOB as JOB_ADAPTER
from ledger.bodies import pack
from ledger.database import Ledger
from ledger.tables import CustomerRow, JobRow
from tests.billing.samples import ERIKA, JOB
from tests.ledger.samples import CLIENT, NOW, SECOND, add_invoice, new_invoice

MISSING = Problem("no-address", "Die Anschrift fehlt.")
BROKEN = Problem("UnexpectedAnswer", "Der Beleg ist nicht lesbar.")


def store(ledger: Ledger, version: str = "1", name: str = "1") -> int:
    """Store a report of a job; its id."""
    with ledger.writing() as session:
        job = replace(JOB, external_id=f"dn-{name}", version=version)
        return jobs.store(session, CLIENT, job, NOW).id


def hold(ledger: Ledger, job_id: int, *problems: Problem) -> bool:
    """Hold a job; whether that is news."""
    with ledger.writing() as session:
        return jobs.hold(session, jobs.get(session, job_id), problems, NOW)


def set_aside(ledger: Ledger, version: str = "1", name: str = "1", problem: Problem = BROKEN) -> bool:
    """Quarantine a job; whether that is news."""
    with ledger.writing() as session:
        return jobs.quarantine(session, CLIENT, "lexware", f"dn-{name}", version, problem, NOW)


def row_of(ledger: Ledger, job_id: int) -> JobRow:
    """The job as it stands."""
    with ledger.reading() as session:
        return jobs.get(session, job_id)


def ready(ledger: Ledger) -> list[int]:
    """Ids of the jobs that wait for their invoice."""
    with ledger.reading() as session:
        return jobs.ready(session, CLIENT)


def test_a_new_job_is_ready(ledger: Ledger) -> None:
    """Once stored it waits for its invoice, and is told as collected."""
    job_id = store(ledger)
    assert ready(ledger) == [job_id]
    assert (row_of(ledger, job_id).seen_at, row_of(ledger, job_id).problems) == (NOW, [])


def test_a_job_comes_back_exactly(ledger: Ledger) -> None:
    """Amounts, days, enumerations, terms and text survive the JSON column."""
    job = replace(
        JOB,
        customer=replace(ERIKA, kind=CustomerKind.BUSINESS, vat_id="DE123456789"),
        price_mode=PriceMode.GROSS,
        tax_case=TaxCase.REVERSE_CHARGE,
        discount=Discount(Decimal("2.5"), Decimal("10.00")),
        terms=Terms(30, EarlyPayment(Decimal(2), 10)),
        invoiced_as=("RE-7",),
        remark='Ä "ö"\n€ 😀',
    )
    with ledger.writing() as session:
        job_id = jobs.store(session, CLIENT, job, NOW).id
    assert jobs.job_of(row_of(ledger, job_id)) == job
    assert JOB_ADAPTER.validate_python(pack(JOB_ADAPTER, job)) == job


def test_a_job_is_kept_once(ledger: Ledger) -> None:
    """The next report renews the row and does not add one; the first sight stays."""
    job_id = store(ledger, "1")
    with ledger.writing() as session:
        again = jobs.store(session, CLIENT, replace(JOB, version="2", number="LS-neu"), NOW + SECOND)
        assert again.id == job_id
    row = row_of(ledger, job_id)
    assert (row.version, row.number, row.seen_at, row.tried_at) == ("2", "LS-neu", NOW, NOW + SECOND)


def test_another_client_or_source_has_jobs_of_its_own(ledger: Ledger) -> None:
    """The same id elsewhere is another job."""
    with ledger.writing() as session:
        ids = {
            jobs.store(session, client, replace(JOB, source=source), NOW).id
            for client in (CLIENT, "winter")
            for source in ("lexware", "hero")
        }
    assert len(ids) == 4


def test_a_held_job_waits_with_its_reasons(ledger: Ledger) -> None:
    """It is not ready any more; the same reasons again are no news, others are."""
    job_id = store(ledger)
    assert hold(ledger, job_id, MISSING)
    assert ready(ledger) == []
    assert not hold(ledger, job_id, MISSING)
    assert hold(ledger, job_id, MISSING, BROKEN)
    assert row_of(ledger, job_id).problems == [
        {"code": "no-address", "message": "Die Anschrift fehlt."},
        {"code": "UnexpectedAnswer", "message": "Der Beleg ist nicht lesbar."},
    ]


def test_a_held_job_gets_another_chance_with_the_next_report(ledger: Ledger) -> None:
    """Reported again it is ready; if the same is missing still, that is no news."""
    job_id = store(ledger)
    hold(ledger, job_id, MISSING)
    store(ledger, "2")
    assert ready(ledger) == [job_id]
    assert not hold(ledger, job_id, MISSING)
    assert ready(ledger) == []


def test_a_job_that_cannot_be_read_is_set_aside(ledger: Ledger) -> None:
    """It is on the list with the reason, its neighbours go on, and readable it is ready."""
    good = store(ledger, name="2")
    assert set_aside(ledger)
    assert not set_aside(ledger)
    assert set_aside(ledger, problem=MISSING)
    assert ready(ledger) == [good]
    with ledger.reading() as session:
        assert jobs.held(session, CLIENT, "lexware", 10) == [("dn-1", "1")]
    job_id = store(ledger)
    assert ready(ledger) == [good, job_id]


def test_those_that_waited_longest_are_looked_at_first(ledger: Ledger) -> None:
    """The limit is shared fairly among held jobs."""
    for number in range(3):
        with ledger.writing() as session:
            now = NOW - timedelta(hours=number)
            jobs.quarantine(session, CLIENT, "lexware", f"dn-{number}", "1", BROKEN, now)
    with ledger.reading() as session:
        assert jobs.held(session, CLIENT, "lexware", 2) == [("dn-2", "1"), ("dn-1", "1")]
        assert jobs.held(session, CLIENT, "hero", 2) == []
        assert jobs.held(session, "winter", "lexware", 2) == []


@pytest.mark.parametrize("event", ["store", "hold", "set aside"])
def test_a_job_on_an_invoice_stays_there(ledger: Ledger, event: str) -> None:
    """Reported again, unreadable or held: what is taken is never ready or held again."""
    new_invoice(ledger)
    with ledger.reading() as session:
        job_id = session.query(JobRow).one().id
    if event == "store":
        assert store(ledger, "2") == job_id
        assert row_of(ledger, job_id).version == "2"
    elif event == "hold":
        assert not hold(ledger, job_id, MISSING)
    else:
        assert not set_aside(ledger, "2")
        assert row_of(ledger, job_id).version == "2"
    assert row_of(ledger, job_id).state == jobs.TAKEN
    store(ledger, "3")
    assert ready(ledger) == []


def test_versions_tell_what_is_known(ledger: Ledger) -> None:
    """By external id: version and state; unknown ones are left out."""
    store(ledger, "1", "1")
    set_aside(ledger, "5", "2")
    with ledger.reading() as session:
        assert jobs.versions(session, CLIENT, "lexware", ["dn-1", "dn-2", "dn-3"]) == {
            "dn-1": ("1", jobs.READY),
            "dn-2": ("5", jobs.HELD),
        }
        assert jobs.versions(session, CLIENT, "lexware", []) == {}
        assert jobs.versions(session, "winter", "lexware", ["dn-1"]) == {}


def test_a_version_is_noted_for_known_jobs_only(ledger: Ledger) -> None:
    """A touched job is remembered; one that nobody knows is an error."""
    job_id = store(ledger)
    with ledger.writing() as session:
        jobs.note_version(session, CLIENT, "lexware", "dn-1", "9")
    assert row_of(ledger, job_id).version == "9"
    with pytest.raises(LookupError, match="dn-4711"), ledger.writing() as session:
        jobs.note_version(session, CLIENT, "lexware", "dn-4711", "9")


def test_a_cursor_remembers_its_day(ledger: Ledger) -> None:
    """None at the very start, then the day last noted, per client and name."""
    with ledger.writing() as session:
        assert jobs.cursor(session, CLIENT, "lexware") is None
        jobs.move_cursor(session, CLIENT, "lexware", date(2026, 11, 2))
    with ledger.writing() as session:
        jobs.move_cursor(session, CLIENT, "lexware", date(2026, 11, 3))
        jobs.move_cursor(session, CLIENT, "payments", date(2026, 10, 1))
    with ledger.reading() as session:
        assert jobs.cursor(session, CLIENT, "lexware") == date(2026, 11, 3)
        assert jobs.cursor(session, "winter", "lexware") is None


def test_a_customer_is_kept_as_last_seen(ledger: Ledger) -> None:
    """One row per contact with the latest snapshot; a one-time customer has none."""
    job_id = store(ledger)
    with ledger.writing() as session:
        married = replace(ERIKA, name="Erika Muster")
        jobs.store(session, CLIENT, replace(JOB, customer=married), NOW + SECOND)
        once = jobs.store(
            session, CLIENT, replace(JOB, external_id="dn-2", customer=replace(ERIKA, external_id="")), NOW
        )
        nobody = jobs.store(session, CLIENT, replace(JOB, external_id="dn-3", customer=None), NOW)
        assert once.customer_id is None
        assert nobody.customer_id is None
        row = session.query(CustomerRow).one()
        assert (row.name, row.snapshot["name"], row.seen_at) == ("Erika Muster", "Erika Muster", NOW + SECOND)
    assert row_of(ledger, job_id).customer_id == row.id


def test_the_invoice_of_an_order_is_found(ledger: Ledger) -> None:
    """Several delivery notes may belong to one order; no order is no order."""
    with ledger.writing() as session:
        invoice = add_invoice(session)
        assert jobs.invoice_of_order(session, CLIENT, "oc-1") is invoice
        assert jobs.invoice_of_order(session, CLIENT, "oc-2") is None
        assert jobs.invoice_of_order(session, CLIENT, "") is None
        assert jobs.invoice_of_order(session, "winter", "oc-1") is None


def test_a_job_that_is_not_there_is_a_lookup_error(ledger: Ledger) -> None:
    """Asking for what does not exist is said plainly."""
    with ledger.reading() as session, pytest.raises(LookupError):
        jobs.get(session, 4711)
