"""An office to walk through: two clients, one with invoices from the chain, people of every role, a live server."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from billing.contracts import Billed, due
from billing.drafting import draft
from billing.invoices import Channel
from billing.work_entries import WorkEntry
from config.client import Client
from desk.web import passwords
from desk.web.access import SESSION, Role, csrf_of, hashed
from desk.web.app import create_app
from flows.chain import contracts as chain
from flows.chain.contracts import NewContract
from flows.clock import Clock
from flows.wiring import House
from ledger import accounts, clientele, contracts, effects, invoices, jobs, levers, notices, overrides, times
from ledger.database import Transaction
from ledger.effects import Kind
from ledger.invoices import SENT
from ledger.levers import Kind as Lever
from ledger.overrides import Word
from ledger.tables import IncomingRow, InvoiceRow
from tests.billing.samples import JOB, TERMS
from tests.flows.business import Business
from tests.sandbox.running import line

NOW = datetime(2026, 11, 30, 11, tzinfo=UTC)
OWN, FOREIGN = "sommer", "winter"
SECRET = "Geheimkunde Winterberg"
NASTY = '<script>alert("x")</script><img src=x onerror=alert(1)> & Söhne'
CONTRACTS = f"""
contracts:
  since: 2026-11-01
  plans:
    basis: {{title: Wartung Basis, price: 49.00, setup_fee: 99.00, calendar: true, notice_months: 1}}
    profi: {{title: Wartung Profi, price: 79.00, calendar: true}}
    probe: {{title: '{NASTY}', price: 10.00, trial_days: 30}}
    jahr: {{title: Lizenz, cycle: year, price: 480.00, unit: Platz, term_months: 12}}
"""
FORMULA = '=HYPERLINK("http://boese.example";"Klick")'
PASSWORD = "ein langes Passwort"
ROLES = {"chefin": Role.OWNER, "buero": Role.OFFICE, "technik": Role.OPERATOR, "gast": Role.READER}


def furnish(business: Business) -> None:
    """Fill the house: invoices that went out, one of unknown fate, one to approve, two with nasty names."""
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(f"{text}\ntimes: {{since: 2026-10-01, hourly_rate: 95.00}}\n{CONTRACTS}", "utf-8")
    _second_client(business)
    text = business.client_file.read_text("utf-8")
    text = text.replace("action: task", "action: notice, tone: firm")
    business.client_file.write_text(f"{text}\napproval: {{over: 5000, approver: Frau Sommer}}\n", "utf-8")
    for name, net in (("Bäckerei Özdemir GmbH", 480), (NASTY, 1250), ("Käthe Weiß", 96), (FORMULA, 310)):
        business.finished_job(business.customer(company={"name": name}), lineItems=[line(1, net)])
    business.run()
    business.fault(smtp="disconnect-after-dot-lost")
    business.finished_job(business.customer(company={"name": "Hotel Löwen"}), lineItems=[line(2, 900)])
    business.run(at="2026-11-03T09:00:00+01:00")
    business.finished_job(business.customer(company={"name": "Stadtwerke Freiburg"}), lineItems=[line(1, 7200)])
    business.run(at="2026-11-23T09:00:00+01:00")
    with business.house() as house, house.ledger.writing() as session:
        _foreign(session)
        _people(session)
        notices.ask(
            session, OWN, "task-1", "Käthe Weiß zurückrufen", "Fragt nach Farbton.", "Büro", date(2026, 11, 27), NOW
        )
        _work(session, OWN, NASTY)
        _work(session, FOREIGN, SECRET)
        _contracts(session, house.client(OWN).config, NASTY)
        _contracts(session, house.client(FOREIGN).config, SECRET)
        session.add(_money(OWN, "Bäckerei Oezdemir", "Rechnung vom November", Decimal("100.00")))


def sign_in(house: House, name: str) -> tuple[str, str]:
    """A session for somebody: the cookie's value, and the word that forms carry."""
    secret = secrets.token_urlsafe(16)
    with house.ledger.writing() as session:
        account = accounts.find(session, name)
        assert account
        accounts.begin(session, account, hashed(secret), "127.0.0.1", "test", NOW, has_passed=True)
    return secret, csrf_of(secret)


def app_of(house: House) -> FastAPI:
    """The application as of `NOW`."""
    return create_app(house, Clock(NOW))


@contextmanager
def browsing(house: House, name: str = "") -> Iterator[TestClient]:
    """A browser without script; with a name somebody is signed in. Its `csrf` header seals every form."""
    with TestClient(app_of(house), base_url="http://127.0.0.1", follow_redirects=False) as browser:
        if name:
            secret, csrf = sign_in(house, name)
            browser.cookies.set(SESSION, secret)
            browser.headers["X-CSRF-Token"] = csrf
        yield browser


@contextmanager
def served(house: House) -> Iterator[str]:
    """The address of a live server on a free port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app_of(house), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def _second_client(business: Business) -> None:
    text = business.client_file.read_text("utf-8").replace("name: sommer", f"name: {FOREIGN}", 1)
    (business.folder / "clients" / f"{FOREIGN}.yaml").write_text(text, "utf-8")


def _people(session: Transaction) -> None:
    hashed_once = passwords.hash_of(PASSWORD)
    for name, role in ROLES.items():
        accounts.add(session, name, hashed_once, {OWN: role.value}, "test", NOW)
        accounts.add(session, f"{name}-winter", hashed_once, {FOREIGN: role.value}, "test", NOW)
    accounts.add(session, "betreiber", hashed_once, {accounts.EVERYONE: Role.OWNER.value}, "test", NOW)


def _foreign(session: Transaction) -> InvoiceRow:
    """An invoice of the other client with one of everything that could leak."""
    customer = replace(JOB.customer, name=SECRET) if JOB.customer else None
    job = replace(JOB, external_id="dn-w", number="LS-W", order_id="oc-w", customer=customer)
    row = invoices.add(
        session, jobs.store(session, FOREIGN, job, NOW), draft(job, TERMS, Channel.MAIL, NOW.date(), "RB-W1"), NOW
    )
    row.number, row.due_date, row.stage, row.sent_at, row.payment_read_at = "WI1", date(2026, 11, 1), SENT, NOW, NOW
    paper = invoices.Paper("invoice-pdf", "ab" * 32, "application/pdf", f"{SECRET}.pdf", 10)
    invoices.keep(session, row, paper, NOW)
    word = Word("winter", SECRET)
    overrides.hold(session, row, None, word, NOW)
    levers.pull(session, Lever.DISPUTE, row, word, NOW)
    effect = effects.plan(session, FOREIGN, Kind.SEND_INVOICE, "w-mail", row.id, {"sha256": "ab"}, NOW)
    effect.state, effect.error, effect.evidence = "unknown", SECRET, SECRET
    notices.ask(session, FOREIGN, "w-task", SECRET, SECRET, SECRET, None, NOW, row.id)
    session.add(_money(FOREIGN, SECRET, SECRET, Decimal("77.00")))
    return row


def _work(session: Transaction, client: str, whose: str) -> None:
    days = ((date(2026, 10, 28), "SHOP-8"), (date(2026, 11, 5), "SHOP-12"), (date(2026, 11, 9), ""))
    entries = [
        WorkEntry("api:", f"t-{day}", "1", whose, day, 100, whose, "Entwicklung", ticket, text=f"Fehler {whose}")
        for day, ticket in days
    ]
    times.receive(session, client, entries, times.Intake(needs_approval=True, task_owner="Büro"), NOW)


def _contracts(session: Transaction, config: Client, whose: str) -> None:
    """One that was billed, one in its trial, one under notice, one that has ended, one that begins later."""
    word = Word("Anna", f"Auftrag von {whose}")
    key = session.query(InvoiceRow.customer_key).filter_by(client=config.name, customer_name=whose).limit(1).scalar()
    new = {
        "V-1": NewContract("V-1", key, "basis", date(2026, 11, 1)),
        "V-2": NewContract("V-2", key, "probe", date(2026, 11, 20), Decimal("2.5")),
        "V-3": NewContract("V-3", key, "profi", date(2026, 11, 1), price=Decimal("70.00")),
        "V-4": NewContract("V-4", "4711", "basis", date(2026, 11, 1)),
        "V-5": NewContract("V-5", "4711", "jahr", date(2027, 1, 1), Decimal(3)),
    }
    rows = {number: chain.sign(session, config, each, word, NOW) for number, each in new.items()}
    customer = clientele.recipient(session, config.name, key)
    assert customer
    made = due(contracts.contract_of(rows["V-1"]), Billed(), chain.terms_for(config, customer), date(2026, 11, 1))
    assert made
    chain.keep(session, config, rows["V-1"], made, customer, NOW)
    chain.end(session, config, rows["V-3"], date(2026, 11, 30), date(2027, 2, 28), word, NOW)
    chain.end(session, config, rows["V-4"], date(2026, 11, 10), date(2026, 11, 20), word, NOW)


def _money(client: str, whose: str, purpose: str, amount: Decimal) -> IncomingRow:
    line: dict[str, Any] = {"counterparty": whose, "purpose": purpose}
    return IncomingRow(
        client=client, source="bank", key=f"{client}-1", received_on=date(2026, 11, 26), amount=amount, line=line,
        state="open", shares=[], reasons=[{"text": "Keine Nummer im Zweck."}], decided_by="", seen_at=NOW,
    )  # fmt: skip
