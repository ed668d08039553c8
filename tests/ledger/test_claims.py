"""The facts about a claim, gathered from the ledger."""

from dataclasses import replace

import pytest

from billing.drafting import draft
from billing.invoices import Channel, Payment, PaymentMeans
from ledger import claims, invoices, jobs
from ledger.claims import Circumstances
from ledger.database import Ledger
from tests.billing.samples import JOB, TERMS, TODAY
from tests.ledger.samples import CLIENT, NOW


@pytest.mark.parametrize("means", PaymentMeans)
def test_who_takes_the_money_is_a_fact(ledger: Ledger, means: PaymentMeans) -> None:
    """A claim is collected exactly when its invoice says that the money comes by direct debit."""
    plain = draft(JOB, TERMS, Channel.MAIL, TODAY, "RB-1")
    with ledger.writing() as session:
        row = jobs.store(session, CLIENT, JOB, NOW)
        invoice = invoices.add(session, row, replace(plain, payment=Payment(means, "M-7")), NOW)
        invoice_id = invoice.id
    with ledger.reading() as session:
        facts = claims.facts_of(session, [invoices.get(session, invoice_id)], Circumstances(), NOW.date())

    assert facts[invoice_id].is_collected == (means is PaymentMeans.DIRECT_DEBIT)
