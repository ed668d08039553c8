"""Bills out of the ledger: which count, whose they are, and when they were paid."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, Table, insert, select

from billing.allocation import Share
from billing.bills import Bill
from billing.drafting import draft
from billing.invoices import Channel, Kind
from billing.money import euro
from billing.payments import PaymentFact
from billing.vat import Totals
from ledger import effects, figures, invoices, jobs, payments, receipts
from ledger.bodies import DRAFT, pack
from ledger.database import MIGRATIONS, Ledger
from ledger.tables import InvoiceRow
from tests.billing.samples import ERIKA, JOB, TERMS, TODAY
from tests.ledger.samples import CLIENT, NOW, add_invoice
from tests.ledger.test_payments import BOOKED

NET, GROSS, NONE = Decimal("184.88"), Decimal("220.01"), Decimal("0.00")


def issued(ledger: Ledger, name: str = "1", number: str = "RE-1") -> int:
    """The id of an issued invoice of Erika, 220.01 due on 16.11.2026."""
    with ledger.writing() as session:
        row = add_invoice(session, name)
        invoices.issue(session, row, replace(BOOKED, number=number), NOW)
        return row.id


def told(ledger: Ledger, invoice_id: int, rest: str, days: int, is_voided: bool = False) -> None:
    """What the accounting system said some days later."""
    at = NOW + timedelta(days)
    fact = PaymentFact("lexware", Decimal(rest), is_voided, at.isoformat(), at)
    with ledger.writing() as session:
        payments.note(session, invoices.get(session, invoice_id), fact)


def bills(ledger: Ledger, key: str | None = None) -> list[Bill]:
    """All bills of the client, or of one customer."""
    with ledger.reading() as session:
        return [found.bill for found in figures.bills(session, [CLIENT], key)]


def test_an_issued_invoice_is_a_bill(ledger: Ledger) -> None:
    """It belongs to the customer's number and carries net, gross and what is open; a draft is none."""
    issued(ledger)
    with ledger.writing() as session:
        add_invoice(session, "draft")
    assert bills(ledger) == [Bill("10307", TODAY, date(2026, 11, 16), NET, GROSS, GROSS)]
    assert bills(ledger, "10307") == bills(ledger)
    assert bills(ledger, "4711") == []


def test_paid_on_is_the_day_it_was_last_seen_to_become_paid(ledger: Ledger) -> None:
    """A returned debit makes it open again, and the second payment counts."""
    invoice_id = issued(ledger)
    for rest, days in (("100.00", 3), ("0.00", 5), ("220.01", 8)):
        told(ledger, invoice_id, rest, days)
    assert [(bill.open_amount, bill.paid_on) for bill in bills(ledger)] == [(GROSS, None)]
    told(ledger, invoice_id, "0.00", 12)
    assert [(bill.open_amount, bill.paid_on) for bill in bills(ledger)] == [(NONE, TODAY + timedelta(12))]


def test_the_day_of_the_money_wins_over_the_day_of_reading(ledger: Ledger) -> None:
    """What a person or the bank dated counts, although the books were read later."""
    invoice_id = issued(ledger)
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        claim = Share("RE-1", principal=euro(GROSS))
        receipts.by_hand(session, row, GROSS, TODAY + timedelta(6), [claim], ["bar"], "Anna", NOW + timedelta(9))
    told(ledger, invoice_id, "0.00", 10)
    assert [bill.paid_on for bill in bills(ledger)] == [TODAY + timedelta(6)]


def test_a_cancelled_invoice_is_no_bill(ledger: Ledger) -> None:
    """It is neither turnover nor debt."""
    told(ledger, issued(ledger), "0.00", 3, is_voided=True)
    assert bills(ledger) == []


def test_a_credit_note_takes_turnover_away(ledger: Ledger) -> None:
    """Its amounts are positive on paper and negative in figures."""
    with ledger.writing() as session:
        job = replace(JOB, external_id="dn-credit", order_id="oc-credit")
        written = replace(draft(job, TERMS, Channel.MAIL, TODAY, "RB-C"), kind=Kind.CREDIT_NOTE)
        row = invoices.add(session, jobs.store(session, CLIENT, job, NOW), written, NOW)
        invoices.issue(session, row, BOOKED, NOW)
    assert [(bill.net, bill.gross, bill.is_open) for bill in bills(ledger)] == [(-NET, -GROSS, False)]


def test_a_new_draft_renews_customer_and_net(ledger: Ledger) -> None:
    """A refused draft that is mended belongs to whom it says now."""
    nobody = replace(ERIKA, number="")
    totals = Totals(Decimal(5), NONE, (), Decimal(5), NONE, Decimal(5))
    with ledger.writing() as session:
        row = add_invoice(session)
        effect = invoices.effect_of(session, row.id, effects.Kind.CREATE_INVOICE)
        effect.state = effects.State.REFUSED
        session.flush()
        renewed = replace(invoices.draft_of(row), customer=nobody, totals=totals)
        assert invoices.redraft(session, row, renewed, NOW)
        assert (row.customer_key, row.net) == ("Erika Beispiel", Decimal(5))


def test_the_migration_fills_in_what_older_ledgers_know(tmp_path: Path) -> None:
    """Customer and net of invoices from before the columns come out of their drafts."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = ledger.engine
    command.upgrade(config, "0003")
    body = pack(DRAFT, draft(JOB, TERMS, Channel.MAIL, TODAY, "RB-OLD"))
    values: dict[str, Any] = {
        "client": CLIENT,
        "order_id": "",
        "marker": "RB-OLD",
        "stage": "sent",
        "problems": [],
        "draft": body,
    }
    values |= {"customer_name": "Erika", "issue_date": TODAY, "gross": 22001, "open_amount": 22001, "created_at": NOW}
    values |= {"job_id": 1, "is_voided": False, "payment_version": ""}
    job: dict[str, Any] = {"id": 1, "client": CLIENT, "source": "x", "external_id": "1", "version": "1", "number": "1"}
    job |= {"state": "taken", "problems": [], "body": {}, "seen_at": NOW}
    old = MetaData()
    with ledger.engine.begin() as connection:
        connection.execute(insert(Table("jobs", old, autoload_with=connection)), job)
        connection.execute(insert(Table("invoices", old, autoload_with=connection)), values)
    command.upgrade(config, "0004")
    columns = (InvoiceRow.customer_key, InvoiceRow.net)
    with ledger.engine.connect() as connection:
        assert connection.execute(select(*columns)).one() == ("10307", NET)
    ledger.close()
