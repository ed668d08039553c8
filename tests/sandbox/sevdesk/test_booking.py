"""Money: bookAmount and what goes wrong with it, bank lines, payments by hand."""

from typing import Any

import pytest

from tests.sandbox.agency import BANK, CASH, FEED, Desk, by, error, ref
from tests.sandbox.running import Json

DAY = 1762988400  # 2025-11-13 in Berlin


def booking(amount: float, kind: str = "FULL_PAYMENT", account: int = CASH, **more: Any) -> Json:
    """A body of bookAmount."""
    return {"amount": amount, "date": DAY, "type": kind, "checkAccount": ref(account, "CheckAccount"), **more}


def state(desk: Desk, invoice: Json) -> tuple[str, float, bool]:
    """Status, paid amount and getIsPartiallyPaid of an invoice."""
    found = desk.one(f"Invoice/{invoice['id']}")
    partly = desk.get(f"Invoice/{invoice['id']}/getIsPartiallyPaid").json()["objects"]
    return found["status"], found["paidAmount"], partly


def test_full_payment(desk: Desk) -> None:
    """The whole sum as FULL_PAYMENT pays the invoice; the log names both states; it cannot be booked again."""
    invoice = desk.opened()
    log = desk.changed(f"Invoice/{invoice['id']}/bookAmount", booking(190.4))
    assert (log["objectName"], log["fromStatus"], log["toStatus"]) == ("InvoiceLog", "200", "1000")
    assert state(desk, invoice) == ("1000", 190.4, False)
    assert desk.one(f"Invoice/{invoice['id']}")["payDate"] == "2025-11-13T00:00:00+01:00"
    assert error(desk.put(f"Invoice/{invoice['id']}/bookAmount", booking(1)))[0] == 422


def test_partial_payments(desk: Desk) -> None:
    """N books a part: 750 and a real boolean; the rest pays."""
    invoice = desk.opened()
    desk.changed(f"Invoice/{invoice['id']}/bookAmount", booking(100, "N"))
    assert state(desk, invoice) == ("750", 100, True)
    assert [row["id"] for row in desk.rows("Invoice", partiallyPaid="true")] == [invoice["id"]]
    assert [row["id"] for row in desk.rows("Invoice", status=750)] == [invoice["id"]]
    desk.changed(f"Invoice/{invoice['id']}/bookAmount", booking(90.4, "N"))
    assert state(desk, invoice) == ("1000", 190.4, False)


def test_a_part_as_full_payment_goes_wrong(desk: Desk) -> None:
    """A partial sum as FULL_PAYMENT makes the invoice paid although most is missing."""
    invoice = desk.opened()
    desk.changed(f"Invoice/{invoice['id']}/bookAmount", booking(50))
    assert state(desk, invoice) == ("1000", 50, False)


def test_cash_discount_settles(desk: Desk) -> None:
    """Less money with type CB settles the invoice."""
    invoice = desk.opened()
    desk.changed(f"Invoice/{invoice['id']}/bookAmount", booking(186.59, "CB"))
    assert state(desk, invoice) == ("1000", 186.59, False)


@pytest.mark.parametrize(
    "spoil",
    [
        {"type": "PARTIAL_PAYMENT"},
        {"amount": None},
        {"date": "morgen"},
        {"checkAccount": ref(9, "CheckAccount")},
        {"checkAccount": ref(BANK, "CheckAccount")},
        {"checkAccountTransaction": ref(9, "CheckAccountTransaction")},
    ],
)
def test_what_cannot_be_booked(desk: Desk, spoil: Json) -> None:
    """Unknown types and accounts are 422; a bank account needs a transaction."""
    invoice = desk.opened()
    assert error(desk.put(f"Invoice/{invoice['id']}/bookAmount", booking(190.4) | spoil))[0] == 422
    assert error(desk.put(f"Invoice/{desk.invoice()['id']}/bookAmount", booking(190.4)))[0] == 422
    assert state(desk, invoice)[0] == "200"


def test_bank_line_pays_once(desk: Desk) -> None:
    """A line of the bank feed is booked on an invoice, then it is linked and cannot be used again."""
    line = desk.control("transactions", {"amount": 190.4, "purpose": "RE-1000", "payer": "Hübner"})
    body = booking(190.4, account=BANK, checkAccountTransaction=ref(line["id"], "CheckAccountTransaction"))
    one, two = desk.opened(), desk.opened()
    desk.changed(f"Invoice/{one['id']}/bookAmount", body)
    assert desk.one(f"CheckAccountTransaction/{line['id']}")["status"] == "400"
    assert desk.put(f"Invoice/{two['id']}/bookAmount", body).status_code == 422
    desk.changed(f"Invoice/{one['id']}/resetToOpen")
    assert state(desk, one) == ("200", 0, False)
    assert desk.one(f"CheckAccountTransaction/{line['id']}")["status"] == "100"


def test_transaction_filters(desk: Desk) -> None:
    """By account, purpose, payer, sign, day and whether booked."""
    desk.control("transactions", {"amount": 50, "purpose": "RE-1000 Danke", "payer": "Hübner", "date": "2026-11-01"})
    desk.control("transactions", {"amount": -20, "payer": "Hoster", "check_account_id": FEED})

    def amounts(**query: Any) -> list[str]:
        return sorted(row["amount"] for row in desk.rows("CheckAccountTransaction", **query))

    assert amounts() == ["-20", "50"]
    assert amounts(**by("checkAccount", FEED, "CheckAccount")) == ["-20"]
    assert amounts(paymtPurpose="re-1000") == amounts(onlyCredit="true") == amounts(payeePayerName="hübner") == ["50"]
    assert amounts(onlyDebit="true") == ["-20"]
    assert amounts(isBooked="true") == []
    assert amounts(endDate=1793487600) == ["50"]


def test_transactions_by_api_only_on_file_import(desk: Desk) -> None:
    """The API may create lines on the file import account, not on a connected bank."""
    body = {"valueDate": "02.11.2026", "amount": 5, "payeePayerName": "A", "status": 100}
    assert desk.made("CheckAccountTransaction", body | {"checkAccount": ref(BANK, "CheckAccount")})["amount"] == "5"
    assert desk.post("CheckAccountTransaction", body | {"checkAccount": ref(FEED, "CheckAccount")}).status_code == 422


def test_check_accounts(desk: Desk) -> None:
    """The account has a bank with file import, a cash register, a clearing account and a connected bank."""
    assert [(a["type"], a["importType"]) for a in desk.rows("CheckAccount")] == [
        ("online", "CSV"),
        ("register", None),
        ("offline", None),
        ("online", None),
    ]


def test_payment_by_hand(desk: Desk) -> None:
    """The owner books a part, then the rest; the report shows both; paying again only adds money."""
    invoice = desk.opened()
    part = desk.control("payments", {"invoice_id": int(invoice["id"]), "amount": 100.4, "date": "2026-11-10"})
    assert (part["status"], part["openAmount"]) == ("750", 90)
    paid = desk.control("payments", {"invoice_id": int(invoice["id"])})
    assert (paid["status"], [p["amount"] for p in paid["payments"]]) == ("1000", [100.4, 90])
    desk.control("payments", {"invoice_id": int(invoice["id"]), "amount": 190.4})
    assert desk.control("invoices")[0]["openAmount"] == -190.4
    assert desk.stage.http.post("/_control/sevdesk/payments", json={"invoice_id": int(desk.invoice()["id"])}).is_error


def test_old_part_payments_stay_open(desk: Desk) -> None:
    """Before 750 existed a part payment left the status at 200; only getIsPartiallyPaid and paidAmount tell."""
    desk.control("settings", {"partial_stays_open": True})
    invoice = desk.opened()
    desk.control("payments", {"invoice_id": int(invoice["id"]), "amount": 10})
    assert state(desk, invoice) == ("200", 10, True)
