"""The commands about money, as they are typed: tasks, payments, a whole customer's block, limitation, base rates."""

import json
from decimal import Decimal
from typing import Any

import pytest

from flows.chain.steps import REMIND, TRACK
from ledger import notices
from tests.desk.commands import invoked
from tests.flows.business import CLIENT, Business
from tests.flows.test_money import FIRST, rewrite

CSV = "bank_csv: {account: DE02120300000000202051, columns: {counterparty: Wer, purpose: Text}}"


def told(business: Business, *words: str) -> Any:
    """What it says with --json."""
    return json.loads(invoked(business, *words, "--json").stdout)


@pytest.fixture
def billed(business: Business) -> Business:
    """A business with two invoices of one customer, RE1001 and RE1002, sent and open."""
    contact = business.customer()
    for _ in range(2):
        business.finished_job(contact)
    business.run()
    return business


def test_a_riddle_is_listed_and_confirmed(billed: Business) -> None:
    """payment list shows each line with its proposal, confirm books one once and closes its task, done the other's."""
    folder = billed.folder / "clients" / "bank"
    folder.mkdir()
    rewrite(billed, "payments: {system: lexware}", f"payments: {{system: lexware, bank_folder: bank, {CSV}}}")
    (folder / "a.csv").write_text(
        "Buchungstag;Betrag;Wer;Text\n09.11.2026;50,00;Bäckerei Özdemir GmbH;Danke\n09.11.2026;7,00;Unbekannt;Danke\n",
        "utf-8",
    )
    billed.run(TRACK, at="2026-11-10T09:00:00+01:00")
    waiting = {line["amount"]: str(line["id"]) for line in told(billed, "payment", "list")["payments"]}
    assert waiting.keys() == {"50.00", "7.00"}
    assert all("zuordnen" in task["title"] for task in told(billed, "tasks")["tasks"])
    booked = invoked(billed, "payment", "confirm", waiting["50.00"], "--number", "RE1002", "--by", "Anna")
    assert "Gebucht auf RE1002" in booked.stdout
    assert [line["amount"] for line in told(billed, "payment", "list")["payments"]] == ["7.00"]
    again = invoked(billed, "payment", "confirm", waiting["50.00"])
    assert (again.exit_code, "gibt es nicht" in again.stderr) == (1, True)
    assert billed.invoices()[1].open_amount == billed.invoices()[1].gross - Decimal(50)
    (task,) = told(billed, "tasks")["tasks"]
    assert "Erledigt" in invoked(billed, "done", str(task["id"]), "--by", "Anna").stdout
    assert told(billed, "tasks")["tasks"] == []
    assert invoked(billed, "done", str(task["id"])).exit_code == 1


def test_a_whole_customer_is_spared_and_spared_no_more(billed: Business) -> None:
    """block --customer stops both invoices, lift lets both go on in one letter."""
    number = str(billed.invoices()[0].draft["customer"]["number"])
    assert "wird nicht gemahnt" in invoked(billed, "block", "--customer", number, "--reason", "Stammkunde").stdout
    slip = invoked(billed, "block", "--customer", f"{number}9", "--reason", "Stammkunde")
    assert (slip.exit_code, "kennt das Hauptbuch nicht" in slip.stderr) == (1, True)
    assert invoked(billed, "customer", " ").exit_code == 2
    billed.run(TRACK, REMIND, at=FIRST)
    assert len(billed.mails()) == 2
    assert "Mahnsperre: Stammkunde" in invoked(billed, "why", "RE1002").stdout
    assert invoked(billed, "lift", "block", "--customer", number, "--reason", "Urlaub vorbei").exit_code == 0
    billed.run(TRACK, REMIND, at="2026-11-24T09:00:00+01:00")
    assert len(billed.mails()) == 3
    with billed.house() as house, house.ledger.reading() as session:
        assert [len(notices.past(session, row.id)) for row in billed.invoices()] == [1, 1]


def test_limitation_and_base_rates_are_told(billed: Business) -> None:
    """expiring warns from October of the third year; base-rates takes in what follows and refuses a gap."""
    assert invoked(billed, "expiring", "--date", "2029-09-30", "--client", CLIENT).exit_code == 0
    warned = invoked(billed, "expiring", "--date", "2029-10-01", "--client", CLIENT)
    assert (warned.exit_code, "31.12.2029" in warned.stdout) == (1, True)
    file = billed.folder / "rates.csv"
    file.write_text("2027-07-01;2,00\n", "utf-8")
    gap = invoked(billed, "base-rates", "read", str(file), "--accept")
    assert (gap.exit_code, "folgt nicht" in " ".join(gap.stderr.split())) == (1, True)
    file.write_text("2026-07-01;1,52\n2027-01-01;1,77\n", "utf-8")
    assert invoked(billed, "base-rates", "read", str(file)).exit_code == 1
    assert "Übernommen: 1" in invoked(billed, "base-rates", "read", str(file), "--accept").stdout
    assert told(billed, "base-rates", "list")["known_until"] == "2027-06-30"
