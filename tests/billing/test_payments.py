"""Where an invoice stands, at the moment of reading."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.payments import PaymentFact, Standing, standing

GROSS, DUE = Decimal("220.01"), date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
CENTS = st.integers(-5000, 50_000).map(lambda cents: Decimal(cents).scaleb(-2))
FACTS = st.none() | st.builds(
    PaymentFact, st.just("lexware"), CENTS, st.booleans(), st.just("1"), st.datetimes(timezones=st.just(UTC))
)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def fact(open_amount: str, is_voided: bool = False) -> PaymentFact:
    """What a source said at nine o'clock."""
    return PaymentFact("lexware", Decimal(open_amount), is_voided, "1", NOW)


@pytest.mark.parametrize(
    ("said", "today", "disputed", "word"),
    [
        (None, DUE, "", "offen"),
        (None, date(2026, 11, 17), "", "überfällig"),
        (fact("220.01"), DUE, "", "offen"),
        (fact("100.00"), DUE, "", "teilbezahlt"),
        (fact("100.00"), date(2026, 11, 17), "", "überfällig"),
        (fact("0.00"), date(2026, 12, 24), "", "bezahlt"),
        (fact("-5.00"), DUE, "", "bezahlt"),
        (fact("220.01"), date(2026, 12, 24), "Mangel gerügt", "strittig"),
        (fact("0.00"), DUE, "Mangel gerügt", "bezahlt"),
        (fact("220.01", is_voided=True), date(2026, 12, 24), "Mangel gerügt", "storniert"),
    ],
)
def test_the_word_owners_read(said: PaymentFact | None, today: date, disputed: str, word: str) -> None:
    """Void goes before paid, paid before disputed, disputed before overdue; the due date itself is in time."""
    assert standing(GROSS, said, DUE, today, disputed) == word


@given(FACTS, DAYS, DAYS, st.sampled_from(["", "Mangel"]))
def test_every_fact_has_its_word(said: PaymentFact | None, due: date, today: date, disputed: str) -> None:
    """Paid only without an open amount, overdue only after the due date, and nothing without a word."""
    word = standing(GROSS, said, due, today, disputed)
    open_amount = said.open_amount if said else GROSS
    voided = bool(said and said.is_voided)
    assert (word is Standing.VOIDED) == voided
    assert (word is Standing.PAID) == (not voided and open_amount <= 0)
    assert word is not Standing.OVERDUE or (today > due and open_amount > 0 and not disputed)
    assert word is not Standing.PARTLY_PAID or 0 < open_amount < GROSS
