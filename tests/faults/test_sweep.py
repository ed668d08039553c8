"""P10: an invoice that exists twice over there, although we asked once, is found by the next day's sweep."""

from pathlib import Path

from flows.chain.steps import RECONCILE
from ledger import invoices, overrides
from ledger.overrides import Word
from tests.faults.stories import POST_INVOICE, Firm
from tests.flows.business import CLIENT, TODAY, Business

NEXT_DAY = "2026-11-03T09:00:00+01:00"
THIRD_DAY = "2026-11-04T09:00:00+01:00"


def doubled(business: Business) -> None:
    """One finished job, made twice upstream by one request, and held there before its mail could leave."""
    business.finished_job()
    business.fault(**POST_INVOICE, kind="double-effect")
    business.fault(method="GET", path_regex="/v1/invoices/", kind="500", times=1)
    business.run(at=TODAY)
    assert (len(business.upstream()), business.mails()) == (2, [])


def test_a_doubled_invoice_is_held_with_both_ids(firm: Firm) -> None:
    """The first run of the next day finds both, sends nothing and says which invoices to cancel."""
    business = firm.business
    doubled(business)
    before = len(business.requests())
    business.run(at=NEXT_DAY)
    (case,) = business.cases()
    assert business.mails() == []
    assert all(invoice["id"] in case.reason for invoice in business.upstream())
    lists = [request for request in business.requests(before) if "createdDateFrom" in request["query"]]
    assert len(lists) == 1, "one list is enough for all invoices"


def test_it_goes_its_way_when_one_is_cancelled(firm: Firm) -> None:
    """A cancelled double counts no more: released, the invoice is sent, and the next sweep finds nothing."""
    business = firm.business
    doubled(business)
    business.run(at=NEXT_DAY)
    with business.house() as house, house.ledger.writing() as session:
        row = invoices.find(session, business.markers()[0], CLIENT)[0]
        ours = row.external_id
        overrides.release(session, row, Word("Büro", "storniert"), row.created_at)
    (other,) = [invoice for invoice in business.upstream() if invoice["id"] != ours]
    business.stage.control("actions/void", {"id": other["id"]})
    business.run(at=THIRD_DAY)
    assert (len(business.mails()), business.cases()) == (2, [])


def test_what_only_looks_alike_is_left_alone(firm: Firm, tmp_path: Path) -> None:
    """Two jobs of one customer over the same amount are two invoices, and a sweep of them costs three requests."""
    business = firm.business
    customer = business.customer()
    for _ in "12":
        business.finished_job(customer)
    business.run(at=TODAY)
    before = len(business.requests())
    business.run(RECONCILE, at=NEXT_DAY)
    assert (len(business.mails()), business.cases(), len(business.requests(before))) == (4, [], 5)
    business.run(RECONCILE, at=NEXT_DAY)
    assert len(business.requests(before)) == 5, "once a day"
