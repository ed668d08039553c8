"""Contracts in the ledger: made once, changed and ended by people, billed without a gap."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing.contracts import Bill, Billed, Stage, When, due
from ledger import clientele, contracts, jobs, notices
from ledger.contract_tables import ContractRow
from ledger.database import Ledger, Transaction, open_ledger, upgrade
from ledger.overrides import NothingToDecide, Word
from ledger.tables import TaskRow
from tests.billing.samples import ERIKA, JOB
from tests.billing.test_contracts import TERMS, contract
from tests.ledger.samples import CLIENT, NOW

WORD = Word("Anna", "unterschrieben")
NOVEMBER = contract(date(2026, 11, 1), term_months=3)


def made(ledger: Ledger, number: str = "V-1", when: When = When.ADVANCE) -> None:
    """A contract from November on."""
    new = replace(NOVEMBER, number=number, agreed=replace(NOVEMBER.agreed, when=when))
    with ledger.writing() as session:
        contracts.add(session, CLIENT, new, "10307", Billed(), TERMS, WORD, NOW)


def row_of(session: Transaction) -> ContractRow:
    """The contract V-1."""
    return contracts.named(session, CLIENT, "V-1")


def bill(ledger: Ledger, today: date) -> Bill:
    """Bill what is due."""
    with ledger.writing() as session:
        row = row_of(session)
        found = due(contracts.contract_of(row), contracts.billed_of(row), TERMS, today)
        assert found is not None
        count = contracts.next_count(session, row)
        name = f"contracts:V-1:{count}"
        job = jobs.store(session, CLIENT, replace(JOB, source=contracts.CONTRACTS, external_id=name), NOW)
        contracts.bill(session, row, count, found, job, TERMS, NOW)
        assert contracts.of_job(session, job.id) is row
        return found


def ids_due(ledger: Ledger, until: date) -> int:
    """How many contracts are due."""
    with ledger.reading() as session:
        return len(contracts.due(session, CLIENT, until))


def test_a_contract_is_made_once(ledger: Ledger) -> None:
    """Its number is its name; it comes back as it was written down."""
    made(ledger)
    with pytest.raises(NothingToDecide, match="gibt es schon"):
        made(ledger)
    with ledger.reading() as session:
        row = row_of(session)
        assert contracts.contract_of(row) == NOVEMBER
        assert (row.next_on, row.billed_until, row.owes_setup) == (date(2026, 11, 1), None, True)
        with pytest.raises(NothingToDecide, match="gibt es nicht"):
            contracts.named(session, "winter", "V-1")


@pytest.mark.parametrize("number", ["", "V 1", "V/1", "../V", "-1", "Ü-1", "V-1\n", "V" * 81])
def test_a_number_can_stand_in_an_address(ledger: Ledger, number: str) -> None:
    """Anything else is refused before it is kept."""
    with pytest.raises(NothingToDecide, match="geht nicht als Vertragsnummer"):
        made(ledger, number)
    with ledger.reading() as session:
        assert contracts.rows(session, [CLIENT]) == []


def test_a_contract_knows_its_own_history(ledger: Ledger) -> None:
    """The newest first; neither another contract's nor what happened to anything else."""
    made(ledger)
    made(ledger, "V-2")
    bill(ledger, date(2026, 11, 1))
    with ledger.reading() as session:
        assert [entry.event for entry in contracts.history(session, row_of(session))] == [
            "contract billed", "contract made"
        ]  # fmt: skip
        other = contracts.history(session, contracts.named(session, CLIENT, "V-2"))
        assert [entry.facts["contract"] for entry in other] == ["V-2"]


def test_the_history_of_older_contracts_is_found(empty_database: str) -> None:
    """Coming from the schema before, the journal is read once."""
    ledger = open_ledger(empty_database)
    made(ledger)
    made(ledger, "V-2")
    with ledger.engine.begin() as connection:
        for later in ("contract_entries", "recovery_codes", "consignments"):
            connection.exec_driver_sql(f"DROP TABLE {later}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0021'")
    upgrade(ledger)
    with ledger.reading() as session:
        (entry,) = contracts.history(session, row_of(session))
        assert (entry.event, entry.facts["contract"]) == ("contract made", "V-1")
    ledger.close()


def test_billing_moves_it_on(ledger: Ledger) -> None:
    """What is billed is not due again, and stands in the list of its bills."""
    made(ledger)
    assert ids_due(ledger, date(2026, 10, 31)) == 0
    assert ids_due(ledger, date(2026, 11, 1)) == 1
    bill(ledger, date(2026, 11, 1))
    assert ids_due(ledger, date(2026, 11, 30)) == 0
    assert ids_due(ledger, date(2026, 12, 1)) == 1
    bill(ledger, date(2026, 12, 1))
    with ledger.reading() as session:
        found = contracts.bills(session, row_of(session))
        assert [(each.bill.count, each.bill.first_on, each.bill.net, each.invoice) for each in found] == [
            (2, date(2026, 12, 1), Decimal("49.00"), None),
            (1, date(2026, 11, 1), Decimal("49.00"), None),
        ]


def test_a_supplement_bills_no_new_days(ledger: Ledger) -> None:
    """The contract is billed as far as before."""
    made(ledger)
    bill(ledger, date(2026, 11, 1))
    with ledger.writing() as session:
        row = row_of(session)
        more = contracts.change(session, row, Stage(date(2026, 11, 16), "profi", 1), TERMS, WORD, NOW)
        assert more is not None
        contracts.bill(session, row, 2, more, None, TERMS, NOW)
        assert (row.billed_until, row.next_on) == (date(2026, 11, 30), date(2026, 12, 1))
    assert [line.name for line in bill(ledger, date(2026, 12, 1)).lines] == ["Wartung Profi"]


def test_what_is_refused_changes_nothing(ledger: Ledger) -> None:
    """The reason is the rule's own."""
    made(ledger)
    bill(ledger, date(2026, 11, 1))
    stage = Stage(date(2026, 11, 16), "basis", 1, price=Decimal("10.00"))
    with ledger.writing() as session, pytest.raises(NothingToDecide, match="ab dem 01.12.2026"):
        contracts.change(session, row_of(session), stage, TERMS, WORD, NOW)
    with ledger.reading() as session:
        assert contracts.contract_of(row_of(session)) == NOVEMBER


def test_a_change_ahead_is_taken_back_until_it_is_billed(ledger: Ledger) -> None:
    """The next bill is the old one; a change that was billed in advance stays, and nothing is written down."""
    made(ledger)
    with ledger.writing() as session:
        row = row_of(session)
        contracts.change(session, row, Stage(date(2026, 11, 16), "profi", 1), TERMS, WORD, NOW)
        assert contracts.withdraw(session, row, date(2026, 11, 15), TERMS, WORD, NOW).plan == "profi"
        contracts.change(session, row, Stage(date(2026, 11, 16), "profi", 1), TERMS, WORD, NOW)
    assert [line.name for line in bill(ledger, date(2026, 11, 1)).lines] == ["Wartung Basis", "Wartung Profi"]
    with ledger.writing() as session:
        row = row_of(session)
        with pytest.raises(NothingToDecide, match=r"bis 30\.11\.2026 schon berechnet"):
            contracts.withdraw(session, row, date(2026, 11, 2), TERMS, WORD, NOW)
        told = [entry.event.removeprefix("contract ") for entry in contracts.history(session, row)]
        assert told == ["billed", "changed", "withdrawn", "changed", "made"]


def test_notice_ends_it_with_its_term_and_can_be_taken_back(ledger: Ledger) -> None:
    """Three months from November on; twice is refused; whoever stays is billed on."""
    made(ledger)
    with ledger.writing() as session:
        row = row_of(session)
        assert contracts.end(session, row, date(2026, 11, 5), None, "Büro", TERMS, WORD, NOW) == date(2027, 1, 31)
        with pytest.raises(NothingToDecide, match="endet schon am 31.01.2027"):
            contracts.end(session, row, date(2026, 11, 6), None, "Büro", TERMS, WORD, NOW)
        assert contracts.rows(session, [CLIENT], running_on=date(2027, 2, 1)) == []
        with pytest.raises(NothingToDecide, match="hat am 31.01.2027 geendet"):
            contracts.resume(session, row, date(2027, 2, 1), TERMS, WORD, NOW)
        contracts.resume(session, row, date(2027, 1, 31), TERMS, WORD, NOW)
        assert row.ends_on is None
        with pytest.raises(NothingToDecide, match="nicht gekündigt"):
            contracts.resume(session, row, date(2027, 1, 31), TERMS, WORD, NOW)
        told = [entry.event for entry in contracts.history(session, row)]
        assert told == ["contract resumed", "contract ended", "contract made"]


def test_what_was_paid_beyond_the_end_is_a_task(ledger: Ledger) -> None:
    """Ended by agreement on the 20th: ten days of November come back by hand, once."""
    made(ledger)
    bill(ledger, date(2026, 11, 1))
    with ledger.writing() as session:
        row = row_of(session)
        contracts.end(session, row, date(2026, 11, 5), date(2026, 11, 20), "Jana", TERMS, WORD, NOW)
        (task,) = session.query(TaskRow).all()
        assert (task.owner, row.next_on) == ("Jana", None)
        assert "16,33 EUR netto zu viel" in task.title
        contracts.resume(session, row, date(2026, 11, 6), TERMS, WORD, NOW)
        assert task.closed_by == "Anna"


def ended(session: Transaction, ends_on: date) -> None:
    """Notice for that day."""
    contracts.end(session, row_of(session), date(2026, 11, 5), ends_on, "Jana", TERMS, WORD, NOW)


def resumed(session: Transaction) -> None:
    """The notice is taken back."""
    contracts.resume(session, row_of(session), date(2026, 11, 6), TERMS, WORD, NOW)


def open_tasks(session: Transaction) -> list[str]:
    """What people have to do."""
    return [task.title for task in notices.tasks(session, CLIENT)]


def test_each_notice_asks_for_its_credit(ledger: Ledger) -> None:
    """Taken back and given again for the same day, the money is owed again."""
    made(ledger)
    bill(ledger, date(2026, 11, 1))
    with ledger.writing() as session:
        ended(session, date(2026, 11, 20))
        resumed(session)
        assert open_tasks(session) == []
        ended(session, date(2026, 11, 20))
        assert len(open_tasks(session)) == 1
        resumed(session)
        assert open_tasks(session) == []


def test_a_credit_that_was_given_is_charged_again(ledger: Ledger) -> None:
    """Whoever goes on after his credit note would have days for nothing: a person is told."""
    made(ledger)
    bill(ledger, date(2026, 11, 1))
    with ledger.writing() as session:
        ended(session, date(2026, 11, 20))
        (task,) = notices.tasks(session, CLIENT)
        notices.close(session, task.id, "Jana", NOW)
        resumed(session)
        assert open_tasks(session) == ["Vertrag V-1 läuft weiter: die Gutschrift für Tage nach dem 20.11.2026 prüfen"]


def test_a_period_given_back_needs_no_credit(ledger: Ledger) -> None:
    """It is billed anew up to the end only; credited as well, the customer would get the money twice."""
    made(ledger)
    bill(ledger, date(2026, 11, 1))
    with ledger.writing() as session:
        ended(session, date(2026, 11, 20))
        row = row_of(session)
        contracts.give_back(session, row, contracts.last_bill(session, row), TERMS, WORD, NOW)
        assert open_tasks(session) == []
    assert bill(ledger, date(2026, 11, 6)).last == date(2026, 11, 20)
    with ledger.writing() as session:
        resumed(session)
        assert open_tasks(session) == []


def test_notice_is_kept_before_a_change_that_was_agreed(ledger: Ledger) -> None:
    """Who may leave leaves, whatever was to change later; no other change fits in before."""
    made(ledger)
    with ledger.writing() as session:
        row = row_of(session)
        contracts.change(session, row, Stage(date(2027, 6, 1), "profi", 1), TERMS, WORD, NOW)
        assert contracts.end(session, row, date(2026, 11, 5), None, "Büro", TERMS, WORD, NOW) == date(2027, 1, 31)
        with pytest.raises(NothingToDecide, match=r"endet am 31\.01\.2027, vor seiner Änderung am 01\.06\.2027"):
            contracts.change(session, row, Stage(date(2027, 1, 1), "profi", 1), TERMS, WORD, NOW)
    assert bill(ledger, date(2027, 7, 1)).last == date(2027, 1, 31)


def test_lists_go_by_client_and_number(ledger: Ledger) -> None:
    """Page after page, and by customer."""
    for number in ("V-2", "V-1", "V-3"):
        made(ledger, number)
    with ledger.reading() as session:
        assert [row.number for row in contracts.rows(session, [CLIENT], limit=2)] == ["V-1", "V-2"]
        assert [row.number for row in contracts.rows(session, [CLIENT], after=(CLIENT, "V-2"))] == ["V-3"]
        assert len(contracts.rows(session, [CLIENT], customer="10307")) == 3
        assert contracts.rows(session, ["winter"]) == []
        assert contracts.running(session, [CLIENT, "winter"], date(2026, 11, 2)) == 3


def test_contracts_are_found_by_what_people_know(ledger: Ledger) -> None:
    """A part of the number, of the customer's key, or of his name as another program announced it."""
    made(ledger)
    with ledger.writing() as session:
        clientele.announce(session, CLIENT, "crm-1", replace(ERIKA, number="10307", name="Öl & Gas 100 %"), NOW)
        clientele.announce(session, "winter", "crm-1", replace(ERIKA, number="10307", name="Fremd"), NOW)
    with ledger.reading() as session:
        for text, count in {"v-1": 1, "0307": 1, "öl &": 1, "100 %": 1, "V_1": 0, "fremd": 0, "%": 1}.items():
            assert len(contracts.rows(session, [CLIENT], search=text)) == count, text
        assert clientele.names(session, CLIENT, {"10307", "4711"}) == {"10307": "Öl & Gas 100 %"}
        assert [row.number for row in contracts.of_customer(session, CLIENT, "10307")] == ["V-1"]
        assert contracts.of_customer(session, CLIENT, "V-1") == []


@pytest.mark.parametrize("day", [date(2026, 10, 30), date(2101, 1, 1)])
def test_a_last_day_lies_within_reach(ledger: Ledger, day: date) -> None:
    """A slip of the pen is no agreement."""
    made(ledger)
    with ledger.writing() as session, pytest.raises(NothingToDecide, match="kann nicht der letzte Tag sein"):
        contracts.end(session, row_of(session), date(2026, 11, 5), day, "Büro", TERMS, WORD, NOW)


def test_a_bill_with_a_supplement_is_not_taken_back_alone(ledger: Ledger) -> None:
    """Billed anew, its days would cost the upgrade a second time; neither is there anything before the first bill."""
    made(ledger)
    with ledger.writing() as session, pytest.raises(NothingToDecide, match="hat keine Rechnung"):
        contracts.last_bill(session, row_of(session))
    bill(ledger, date(2026, 11, 1))
    with ledger.writing() as session:
        row = row_of(session)
        assert contracts.last_bill(session, row).count == 1
        more = contracts.change(session, row, Stage(date(2026, 11, 16), "profi", 1), TERMS, WORD, NOW)
        assert more is not None
        job = jobs.store(session, CLIENT, replace(JOB, source=contracts.CONTRACTS, external_id="more"), NOW)
        contracts.bill(session, row, 2, more, job, TERMS, NOW)
        with pytest.raises(NothingToDecide, match="Aufpreis V-1-2"):
            contracts.last_bill(session, row)
