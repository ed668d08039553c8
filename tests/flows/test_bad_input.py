"""What is wrong upstream or with the access: a case with its cure in German, nothing lost, nothing done twice."""

from datetime import datetime

import pytest

from benchmarks.idle_day import leave_alone
from billing.dunning_policy import Policy
from desk import deciding
from flows.chain.steps import COLLECT, ISSUE, TRACK, TRANSMIT
from ledger.overrides import Word
from tests.flows.business import SERVICE, Business
from tests.sandbox.running import line

LATER = "2026-11-02T11:00:00+01:00"
EVENING = "2026-11-02T15:00:00+01:00"
SOON = "2026-11-02T09:10:00+01:00"
REMINDER = "2026-11-23T09:00:00+01:00"


CURES = {"401": "API-Schlüssel", "402": "Tarif", "403": "neuen mit allen Rechten"}


@pytest.mark.parametrize(("kind", "path"), [("401", "voucherlist"), ("402", "invoices$"), ("403", "invoices$")])
def test_access_that_is_missing_names_its_cure(business: Business, kind: str, path: str) -> None:
    """Key, tariff or scope: the report names the cure, and once it is mended one invoice goes out."""
    business.finished_job()
    business.fault(kind=kind, path_regex=path, times=None)
    reports = business.run()
    told = [entry.text for report in reports.values() for entry in report.failures]
    assert any(CURES[kind] in text for text in told), told
    assert business.upstream() == business.mails() == []
    business.stage.http.delete("/_control/faults")
    business.run(at=LATER)
    assert (len(business.upstream()), len(business.mails()), business.cases()) == (1, 1, [])


def test_a_voucher_without_a_contact_is_held(business: Business) -> None:
    """An order for a one-time recipient has no mail address: it is held with the cure, and no invoice is made."""
    business.finished_job(address={"name": "Laufkundschaft", "countryCode": "DE"})
    business.run()
    (case,) = business.cases()
    assert case.state == "held"
    assert "E-Mail-Adresse" in case.reason
    assert business.upstream() == []


def test_a_contact_the_system_refuses_is_held(business: Business) -> None:
    """A refusal of the recipient is a case in German; the same body is not sent again by itself."""
    business.finished_job()
    business.fault(method="POST", path_regex="/v1/invoices$", kind="422", times=1)
    business.run()
    (case,) = business.cases()
    assert (case.state, "Lexware Office lehnt ab" in case.reason) == ("refused", True)
    posts = _posts(business)
    business.run(at=LATER)
    assert (_posts(business), business.upstream()) == (posts, [])


def test_an_invoice_that_vanished_upstream_is_held(business: Business) -> None:
    """Put back to draft and deleted by hand before we could read it back: held, not created a second time."""
    business.finished_job()
    business.fault(method="GET", path_regex="/v1/invoices/", kind="503", times=1)
    business.run(COLLECT, ISSUE)
    (invoice,) = business.upstream()
    for action in ("to-draft", "delete-draft"):
        business.stage.control(f"actions/{action}", {"id": invoice["id"]})
    business.run(at=LATER)
    (case,) = business.cases()
    assert (case.state, "gelöscht" in case.reason) == ("held", True)
    assert business.upstream() == business.mails() == []


@pytest.mark.parametrize(
    ("action", "change", "told"),
    [("edit", {"remark": "von Hand"}, "Zeichen"), ("void", {}, "storniert"), ("to-draft", {}, "Entwurf")],
)
def test_an_invoice_changed_while_its_mail_waited_is_held(
    business: Business, action: str, change: dict[str, str], told: str
) -> None:
    """Changed, voided or reopened by hand between issuing and sending: the mail stays, with the reason, every time."""
    _filed(business)
    (invoice,) = business.upstream()
    business.stage.control(f"actions/{action}", {"id": invoice["id"], "change": change})
    for at in (LATER, EVENING):
        business.run(TRANSMIT, at=at)
        (case,) = [case for case in business.cases() if case.state == "held"]
        assert told in case.reason
        assert business.mails() == []


def test_a_mail_that_only_waited_leaves_unchanged(business: Business) -> None:
    """Nothing was changed: one reading more, and the mail goes; what was changed back goes as well."""
    _filed(business)
    (invoice,) = business.upstream()
    remark = business.stage.read(f"invoices/{invoice['id']}")["remark"]
    business.stage.control("actions/edit", {"id": invoice["id"], "change": {"remark": "weg"}})
    business.run(TRANSMIT, at=LATER)
    business.stage.control("actions/edit", {"id": invoice["id"], "change": {"remark": remark}})
    business.run(TRANSMIT, at=EVENING)
    assert (len(business.mails()), business.cases()) == (1, [])


def _filed(business: Business) -> None:
    """An invoice whose mail is ready, while the mail server is away."""
    business.finished_job(lineItems=[line(1, 80)], shippingConditions=SERVICE)
    business.fault(smtp="auth-535", times=1)
    business.run()
    assert business.mails() == []


def _posts(business: Business) -> int:
    return sum(entry["purpose"] == "create invoice" for entry in business.requests())


def test_a_credit_note_upstream_lowers_what_is_reminded(business: Business) -> None:
    """A credit note written by hand over there counts like a payment: the reminder is about the rest."""
    business.finished_job()
    business.run()
    (invoice,) = business.upstream()
    body = {
        "voucherDate": "2026-11-03T00:00:00.000+01:00",
        "address": invoice["address"],
        "lineItems": [line(2, 80)],
        "totalPrice": {"currency": "EUR"},
        "taxConditions": {"taxType": "net"},
    }
    business.stage.made("credit-notes", body, finalize="true", precedingSalesVoucherId=invoice["id"])
    business.run(TRACK, at=EVENING)
    assert [str(row.open_amount) for row in business.invoices()] == ["23.68"]
    business.run(at=REMINDER)
    (_, reminder) = business.mails()
    assert "Zahlungserinnerung" in reminder["subject"]
    assert business.cases() == []


def test_a_public_customer_gets_his_xrechnung(business: Business) -> None:
    """A contact's Leitweg-ID makes an XRechnung of the invoice; one with a wrong check digit holds the job."""
    right, wrong = ({"buyerReference": f"04011000-1234512345-{digits}"} for digits in ("06", "99"))
    business.finished_job(business.customer(xRechnung=right))
    business.finished_job(business.customer(xRechnung=wrong))
    business.run()
    (mail,) = business.mails()
    assert "xrechnung.xml" in [attached["filename"] for attached in mail["attachments"]]
    (case,) = business.cases()
    assert "Prüfziffer der Leitweg-ID" in case.reason


def test_a_key_that_expires_in_between_repeats_nothing(business: Business) -> None:
    """The key ends after the job was read, and again after the invoice was made: it is there and mailed once."""
    business.finished_job()
    for method, path in (("POST", "/v1/invoices$"), ("GET", "/v1/invoices/")):
        business.fault(kind="401", method=method, path_regex=path, times=1)
    for at in (LATER, EVENING, EVENING):
        business.run(at=at)
    assert len(business.upstream()) == len(business.mails()) == 1
    assert business.cases() == []


def test_a_held_invoice_is_not_read_in_every_run(business: Business) -> None:
    """An invoice that was changed by hand is read again after a pause, or as soon as a person says so."""
    business.finished_job()
    leave_alone(business)
    business.fault(method="GET", path_regex="/v1/invoices/", kind="503", times=1)
    business.run(COLLECT, ISSUE)
    (invoice,) = business.upstream()
    business.stage.control("actions/to-draft", {"id": invoice["id"]})
    business.run(ISSUE, at=SOON)
    business.run(ISSUE, at=SOON)
    (row,) = business.invoices()
    before = len(business.requests())
    business.run(ISSUE, at=SOON)
    assert len(business.requests()) == before
    with business.house() as house:
        now = datetime.fromisoformat(SOON)
        deciding.decide(house.ledger, row.id, "retry", Policy(()), Word("Jana Sommer", "fertiggestellt"), now)
    business.run(ISSUE, at=SOON)
    assert len(business.requests()) == before + 1
