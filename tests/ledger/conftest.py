"""An invoice and a planned mail to work with."""

import pytest

from ledger.database import Ledger
from tests.ledger.samples import new_invoice, plan


@pytest.fixture
def invoice_id(ledger: Ledger) -> int:
    """A drafted invoice in the ledger."""
    return new_invoice(ledger)


@pytest.fixture
def mail(ledger: Ledger, invoice_id: int) -> int:
    """A planned mail of that invoice."""
    return plan(ledger, invoice_id)


@pytest.fixture
def sqlite_invoice(sqlite_ledger: Ledger) -> int:
    """A drafted invoice in the SQLite ledger."""
    return new_invoice(sqlite_ledger)
