"""How many requests the chain makes, from the stage's own log: for many jobs, an idle cycle, a payment check.

`REQUESTS_JOBS=100` counts for a hundred jobs instead of twenty.
"""

import os
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from benchmarks.idle_day import idle_day, leave_alone
from desk import deciding
from flows.chain.steps import COLLECT, CYCLE, ISSUE, TRACK
from ledger.overrides import NothingToDecide, Word
from tests.flows.business import SERVICE, TODAY, Business
from tests.sandbox.running import line

JOBS = int(os.environ.get("REQUESTS_JOBS", "20"))
INVOICES = 1000


def purposes(business: Business, before: int) -> Counter[str]:
    """The requests since the first `before`, by what they were for."""
    return Counter(entry["purpose"] for entry in business.requests(before))


def at(minutes: int) -> str:
    """So many minutes after the first run."""
    return (datetime.fromisoformat(TODAY) + timedelta(minutes=minutes)).isoformat()


def order(business: Business, number: int) -> dict[str, Any]:
    """The body of an order of a customer of its own."""
    return {
        "voucherDate": "2026-11-02T00:00:00.000+01:00",
        "address": {"contactId": business.customer(company={"name": f"Kunde {number}"})},
        "lineItems": [line(1, 80)],
        "totalPrice": {"currency": "EUR"},
        "taxConditions": {"taxType": "net"},
        "shippingConditions": SERVICE,
    }


@pytest.mark.slow
@pytest.mark.parametrize(("signal", "most"), [("delivery_note", 4), ("order_confirmation", 3)])
def test_a_job_costs_three_requests(business: Business, signal: str, most: int) -> None:
    """Each job costs to read the order, to create, to read back, and where there is one to read the delivery note.

    All jobs together cost one list, and three requests for their customers, whose list is cheaper than each of them.
    """
    business.write_client(signal=signal)
    for number in range(JOBS):
        body = order(business, number)
        made = business.stage.post("order-confirmations", body, finalize="true").json()
        if signal == "delivery_note":
            business.stage.post("delivery-notes", body, finalize="true", precedingSalesVoucherId=made["id"])
    before = len(business.requests())
    business.run(COLLECT, ISSUE)
    found = purposes(business, before)
    assert len(business.upstream()) == JOBS
    assert found["create invoice"] == found["read invoice"] == JOBS
    assert found["read contacts"] == 3
    assert found.total() == most * JOBS + 4, found


def test_an_idle_cycle_costs_two_requests(business: Business) -> None:
    """A whole cycle without news is one list of jobs and one of payments, however many invoices wait to be paid."""
    business.finished_job()
    business.run()
    for step in CYCLE:
        before = len(business.requests())
        business.run(step)
        assert purposes(business, before) == ({"read voucher list": 1} if step in (COLLECT, TRACK) else {}), step.title


def test_three_idle_hours_cost_a_request_a_look(business: Business) -> None:
    """A held job and an open invoice wait: beside the lists, one of them of payments, the job is read a few times."""
    business.finished_job(business.customer(addresses=None))
    business.finished_job()
    found = idle_day(business, looks=36)
    assert found.pop("read voucher list") == 36 + 1
    assert found.keys() == {"read delivery note", "read order confirmation", "read contacts"}
    assert 3 <= found["read delivery note"] <= 6, found
    assert len(set(found.values())) == 1, found


def test_retry_reads_a_held_job_at_once(business: Business) -> None:
    """What is held rests for a quarter of an hour at least, unless a person or the client's file says otherwise."""
    contact = business.customer(addresses=None)
    business.finished_job(contact)
    leave_alone(business)
    business.run(COLLECT, ISSUE)
    business.run(COLLECT, ISSUE, at=at(5))
    (case,) = business.cases()
    before = len(business.requests())
    business.run(COLLECT, ISSUE, at=at(10))
    assert purposes(business, before) == {"read voucher list": 1}
    with business.house() as house:
        said = Word("Jana Sommer", "Anschrift ergänzt")
        text = deciding.retry_job(house.ledger, case.subject.split()[1], None, said, datetime.fromisoformat(at(11)))
        assert text.endswith("wird beim nächsten Durchlauf neu gelesen.")
        with pytest.raises(NothingToDecide, match="gibtsnicht"):
            deciding.retry_job(house.ledger, "gibtsnicht", None, said, datetime.fromisoformat(at(11)))
    business.run(COLLECT, ISSUE, at=at(12))
    assert purposes(business, before)["read delivery note"] == 1
    os.utime(business.client_file, (datetime.fromisoformat(at(13)).timestamp(),) * 2)
    business.run(COLLECT, ISSUE, at=at(14))
    assert purposes(business, before)["read delivery note"] == 2


@pytest.mark.slow
def test_a_thousand_changed_invoices_cost_five_requests(business: Business) -> None:
    """A payment check in which every one of a thousand open invoices has changed is four pages, and the first twice."""
    body = order(business, 1)
    for _ in range(INVOICES):
        business.stage.post("invoices", body, finalize="true").raise_for_status()
    before = len(business.requests())
    business.run(TRACK)
    assert purposes(business, before) == {"read voucher list": 5}
