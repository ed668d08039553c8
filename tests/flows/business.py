"""A small business on the stage: real jobs, a client's file, and the chain run over them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from config.settings import PREFIX, Settings
from flows.around import around_all
from flows.chain.steps import CYCLE, Step, run_steps
from flows.report import Report
from flows.wiring import House, at_work, open_house
from ledger import invoices, overview
from ledger.database import open_ledger
from ledger.receivables import Receivable, receivables
from ledger.tables import InvoiceRow
from tests.sandbox.running import ROOT, Json, Stage, line

CLIENT = "sommer"
TODAY = "2026-11-02T09:00:00+01:00"
SERVICE = {"shippingType": "service", "shippingDate": "2026-11-02T00:00:00.000+01:00"}


@cache
def _empty_ledger() -> bytes:
    """The file of a ledger before its first use: making one from the beginning takes a tenth of a test of the chain."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        open_ledger(f"sqlite:///{file}").close()
        return file.read_bytes()


class Business:
    """One client on the stage. Times are ISO texts with offset."""

    def __init__(self, stage: Stage, folder: Path, **settings: Any) -> None:
        self.stage, self.folder = stage, folder
        for name in ("clients", "secrets"):
            (folder / name).mkdir(exist_ok=True)
        self.settings = Settings(
            home=folder / "var", clients=folder / "clients", secrets=folder / "secrets", **settings
        )
        ledger = self.settings.home / "ledger.db"
        if "database_url" not in settings and not ledger.exists():
            ledger.parent.mkdir(exist_ok=True)
            ledger.write_bytes(_empty_ledger())
        self.keep_secret("lexware", stage.ready["api_key"])
        self.keep_secret("smtp", stage.ready["smtp"]["password"])
        self.write_client()

    def write_client(self, **changes: str) -> None:
        """The client's YAML; `changes` replace texts in it, such as `pdf="accounting"`."""
        facts = self.stage.ready["smtp"] | {"http": self.stage.ready["http"]}
        text = (ROOT / "tests/flows/client.yaml").read_text("utf-8")
        for name, value in {**facts, "pdf": "own", "channel": "mail", "signal": "delivery_note", **changes}.items():
            text = text.replace(f"${name}$", str(value))
        self.client_file.write_text(text, "utf-8")

    def customer(self, **changes: Any) -> str:
        """A new customer of the client; his id in the accounting system. None leaves a fact out."""
        body = {
            "version": 0,
            "roles": {"customer": {}},
            "company": {"name": "Bäckerei Özdemir GmbH"},
            "addresses": {"billing": [{"street": "Markt 3", "zip": "79098", "city": "Freiburg", "countryCode": "DE"}]},
            "emailAddresses": {"business": ["rechnung@baeckerei.example"]},
        }
        facts = {name: value for name, value in (body | changes).items() if value is not None}
        return str(self.stage.post("contacts", facts).json()["id"])

    def finished_job(self, contact: str = "", **changes: Any) -> Json:
        """An order confirmation and its open delivery note; the latter as the stage gives it."""
        body: Json = {
            "voucherDate": "2026-11-02T00:00:00.000+01:00",
            "address": {"contactId": contact or self.customer()},
            "lineItems": [line(2, 80), line(1, 19.9, name="Spachtelmasse", unitName="Stück")],
            "totalPrice": {"currency": "EUR"},
            "taxConditions": {"taxType": "net"},
            "shippingConditions": SERVICE,
            "title": "Auftrag",
        } | changes
        order = self.stage.made("order-confirmations", body, finalize="true")
        return self.stage.made("delivery-notes", body, finalize="true", precedingSalesVoucherId=order["id"])

    @contextmanager
    def house(self) -> Iterator[House]:
        """The installation, opened."""
        with open_house(self.settings) as house:
            yield house

    def run(self, *steps: Step, at: str = TODAY) -> dict[str, Report]:
        """Carry out steps (all of a cycle by default) as of an instant; the reports by step name."""
        with self.house() as house, at_work(house, house.client(CLIENT), datetime.fromisoformat(at)) as work:
            asked = steps or CYCLE
            by_title = {report.step: report for report in run_steps(work, asked)}
            return {step.name: by_title[step.title] for step in asked}

    def invoices(self) -> list[InvoiceRow]:
        """All invoices of the ledger."""
        with self.house() as house, house.ledger.reading() as session:
            return [row for marker in self.markers() for row in invoices.find(session, marker)]

    def cases(self) -> list[overview.Case]:
        """What the ledger says needs a hand."""
        with self.house() as house, house.ledger.reading() as session:
            return overview.cases(session, [CLIENT])

    def receivables(self, today: str) -> list[Receivable]:
        """The board as of a day."""
        with self.house() as house, house.ledger.reading() as session:
            return receivables(session, around_all(house.clients), datetime.fromisoformat(today).date())

    def upstream(self) -> list[Json]:
        """All invoices in the accounting system, from its own books."""
        found: list[Json] = self.stage.control("invoices")
        return found

    def mails(self) -> list[Json]:
        """All mails that the stage's mail server has accepted."""
        found: list[Json] = self.stage.control("mails")
        return found

    def requests(self, since: int = 0) -> list[Json]:
        """The API requests after the first `since`."""
        found: list[Json] = self.stage.control(f"requests?since={since}")
        return found

    def fault(self, **fault: Any) -> None:
        """Order a fault of the stage."""
        self.stage.control("faults", fault)

    def markers(self) -> list[str]:
        """The markers of all drafts, by what the ledger planned."""
        with self.house() as house, house.ledger.reading() as session:
            return overview.markers(session, CLIENT)

    def environment(self) -> dict[str, str]:
        """The variables by which a command of its own process works for this business."""
        names = ("home", "clients", "secrets", "quiet_seconds", "database_url")
        return os.environ | {PREFIX + name.upper(): str(getattr(self.settings, name)) for name in names}

    @property
    def client_file(self) -> Path:
        """The client's YAML."""
        return self.folder / "clients" / f"{CLIENT}.yaml"

    def keep_secret(self, name: str, value: str) -> None:
        """Put a secret into the client's folder."""
        file = self.folder / "secrets" / name
        file.touch(mode=0o600)
        file.write_text(value, "utf-8")
