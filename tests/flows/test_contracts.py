"""Contracts on the chain: each paid period becomes one invoice, whatever runs beside it or dies in the middle of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from billing.contracts import Agreed, Billed, Contract, Stage
from billing.parties import Address, Customer, CustomerKind
from config.contracts import agreed_of
from flows.chain import contracts as chain
from flows.chain.steps import CONTRACTS
from flows.report import Result
from flows.wiring import at_work
from flows.work import Work
from ledger import clientele, contracts, overview
from ledger.contract_tables import ContractRow
from ledger.overrides import NothingToDecide, Word
from ledger.tables import JobRow, TaskRow
from tests.flows.business import CLIENT, Business
from tests.sandbox.running import Stage as Theatre

FIRST, SECOND = "2026-11-01T06:00:00+01:00", "2026-12-01T06:00:00+01:00"
SECTION = """
contracts:
  since: 2026-11-01
  plans:
    basis: {title: Wartung Basis, price: 49.00, setup_fee: 99.00, calendar: true}
    profi: {title: Wartung Profi, price: 79.00, calendar: true}
    frei: {title: Kostenlos, price: 0.00}
    probe: {title: Probe, price: 10.00, trial_days: 30}
"""
WORD = Word("Anna", "unterschrieben")
KRAEMER = Customer(
    external_id="", name="Hausverwaltung Krämer GmbH", address=Address("Marktplatz 1", "80331", "München"),
    number="10307", email="rechnung@kraemer.example",
)  # fmt: skip


class Killed(BaseException):
    """The process dies."""


@pytest.fixture
def contracted(business: Business) -> Business:
    """A business that has plans and knows a customer."""
    sell(business)
    return business


def sell(business: Business) -> None:
    """Write the plans into the client's file, and know a customer."""
    with business.client_file.open("a", encoding="utf-8") as file:
        file.write(SECTION)
    know(business, KRAEMER)


@contextmanager
def working(business: Business, at: str = FIRST) -> Iterator[Work]:
    """The client at work as of an instant."""
    with business.house() as house, at_work(house, house.client(CLIENT), datetime.fromisoformat(at)) as work:
        yield work


def know(business: Business, customer: Customer) -> None:
    """Another program tells of a customer."""
    with working(business) as work, work.ledger.writing() as session:
        clientele.announce(session, CLIENT, f"crm-{customer.number}", customer, work.clock.now())


def sign(business: Business, number: str = "V-1", plan: str = "basis", begins_on: date = date(2026, 11, 1),
         customer: str = "10307") -> None:  # fmt: skip
    """A new contract."""
    with working(business) as work, work.ledger.writing() as session:
        section = work.config.contracts
        assert section
        one = Contract(number, (Stage(begins_on, plan, 1),), agreed_of(section.plans[plan]))
        terms = chain.terms_for(work.config, None)
        contracts.add(session, CLIENT, one, customer, Billed(), terms, WORD, work.clock.now())


def jobs_of(business: Business) -> list[str]:
    """Every job of a contract."""
    with working(business) as work, work.ledger.reading() as session:
        found = session.query(JobRow).filter(JobRow.source == contracts.CONTRACTS).order_by(JobRow.id)
        return [row.external_id for row in found]


def test_a_month_becomes_an_invoice_with_the_contracts_number(contracted: Business) -> None:
    """The set-up fee stands on the first one; a run more changes nothing; the next month follows."""
    sign(contracted)
    contracted.run(at=FIRST)
    contracted.run(at=FIRST)
    (invoice,) = contracted.invoices()
    assert invoice.number is not None
    assert invoice.draft["references"]["contract"] == "V-1"
    assert invoice.draft["introduction"] == "Nach unserem Vertrag V-1 berechnen wir:"
    assert [line["name"] for line in invoice.draft["lines"]] == ["Einrichtung", "Wartung Basis"]
    assert invoice.gross == Decimal("176.12")
    contracted.run(at=SECOND)
    assert [each.gross for each in contracted.invoices()] == [Decimal("176.12"), Decimal("58.31")]
    assert len(contracted.mails()) == 2
    assert jobs_of(contracted) == ["contracts:V-1:1", "contracts:V-1:2"]


def test_an_unknown_customer_holds_his_contract_only(contracted: Business) -> None:
    """A task says who is missing; once he is known it goes on, with everything that became due meanwhile."""
    sign(contracted)
    sign(contracted, "V-2", customer="4711")
    report = contracted.run(CONTRACTS, at=FIRST)["contracts"]
    assert [(entry.subject, entry.result) for entry in report.entries] == [
        ("Vertrag V-1, Hausverwaltung Krämer GmbH", Result.DONE), ("Vertrag V-2", Result.HELD)
    ]  # fmt: skip
    assert contracted.run(CONTRACTS, at=FIRST)["contracts"].entries[0].result is Result.STILL
    with working(contracted) as work, work.ledger.reading() as session:
        (task,) = session.query(TaskRow).all()
        assert "4711" in task.title
    know(contracted, replace(KRAEMER, number="4711", name="Frieda Frei"))
    contracted.run(CONTRACTS, at=SECOND)
    assert sorted(jobs_of(contracted)) == ["contracts:V-1:1", "contracts:V-1:2", "contracts:V-2:1"]
    with working(contracted) as work, work.ledger.reading() as session:
        assert overview.open_tasks(session, [CLIENT]) == []


def test_a_plan_that_is_gone_is_named(contracted: Business) -> None:
    """Nothing is billed at a price that nobody knows."""
    sign(contracted, plan="profi")
    text = contracted.client_file.read_text("utf-8").replace("    profi:", "    premium:")
    contracted.client_file.write_text(text, "utf-8")
    (entry,) = contracted.run(CONTRACTS, at=FIRST)["contracts"].entries
    assert entry.result is Result.HELD
    assert "profi" in entry.text
    assert jobs_of(contracted) == []


def test_a_plan_with_another_period_is_another_plan(contracted: Business) -> None:
    """A price per year is not billed by the month: the contract waits until the plan is as it was."""
    sign(contracted, plan="profi")
    before = contracted.client_file.read_text("utf-8")
    contracted.client_file.write_text(before.replace("title: Wartung Profi", "title: Profi, cycle: year"), "utf-8")
    (entry,) = contracted.run(CONTRACTS, at=FIRST)["contracts"].entries
    assert (entry.result, "cycle" in entry.text) == (Result.HELD, True)
    assert jobs_of(contracted) == []
    contracted.client_file.write_text(before, "utf-8")
    contracted.run(CONTRACTS, at=FIRST)
    assert jobs_of(contracted) == ["contracts:V-1:1"]


def test_what_costs_nothing_makes_no_invoice(contracted: Business) -> None:
    """It is billed all the same, so that nobody asks again."""
    sign(contracted, plan="frei")
    (entry,) = contracted.run(CONTRACTS, at=FIRST)["contracts"].entries
    assert (entry.result, jobs_of(contracted)) == (Result.DONE, [])
    assert contracted.run(CONTRACTS, at=FIRST)["contracts"].entries == ()


def test_the_trial_is_not_billed_even_with_days_before(contracted: Business) -> None:
    """The contract is looked at early, and nothing comes of it until the trial is over."""
    text = contracted.client_file.read_text("utf-8").replace("  plans:\n", "  days_before: 14\n  plans:\n")
    contracted.client_file.write_text(text, "utf-8")
    sign(contracted, plan="probe")
    assert contracted.run(CONTRACTS, at="2026-11-30T06:00:00+01:00")["contracts"].entries == ()
    assert len(contracted.run(CONTRACTS, at="2026-12-01T06:00:00+01:00")["contracts"].entries) == 1


def change(business: Business, stage: Stage, at: str) -> Any:
    """A person changes V-1."""
    with working(business, at) as work, work.ledger.writing() as session:
        row = contracts.named(session, CLIENT, "V-1")
        return chain.change(session, work.config, row, stage, WORD, work.clock.now())


def test_an_upgrade_is_invoiced_at_once(contracted: Business) -> None:
    """For half of November the difference, then the new price."""
    sign(contracted)
    contracted.run(at=FIRST)
    change(contracted, Stage(date(2026, 11, 16), "profi", 1), "2026-11-16T10:00:00+01:00")
    contracted.run(at="2026-11-16T10:00:00+01:00")
    contracted.run(at=SECOND)
    assert [each.draft["lines"][-1]["name"] for each in contracted.invoices()] == [
        "Wartung Basis", "Wechsel auf 1 × Wartung Profi", "Wartung Profi"
    ]  # fmt: skip
    assert [each.gross for each in contracted.invoices()][1:] == [Decimal("17.85"), Decimal("94.01")]


def test_a_supplement_for_nobody_is_refused_whole(contracted: Business) -> None:
    """Neither the change nor a job is kept."""
    sign(contracted, customer="10307")
    contracted.run(CONTRACTS, at=FIRST)
    with working(contracted) as work, work.ledger.writing() as session:
        contracts.named(session, CLIENT, "V-1").customer_key = "4711"
    with pytest.raises(NothingToDecide, match="keine Anschrift bekannt"):
        change(contracted, Stage(date(2026, 11, 16), "profi", 1), "2026-11-16T10:00:00+01:00")
    with working(contracted) as work, work.ledger.reading() as session:
        assert len(contracts.contract_of(contracts.named(session, CLIENT, "V-1")).stages) == 1


def test_a_customer_put_right_frees_the_held_job(contracted: Business) -> None:
    """The address was missing; the job takes the new one and keeps its lines."""
    know(contracted, replace(KRAEMER, email="", address=Address()))
    sign(contracted)
    contracted.run(at=FIRST)
    assert contracted.invoices() == []
    know(contracted, KRAEMER)
    contracted.run(at=FIRST)
    (invoice,) = contracted.invoices()
    assert invoice.gross == Decimal("176.12")


def sold(business: Business, **said: Any) -> ContractRow:
    """A contract as a person or program makes it."""
    new = replace(chain.NewContract("V-9", "10307", "basis", date(2026, 11, 1)), **said)
    with working(business) as work, work.ledger.writing() as session:
        return chain.sign(session, work.config, new, WORD, work.clock.now())


def test_a_contract_takes_its_plans_terms(contracted: Business) -> None:
    """Made under the name another program gave the customer, billed under his number; nobody need know him yet."""
    row = sold(contracted, customer="crm-10307", quantity=Decimal(2), price=Decimal("40.00"))
    made = contracts.contract_of(row)
    assert (row.customer_key, row.owes_setup, made.agreed.setup_fee) == ("10307", True, Decimal("99.00"))
    assert made.stages == (Stage(date(2026, 11, 1), "basis", 1, Decimal(2), Decimal("40.00")),)
    assert sold(contracted, number="V-10", customer=" Neu GmbH ").customer_key == "Neu GmbH"


def test_an_old_contract_owes_no_setup(contracted: Business) -> None:
    """Its fee was billed elsewhere, as were the days until then; its next period follows them."""
    old = sold(contracted, begins_on=date(2025, 3, 1))
    assert (old.owes_setup, old.next_on) == (False, date(2026, 11, 1))
    told = sold(contracted, number="V-10", begins_on=date(2025, 3, 1), billed_until=date(2026, 12, 31))
    assert (told.owes_setup, told.next_on) == (False, date(2027, 1, 1))
    in_trial = sold(contracted, number="V-11", plan="probe", begins_on=date(2026, 10, 20))
    assert (in_trial.owes_setup, in_trial.next_on) == (True, date(2026, 11, 19))


CONSUMER = replace(KRAEMER, number="20", name="Frieda Frei", kind=CustomerKind.CONSUMER)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"plan": "gold"}, "„gold“ gibt es nicht. Was es gibt: basis, profi"),
        ({"customer": " "}, "den Kunden nennen"),
        ({"quantity": Decimal(0)}, "größer als 0"),
        ({"number": "V 1"}, "geht nicht als Vertragsnummer"),
        ({"customer": "4711", "agreed": Agreed(renewal_months=12)}, "Ohne Mindestlaufzeit"),
        ({"customer": "20", "agreed": Agreed(term_months=36)}, "höchstens 24 Monate .§ 309 Nr. 9 a BGB"),
        ({"billed_until": date(2026, 10, 31)}, "kostet der Vertrag nichts"),
    ],
)
def test_what_cannot_be_signed_is_said(contracted: Business, said: dict[str, Any], words: str) -> None:
    """One sentence each, for all who make contracts; nothing is kept."""
    know(contracted, CONSUMER)
    with pytest.raises(NothingToDecide, match=words):
        sold(contracted, **said)
    with working(contracted) as work, work.ledger.reading() as session:
        assert contracts.rows(session, [CLIENT]) == []


def test_a_lost_plan_is_named_before_anything_changes(contracted: Business) -> None:
    """Whoever changes or ends the contract learns what is missing."""
    sign(contracted, plan="profi")
    text = contracted.client_file.read_text("utf-8").replace("    profi:", "    premium:")
    contracted.client_file.write_text(text, "utf-8")
    with pytest.raises(NothingToDecide, match="profi"):
        change(contracted, Stage(date(2026, 11, 16), "premium", 1), FIRST)
    with working(contracted) as work, work.ledger.writing() as session:
        row, now = contracts.named(session, CLIENT, "V-1"), work.clock.now()
        with pytest.raises(NothingToDecide, match="profi"):
            chain.end(session, work.config, row, date(2026, 11, 5), None, WORD, now)


def reopen(business: Business, at: str = FIRST) -> date:
    """A person gives the last period of V-1 back; its first day."""
    with working(business, at) as work, work.ledger.writing() as session:
        row = contracts.named(session, CLIENT, "V-1")
        return chain.reopen(session, work.config, row, WORD, work.clock.now()).first_on


def test_a_cancelled_invoice_gives_its_period_back(contracted: Business) -> None:
    """While it stands nothing is given back; once cancelled the same days are billed anew, the set-up fee too."""
    sign(contracted)
    contracted.run(at=FIRST)
    with pytest.raises(NothingToDecide, match="RE1001 gilt"):
        reopen(contracted)
    (invoice,) = contracted.upstream()
    contracted.stage.control("actions/void", {"id": invoice["id"]})
    later = "2026-11-05T09:00:00+01:00"
    contracted.run(at=later)
    assert reopen(contracted, later) == date(2026, 11, 1)
    contracted.run(at=later)
    contracted.run(at=later)
    first, second = contracted.invoices()
    assert (first.is_voided, second.is_voided, second.gross) == (True, False, first.gross)
    assert jobs_of(contracted) == ["contracts:V-1:1", "contracts:V-1:2"]
    contracted.run(at=SECOND)
    assert [each.gross for each in contracted.invoices()][2:] == [Decimal("58.31")]


def test_a_held_job_gives_its_period_back(contracted: Business) -> None:
    """Nothing was invoiced: the job is dropped, and the next one takes its place."""
    know(contracted, replace(KRAEMER, email="", address=Address()))
    sign(contracted)
    contracted.run(at=FIRST)
    reopen(contracted)
    know(contracted, KRAEMER)
    contracted.run(at=FIRST)
    assert [invoice.gross for invoice in contracted.invoices()] == [Decimal("176.12")]
    assert contracted.cases() == []


def test_a_period_given_back_while_a_run_mends_is_billed_once(contracted: Business) -> None:
    """The run has found the held job before a person gave its days back: it stays dropped."""
    know(contracted, replace(KRAEMER, email="", address=Address()))
    sign(contracted)
    contracted.run(at=FIRST)
    with working(contracted) as work:
        (found,) = chain.to_mend(work)
        reopen(contracted)
        know(contracted, KRAEMER)
        assert chain.mend_one(work, found) is None
    contracted.run(at=FIRST)
    assert [invoice.gross for invoice in contracted.invoices()] == [Decimal("176.12")]


def test_a_forecast_asks_no_more_for_more_contracts(contracted: Business) -> None:
    """It says what `bill_one` would do, for customers who are known and for those who are not."""
    for number in range(12):
        sign(contracted, f"V-{number}", customer="10307" if number % 2 else f"{number}")
    with working(contracted) as work, work.ledger.reading() as session:
        statements: list[str] = []
        event.listen(work.ledger.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        found = chain.expected(session, work.config, date(2026, 11, 30))
        assert len(statements) < 6
        assert {each.customer and each.customer.name for each in found} == {KRAEMER.name, None}
        for each in found:
            assert each.customer == chain.customer_for(session, work.config, each.row)
            assert each.net == Decimal("148.00")
        assert len(found) == 12


def bill_at_once(business: Business) -> None:
    """Twelve contracts, four runs at the same moment."""
    for number in range(12):
        sign(business, f"V-{number}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: business.run(CONTRACTS, at=FIRST), range(4)))
    assert sorted(jobs_of(business)) == sorted(f"contracts:V-{number}:1" for number in range(12))


def test_four_runs_at_once_bill_once(contracted: Business) -> None:
    """Whoever comes second finds the contract billed."""
    bill_at_once(contracted)


@pytest.mark.postgres
def test_four_runs_at_once_on_postgresql(
    flow_stage: Theatre, contracted: Business, tmp_path: Path, postgresql_url: str
) -> None:
    """The same where writers do not wait for each other's files."""
    on_server = Business(flow_stage, tmp_path, database_url=postgresql_url)
    sell(on_server)
    bill_at_once(on_server)


@pytest.mark.parametrize("statement", range(1, 12))
def test_dying_at_any_statement_bills_once(contracted: Business, statement: int) -> None:
    """Job and billed days are written together or not at all; the next run goes on."""
    sign(contracted)
    with working(contracted) as work:
        seen = 0

        def die(*_: Any) -> None:
            nonlocal seen
            seen += 1
            if seen == statement:
                raise Killed

        event.listen(work.ledger.engine, "before_cursor_execute", die)
        try:
            chain.bill_one(work, 1)
        except Killed:
            pass
        finally:
            event.remove(work.ledger.engine, "before_cursor_execute", die)
    contracted.run(CONTRACTS, at=FIRST)
    contracted.run(CONTRACTS, at=FIRST)
    assert jobs_of(contracted) == ["contracts:V-1:1"]
    with working(contracted) as work, work.ledger.reading() as session:
        row = contracts.named(session, CLIENT, "V-1")
        assert (row.billed_until, len(contracts.bills(session, row))) == (date(2026, 11, 30), 1)
