"""Rows to work with: jobs and invoices of the made-up electrician in a real ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from billing.drafting import draft
from billing.einvoice_duty import Duty, Form
from billing.invoices import Channel
from ledger import effects, invoices, jobs
from ledger.database import Ledger, Transaction
from ledger.effects import Flight, Kind, Settlement, State
from ledger.tables import EffectRow, InvoiceRow
from tests.billing.samples import JOB, TERMS, TODAY

CLIENT = "sommer"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DUTY = Duty(Form.ZUGFERD, is_compulsory=False, row="7", reason="Leistung und Übermittlung bis Ende 2026.")
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=300)
QUIET = timedelta(seconds=120)


def add_invoice(session: Transaction, name: str = "1", now: datetime = NOW) -> InvoiceRow:
    """A drafted invoice for a job of that name; its marker is `RB-<name>`."""
    job = replace(JOB, external_id=f"dn-{name}", number=f"LS-{name}", order_id=f"oc-{name}")
    row = jobs.store(session, CLIENT, job, now)
    return invoices.add(session, row, draft(job, TERMS, Channel.MAIL, TODAY, f"RB-{name}"), now)


def new_invoice(ledger: Ledger, name: str = "1") -> int:
    """The id of a drafted invoice, committed."""
    with ledger.writing() as session:
        return add_invoice(session, name).id


def plan(ledger: Ledger, invoice_id: int, key: str = "mail-1", now: datetime = NOW) -> int:
    """The id of a planned mail, committed."""
    with ledger.writing() as session:
        return effects.plan(session, CLIENT, Kind.SEND_INVOICE, key, invoice_id, {"sha256": "ab"}, now).id


def take(ledger: Ledger, effect_id: int, owner: str = "me", now: datetime = NOW) -> Flight | None:
    """Claim an effect, committed."""
    with ledger.writing() as session:
        return effects.take(session, effect_id, owner, now, LEASE)


def taken(ledger: Ledger, effect_id: int, owner: str = "me", now: datetime = NOW) -> Flight:
    """Claim an effect that is free."""
    flight = take(ledger, effect_id, owner, now)
    assert flight is not None
    return flight


def reach(ledger: Ledger, flight: Flight, phase: str, now: datetime = NOW) -> None:
    """Come to a phase, committed."""
    with ledger.writing() as session:
        effects.reach(session, flight, phase, now)


def settle(ledger: Ledger, flight: Flight, settlement: Settlement, now: datetime = NOW) -> None:
    """Write down how an attempt ended, committed."""
    with ledger.writing() as session:
        effects.settle(session, flight, settlement, now)


def read(ledger: Ledger, effect_id: int) -> EffectRow:
    """The effect as it stands."""
    with ledger.reading() as session:
        return effects.get(session, effect_id)


def state(ledger: Ledger, effect_id: int) -> State:
    """The state an effect stands in."""
    return State(read(ledger, effect_id).state)


def unknown(ledger: Ledger, effect_id: int, now: datetime = NOW) -> None:
    """Let an effect end unknown, to be looked up after the quiet period."""
    settle(ledger, taken(ledger, effect_id, now=now), Settlement(State.UNKNOWN, "Zeit um", not_before=now + QUIET), now)
