"""What a payment pays: order of claims and parts, Skonto, small differences, and sums that never lose a cent."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.allocation import Claim, Settlement, Share, allocate, discount_term
from billing.money import Money, euro, to_cent, total
from billing.terms import EarlyOffer

TODAY = date(2026, 8, 30)
ZERO = euro(0)


def claim(number: str, principal: str, due: date = date(2026, 7, 31), **more: object) -> Claim:
    """A claim that is due at the end of July."""
    return Claim(number, euro(principal), due, **more)  # type: ignore[arg-type]


def offer(until: date = date(2026, 8, 30)) -> EarlyOffer:
    """Two percent of 1,000.00 until a day."""
    return EarlyOffer(until, Decimal(2), Decimal("20.00"), Decimal("980.00"))


LATE = claim("A", "1000.00", costs=euro("1.50"), interest=euro("5.36"))


def test_costs_before_interest_before_principal() -> None:
    """500.00 on 1,000.00 with 1.50 costs and 5.36 interest leave 506.86 of the principal."""
    found = allocate(euro(500), TODAY, [LATE], ["A"])

    assert found.settlement is Settlement.PART
    assert found.shares == (Share("A", euro("1.50"), euro("5.36"), euro("493.14")),)


def test_exact_invoice_amount_with_number_means_the_principal() -> None:
    """Who names the invoice and pays exactly its amount, late, has paid the principal; costs and interest stay open."""
    found = allocate(euro(1000), TODAY, [LATE], ["A"])

    assert (found.settlement, found.shares) == (Settlement.FULL, (Share("A", principal=euro(1000)),))


def test_exact_invoice_amount_without_number_pays_costs_first() -> None:
    """Without a designation the law's order holds within the claim."""
    found = allocate(euro(1000), TODAY, [LATE])

    assert found.shares == (Share("A", euro("1.50"), euro("5.36"), euro("993.14")),)


def test_everything_demanded_in_the_letter() -> None:
    """Principal, costs and interest together settle all of it."""
    found = allocate(euro("1006.86"), TODAY, [LATE], ["A"])

    assert (found.settlement, found.shares[0].received) == (Settlement.WITH_EXTRAS, euro("1006.86"))


def test_designation_beats_age() -> None:
    """The customer's purpose decides, although an older claim is open."""
    found = allocate(euro(50), TODAY, [claim("old", "100", date(2026, 1, 1)), claim("new", "100")], ["new"])

    assert [share.number for share in found.shares] == ["new"]


def test_amount_that_fits_one_claim_only_names_it() -> None:
    """An amount that is exactly one of the open claims designates it without words."""
    found = allocate(euro("77.77"), TODAY, [claim("old", "100", date(2026, 1, 1)), claim("new", "77.77")])

    assert (found.settlement, [share.number for share in found.shares]) == (Settlement.FULL, ["new"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (claim("due", "100"), claim("later", "100", date(2026, 12, 1))),
        (claim("open", "100"), claim("secured", "100", date(2026, 1, 1), is_secured=True)),
        (claim("dear", "100", burden=Decimal("10.52")), claim("cheap", "100", date(2026, 1, 1))),
        (claim("old", "100", date(2026, 7, 30)), claim("new", "100")),
    ],
)
def test_order_of_the_law(first: Claim, second: Claim) -> None:
    """Due before not due, less secured, more burdensome, older: the second gets what is left (§ 366 (2) BGB)."""
    found = allocate(euro(150), TODAY, [second, first])

    assert found.shares == (Share(first.number, principal=euro(100)), Share(second.number, principal=euro(50)))


def test_equal_claims_share_in_proportion() -> None:
    """Claims alike in everything share by size, and the odd cent has a place."""
    found = allocate(euro("90.00"), TODAY, [claim("A", "100"), claim("B", "50"), claim("C", "50.01")])

    assert [share.principal for share in found.shares] == [euro("45.00"), euro("22.50"), euro("22.50")]


def test_several_exact() -> None:
    """A sum that is exactly that of the named invoices pays them all."""
    found = allocate(euro("150"), TODAY, [claim("A", "100"), claim("B", "50"), claim("C", "50")], ["A", "B"])

    assert (found.settlement, found.surplus) == (Settlement.FULL, ZERO)
    assert [share.number for share in found.shares] == ["A", "B"]


def test_discount_within_its_term() -> None:
    """The discounted amount in time settles the whole invoice and says how much was granted."""
    found = allocate(euro(980), TODAY, [claim("A", "1000", offer=offer())], ["A"])

    assert (found.settlement, found.shares[0].discount, found.shares[0].settled) == (
        Settlement.DISCOUNTED,
        euro(20),
        euro(1000),
    )


def test_discount_term_on_sunday() -> None:
    """A Skonto term that ends on a Sunday is kept on Monday, not on Tuesday (§ 193 BGB)."""
    sunday = offer(date(2026, 8, 30))
    claims = [claim("A", "1000", offer=sunday)]

    assert discount_term(sunday) == date(2026, 8, 31)
    assert allocate(euro(980), date(2026, 8, 31), claims, ["A"]).settlement is Settlement.DISCOUNTED
    assert allocate(euro(980), date(2026, 9, 1), claims, ["A"]).settlement is Settlement.LATE_DISCOUNT


def test_late_discount_stays_open() -> None:
    """Just outside the term the money is a part payment, the Skonto stays open, and a person is asked."""
    found = allocate(euro(980), date(2026, 9, 1), [claim("A", "1000", offer=offer())], ["A"])

    assert found.settlement.needs_person
    assert (found.shares[0].settled, found.shares[0].discount) == (euro(980), ZERO)
    assert "31.08.2026" in found.reasons[0]


def test_discount_in_a_collective_transfer() -> None:
    """Of two invoices in one transfer the one with Skonto in term is discounted."""
    found = allocate(euro(1080), TODAY, [claim("A", "1000", offer=offer()), claim("B", "100")], ["A", "B"])

    assert found.settlement is Settlement.DISCOUNTED
    assert [share.discount for share in found.shares] == [euro(20), ZERO]


def test_discount_with_cents_missing() -> None:
    """Skonto reckoned by the customer a cent differently is within the tolerance."""
    found = allocate(euro("979.99"), TODAY, [claim("A", "1000", offer=offer())], ["A"], euro("0.05"))

    assert (found.settlement, found.shares[0].waived, found.shares[0].settled) == (
        Settlement.TOLERATED,
        euro("0.01"),
        euro(1000),
    )


@pytest.mark.parametrize(
    ("paid", "settlement", "waived", "surplus"),
    [
        ("99.97", Settlement.TOLERATED, "0.03", "0"),
        ("99.95", Settlement.TOLERATED, "0.05", "0"),
        ("99.94", Settlement.PART, "0", "0"),
        ("100.05", Settlement.TOLERATED, "0", "0.05"),
        ("100.06", Settlement.SURPLUS, "0", "0.06"),
    ],
)
def test_cents_too_much_or_too_little(paid: str, settlement: Settlement, waived: str, surplus: str) -> None:
    """Up to the client's tolerance a difference passes; beyond it the rest stays open or a person decides."""
    found = allocate(euro(paid), TODAY, [claim("A", "100")], ["A"], euro("0.05"))

    assert (found.settlement, found.surplus) == (settlement, euro(surplus))
    assert found.shares[0].waived == euro(waived)


def test_tolerance_never_waives_a_whole_claim() -> None:
    """A tolerance larger than the claim does not turn a cent into full payment."""
    found = allocate(euro("0.01"), TODAY, [claim("A", "0.03"), claim("B", "0.03")], ["A", "B"], euro("5.00"))

    assert found.settlement is Settlement.PART


def test_eighty_five_percent_of_construction_work() -> None:
    """Exactly 85 % of a construction invoice asks about § 48 EStG; the 15 % stay open until somebody answers."""
    found = allocate(euro("850.00"), TODAY, [claim("A", "1000", may_withhold=True)], ["A"])

    assert (found.settlement, found.shares[0].settled) == (Settlement.WITHHOLDING, euro(850))
    assert "§ 48 EStG" in found.reasons[0]
    assert allocate(euro("850.00"), TODAY, [claim("A", "1000")], ["A"]).settlement is Settlement.PART


def test_overpayment_is_a_surplus() -> None:
    """What exceeds the claims is named, not spread over anything else."""
    found = allocate(euro(150), TODAY, [claim("A", "100"), claim("B", "100")], ["A"])

    assert (found.settlement, found.surplus, [share.number for share in found.shares]) == (
        Settlement.SURPLUS,
        euro(50),
        ["A"],
    )


def test_no_claims() -> None:
    """Without claims everything is surplus."""
    assert allocate(euro(5), TODAY, []).surplus == euro(5)


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_only_incoming_money_is_allocated(amount: str) -> None:
    """Nothing and less than nothing are refused."""
    with pytest.raises(ValueError, match="Zahlungseingänge"):
        allocate(euro(amount), TODAY, [claim("A", "1")])


def test_only_euro_is_allocated() -> None:
    """Other currencies are refused, in the payment as in a claim."""
    francs = Money(Decimal(1), "CHF")
    for amount, claims in ((francs, [claim("A", "1")]), (euro(1), [Claim("A", francs, TODAY)])):
        with pytest.raises(ValueError, match="Euro"):
            allocate(amount, TODAY, claims)


def test_unknown_designation_is_refused() -> None:
    """A designated number that is no open claim is a mistake of the caller."""
    with pytest.raises(ValueError, match="nicht offen: B"):
        allocate(euro(1), TODAY, [claim("A", "1")], ["B"])


cents = st.integers(1, 30_000).map(lambda value: euro(Decimal(value) / 100))
some_cents = st.integers(0, 500).map(lambda value: euro(Decimal(value) / 100))
due = st.sampled_from([date(2026, 7, 1), date(2026, 7, 31), date(2026, 12, 1)])
burdens = st.sampled_from([Decimal(0), Decimal("6.52")])


@st.composite
def claims_of(draw: st.DrawFn) -> list[Claim]:
    """One to five claims of every kind."""
    made = []
    for place in range(draw(st.integers(1, 5))):
        principal = draw(cents)
        saving = (principal.amount * Decimal("0.02")).quantize(Decimal("0.01"))
        early = EarlyOffer(draw(due), Decimal(2), saving, principal.amount - saving)
        made.append(
            Claim(
                f"RE-{place}",
                principal,
                draw(due),
                draw(some_cents),
                draw(some_cents),
                draw(burdens),
                draw(st.booleans()),
                draw(st.none() | st.just(early)),
                draw(st.booleans()),
            )
        )
    return made


@given(amount=cents, claims=claims_of(), tolerance=some_cents, choice=st.data())
def test_every_cent_has_one_place(amount: Money, claims: list[Claim], tolerance: Money, choice: st.DataObject) -> None:
    """Shares and surplus are the payment; no part exceeds what was owed; nothing is negative; there is a reason."""
    named = choice.draw(st.lists(st.sampled_from([each.number for each in claims]), unique=True))
    found = allocate(amount, TODAY, claims, named, tolerance)
    owed = {each.number: each for each in claims}

    assert total(share.received for share in found.shares) + found.surplus == amount
    assert found.reasons
    assert len({share.number for share in found.shares}) == len(found.shares)
    for share in found.shares:
        parts = (share.costs, share.interest, share.principal, share.discount, share.waived, found.surplus)
        assert all(part.amount >= 0 and part.amount == to_cent(part.amount) for part in parts)
        assert share.costs <= owed[share.number].costs
        assert share.interest <= owed[share.number].interest
        assert share.settled <= owed[share.number].principal
        assert not named or share.number in named
        assert share.waived <= tolerance


@given(amount=cents, claims=claims_of())
def test_principal_waits_for_costs_and_interest(amount: Money, claims: list[Claim]) -> None:
    """In a part payment no principal is paid before costs, nor before interest (§ 367 (1) BGB)."""
    found = allocate(amount, TODAY, claims)
    owed = {each.number: each for each in claims}

    if found.settlement is Settlement.PART:
        for share in found.shares:
            assert not share.interest or share.costs == owed[share.number].costs
            assert not share.principal or share.interest == owed[share.number].interest


@given(amount=cents, claims=claims_of())
def test_order_of_claims_given_does_not_matter_to_the_sum(amount: Money, claims: list[Claim]) -> None:
    """What is settled in total does not depend on how the claims were listed."""
    one, other = allocate(amount, TODAY, claims), allocate(amount, TODAY, claims[::-1])

    assert one.settlement == other.settlement
    assert one.surplus == other.surplus
