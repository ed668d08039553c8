"""What goes wrong outside: nothing is done twice, nothing is lost, everything open is listed with its reason."""

from collections import Counter

import pytest

from flows.chain.steps import RECONCILE
from flows.report import Result
from tests.flows.business import Business
from tests.sandbox.running import eventually, line

SOON = "2026-11-02T09:00:30+01:00"
AFTER_QUIET = "2026-11-02T09:02:00+01:00"
LATER = "2026-11-02T09:04:00+01:00"
NEXT_DAY = "2026-11-03T09:00:00+01:00"
POST_INVOICE = {"method": "POST", "path_regex": "/v1/invoices$"}


def test_a_lost_answer_is_looked_up(business: Business) -> None:
    """504 although the invoice was made: it is found by its marker after the quiet period, and only one exists."""
    business.finished_job()
    business.fault(**POST_INVOICE, kind="gateway-timeout-after-effect")
    assert business.run()["issue"].count(Result.UNKNOWN) == 1
    assert [case.state for case in business.cases()] == ["unknown"]
    business.run(at=SOON)
    assert business.mails() == [], "within the quiet period nothing is concluded"
    business.run(at=AFTER_QUIET)
    assert len(business.upstream()) == len(business.mails()) == 1
    assert business.cases() == []


@pytest.mark.parametrize("kind", ["gateway-timeout-before-effect", "silence", "500", "cut", "html"])
def test_two_empty_searches_allow_one_more_attempt(business: Business, kind: str) -> None:
    """An unclear answer without effect leads to a second POST only after two searches a quiet period apart."""
    business.finished_job()
    business.fault(**POST_INVOICE, kind=kind, delay=5 if kind == "silence" else 0)
    business.run()
    made = len(business.upstream())
    for at in (AFTER_QUIET, AFTER_QUIET):
        business.run(at=at)
        assert _posts(business) <= 1
    business.run(at=LATER)
    business.run(at=LATER)
    assert _posts(business) <= 2 - made
    assert len(business.upstream()) == len(business.mails()) == 1


def test_an_effect_that_lands_late_is_found(business: Business) -> None:
    """The invoice appears seconds after the 504: the search within the quiet period finds it, none is made twice."""
    business.finished_job()
    business.fault(**POST_INVOICE, kind="late-effect", delay=0.3)
    business.run()
    _wait_for_upstream(business)
    business.run(at=AFTER_QUIET)
    business.run(at=LATER)
    assert len(business.upstream()) == len(business.mails()) == 1


def test_a_doubled_effect_is_held_with_an_alarm(business: Business) -> None:
    """Two invoices with our marker upstream: nothing is sent, both ids are told."""
    business.finished_job()
    business.fault(**POST_INVOICE, kind="gateway-timeout-after-effect")
    business.run()
    names = ("voucherDate", "address", "lineItems", "totalPrice", "taxConditions", "shippingConditions", "remark")
    (made,) = business.upstream()
    business.stage.made("invoices", {name: made[name] for name in names}, finalize="true")
    for at in (AFTER_QUIET, LATER):
        business.run(at=at)
    (case,) = business.cases()
    assert business.mails() == []
    assert case.state == "refused"
    assert all(invoice["id"] in case.evidence for invoice in business.upstream())


def test_too_many_requests_only_delay(business: Business) -> None:
    """429 was not executed: the invoice follows in its time."""
    business.finished_job()
    business.fault(**POST_INVOICE, kind="429", times=None)
    business.run()
    assert [case.state for case in business.cases()] == ["failed"]
    business.stage.http.delete("/_control/faults")
    business.run(at=NEXT_DAY)
    assert len(business.upstream()) == len(business.mails()) == 1


def test_a_wrong_key_stops_politely(business: Business) -> None:
    """401 everywhere: nothing is lost, the message names the cure, the next run with a good key goes on."""
    business.finished_job()
    business.fault(kind="401", path_regex="/v1/", times=None)
    reports = business.run()
    assert reports["collect"].is_unreachable
    assert "Schlüssel" in reports["collect"].failures[0].text
    business.stage.http.delete("/_control/faults")
    business.run()
    assert len(business.mails()) == 1


@pytest.mark.parametrize("kind", ["html", "cut", "nan", "500"])
def test_an_unreadable_job_delays_no_other(business: Business, kind: str) -> None:
    """One object that cannot be read is set aside, the others go their way, and it follows when it is readable."""
    bad, good = business.finished_job(), business.finished_job()
    business.fault(method="GET", path_regex=f"/v1/delivery-notes/{bad['id']}", kind=kind, times=None)
    business.run()
    assert len(business.mails()) == 1
    business.stage.http.delete("/_control/faults")
    business.run()
    assert len(business.upstream()) == len(business.mails()) == 2
    assert business.cases() == []
    assert good["id"] != bad["id"]


def test_bad_data_is_held_and_taken_up_when_mended(business: Business) -> None:
    """Without a mail address the job is held in German words; with one the next run invoices it."""
    contact = business.customer(emailAddresses={})
    business.finished_job(contact)
    business.run()
    (case,) = business.cases()
    assert (case.state, "E-Mail-Adresse" in case.reason, business.upstream()) == ("held", True, [])
    body = business.stage.read(f"contacts/{contact}") | {"emailAddresses": {"business": ["neu@baeckerei.example"]}}
    business.stage.control("actions/edit-contact", {"id": contact, "change": body})
    business.run()
    assert business.cases() == []
    assert [mail["envelope"]["recipients"] for mail in business.mails()] == [["neu@baeckerei.example"]]


def test_a_job_worth_nothing_is_held(business: Business) -> None:
    """A total of zero makes no invoice, and the others are not kept waiting."""
    business.finished_job(lineItems=[line(1, 0)])
    business.finished_job()
    business.run()
    (case,) = business.cases()
    assert "über null" in case.reason
    assert len(business.mails()) == 1


def test_an_order_is_invoiced_once(business: Business) -> None:
    """A second delivery note for the same order is held: the order stands on an invoice already."""
    note = business.finished_job()
    business.run()
    order = note["relatedVouchers"][0]["id"]
    again = {
        name: note[name] for name in ("voucherDate", "address", "lineItems", "taxConditions", "shippingConditions")
    }
    business.stage.made("delivery-notes", again, finalize="true", precedingSalesVoucherId=order)
    business.run()
    business.run()
    assert len(business.upstream()) == len(business.mails()) == 1
    assert len(business.cases()) == 1


def test_what_differs_by_a_cent_is_held(business: Business) -> None:
    """An invoice that was changed upstream between creation and reading is never sent."""
    business.finished_job()
    business.fault(method="GET", path_regex="/v1/invoices/", kind="500", times=None)
    business.run()
    (invoice,) = business.upstream()
    changed = [item | {"quantity": 3} for item in invoice["lineItems"]]
    business.stage.http.delete("/_control/faults")
    business.stage.control("actions/edit", {"id": invoice["id"], "change": {"lineItems": changed}})
    business.run()
    (case,) = business.cases()
    assert business.mails() == []
    assert "Bruttosumme: erwartet" in case.reason


def test_a_refused_invoice_is_drafted_anew_once_mended(business: Business) -> None:
    """A 406 waits for a person; when the order is mended upstream the next run creates the invoice."""
    order = business.finished_job()["relatedVouchers"][0]["id"]
    business.fault(**POST_INVOICE, kind="html", status=406)
    for _ in range(2):
        business.run()
        assert [case.state for case in business.cases()] == ["refused"]
        assert _posts(business) == 1, "a refused request is not repeated unchanged"
    business.stage.control("actions/edit", {"id": order, "change": {"lineItems": [line(3, 80)]}})
    business.run()
    assert [invoice["grossAmount"] for invoice in business.upstream()] == [285.6]
    assert len(business.mails()) == 1


@pytest.mark.parametrize("kind", ["rcpt-450", "data-451", "dot-451", "disconnect-before-data"])
def test_a_mail_put_off_follows(business: Business, kind: str) -> None:
    """A clear not-now leaves the same bytes to a later attempt; exactly one mail arrives."""
    business.finished_job()
    business.fault(smtp=kind)
    business.run()
    assert business.mails() == []
    business.run(at=NEXT_DAY)
    assert len(business.mails()) == 1
    assert business.cases() == []


def test_patience_ends(business: Business) -> None:
    """A mail that is put off for four days becomes a case for a person."""
    business.finished_job()
    business.fault(smtp="rcpt-450", times=None)
    for day in (2, 3, 4, 5, 6, 7):
        business.run(at=f"2026-11-{day:02}T12:00:00+01:00")
    (case,) = business.cases()
    assert (case.state, "aufgegeben" in case.reason) == ("refused", True)


@pytest.mark.parametrize("kind", ["rcpt-550", "dot-554"])
def test_a_mail_refused_waits_for_a_person(business: Business, kind: str) -> None:
    """A clear never is not tried again by itself."""
    business.finished_job()
    business.fault(smtp=kind)
    business.run()
    business.run(at=NEXT_DAY)
    assert business.mails() == []
    assert [case.state for case in business.cases()] == ["refused"]


@pytest.mark.parametrize("kind", ["disconnect-after-dot-lost", "disconnect-after-dot-not-stored", "slow-dot"])
def test_a_mail_of_unknown_fate_is_never_repeated(business: Business, kind: str) -> None:
    """No answer to the final dot: the case is listed with its evidence, and no program sends it again."""
    business.finished_job()
    business.fault(smtp=kind, **({"seconds": 5} if kind == "slow-dot" else {}))
    business.run()
    for at in (AFTER_QUIET, NEXT_DAY):
        business.run(at=at)
    (case,) = business.cases()
    assert (case.state, bool(case.evidence)) == ("unknown", True)
    assert len(business.mails()) <= 1


def test_a_broken_login_pauses_the_channel(business: Business) -> None:
    """Wrong mail credentials count against no mail; with good ones everything leaves at once."""
    business.finished_job()
    business.finished_job()
    business.fault(smtp="auth-535", times=None)
    business.run()
    assert business.mails() == []
    business.stage.http.delete("/_control/faults")
    business.run(at=SOON)
    assert len(business.mails()) == 2


def test_no_invoice_is_reminded_of_that_may_not_have_arrived(business: Business) -> None:
    """While the fate of the invoice's mail is unknown, nobody is dunned for it."""
    business.finished_job()
    business.fault(smtp="disconnect-after-dot-lost")
    business.run()
    business.run(at="2026-12-15T09:00:00+01:00")
    assert len(business.mails()) == 1


def test_reconcile_alone_settles_the_unknown(business: Business) -> None:
    """The sweep needs nothing but itself to find what was created."""
    business.finished_job()
    business.fault(**POST_INVOICE, kind="gateway-timeout-after-effect")
    business.run()
    assert business.run(RECONCILE, at=AFTER_QUIET)["reconcile"].count(Result.DONE) == 1


def _posts(business: Business) -> int:
    calls = Counter((request["method"], request["path"]) for request in business.requests())
    return calls["POST", "/v1/invoices"]


def _wait_for_upstream(business: Business) -> None:
    assert eventually(business.upstream)
