"""The stand-in's own sums, checked by hand-computed examples and against the published samples."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.arithmetic import Amount, line_amount, totals
from tests.sandbox.running import Json, Stage, line

D = Decimal


def summed(amounts: list[tuple[str, int]], **options: Any) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and gross of amounts with their rates."""
    choices: dict[str, Any] = {"from_gross": False, "absolute": D(0), "percent": D(0)} | options
    found = totals([Amount(D(value), D(rate)) for value, rate in amounts], **choices)
    return found.net, found.tax, found.gross


@pytest.mark.parametrize(
    ("amounts", "options", "expected"),
    [
        ([("0.33", 19)] * 3, {}, ("0.99", "0.19", "1.18")),
        ([("13.4", 19), ("8.32", 7), ("5", 0)], {}, ("26.72", "3.13", "29.85")),
        ([("119.00", 19), ("107.00", 7)], {"from_gross": True}, ("200.00", "26.00", "226.00")),
        ([("23.90", 19)], {"from_gross": True}, ("20.08", "3.82", "23.90")),
        ([("200", 19), ("100", 7)], {"percent": D(10)}, ("270.00", "40.50", "310.50")),
        ([("200", 19), ("100", 7)], {"absolute": D(10)}, ("290.00", "43.50", "333.50")),
        ([], {"absolute": D(5)}, ("0.00", "0.00", "0.00")),
    ],
)
def test_totals(amounts: list[tuple[str, int]], options: dict[str, Any], expected: tuple[str, str, str]) -> None:
    """Tax is rounded once per rate; discounts are spread over the rates."""
    assert summed(amounts, **options) == tuple(D(value) for value in expected)


def test_line_amount_rounds_half_up() -> None:
    """2.5 x 0.33 = 0.825 is 0.83; a line discount counts before rounding."""
    assert line_amount(D("2.5"), D("0.33"), D(0)) == D("0.83")
    assert line_amount(D(2), D("13.4"), D(50)) == D("13.40")


def test_gross_documents_lead_with_gross(stage: Stage, invoice_body: Json) -> None:
    """In a gross invoice line amounts are gross and net follows."""
    body = invoice_body | {
        "taxConditions": {"taxType": "gross"},
        "lineItems": [line(38, 12.5, price_name="grossAmount"), line(16, 9.99, price_name="grossAmount")],
    }
    invoice = stage.made("invoices", body)
    assert [item["lineItemAmount"] for item in invoice["lineItems"]] == [475.0, 159.84]
    assert invoice["totalPrice"] == {
        "currency": "EUR",
        "totalNetAmount": 533.48,
        "totalGrossAmount": 634.84,
        "totalTaxAmount": 101.36,
    }
    assert invoice["lineItems"][0]["unitPrice"]["netAmount"] == 10.5042


def test_document_discounts_are_shown_and_taken_off(stage: Stage, invoice_body: Json) -> None:
    """totalDiscountAbsolute and totalDiscountPercentage reduce the sums and are given back."""
    absolute = {"totalPrice": {"currency": "EUR", "totalDiscountAbsolute": 10}}
    assert stage.made("invoices", invoice_body | absolute)["totalPrice"] == {
        "currency": "EUR",
        "totalNetAmount": 150.0,
        "totalTaxAmount": 28.5,
        "totalGrossAmount": 178.5,
        "totalDiscountAbsolute": 10,
    }
    percent = {"totalPrice": {"currency": "EUR", "totalDiscountPercentage": 2.5}}
    assert stage.made("invoices", invoice_body | percent)["totalPrice"]["totalNetAmount"] == 156.0


def test_tax_amounts_are_listed_by_rate(stage: Stage, invoice_body: Json) -> None:
    """taxAmounts has one entry for each rate, lowest first."""
    lines = [line(2, 13.4, discountPercentage=50), line(1, 8.32, rate=7), line(1, 5, rate=0)]
    assert stage.made("invoices", invoice_body | {"lineItems": lines})["taxAmounts"] == [
        {"taxRatePercentage": 0, "taxAmount": 0, "netAmount": 5},
        {"taxRatePercentage": 7, "taxAmount": 0.58, "netAmount": 8.32},
        {"taxRatePercentage": 19, "taxAmount": 2.55, "netAmount": 13.4},
    ]
