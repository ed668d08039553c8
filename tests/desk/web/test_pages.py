"""Pages without script: what they say, how they are filtered, and what people can do on them."""

import csv
import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from xml.sax.saxutils import escape

import pytest
from fastapi.testclient import TestClient

from billing.payments import Standing
from desk.web.access import Desk
from desk.web.board import circumstances_of
from flows.clock import Clock
from flows.wiring import House
from ledger import board, matchable, receipts, receivables, story, todo
from ledger.board_filters import SORTS, Wanted
from tests.desk.web.office import FOREIGN, FORMULA, NASTY, NOW, OWN, browsing
from tests.desk.web.times_page import approve_work

TODAY = NOW.date()
ESCAPED = "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;"


@pytest.mark.parametrize(
    "path", ["/", "/eingang", "/heute", "/rechnungen/sommer/RE1002", "/rechnungen/sommer/RE1002/zahlung"]
)
def test_names_are_text(house: House, path: str) -> None:
    """A customer whose name is markup stands on every page as the text it is."""
    with browsing(house, "chefin") as browser:
        text = browser.get(path).text
        assert NASTY not in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert ESCAPED in text or path == "/eingang"


def test_the_board_says_what_the_rules_say(house: House) -> None:
    """Words, counts and sums of the board are those of the receivables, reckoned one by one."""
    desk = Desk(house, Clock(NOW))
    around = circumstances_of(desk)
    with house.ledger.reading() as session:
        stands = desk.stands.of(session, around, (OWN, FOREIGN), TODAY)
        wanted = Wanted((OWN, FOREIGN))
        lines = {line.number: line.word for line in board.every(session, wanted, stands, TODAY) if line.number}
        expected = {each.number: each.standing.value for each in receivables.receivables(session, around, TODAY)}
        counted = {found.state: found.count for found in board.sums(session, wanted, stands, TODAY)}
    assert lines == expected
    for word in Standing:
        assert counted[word] == list(expected.values()).count(word)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("q=özDEMIR", ["RE1001"]),
        ("q=re1003", ["RE1003"]),
        ("q=%25", []),
        ("state=fehlgeschlagen", ["RE1005"]),
        ("state=in+Arbeit", []),
        ("state=bezahlt", []),
        ("age=1-30&sort=betrag", ["RE1005", "RE1002", "RE1001", "RE1004", "RE1003"]),
        ("age=91", []),
        ("customer=Hotel+Löwen", ["RE1005"]),
        ("sort=fällig&state=überfällig", ["RE1001", "RE1002", "RE1003", "RE1004", "RE1005"]),
    ],
)
def test_filters(house: House, query: str, numbers: list[str]) -> None:
    """Search folds letters of every kind; state, age and customer leave what they say, in the order asked for."""
    with browsing(house, "chefin") as browser:
        text = browser.get(f"/?{query}").text
    assert re.findall(r">(RE\d+)</a>", text) == numbers


def test_leafing_shows_every_line_once(house: House) -> None:
    """Page after page, in every order, each invoice comes exactly once."""
    desk = Desk(house, Clock(NOW))
    with house.ledger.reading() as session:
        stands = desk.stands.of(session, circumstances_of(desk), (OWN, FOREIGN), TODAY)
        for sort in SORTS:
            wanted, after, seen = Wanted((OWN, FOREIGN), sort=sort), "", []
            while True:
                found = board.page(session, wanted, stands, TODAY, after, 2)
                seen += [line.id for line in found.lines]
                after = found.after
                if not after:
                    break
            assert sorted(seen) == sorted(set(seen))
            assert len(seen) == 7


def test_exports_are_no_programs(house: House) -> None:
    """A customer called like a formula is text in CSV and Excel; amounts are German there, numbers here."""
    with browsing(house, "chefin") as browser:
        rows = list(csv.reader(io.StringIO(browser.get("/tafel.csv").content.decode("utf-8-sig")), delimiter=";"))
        book = zipfile.ZipFile(io.BytesIO(browser.get("/tafel.xlsx?state=überfällig").content))
    found = next(row for row in rows if row[1] == "RE1004")
    assert found[2] == f"'{FORMULA}"
    assert found[5] == "368,90"
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>368.9</v>" in sheet
    assert escape(FORMULA) in sheet
    assert escape(f"'{FORMULA}") not in sheet
    assert 'quotePrefix="1"' in book.read("xl/styles.xml").decode()


def test_the_story_tells_why(house: House) -> None:
    """The page of a reminded invoice has its documents, every attempt, and the reasons for reminding."""
    with browsing(house, "gast") as browser:
        text = browser.get("/rechnungen/sommer/RE1001").text
        assert "Es wurde erinnert" in text
        assert "Offen sind 571,20 EUR von 571,20 EUR" in text
        assert "Was tun?" not in text
        pdf = browser.get("/rechnungen/sommer/RE1001/belege/invoice-pdf")
        assert pdf.content.startswith(b"%PDF")
        assert "default-src 'none'" in pdf.headers["content-security-policy"]
        mail = browser.get("/rechnungen/sommer/RE1001/mails/reminder-1-mail")
        assert "RE1001" in mail.text
        assert (
            "sandbox" in browser.get("/rechnungen/sommer/RE1001/belege/invoice-xml").headers["content-security-policy"]
        )


def test_pressed_twice_at_once_is_one_payment(house: House) -> None:
    """Two presses that arrive together book a part payment once; whoever opens the form anew means another one."""
    path = "/rechnungen/sommer/RE1001/zahlung"

    def press(browser: TestClient, once: str) -> int:
        status: int = browser.post(path, data={"amount": "1,00", "on": "26.11.2026", "once": once}).status_code
        return status

    with ExitStack() as open_ones, ThreadPoolExecutor(3) as presses:
        browsers = [open_ones.enter_context(browsing(house, "buero")) for _ in range(3)]
        for browser in browsers:
            # FastAPI makes a route ready at its first request, and not for several threads at once.
            assert "kein Betrag" in browser.post(path, data={"amount": "viel", "on": "26.11.2026"}).text
        assert list(presses.map(press, browsers, ["eins", "eins", "zwei"])) == [303] * 3
    assert [str(part.principal) for part in _story(house, "RE1001").allocations] == ["1.00", "1.00"]


def test_what_is_broken_is_a_page_of_ours(house: House) -> None:
    """A fault that nobody expected, and an address that only takes forms, end in German sentences."""
    with browsing(house, "buero") as browser:
        assert "Bitte von der Seite aus" in browser.get("/sprache").text
        with house.ledger.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE tasks RENAME TO gone")
        safe = TestClient(browser.app, "http://127.0.0.1", raise_server_exceptions=False, cookies=browser.cookies)
        page, told = safe.get("/eingang"), safe.get("/api/v1/tasks")
    assert (page.status_code, "schiefgegangen" in page.text, "Zur Tafel" in page.text) == (500, True, True)
    assert (told.status_code, told.headers["content-type"]) == (500, "application/problem+json")


def test_a_number_too_long_for_any_ledger_is_not_found(house: House) -> None:
    """A task that cannot exist is told on a page, not by a server's fault."""
    with browsing(house, "buero") as browser:
        for what in ("erledigt", "annehmen"):
            assert browser.post(f"/eingang/sommer/aufgaben/{'9' * 25}/{what}").status_code == 422


def test_a_payment_is_booked_once(house: House) -> None:
    """A payment typed in German is booked, pressing twice books it once, and nonsense is told beside the form."""
    path = "/rechnungen/sommer/RE1001/zahlung"
    with browsing(house, "buero") as browser:
        assert "kein Betrag" in browser.post(path, data={"amount": "viel", "on": "2026-11-26"}).text
        assert "in der Zukunft" in browser.post(path, data={"amount": "1,00", "on": "2027-11-26"}).text
        once = re.findall(r'name="once" value="(\w+)"', browser.get(path).text)[0]
        for _ in range(2):
            fields = {"amount": "71,20", "on": "26.11.2026", "once": once}
            assert browser.post(path, data=fields).status_code == 303
        assert "schon gebucht" in browser.get("/rechnungen/sommer/RE1001").text
        assert "500,00" in browser.get("/rechnungen/sommer/RE1001").text
    (row,) = _story(house, "RE1001").allocations
    assert (str(row.principal), row.made_by) == ("71.20", "buero")


@pytest.mark.parametrize(
    ("action", "fields", "undo"),
    [
        ("anhalten", {"reason": "Klärung", "until": "2026-12-01"}, "weiter"),
        ("zusage", {"on": "2026-12-05"}, "zusage-beenden"),
        ("streit", {"reason": "Farbe falsch", "amount": "50,00"}, "streit-beenden"),
        ("stundung", {"reason": "Bitte", "until": "2026-12-24"}, "stundung-beenden"),
        ("sperre", {"reason": "Stammkunde"}, "sperre-aufheben"),
        ("ausbuchen", {"reason": "insolvent"}, "ausbuchung-beenden"),
    ],
)
def test_what_is_done_can_be_undone(house: House, action: str, fields: dict[str, str], undo: str) -> None:
    """Each word about a claim can be said and taken back; then the invoice stands as before."""
    place = "/rechnungen/sommer/RE1002"
    with browsing(house, "chefin") as browser:
        assert "Was dann geschieht" in browser.get(f"{place}/{action}").text
        assert browser.post(f"{place}/{action}", data=fields).headers["location"] == place
        assert f"{place}/{undo}" in browser.get(place).text
        assert browser.get(f"{place}/{action}").status_code == 409
        assert browser.post(f"{place}/{undo}", data={"reason": "doch nicht"}).status_code == 303
        assert browser.get(f"{place}/{action}").status_code == 200
    events = [entry.event for entry in _story(house, "RE1002").entries][-2:]
    assert all(event.startswith(("decided", "lever")) for event in events)


def test_the_inbox_empties(house: House) -> None:
    """Approving, deciding, assigning and ticking off leaves nothing; the empty inbox says so."""
    with house.ledger.reading() as session:
        items = todo.items(session, (OWN,), TODAY)
    assert [item.kind.value for item in items] == [
        "Zustellung unklar", "Freigabe", "Zahlung zuordnen", "Aufgabe", "Zeiten freigeben",
    ]  # fmt: skip
    unknown, approval, money, task, _work = items
    with browsing(house, "chefin") as browser:
        assert (
            browser.post(f"/rechnungen/{OWN}/{unknown.marker}/angekommen", data={"reason": "rief an"}).status_code
            == 303
        )
        assert browser.post(f"/rechnungen/{OWN}/{approval.marker}/freigeben").status_code == 303
        wrong = browser.post(f"/eingang/{OWN}/zahlungen/{money.payment}", data={"number": "WI1"})
        assert wrong.status_code == 422
        assert 'value="WI1"' in wrong.text, "what was typed can be mended"
        booking, ticking = f"/eingang/{OWN}/zahlungen/{money.payment}", f"/eingang/{OWN}/aufgaben/{task.task}/erledigt"
        assert browser.post(booking, data={"number": "re1001"}).status_code == 303
        again = browser.post(booking, data={"number": "re1001"})
        assert (again.status_code, "schon zugeordnet" in again.text) == (409, True)
        assert browser.post(ticking).status_code == 303
        again = browser.post(ticking)
        assert (again.status_code, "schon erledigt" in again.text) == (409, True)
        approve_work(browser)
        assert "Alles erledigt." in browser.get("/eingang").text


def test_a_payment_is_offered_the_invoices_it_may_be_for(house: House) -> None:
    """Open ones of its client only, and first the one that lacks just this amount."""
    with house.ledger.reading() as session:
        (money,) = (item for item in todo.items(session, (OWN,), TODAY) if item.kind is todo.Kind.PAYMENT)
        row = receipts.find(session, OWN, money.payment or 0)
        assert row is not None
        lacking = [each.open_amount for each in matchable.candidates(session, OWN, row.amount)]
    assert lacking == sorted(lacking, key=lambda amount: abs(amount - row.amount))
    assert min(lacking) > 0
    with browsing(house, "chefin") as browser:
        text = browser.get(f"/eingang/{OWN}/zahlungen/{money.payment}").text
    offered = re.findall(r'<option value="(\w+)">', text)
    assert len(offered) == len(lacking) > 1
    assert "RE1001" in offered


def test_tonight_shows_the_letter(house: House) -> None:
    """The next run's letter is there as mail and PDF, and holding it takes it from the list."""
    with browsing(house, "buero") as browser:
        assert "/heute/sommer/" in browser.get("/heute").text
        marker = _story(house, "RE1002").invoice.marker
        text = browser.get(f"/heute/{OWN}/{marker}").text
        assert "Stufe 2 ist ab" in text
        assert browser.get(f"/heute/{OWN}/{marker}/brief.pdf").content.startswith(b"%PDF")
        held = browser.post(f"/rechnungen/{OWN}/{marker}/anhalten", data={"reason": "warten", "weiter": "/heute"})
        assert held.headers["location"] == "/heute"
        assert f"/heute/{OWN}/{marker}" not in browser.get("/heute").text


def _story(house: House, number: str) -> story.Story:
    with house.ledger.reading() as session:
        row = story.find(session, OWN, number)
        assert row
        return story.of(session, row)
