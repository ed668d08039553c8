"""Lists of base rates: read in the forms banks write, refused with gaps, and told apart from what is known."""

from datetime import date
from decimal import Decimal

import pytest

from billing.base_rate_list import difference, read_rates
from billing.base_rates import KNOWN, BaseRate, UnknownBaseRate
from billing.dunning_policy import FREE_LEVELS, Policy
from billing.interest import default_interest
from billing.money import euro
from billing.parties import CustomerKind

BUNDESBANK = """"";BBK01.SU0115;BBK01.SU0115_FLAGS
"";Basiszinssatz gemäß BGB;
2026-01-01;1,27;
2026-07-01;1,52;
2027-01-01;1,77;
Letzte Aktualisierung;2027-01-02;
"""


@pytest.mark.parametrize(
    "text",
    [
        BUNDESBANK,
        "valid_from,rate_percent,source\n2026-01-01,1.27,x\n2026-07-01,1.52,x\n2027-01-01,1.77,x\n",
        "01.01.2026\t1,27\n01.07.2026\t1,52\n01.01.2027\t1,77\n",
        "".join(f"2026-{month:02};{'1,27' if month < 7 else '1,52'}\n" for month in range(1, 13)) + "2027-01;1,77\n",
    ],
)
def test_four_forms_say_the_same(text: str) -> None:
    """By half-years or by months, with comma or point: three rates, of which one is new."""
    rates = read_rates(text, "Datei")
    assert [str(rate.percent) for rate in rates] == ["1.27", "1.52", "1.77"]
    found = difference(KNOWN, rates)
    assert [(rate.valid_from, rate.percent) for rate in found.new] == [(date(2027, 1, 1), Decimal("1.77"))]
    assert found.changed == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Tag;Satz\n", "kein Basiszinssatz"),
        ("2026-01-01;1,27\n2027-01-01;1,77\n", "folgt nicht"),
        ("2027-01-01;1,77\n2027-02-01;1,78\n", "zwei Sätze"),
        ("2027-01-01;27\n", "ist kein Basiszinssatz"),
        ("2027-13-01;1,00\n", "ist kein Tag"),
    ],
)
def test_a_doubtful_list_is_refused(text: str, why: str) -> None:
    """Empty, with a hole, contradicting itself, absurd, or with a day that is none."""
    with pytest.raises(ValueError, match=why):
        read_rates(text, "Datei")


def test_a_list_that_begins_too_late_is_refused() -> None:
    """Nothing is made up for the half-year between what is known and what the list says."""
    with pytest.raises(ValueError, match="folgt nicht"):
        difference(KNOWN, read_rates("2027-07-01;2,00\n", "Datei"))


def test_a_contradiction_is_shown_with_both_rates() -> None:
    """What is known stays; the list's rate stands beside it."""
    ((known, said),) = difference(KNOWN, read_rates("2026-07-01;1,62\n", "Datei")).changed
    assert (known.percent, said.percent) == (Decimal("1.52"), Decimal("1.62"))


def test_a_policy_reckons_with_what_was_taken_in() -> None:
    """Beyond the list interest is refused; with the new half-year it is reckoned to the cent."""
    day = date(2027, 1, 30)
    with pytest.raises(UnknownBaseRate, match="base-rates read"):
        default_interest(euro(1000), CustomerKind.CONSUMER, date(2027, 1, 1), day, known=Policy(FREE_LEVELS).base_rates)
    policy = Policy(FREE_LEVELS, further_rates=(BaseRate(date(2027, 1, 1), Decimal("1.77"), "Datei"),))
    statement = default_interest(euro(1000), CustomerKind.CONSUMER, date(2027, 1, 1), day, known=policy.base_rates)
    # 1000.00 at 6.77 % for 30 of 365 days: 5.5644.
    assert statement.total == euro("5.56")
