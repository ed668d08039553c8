"""Payments, credit notes and what a person does in the app."""

from typing import Any

import pytest

from tests.sandbox.running import Json, Stage, line


@pytest.fixture
def invoice(stage: Stage, invoice_body: Json) -> Json:
    """An open invoice over 190.40 EUR."""
    return stage.made("invoices", invoice_body, finalize="true")


def pay(stage: Stage, invoice: Json, **more: Any) -> Json:
    """Record a payment by hand and read it through the API."""
    stage.control("payments", {"voucherId": invoice["id"], **more})
    return stage.read(f"payments/{invoice['id']}")


def test_open_invoice(stage: Stage, invoice: Json) -> None:
    """An unpaid invoice is openRevenue, without items and without paidDate."""
    assert stage.read(f"payments/{invoice['id']}") == {
        "openAmount": 190.4,
        "currency": "EUR",
        "paymentStatus": "openRevenue",
        "voucherType": "invoice",
        "voucherStatus": "open",
        "paymentItems": [],
    }


def test_drafts_have_no_payments(stage: Stage, invoice_body: Json) -> None:
    """Asking for a draft's payments is 406; documents that are never paid are 404."""
    assert stage.get(f"payments/{stage.made('invoices', invoice_body)['id']}").status_code == 406
    order = stage.made("order-confirmations", invoice_body, finalize="true")
    assert stage.get(f"payments/{order['id']}").status_code == 404


def test_part_payment_keeps_the_invoice_open(stage: Stage, invoice: Json) -> None:
    """A part payment lowers openAmount; the rest settles it and gives a paidDate."""
    part = pay(stage, invoice, amount=100, date="2026-11-05")
    assert (part["openAmount"], part["voucherStatus"], "paidDate" in part) == (90.4, "open", False)
    assert part["paymentItems"] == [
        {
            "paymentItemType": "manualPayment",
            "postingDate": "2026-11-05T00:00:00.000+01:00",
            "amount": 100,
            "currency": "EUR",
        }
    ]
    whole = pay(stage, invoice, type="cashDiscount")
    assert (whole["openAmount"], whole["voucherStatus"], whole["paymentStatus"]) == (0, "paid", "balanced")
    assert whole["paidDate"].startswith("2026-11-02T08:")
    assert [item["paymentItemType"] for item in whole["paymentItems"]] == ["manualPayment", "cashDiscount"]
    assert stage.read(f"invoices/{invoice['id']}")["voucherStatus"] == "paid"


def test_double_payment_shows_both(stage: Stage, invoice: Json) -> None:
    """Paying twice leaves openAmount at zero and two items."""
    pay(stage, invoice)
    twice = pay(stage, invoice, amount=190.4)
    assert (twice["openAmount"], len(twice["paymentItems"])) == (0, 2)


def test_open_amount_may_be_text(stage: Stage, invoice: Json) -> None:
    """The documented sample with openAmount as string can be switched on."""
    stage.control("settings", {"open_amount_as_string": True})
    assert stage.read(f"payments/{invoice['id']}")["openAmount"] == "190.40"


def test_voided_is_balanced(stage: Stage, invoice: Json) -> None:
    """A voided invoice has nothing open."""
    stage.control("actions/void", {"id": invoice["id"]})
    found = stage.read(f"payments/{invoice['id']}")
    assert (found["openAmount"], found["paymentStatus"], found["voucherStatus"]) == (0, "balanced", "voided")


def test_credit_note_reduces_the_invoice(stage: Stage, invoice: Json, invoice_body: Json) -> None:
    """A finalised credit note to an invoice is paidoff at once and lowers its openAmount; a second is refused."""
    query = {"precedingSalesVoucherId": invoice["id"], "finalize": "true"}
    body = invoice_body | {"lineItems": [line(1, 80)]}
    note = stage.made("credit-notes", body, **query)
    assert (note["voucherStatus"], note["voucherNumber"]) == ("paidoff", "GS1001")
    found = stage.read(f"payments/{invoice['id']}")
    assert (found["openAmount"], found["voucherStatus"]) == (95.2, "open")
    assert found["paymentItems"][0]["paymentItemType"] == "partPaymentCreditNote"
    assert stage.post("credit-notes", body, **query).status_code == 406


def test_credit_note_over_everything_settles_the_invoice(stage: Stage, invoice: Json, invoice_body: Json) -> None:
    """A full credit note leaves nothing to pay."""
    stage.made("credit-notes", invoice_body, precedingSalesVoucherId=invoice["id"], finalize="true")
    assert stage.read(f"payments/{invoice['id']}")["paymentStatus"] == "balanced"


def test_credit_note_of_its_own_is_open_expense(stage: Stage, invoice_body: Json) -> None:
    """Without an invoice a credit note stays open, positive and in the other direction."""
    note = stage.made("credit-notes", invoice_body, finalize="true")
    found = stage.read(f"payments/{note['id']}")
    assert (note["voucherStatus"], found["paymentStatus"], found["openAmount"]) == ("open", "openExpense", 190.4)


def test_draft_invoices_cannot_be_credited(stage: Stage, invoice_body: Json) -> None:
    """A credit note to a draft is 406."""
    draft = stage.made("invoices", invoice_body)
    assert stage.post("credit-notes", invoice_body, precedingSalesVoucherId=draft["id"]).status_code == 406


def test_back_to_draft_takes_payments_off(stage: Stage, invoice: Json) -> None:
    """A person may put a paid invoice back to draft: number kept, due date and payments gone; and finish it again."""
    pay(stage, invoice)
    stage.control("actions/to-draft", {"id": invoice["id"]})
    draft = stage.read(f"invoices/{invoice['id']}")
    assert (draft["voucherStatus"], draft["voucherNumber"], "dueDate" in draft) == ("draft", "RE1001", False)
    assert draft["version"] > invoice["version"]
    stage.control("actions/finalize", {"id": invoice["id"]})
    assert stage.read(f"payments/{invoice['id']}")["openAmount"] == 190.4


def test_deleted_drafts_leave_a_gap(stage: Stage, invoice_body: Json) -> None:
    """A deleted draft is 404 and its number is not given again."""
    draft = stage.made("invoices", invoice_body)
    stage.control("actions/delete-draft", {"id": draft["id"]})
    assert stage.get(f"invoices/{draft['id']}").status_code == 404
    assert stage.made("invoices", invoice_body)["voucherNumber"] == "RE1002"


def test_edits_are_computed_anew(stage: Stage, invoice: Json) -> None:
    """Editing an invoice in the app changes its sums and its version."""
    stage.control("actions/edit", {"id": invoice["id"], "change": {"lineItems": [line(1, 50)], "remark": "neu"}})
    found = stage.read(f"invoices/{invoice['id']}")
    assert (found["totalPrice"]["totalGrossAmount"], found["remark"]) == (59.5, "neu")
    assert found["version"] == invoice["version"] + 1


def test_quotations_are_accepted_by_hand(stage: Stage, invoice_body: Json) -> None:
    """Only a person accepts or rejects a quotation, once."""
    body = invoice_body | {"expirationDate": "2026-12-01T00:00:00.000+01:00"}
    quotation = stage.made("quotations", body, finalize="true")
    stage.control("actions/accept", {"id": quotation["id"]})
    assert stage.read(f"quotations/{quotation['id']}")["voucherStatus"] == "accepted"
    answer = stage.http.post("/_control/actions/reject", json={"id": quotation["id"]})
    assert answer.status_code == 409
