"""Bank lines in the real run: what the ledger knows of costs, accounts, Skonto and tax decides what books itself."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from billing.money import to_cent
from desk import levers
from flows.chain.steps import REMIND, TRACK
from ledger import notices, receipts
from ledger.bodies import COSTS
from ledger.tables import AllocationRow, IncomingRow, InvoiceRow
from tests.flows.business import CLIENT, Business
from tests.flows.test_money import FIRST, LEVELS, NOTICE, SECOND, decisions, rewrite

HOLDER, ACCOUNT = "Bäckerei Özdemir GmbH", "DE89370400440532013000"
SKONTO = {
    "paymentTermLabel": "2 % Skonto in 7 Tagen, sonst in 14 Tagen ohne Abzug",
    "paymentTermDuration": 14,
    "paymentDiscountConditions": {"discountPercentage": 2, "discountRange": 7},
}
CSV = "bank_csv: {account: DE02120300000000202051, columns: {counterparty: Wer, purpose: Text, iban: Konto}}"


@pytest.fixture
def billed(business: Business) -> Business:
    """Two invoices of one business customer from 2 November, due on the 16th, and a folder for bank files."""
    (business.folder / "clients" / "bank").mkdir(exist_ok=True)
    rewrite(business, "payments: {system: lexware}", f"payments: {{system: lexware, bank_folder: bank, {CSV}}}")
    rewrite(business, LEVELS, NOTICE)
    contact = business.customer()
    for _ in range(2):
        business.finished_job(contact)
    business.run()
    return business


def receive(business: Business, day: str, amount: Decimal, purpose: str, holder: str = HOLDER) -> None:
    """A line on the account, in a file of its own that ends with a stranger's payment two weeks later."""
    text = f"{amount:.2f}".replace(".", ",")
    lines = f"{day};{text};{holder};{purpose};{ACCOUNT}\n11.12.2026;0,01;Fremd;Test;\n"
    folder = business.folder / "clients" / "bank"
    name = f"{len(list(folder.iterdir()))}.csv"
    (folder / name).write_text(f"Buchungstag;Betrag;Wer;Text;Konto\n{lines}", "utf-8")


def states(business: Business) -> list[tuple[str, Decimal]]:
    """State and amount of all lines but the stranger's."""
    with business.house() as house, house.ledger.reading() as session:
        rows = session.scalars(select(IncomingRow).order_by(IncomingRow.id))
        return [(row.state, row.amount) for row in rows if row.amount != Decimal("0.01")]


def asked(business: Business) -> list[str]:
    """The open tasks about contradictions."""
    with business.house() as house, house.ledger.reading() as session:
        return [task.title for task in notices.tasks(session, CLIENT) if task.key.startswith("contradiction/")]


def booked(business: Business, row: InvoiceRow) -> list[tuple[Decimal, Decimal, Decimal, Decimal]]:
    """Costs, interest, principal and what was given up, of all that went to an invoice."""
    with business.house() as house, house.ledger.reading() as session:
        found = session.scalars(select(AllocationRow).where(AllocationRow.invoice_id == row.id))
        return [(each.costs, each.interest, each.principal, each.given_up) for each in found]


def test_who_pays_what_the_letter_demands_has_paid_it(billed: Business) -> None:
    """Principal, 40 euro and interest of the last letter, in one sum with the number: booked to each, nothing open."""
    receive(billed, "12.11.2026", Decimal("0.02"), "nichts", "Niemand")
    billed.run(TRACK, REMIND, at=FIRST)
    billed.run(TRACK, REMIND, at=SECOND)
    row = billed.invoices()[0]
    with billed.house() as house, house.ledger.reading() as session:
        kept = notices.latest(session, row.id)
        assert kept is not None
        costs = COSTS.validate_python({k: v for k, v in kept.demand.items() if k not in ("demanded", "pay_until")})
    assert (kept.level, costs.lump_sum) == (2, Decimal("40.00"))
    assert costs.interest > 0
    receive(billed, "07.12.2026", row.gross + costs.total, f"Rechnung {row.number} laut Mahnung")
    billed.run(TRACK, at="2026-12-08T09:00:00+01:00")
    assert booked(billed, row) == [(Decimal("40.00"), costs.interest, row.gross, Decimal("0.00"))]
    assert billed.invoices()[0].open_amount == 0


def test_a_known_account_makes_a_payment_without_number_certain(billed: Business) -> None:
    """Name and amount alone are a proposal; from the account that has paid before they book themselves."""
    first, second = billed.invoices()
    receive(billed, "09.11.2026", first.gross, f"{first.number}", "Hatice Özdemir")
    billed.run(TRACK, at="2026-11-10T09:00:00+01:00")
    receive(billed, "10.11.2026", second.gross, "Danke")
    billed.run(TRACK, at="2026-11-11T09:00:00+01:00")
    assert states(billed) == [("booked", first.gross), ("booked", second.gross)]
    assert [row.open_amount for row in billed.invoices()] == [0, 0]


def test_skonto_in_time_is_booked_and_late_skonto_is_asked_about(billed: Business) -> None:
    """2 % until 9 November: in time the rest is given up; later the line waits for a person, and so does dunning."""
    contact = billed.customer(company={"name": "Schreinerei Kühn GmbH"})
    for _ in range(2):
        billed.finished_job(contact, paymentConditions=SKONTO)
    billed.run()
    prompt, late = billed.invoices()[2:]
    paid = prompt.gross - to_cent(prompt.gross * Decimal("0.02"))
    receive(billed, "09.11.2026", paid, f"{prompt.number} abzgl. Skonto", "Schreinerei Kühn GmbH")
    receive(billed, "12.11.2026", paid, f"{late.number} abzgl. Skonto", "Schreinerei Kühn GmbH")
    billed.run(TRACK, at="2026-11-13T09:00:00+01:00")
    assert states(billed) == [("booked", paid), ("proposed", paid)]
    assert booked(billed, prompt)[0][3] == prompt.gross - paid
    billed.run(TRACK, REMIND, at=FIRST)
    with billed.house() as house, house.ledger.reading() as session:
        kept = notices.latest(session, late.id)
    assert kept is not None
    assert "unconfirmed" in [reason["code"] for reason in kept.reasons]


def test_fifteen_percent_kept_back_is_asked_about_once(billed: Business) -> None:
    """Accounting says 85 % are paid: a task and no letter (§ 48 EStG); when it is closed, dunning goes on."""
    receive(billed, "12.11.2026", Decimal("0.02"), "nichts", "Niemand")
    row = billed.invoices()[0]
    paid = row.gross - to_cent(row.gross * Decimal("0.15"))
    billed.stage.control("payments", {"voucherId": row.external_id, "amount": str(paid)})
    for at in (FIRST, "2026-11-24T09:00:00+01:00"):
        billed.run(TRACK, REMIND, at=at)
    assert "withheld" in decisions(billed)[0][2]
    with billed.house() as house, house.ledger.reading() as session:
        asked = [task for task in notices.tasks(session, CLIENT) if "Bauabzugsteuer" in task.title]
        assert receipts.proposed_for(session, CLIENT) == {}
    assert len(asked) == 1
    with billed.house() as house:
        levers.done(house.ledger, asked[0].id, "Anna", asked[0].created_at)
    billed.run(TRACK, REMIND, at="2026-11-25T09:00:00+01:00")
    assert decisions(billed)[0][:2] == ("notice", 1)


def test_a_part_payment_by_hand_goes_to_costs_first(billed: Business) -> None:
    """After a letter with costs, 50 euro in cash pay costs, then interest, then principal (§ 367 BGB)."""
    receive(billed, "12.11.2026", Decimal("0.02"), "nichts", "Niemand")
    billed.run(TRACK, REMIND, at=FIRST)
    billed.run(TRACK, REMIND, at=SECOND)
    row = billed.invoices()[0]
    with billed.house() as house:
        on, now = date(2026, 12, 7), row.created_at.replace(month=12, day=7)
        levers.add_payment(house.ledger, row.id, Decimal("50.00"), on, "Anna", now)
    ((costs, interest, principal, _),) = booked(billed, row)
    assert costs == 40
    assert 0 < interest < 1
    assert costs + interest + principal == 50
    assert billed.invoices()[0].open_amount == row.gross - principal


def test_what_accounting_does_not_learn_becomes_a_task(billed: Business) -> None:
    """Fully paid at the bank, open in the books: no letter, and after three days one task, however often it is read."""
    row = billed.invoices()[0]
    receive(billed, "09.11.2026", row.gross, str(row.number))
    for at in ("2026-11-10T09:00:00+01:00", "2026-11-12T09:00:00+01:00"):
        billed.run(TRACK, REMIND, at=at)
    assert asked(billed) == []
    for at in ("2026-11-13T09:30:00+01:00", FIRST):
        billed.run(TRACK, REMIND, at=at)
    assert asked(billed) == [f"Rechnung {row.number}: Zahlung in der Buchhaltung nachtragen"]
    assert billed.receivables("2026-11-24")[0].notices == 0
