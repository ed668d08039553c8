"""The board: nine words with the day and the fact that made each, in a few queries however many invoices there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from billing.payments import PaymentFact, Standing
from ledger import invoices, levers, payments
from ledger.claims import Circumstances
from ledger.database import Ledger, Transaction
from ledger.levers import Kind
from ledger.overrides import Word
from ledger.receivables import CHUNK, Receivable, receivables
from tests.ledger.samples import CLIENT, NOW, SECOND, add_invoice
from tests.ledger.test_payments import BOOKED, CHECK

CLIENTS = {CLIENT: Circumstances(land="BY"), "winter": Circumstances()}
DAY = timedelta(1)
LATE = NOW + 20 * DAY
WORD = Word("Anna", "Anruf")


def sent(session: Transaction, name: str = "1") -> int:
    """The id of an invoice over 220.01 that was sent, due on Monday 16.11.2026."""
    row = add_invoice(session, name)
    invoices.issue(session, row, BOOKED, NOW)
    invoices.sent(session, row.id, CHECK, NOW)
    return row.id


@pytest.fixture
def owed(ledger: Ledger) -> int:
    """One such invoice, committed."""
    with ledger.writing() as session:
        return sent(session)


def shown(ledger: Ledger, today: date) -> Receivable:
    """The only invoice on the board of a day."""
    with ledger.reading() as session:
        (found,) = receivables(session, CLIENTS, today)
    return found


def pull(ledger: Ledger, invoice_id: int, kind: Kind, until: date | None = None) -> None:
    """A word about the invoice, twenty days after it was sent."""
    with ledger.writing() as session:
        levers.pull(session, kind, invoices.get(session, invoice_id), WORD, LATE, None, until)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (Kind.DISPUTE, Standing.DISPUTED),
        (Kind.EXTENSION, Standing.DEFERRED),
        (Kind.WRITE_OFF, Standing.UNCOLLECTIBLE),
    ],
)
def test_a_lever_makes_the_word_from_its_day_on(ledger: Ledger, owed: int, kind: Kind, word: Standing) -> None:
    """What a person said shows with the day on which it was said."""
    pull(ledger, owed, kind, date(2026, 12, 31))
    found = shown(ledger, LATE.date())
    assert (found.standing, found.since) == (word, LATE.date())
    assert found.fact


def test_an_extension_that_is_lifted_ends_that_day(ledger: Ledger, owed: int) -> None:
    """Granted until New Year and lifted on 1 December it lasted until 30 November: neither longer nor never."""
    pull(ledger, owed, Kind.EXTENSION, date(2026, 12, 31))
    with ledger.writing() as session:
        levers.lift(session, Kind.EXTENSION, invoices.get(session, owed), WORD, NOW + 29 * DAY)
    assert shown(ledger, date(2026, 11, 30)).standing is Standing.DEFERRED
    found = shown(ledger, date(2026, 12, 1))
    assert (found.standing, found.since) == (Standing.OVERDUE, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("open_amount", "is_voided", "word"),
    [("0.00", False, Standing.PAID), ("20.00", False, Standing.PARTLY_PAID), ("220.01", True, Standing.VOIDED)],
)
def test_what_the_accounting_system_says_counts_from_the_day_we_learned_it(
    ledger: Ledger, owed: int, open_amount: str, is_voided: bool, word: Standing
) -> None:
    """Its lists name no day of payment, so the day of reading is shown."""
    with ledger.writing() as session:
        said = PaymentFact("lexware", Decimal(open_amount), is_voided, "1", NOW + 3 * DAY)
        payments.note(session, invoices.get(session, owed), said)
    found = shown(ledger, date(2026, 11, 10))
    assert (found.standing, found.since) == (word, date(2026, 11, 5))


def test_the_board_warns_of_limitation(ledger: Ledger, owed: int) -> None:
    """Due in 2026, silent until September 2029 and listed from October on."""
    assert owed
    assert shown(ledger, date(2029, 9, 30)).expires_on is None
    assert shown(ledger, date(2029, 10, 1)).expires_on == date(2029, 12, 31)


def test_another_clients_levers_are_not_read(ledger: Ledger, owed: int) -> None:
    """A customer number blocked at one client says nothing about the same number at another."""
    with ledger.writing() as session:
        customer = levers.customer_of(invoices.get(session, owed))
        levers.block_customer(session, "winter", customer, None, WORD, NOW)
        own = levers.of_invoices(session, [invoices.get(session, owed)])
    assert own == []


def test_the_number_of_queries_does_not_grow(ledger: Ledger) -> None:
    """Three invoices cost as many queries as one; only each further thousand asks again."""
    asked = []
    for number in range(3):
        with ledger.writing() as session:
            invoice_id = sent(session, str(number))
            said = PaymentFact("lexware", Decimal("20.00"), False, "1", NOW + number * SECOND)
            payments.note(session, invoices.get(session, invoice_id), said)
        with counting(ledger) as statements, ledger.reading() as session:
            assert len(receivables(session, {CLIENT: Circumstances()}, NOW.date())) == number + 1
        asked.append(len(statements))
    assert asked[0] == asked[2] <= 20
    assert CHUNK >= 1000


@contextmanager
def counting(ledger: Ledger) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(ledger.engine, "before_cursor_execute", note)
    yield seen
    event.remove(ledger.engine, "before_cursor_execute", note)
