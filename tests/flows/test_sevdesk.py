"""The same chain on sevDesk, where an invoice is a draft first and gets its number in a second step."""

import pytest

from tests.connectors.sevdesk_world import accepted_order, contact_in, invoice_at
from tests.flows.business import Business
from tests.sandbox.running import Json

AFTER_QUIET = "2026-11-02T09:02:00+01:00"
SIGNAL = "signal: order_accepted\n    contact_person: 240501"
LATER = "2026-11-02T09:10:00+01:00"


@pytest.fixture
def agency(business: Business) -> Business:
    """The business with its accounts at sevDesk."""
    facts = business.stage.ready["sevdesk"]
    business.keep_secret("lexware", facts["api_key"])
    text = business.client_file.read_text("utf-8")
    text = text.replace("module: lexoffice", "module: sevdesk").replace("signal: delivery_note", SIGNAL)
    business.client_file.write_text(text.replace(business.stage.ready["http"], facts["base_url"]), "utf-8")
    return business


def test_an_accepted_order_becomes_a_mailed_invoice(agency: Business) -> None:
    """From an accepted order to the mailbox and to payment; a second cycle sends nothing."""
    _order(agency)
    for _ in range(2):
        agency.run()
    assert [case.reason for case in agency.cases()] == []
    (invoice,) = _invoices(agency)
    assert (invoice["status"], len(agency.mails())) == ("200", 1)
    agency.stage.control("sevdesk/payments", {"invoice_id": invoice["id"]})
    agency.run(at="2026-11-25T09:00:00+01:00")
    assert [item.standing for item in agency.receivables("2026-11-25")] == ["bezahlt"]
    assert len(agency.mails()) == 1


@pytest.mark.parametrize("kind", ["gateway-timeout-before-effect", "gateway-timeout-after-effect", "503"])
def test_a_draft_left_behind_is_finished(agency: Business, kind: str) -> None:
    """A fault between saving and issuing leaves a draft: it is compared, finished once and mailed once."""
    _order(agency)
    agency.fault(method="PUT", path_regex="sendBy", kind=kind)
    for at in (None, AFTER_QUIET, LATER):
        agency.run(**({"at": at} if at else {}))
    (invoice,) = _invoices(agency)
    assert (invoice["status"], len(agency.mails()), agency.cases()) == ("200", 1, [])


def _order(agency: Business) -> str:
    return accepted_order(agency.stage, contact_in(agency.stage).external_id)


def _invoices(agency: Business) -> list[Json]:
    found = agency.stage.control("sevdesk/invoices")
    return [invoice_at(agency.stage, invoice["id"]) for invoice in found]
