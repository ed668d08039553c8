"""Cancellations, corrections and credit notes: new documents that refer to the old one (§ 31 (5) UStDV)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.contents import content_problems
from billing.corrections import cancellation, correction, credit_note
from billing.invoices import Invoice, Kind, Payment, Reference
from billing.jobs import Charge, Discount, EarlyPayment, Line, PriceMode, Terms
from billing.part_payments import final, received
from billing.vat import totals
from tests.billing.legal_samples import LINES, SELLER, big
from tests.billing.test_part_payments import part

LATER = date(2026, 11, 20)
MADE = Invoice("RE-1", date(2026, 11, 16), big(terms=Terms(14, EarlyPayment(Decimal(2), 7)), remark="Danke"))


def test_a_cancellation_turns_everything_around() -> None:
    """The sums are the negative ones, the old invoice is named, and no Skonto is offered."""
    made = cancellation(MADE, LATER, "RB-X", "Falscher Empfänger")
    assert (made.kind, made.marker, made.issue_date, made.introduction) == (
        Kind.CANCELLATION,
        "RB-X",
        LATER,
        "Falscher Empfänger",
    )
    assert made.preceding == (Reference("RE-1", MADE.draft.issue_date),)
    assert made.totals.gross == -MADE.draft.totals.gross
    assert made.terms == Terms(14)
    assert not made.is_payable
    assert content_problems(made, SELLER) == ()


def test_a_cancelled_final_invoice_gives_its_deductions_back() -> None:
    """What was deducted counts again: the amount due turns around as well."""
    draft = final(replace(big(), payment=Payment(paid_amount=Decimal(90))), [received(part("300.00"), LATER)])
    made = cancellation(Invoice("SR-1", LATER, draft), LATER, "RB-X")
    assert (made.totals.paid, made.totals.due) == (-draft.totals.paid, -draft.totals.due)
    assert made.deductions[0].gross == -draft.deductions[0].gross
    assert content_problems(made, SELLER) == ()


@given(
    LINES,
    st.sampled_from(PriceMode),
    st.builds(Discount, percent=st.decimals(0, 30, places=1), amount=st.decimals(0, 9, places=2)),
    st.lists(
        st.builds(Charge, st.just("Fracht"), percent=st.decimals(0, 9, places=1), amount=st.decimals(0, 9, places=2)),
        max_size=2,
    ).map(tuple),
)
def test_invoice_and_cancellation_add_up_to_nothing(
    lines: list[Line], mode: PriceMode, discount: Discount, charges: tuple[Charge, ...]
) -> None:
    """Whatever the lines, prices, discount and charges: every group is taken back to the cent."""
    sums = totals(lines, mode, discount, charges)
    draft = big(lines=tuple(lines), price_mode=mode, discount=discount, charges=charges, totals=sums)
    made = cancellation(Invoice("RE-1", LATER, draft), LATER, "RB-X").totals
    assert made.gross == -sums.gross
    assert {(group.rate, -group.net, -group.vat) for group in made.groups} == {
        (group.rate, group.net, group.vat) for group in sums.groups
    }


def test_a_credit_note_is_positive_and_asks_for_nothing() -> None:
    """BT-3 381: the amounts are positive, and no GiroCode may be printed."""
    lines = (replace(MADE.draft.lines[0], quantity=Decimal(2)),)
    made = credit_note(MADE, lines, LATER, "RB-X")
    assert (made.kind.code, made.totals.gross, made.is_payable) == ("381", Decimal("238.00"), False)
    assert content_problems(made, SELLER) == ()


def test_a_correction_holds_the_differences() -> None:
    """One hour too much: minus one hour, referring to the invoice."""
    lines = (replace(MADE.draft.lines[0], quantity=Decimal(-1)),)
    made = correction(MADE, lines, LATER, "RB-X")
    assert (made.kind.code, made.totals.gross) == ("384", Decimal("-119.00"))
    assert content_problems(made, SELLER) == ()


def test_changes_take_no_discount_along() -> None:
    """Lines of a change are what they say: no discount, charge or part payment of the old invoice."""
    draft = replace(MADE.draft, discount=Discount(percent=Decimal(10)), charges=(Charge("Fracht", amount=Decimal(9)),))
    made = credit_note(replace(MADE, draft=draft), draft.lines, LATER, "RB-X")
    assert (made.discount, made.charges, made.totals.paid) == (Discount(), (), Decimal(0))
