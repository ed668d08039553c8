"""The pages of contracts: what they show, and what their forms do without script."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from billing.contracts import Contract
from desk.web.pages import FLASH
from flows.chain import contracts as chain
from flows.chain.contracts import NewContract
from flows.wiring import House
from ledger import clientele, contracts, jobs
from ledger.overrides import Word
from ledger.tables import JournalRow
from tests.billing.samples import ERIKA
from tests.desk.web.office import FOREIGN, NASTY, NOW, OWN, SECRET, browsing

HERE = f"/vertraege/{OWN}"
NEW = {"number": "V-77", "customer": "4712", "plan": "basis", "since": "2026-12-01", "quantity": "2"}


def contract(house: House, number: str) -> Contract:
    """A contract as the ledger has it."""
    with house.ledger.reading() as session:
        return contracts.contract_of(contracts.named(session, OWN, number))


def refused(browser: TestClient, path: str, data: dict[str, str]) -> str:
    """What the form says against this."""
    answer = browser.post(path, data=data)
    assert answer.status_code == 422, answer.text
    return str(answer.text)


def told(answer: Any) -> str:
    """What the next page will say at its top."""
    assert answer.status_code == 303, answer.text
    return unquote(answer.cookies[FLASH])


def test_the_list_says_where_each_contract_stands(house: House) -> None:
    """In words, with plan, next invoice and monthly value; ended ones on request; names are links and text."""
    with browsing(house, "gast") as browser:
        text = browser.get("/vertraege").text
        everything = browser.get("/vertraege?ended=true").text
    for words in ("läuft", "Probezeit bis 19.12.2026", "endet am 28.02.2027", "beginnt am 01.01.2027"):
        assert words in text
    assert "beendet am 20.11.2026" not in text
    assert "beendet am 20.11.2026" in everything
    assert "3 × Lizenz" in text
    assert "2,5 × &lt;script&gt;" in text
    assert "70,00&nbsp;€" in text
    assert "noch unbekannt" in text
    assert "/kunden/sommer/kunde?key=" in text
    assert "4 nicht beendet" in text
    assert "<script>alert" not in text
    assert SECRET not in everything
    assert "Neuer Vertrag" not in text, "a reader makes none"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [("V-2", ["V-2"]), ("söhne", ["V-1", "V-2", "V-3"]), ("4711", ["V-5"]), ("%25", []), (SECRET, [])],
)
def test_contracts_are_searched(house: House, query: str, numbers: list[str]) -> None:
    """By number, and by the customer's name or key."""
    with browsing(house, "chefin") as browser:
        found = browser.get(f"/vertraege?q={query}").text
    assert re.findall(rf'href="{HERE}/(V-\d)"', found) == numbers


def test_many_contracts_are_leafed_through(house: House) -> None:
    """Page after page each contract once; the number of queries does not grow with the contracts."""
    with house.ledger.writing() as session:
        for number in range(120):
            new = NewContract(f"W-{number:03}", f"Kunde {number}", "profi", date(2026, 12, 1))
            chain.sign(session, house.client(OWN).config, new, Word("Anna", "viele"), NOW)
    statements: list[str] = []
    event.listen(house.ledger.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    seen, path, counted = [], "/vertraege?q=W-", []
    with browsing(house, "chefin") as browser:
        while path:
            statements.clear()
            text = browser.get(path).text
            counted.append(len(statements))
            seen += re.findall(rf'href="{HERE}/(W-\d+)"', text)
            onward = re.search(r'rel="next" href="([^"]+)"', text)
            path = onward.group(1).replace("&amp;", "&") if onward else ""
    assert seen == [f"W-{number:03}" for number in range(120)]
    assert len(counted) == 3
    assert max(counted) < 30


def test_one_contract_with_its_bills(house: House) -> None:
    """What was agreed, when it could end, and what was billed."""
    with browsing(house, "gast") as browser:
        text = browser.get(f"{HERE}/V-1").text
        assert browser.get(f"{HERE}/V-99").status_code == 404
        own = browser.get(f"{HERE}/V-3").text
    for words in ("monatlich im Voraus, vom Monatsersten an", "99,00&nbsp;€, berechnet", "ein Monat", "30.12.2026",
                  "01.11.2026 <span>– 30.11.2026</span>", "148,00&nbsp;€"):  # fmt: skip
        assert words in text
    assert "eigener Preis" in own
    assert NASTY not in text
    assert "Was tun?" not in text, "a reader does nothing"


def test_a_contract_is_made_after_a_look(house: House) -> None:
    """First what will follow, then with a reason the contract, with the person's name in the journal."""
    with browsing(house, "buero") as browser:
        shown = browser.post(HERE, data=NEW)
        assert "2 × Wartung Basis zu je 49,00\xa0€ netto monatlich" in shown.text
        assert (
            "Die erste Rechnung entsteht am 01.12.2026: 197,00\xa0€ netto für 01.12.2026 bis 31.12.2026" in shown.text
        )
        assert "Noch kennt niemand die Anschrift" in shown.text
        assert "Grund nennen" in refused(browser, HERE, NEW | {"confirmed": "yes"})
        done = browser.post(HERE, data=NEW | {"confirmed": "yes", "reason": "unterschrieben"})
        assert done.headers["location"] == f"{HERE}/V-77"
        assert "angelegt" in told(done)
    assert contract(house, "V-77").stages[0].quantity == 2
    with house.ledger.reading() as session:
        last = session.query(JournalRow).filter_by(event="contract made").order_by(JournalRow.id.desc()).first()
        assert last
        assert (last.facts["by"], last.facts["reason"]) == ("buero", "unterschrieben")


def test_terms_may_be_agreed_otherwise(house: House) -> None:
    """What is left empty is the plan's."""
    own = NEW | {
        "term_months": "12",
        "notice_months": "0",
        "notice_days": "14",
        "setup_fee": "0",
        "price": "45,50",
        "plan": "basis",
    }
    with browsing(house, "chefin") as browser:
        browser.post(HERE, data=own | {"confirmed": "yes", "reason": "so vereinbart"})
    made = contract(house, "V-77")
    agreed = made.agreed
    assert (agreed.term_months, agreed.notice_months, agreed.notice_days, agreed.is_calendar) == (12, 0, 14, True)
    assert (made.agreed.setup_fee, made.stages[0].price) == (Decimal("0.00"), Decimal("45.50"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"number": "V 77"}, "geht nicht als Vertragsnummer"),
        ({"number": "V-1", "confirmed": "yes", "reason": "x"}, "gibt es schon"),
        ({"number": "v-1"}, "V-1 gibt es schon; v-1 ist nur anders"),
        ({"plan": "gold"}, "gibt es nicht"),
        ({"since": ""}, "Beginn und Menge"),
        ({"since": "gestern"}, "ist kein Tag"),
        ({"quantity": "0"}, "größer als 0"),
        ({"price": "viel"}, "ist kein Betrag"),
        ({"term_months": "lang"}, "ganze Zahl bis 120"),
        ({"setup_fee": "2.000.000"}, "höchstens eine Million"),
        ({"customer": "20", "notice_months": "3"}, "§ 309 Nr. 9 b, c BGB"),
        ({"customer": '"><script>alert(1)</script>', "quantity": "0"}, "größer als 0"),
    ],
)
def test_what_cannot_be_made_is_said_beside_the_form(house: House, typed: dict[str, str], words: str) -> None:
    """With what was typed still in it, as text."""
    with house.ledger.writing() as session:
        clientele.announce(session, OWN, "k-20", replace(ERIKA, number="20"), NOW)
    with browsing(house, "chefin") as browser:
        text = refused(browser, HERE, NEW | typed)
        assert words in text
        assert "<script>alert(1)" not in text
        assert f'value="{NEW["quantity"]}"' in text or "quantity" in typed


def test_a_change_says_what_it_costs(house: House) -> None:
    """For the rest of a billed month the difference; done, it is a job, and the contract has a second stage."""
    change = {"plan": "profi", "since": "2026-11-16", "quantity": "1", "price": ""}
    with browsing(house, "buero") as browser:
        form = browser.get(f"{HERE}/V-1/aendern").text
        assert 'value="2026-12-01"' in form, "the first day that is not billed yet"
        shown = browser.post(f"{HERE}/V-1/aendern", data=change).text
        assert "Aufpreis von 15,00\xa0€" in shown
        assert len(contract(house, "V-1").stages) == 1
        done = browser.post(f"{HERE}/V-1/aendern", data=change | {"confirmed": "yes", "reason": "mehr gewünscht"})
        assert "ab dem 16.11.2026 geändert" in told(done)
        page = browser.get(f"{HERE}/V-1").text
        assert "15,00&nbsp;€" in page
        history = re.sub(r"<[^>]+>|\s+", " ", page.partition('id="verlauf"')[2])
        said = "Vertrag geändert von buero, Grund mehr gewünscht, Tarif profi, Menge 1, ab 16.11.2026"
        assert said in " ".join(history.split())
        less = change | {"plan": "basis", "since": "2026-11-20"}
        assert "weniger zu zahlen ist ab dem 01.12.2026 möglich" in refused(browser, f"{HERE}/V-1/aendern", less)
    assert [stage.plan for stage in contract(house, "V-1").stages] == ["basis", "profi"]


def test_notice_shows_the_end_before_it_acts(house: House) -> None:
    """The earliest end, another one with what was paid too much; and it can be taken back at once."""
    end = {"received_on": "2026-11-30", "ends_on": ""}
    path = f"{HERE}/V-1/kuendigen"
    with browsing(house, "chefin") as browser:
        assert "30.12.2026 das früheste Ende" in browser.post(path, data=end).text
        early = browser.post(path, data=end | {"ends_on": "2026-11-20"}).text
        assert "Über das Ende hinaus sind 16,33\xa0€ netto berechnet" in early
        assert contract(house, "V-1").ends_on is None
        assert "in der Zukunft" in refused(browser, path, {"received_on": "2026-12-24"})
        assert "eingegangen" in refused(browser, path, {"received_on": ""})
        assert "Grund nennen" in refused(browser, path, end | {"confirmed": "yes"})
        done = browser.post(path, data=end | {"confirmed": "yes", "reason": "Brief vom 28."})
        assert "endet am 30.12.2026" in told(done)
        assert f'href="{HERE}/V-1/fortsetzen"' in browser.get(f"{HERE}/V-1").text
        assert "schon am 30.12.2026" in refused(browser, path, end)
        assert "über den 30.12.2026 hinaus" in browser.get(f"{HERE}/V-1/fortsetzen").text
        browser.post(f"{HERE}/V-1/fortsetzen", data={"confirmed": "yes", "reason": "bleibt doch"})
        assert contract(house, "V-1").ends_on is None
        assert browser.get(f"{HERE}/V-1/fortsetzen").status_code == 409
        assert "nicht gekündigt" in told(browser.post(f"{HERE}/V-1/fortsetzen", data={"confirmed": "yes"}))
        assert browser.get(f"{HERE}/V-1/loeschen").status_code == 404


def test_a_planned_change_is_taken_back(house: House) -> None:
    """After a look and with a reason, also where its plan is gone from the client's file; then the button is gone."""
    path = f"{HERE}/V-1/aenderung-zuruecknehmen"
    change = {"plan": "profi", "since": "2027-01-01", "quantity": "1", "price": "", "confirmed": "yes", "reason": "x"}
    with browsing(house, "buero") as browser:
        assert path not in browser.get(f"{HERE}/V-1").text
        browser.post(f"{HERE}/V-1/aendern", data=change)
        assert path in browser.get(f"{HERE}/V-1").text
        shown = browser.get(path).text
        assert "Die Änderung ab dem 01.01.2027 entfällt: 1 × Wartung Profi zu je 79,00\xa0€ netto monatlich" in shown
        assert "Es bleibt bei: 1 × Wartung Basis zu je 49,00\xa0€ netto monatlich" in shown
        file = house.client(OWN).file
        file.write_text(file.read_text("utf-8").replace("    profi:", "    premium:"), "utf-8")
        assert "1 × profi zu je –" in browser.get(path).text
        assert "Grund nennen" in refused(browser, path, {"confirmed": "yes"})
        done = browser.post(path, data={"confirmed": "yes", "reason": "doch nicht"})
        assert "Die Änderung ab dem 01.01.2027 ist zurückgenommen" in told(done)
        page = browser.get(f"{HERE}/V-1").text
        assert path not in page
        assert "Geplante Änderung zurückgenommen" in page
        assert "keine Änderung geplant" in browser.get(path).text
    assert [stage.plan for stage in contract(house, "V-1").stages] == ["basis"]


def test_a_void_period_is_billed_anew(house: House) -> None:
    """Not while its job is about to become an invoice; once that is held, after a look and with a reason."""
    path = f"{HERE}/V-1/neu-berechnen"
    with browsing(house, "chefin") as browser:
        assert "wird beim nächsten Durchlauf zur Rechnung" in browser.get(path).text
        assert path not in browser.get(f"{HERE}/V-1").text
        with house.ledger.writing() as session:
            jobs.find(session, OWN, contracts.CONTRACTS, "contracts:V-1:1").state = jobs.HELD
            row = contracts.named(session, OWN, "V-1")
            word, config = Word("Anna", "zog aus"), house.client(OWN).config
            chain.end(session, config, row, date(2026, 11, 5), date(2026, 11, 20), word, NOW)
        text = browser.get(f"{HERE}/V-1").text
        assert path in text, "also of a contract that has ended"
        assert f"{HERE}/V-1/aendern" not in text
        assert "Die Rechnung für 01.11.2026 bis 30.11.2026 gilt nicht mehr" in browser.get(path).text
        done = browser.post(path, data={"confirmed": "yes", "reason": "Anschrift war falsch"})
        assert "01.11.2026 bis 30.11.2026 wird neu berechnet" in told(done)
        assert "hat keine Rechnung" in browser.get(path).text
    with house.ledger.reading() as session:
        row = contracts.named(session, OWN, "V-1")
        assert (row.billed_until, row.owes_setup) == (date(2026, 10, 31), True)


def test_only_who_may_decide_does(house: House) -> None:
    """A reader sees; the other client's contracts are not found even by their numbers."""
    with browsing(house, "gast") as browser:
        assert browser.get(f"{HERE}/V-1/kuendigen").status_code == 403
        assert browser.post(HERE, data=NEW).status_code == 403
    with browsing(house, "chefin") as browser:
        assert browser.get(f"/vertraege/{FOREIGN}/V-1").status_code == 404
        assert (
            browser.post(f"/vertraege/{FOREIGN}/V-1/kuendigen", data={"received_on": "2026-11-30"}).status_code == 404
        )


def test_without_contracts_there_is_no_menu_entry(house: House) -> None:
    """The list is empty then, and a new contract is refused in a sentence."""
    file = house.client(OWN).file
    with browsing(house, "chefin") as browser:
        browser.get("/vertraege")
        file.write_text(file.read_text("utf-8").partition("\ncontracts:")[0], "utf-8")
        text = browser.get("/vertraege").text
        assert "Noch kein Vertrag." in text
        assert 'href="/vertraege"' not in text
        assert browser.post(HERE, data=NEW).status_code == 409
        assert browser.get(f"{HERE}/V-1").status_code == 409


def test_the_customers_page_and_the_next_run_know_contracts(house: House) -> None:
    """His contracts stand with him; what they bill next with the next run."""
    with browsing(house, "gast") as browser:
        customer = re.search(r'href="(/kunden/[^"]+)"', browser.get("/vertraege").text)
        assert customer
        text = browser.get(customer.group(1).replace("&amp;", "&")).text
        assert [number in text for number in ("V-1", "V-2", "V-3", "V-5")] == [True, True, True, False]
        tonight = browser.get("/heute").text
    assert "Aus Verträgen (3)" in tonight
    assert re.search(r'href="/vertraege/sommer/V-3">V-3</a>', tonight)
    assert "<script>alert" not in text + tonight
    assert SECRET not in text + tonight
