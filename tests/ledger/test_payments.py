"""Payment facts: kept as they came, the latest one counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.comparing import Booked
from billing.payments import PaymentFact
from ledger import invoices, journal, payments
from ledger.database import Ledger
from ledger.tables import InvoiceRow
from tests.ledger.samples import CLIENT, NOW, SECOND, add_invoice

DUE = date(2026, 11, 16)
CHECK = date(2026, 11, 23)
BOOKED = Booked(
    external_id="inv-1",
    number="RE-1",
    version="1",
    is_issued=True,
    is_voided=False,
    issue_date=date(2026, 11, 2),
    due_date=DUE,
    customer_id="c-1",
    customer_name="Erika Beispiel",
    net=Decimal("184.88"),
    vat=Decimal("35.13"),
    gross=Decimal("220.01"),
    vat_by_rate={},
    line_count=3,
    text="",
)
Note = Callable[[str, int], bool]


@pytest.fixture
def sent(ledger: Ledger) -> int:
    """An invoice over 220.01 that was sent, to be checked on 23.11.2026."""
    with ledger.writing() as session:
        row = add_invoice(session)
        invoices.issue(session, row, BOOKED, NOW)
        invoices.sent(session, row.id, CHECK, NOW)
        return row.id


def fact(open_amount: str, at: datetime = NOW, is_voided: bool = False) -> PaymentFact:
    """What the accounting system said at an instant."""
    return PaymentFact("lexware", Decimal(open_amount), is_voided, at.isoformat(), at)


def note(ledger: Ledger, invoice_id: int, said: PaymentFact) -> bool:
    """Take in a fact, committed."""
    with ledger.writing() as session:
        return payments.note(session, invoices.get(session, invoice_id), said)


def row_of(ledger: Ledger, invoice_id: int) -> InvoiceRow:
    """The invoice as it stands."""
    with ledger.reading() as session:
        return invoices.get(session, invoice_id)


def test_before_the_first_reading_nothing_is_known(ledger: Ledger, sent: int) -> None:
    """The whole amount is open, but nobody has said so."""
    assert payments.fact_of(row_of(ledger, sent)) is None
    assert row_of(ledger, sent).open_amount == Decimal("220.01")


def test_the_latest_fact_counts(ledger: Ledger, sent: int) -> None:
    """The invoice repeats the latest fact, and all of them are kept."""
    assert note(ledger, sent, fact("100.00"))
    assert note(ledger, sent, fact("50.00", NOW + SECOND))
    row = row_of(ledger, sent)
    assert (row.open_amount, row.payment_read_at) == (Decimal("50.00"), NOW + SECOND)
    known = payments.fact_of(row)
    assert known is not None
    assert (known.open_amount, known.read_at, known.is_voided) == (Decimal("50.00"), NOW + SECOND, False)
    with ledger.reading() as session:
        kept = [(row.open_amount, row.read_at) for row in payments.history(session, sent)]
    assert kept == [(Decimal("100.00"), NOW), (Decimal("50.00"), NOW + SECOND)]


def test_an_older_fact_changes_nothing(ledger: Ledger, sent: int) -> None:
    """A late answer does not reopen what is paid."""
    assert note(ledger, sent, fact("0.00", NOW + SECOND))
    assert not note(ledger, sent, fact("220.01", NOW))
    row = row_of(ledger, sent)
    assert (row.open_amount, row.payment_read_at) == (Decimal("0.00"), NOW + SECOND)


def test_the_same_again_is_no_news_but_fresh(ledger: Ledger, sent: int) -> None:
    """A repeated fact adds no row and no journal entry; it makes the reading younger."""
    note(ledger, sent, fact("100.00"))
    assert not note(ledger, sent, fact("100.00", NOW + SECOND))
    assert row_of(ledger, sent).payment_read_at == NOW + SECOND
    with ledger.reading() as session:
        assert len(payments.history(session, sent)) == 1
        events = [entry.event for entry in journal.entries(session, sent)]
    assert events.count("payment state changed") == 1


@pytest.mark.parametrize("said", [fact("0.00"), fact("-5.00"), fact("220.01", is_voided=True)])
def test_what_is_paid_or_void_is_not_checked_any_more(ledger: Ledger, sent: int, said: PaymentFact) -> None:
    """No check day, no reminder."""
    note(ledger, sent, said)
    assert row_of(ledger, sent).check_on is None
    with ledger.reading() as session:
        assert payments.to_check(session, CLIENT, date(2030, 1, 1)) == []


def test_a_part_payment_keeps_the_check_day(ledger: Ledger, sent: int) -> None:
    """The rest is still looked at on its day."""
    note(ledger, sent, fact("20.00"))
    assert row_of(ledger, sent).check_on == CHECK


def test_what_is_open_again_is_checked_again(ledger: Ledger, sent: int) -> None:
    """A returned debit puts the invoice back on the list."""
    note(ledger, sent, fact("0.00"))
    note(ledger, sent, fact("220.01", NOW + SECOND))
    assert row_of(ledger, sent).check_on == DUE
    with ledger.reading() as session:
        assert payments.to_check(session, CLIENT, DUE) == [sent]


def test_checks_come_due_by_day_for_sent_invoices_of_the_client(ledger: Ledger, sent: int) -> None:
    """Not before the day, not for other clients, not before the invoice was sent."""
    with ledger.writing() as session:
        early = add_invoice(session, "2")
        invoices.issue(session, early, replace(BOOKED, number="RE-2"), NOW)
        invoices.sent(session, early.id, CHECK - timedelta(1), NOW)
        waiting = add_invoice(session, "3")
        waiting.check_on = CHECK - timedelta(9)
        first = early.id
    with ledger.reading() as session:
        assert payments.to_check(session, CLIENT, CHECK - timedelta(2)) == []
        assert payments.to_check(session, CLIENT, CHECK) == [first, sent]
        assert payments.to_check(session, "winter", CHECK) == []


def test_fractions_of_a_cent_never_enter(ledger: Ledger, sent: int) -> None:
    """A source that speaks of fractions is refused as a whole."""
    with pytest.raises(Exception, match="fractions of a cent"):
        note(ledger, sent, fact("0.001"))
    assert payments.fact_of(row_of(ledger, sent)) is None


FACTS = st.lists(
    st.tuples(st.integers(-100, 22001), st.booleans(), st.integers(0, 3600)),
    min_size=1,
    max_size=5,
    unique_by=lambda f: f[2],
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), facts=FACTS)
def test_facts_in_any_order_end_the_same(
    sqlite_ledger: Ledger, data: st.DataObject, facts: list[tuple[int, bool, int]]
) -> None:
    """P16: late, repeated or turned around, the state in the end is that of the latest fact."""
    said = [
        fact(str(Decimal(cents).scaleb(-2)), NOW + timedelta(seconds=second), voided) for cents, voided, second in facts
    ]
    order = data.draw(st.permutations(said * 2))
    with sqlite_ledger.writing() as session:
        row = add_invoice(session, uuid4().hex)
        for one in order:
            payments.note(session, row, one)
        last = max(said, key=lambda one: one.read_at)
        assert (row.open_amount, row.is_voided, row.payment_read_at) == (last.open_amount, last.is_voided, last.read_at)
