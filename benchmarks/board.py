"""How long the server needs for the board's first page with 20,000 invoices: cold, warm, searched and filtered.

`python -m benchmarks.board` fills a ledger in a temporary folder: most invoices are paid, one in ten is open (`--open`
says otherwise). Cold is the first request after something happened; the very first computes the word of every claim.
"""

import argparse
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import insert

from config.settings import Settings
from desk.web import passwords
from desk.web.access import SESSION, hashed
from desk.web.app import create_app
from flows.clock import Clock
from flows.wiring import House, open_house
from ledger import accounts, journal
from ledger.database import Ledger
from ledger.invoices import SENT
from ledger.tables import InvoiceRow, JobRow
from tests.ledger.samples import CLIENT, add_invoice
from tests.sandbox.running import ROOT

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
BATCH = 1000
TIMES = 5
ADDRESSES = {
    "Tafel": "/",
    "nur überfällige": "/?state=%C3%BCberf%C3%A4llig",
    "nur bezahlte": "/?state=bezahlt",
    "Suche": "/?q=RE1234",
    "über 90 Tage": "/?age=91&sort=f%C3%A4llig",
}


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=20_000)
    parser.add_argument("--open", type=int, default=10, help="one in so many is open; 1 for all")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_house(_settings(Path(folder))) as house:
        fill(house.ledger, chosen.invoices, chosen.open)
        measure(house)


def measure(house: House) -> None:
    """Ask for every address, once after something happened and then again, and print the milliseconds."""
    with TestClient(create_app(house, Clock(NOW)), base_url="http://127.0.0.1") as browser:
        _sign_in(house, browser)
        browser.get("/eingang")
        print(f"{'Tafel':<18} nach dem Start oder um Mitternacht {_told(_first(browser, house))}")
        for name, address in ADDRESSES.items():
            cold = _milliseconds(browser, house, address, is_cold=True)
            warm = _milliseconds(browser, house, address, is_cold=False)
            print(f"{name:<18} kalt {_told(cold)}   danach {_told(warm)}")


def fill(ledger: Ledger, count: int, one_in: int) -> None:
    """So many sent invoices, copies of one, a day apart; one in `one_in` is open."""
    with ledger.writing() as session:
        row = add_invoice(session)
        row.stage, row.sent_at, row.payment_read_at, row.number, row.due_date = (
            SENT,
            NOW,
            NOW,
            "RE0",
            date(2026, 11, 10),
        )
        session.flush()
        job = {column.name: getattr(session.get_one(JobRow, row.job_id), column.name) for column in JobRow.__table__.c}
        invoice = {column.name: getattr(row, column.name) for column in InvoiceRow.__table__.c}
        for start in range(1, count, BATCH):
            places = range(start, min(start + BATCH, count))
            session.execute(insert(JobRow), [job | {"id": at + 1, "external_id": f"dn{at}"} for at in places])
            session.execute(insert(InvoiceRow), [invoice | _own(at, row, is_open=at % one_in == 0) for at in places])


def _own(at: int, row: InvoiceRow, *, is_open: bool) -> dict[str, object]:
    issued = date(2026, 11, 28) - timedelta(at % 700)
    return {
        "id": at + 1,
        "job_id": at + 1,
        "marker": f"RB-{at + 1}",
        "number": f"RE{at}",
        "customer_name": f"Kunde {at % 997}",
        "customer_key": str(10_000 + at % 997),
        "issue_date": issued,
        "due_date": issued + timedelta(14),
        "sent_at": datetime(issued.year, issued.month, issued.day, 9, tzinfo=UTC),
        "open_amount": row.gross if is_open else Decimal("0.00"),
    }


def _settings(folder: Path) -> Settings:
    (folder / "clients").mkdir()
    text = (ROOT / "tests/flows/client.yaml").read_text("utf-8")
    for name, value in {"http": "http://127.0.0.1:9", "host": "127.0.0.1", "port": "25", "pdf": "own"}.items():
        text = text.replace(f"${name}$", value)
    for name, value in {"channel": "mail", "signal": "delivery_note", "username": "x", "ca_file": "ca.pem"}.items():
        text = text.replace(f"${name}$", value)
    (folder / "clients" / f"{CLIENT}.yaml").write_text(text, "utf-8")
    return Settings(home=folder / "var", clients=folder / "clients", secrets=folder / "secrets")


def _sign_in(house: House, browser: TestClient) -> None:
    with house.ledger.writing() as session:
        accounts.add(session, "inhaber", passwords.hash_of("ein langes Passwort"), {"*": "owner"}, "benchmark", NOW)
        account = accounts.find(session, "inhaber")
        assert account
        accounts.begin(session, account, hashed("secret"), "-", "-", NOW, has_passed=True)
    browser.cookies.set(SESSION, "secret")


def _told(figures: tuple[float, float]) -> str:
    return f"{figures[0]:4.0f} ms ({figures[1]:4.0f} ms CPU)"


def _first(browser: TestClient, house: House) -> tuple[float, float]:
    """The board when nothing is remembered: every word is computed."""
    took = []
    for _ in range(TIMES):
        with TestClient(create_app(house, Clock(NOW)), base_url="http://127.0.0.1", cookies=browser.cookies) as fresh:
            took.append(_asked(fresh, "/"))
    return _median(took)


def _asked(browser: TestClient, address: str) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    answer = browser.get(address)
    took = time.perf_counter() - began, time.process_time() - cpu
    assert answer.status_code == 200, answer.text
    return took


def _median(took: list[tuple[float, float]]) -> tuple[float, float]:
    walls, works = (sorted(each) for each in zip(*took, strict=True))
    return 1000 * walls[TIMES // 2], 1000 * works[TIMES // 2]


def _milliseconds(browser: TestClient, house: House, address: str, *, is_cold: bool) -> tuple[float, float]:
    """Median of wall time, and of the processor's time: a busy machine stretches only the first."""
    took = []
    for _ in range(TIMES):
        if is_cold:
            with house.ledger.writing() as session:
                journal.record(session, NOW, CLIENT, "document archived")
        took.append(_asked(browser, address))
    return _median(took)


if __name__ == "__main__":
    main()
