"""Part payments and the final invoice that deducts them (§ 14 (5) UStG)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contents import content_problems
from billing.invoices import Draft, Invoice, Kind, Payment, Reference
from billing.jobs import Charge, Discount, Line, PriceMode
from billing.part_payments import final, received, remaining, rest
from billing.vat import VatGroup, totals
from tests.billing.legal_samples import LINES, SELLER, big

RECEIVED = date(2026, 10, 1)


def part(net: str, number: str = "AR-1", rate: int = 19) -> Invoice:
    """A part invoice over a net amount."""
    lines = (Line("Abschlag", Decimal(1), "pauschal", Decimal(net), Decimal(rate)),)
    sums = totals(lines, PriceMode.NET, Discount())
    return Invoice(number, date(2026, 9, 15), big(kind=Kind.PARTIAL, lines=lines, totals=sums))


def whole(kind: Kind = Kind.INVOICE) -> Draft:
    """A draft over everything: 1,000 net, 1,190 gross."""
    return big(kind=kind)


def test_two_part_payments_one_unpaid() -> None:
    """Only the received one is deducted, with its VAT; both are named; the rest is due."""
    paid, unpaid = received(part("300.00"), RECEIVED), Reference("AR-2", date(2026, 9, 20))
    made = final(whole(), [paid], [unpaid])
    assert made.kind is Kind.FINAL
    assert (made.totals.gross, made.totals.paid, made.totals.due) == (Decimal(1190), Decimal(357), Decimal(833))
    assert made.preceding == (Reference("AR-1", made.issue_date), unpaid)
    assert remaining(made.totals, made.deductions) == (VatGroup(Decimal(19), Decimal(700), Decimal(133)),)
    assert content_problems(made, SELLER) == ()


def test_construction_stays_construction() -> None:
    """A final construction invoice is 877, not 380."""
    assert final(whole(Kind.FINAL_CONSTRUCTION), []).kind.code == "877"
    assert final(whole(), []).kind.code == "380"


def test_money_paid_before_counts_too() -> None:
    """BT-113 is the part payments and what came in without an invoice of its own."""
    draft = replace(whole(), payment=Payment(paid_amount=Decimal("100.00")))
    made = final(draft, [received(part("300.00"), RECEIVED)])
    assert made.totals.paid == Decimal("457.00")
    assert content_problems(made, SELLER) == ()


def test_a_reference_is_named_once() -> None:
    """A part invoice that the draft already names is not named again."""
    paid = received(part("300.00"), RECEIVED)
    draft = replace(whole(), preceding=(Reference(paid.number, paid.issue_date),))
    assert len(final(draft, [paid]).preceding) == 1


def test_half_a_payment_is_shared_with_its_vat() -> None:
    """Of 357.00 only 119.00 came: 100.00 net and 19.00 VAT are deducted."""
    assert received(part("300.00"), RECEIVED, Decimal("119.00")).groups == (
        VatGroup(Decimal(19), Decimal("100.00"), Decimal("19.00")),
    )


def test_a_rate_that_the_final_invoice_lacks_goes_below_zero() -> None:
    """A part payment at 7 % against an invoice at 19 % leaves VAT to be given back, visibly."""
    made = final(whole(), [received(part("100.00", rate=7), RECEIVED)])
    assert remaining(made.totals, made.deductions)[0] == VatGroup(Decimal(7), Decimal(-100), Decimal(-7))


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from((0, 7, 19))), min_size=1, max_size=4),
    st.integers(1, 10**6),
)
def test_a_payment_in_part_loses_no_cent(cents: list[tuple[int, int]], amount: int) -> None:
    """Shared over the rates, the groups add up to what came."""
    lines = tuple(Line("A", Decimal(1), "", Decimal(value).scaleb(-2), Decimal(rate)) for value, rate in cents)
    sums = totals(lines, PriceMode.NET, Discount())
    made = Invoice("AR-1", RECEIVED, big(lines=lines, totals=sums))
    assert received(made, RECEIVED, Decimal(amount).scaleb(-2)).gross == Decimal(amount).scaleb(-2)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.INVOICE, "380"),
        (Kind.COLLECTIVE, "380"),
        (Kind.PARTIAL, "326"),
        (Kind.PREPAYMENT, "386"),
        (Kind.PARTIAL_CONSTRUCTION, "875"),
        (Kind.FINAL_CONSTRUCTION, "877"),
        (Kind.FINAL, "380"),
        (Kind.CORRECTION, "384"),
        (Kind.CANCELLATION, "384"),
        (Kind.CREDIT_NOTE, "381"),
    ],
)
def test_kinds_have_codes(kind: Kind, code: str) -> None:
    """BT-3 of every kind."""
    assert kind.code == code


def test_kinds_know_what_they_are() -> None:
    """Three kinds change another invoice, three ask for a part."""
    assert [kind for kind in Kind if kind.changes_another] == [Kind.CORRECTION, Kind.CANCELLATION, Kind.CREDIT_NOTE]
    assert [kind.code for kind in Kind if kind.is_part_payment] == ["326", "386", "875"]


@pytest.mark.parametrize("mode", PriceMode)
def test_a_rest_invoice_bills_what_is_left(mode: PriceMode) -> None:
    """Part payments as negative lines: the sums are the rest, nothing is prepaid, the part invoice is named."""
    lines = (Line("Arbeit", Decimal(10), "Std.", Decimal(119), Decimal(19)),)
    draft = big(lines=lines, price_mode=mode, totals=totals(lines, mode, Discount()))
    paid = received(part("300.00"), RECEIVED)
    made = rest(draft, [paid])
    assert made.totals.gross == draft.totals.gross - Decimal(357)
    assert (made.totals.paid, made.deductions) == (Decimal(0), ())
    assert (made.kind, made.preceding) == (Kind.FINAL, (Reference("AR-1", paid.issue_date),))
    assert content_problems(replace(made, issue_date=date(2028, 5, 1)), SELLER) == ()


@given(
    LINES,
    st.sampled_from(PriceMode),
    st.builds(Discount, percent=st.decimals(0, 30, places=1), amount=st.decimals(0, 9, places=2)),
    st.lists(st.builds(Charge, st.just("Fracht"), percent=st.decimals(0, 9, places=1)), max_size=2).map(tuple),
)
def test_discount_and_charges_are_of_the_whole_work(
    lines: list[Line], mode: PriceMode, discount: Discount, charges: tuple[Charge, ...]
) -> None:
    """Without part payments a rest invoice has the sums of the whole, rate by rate, whatever was granted or added."""
    sums = totals(lines, mode, discount, charges)
    draft = big(lines=tuple(lines), price_mode=mode, discount=discount, charges=charges, totals=sums)
    assert rest(draft, []).totals.groups == sums.groups
