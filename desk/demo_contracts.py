"""The contracts of the demo: with a set-up fee, with a trial, by the year, and one that ends by agreement."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.parties import Customer
from config.settings import Settings
from connectors.fields import Item
from connectors.lexoffice_jobs import customer_now
from flows.chain import contracts
from flows.chain.contracts import NewContract
from flows.wiring import open_house
from ledger import clientele
from ledger.overrides import Word

WORD = Word("Katrin Sommer", "unterschrieben")


@dataclass(frozen=True, slots=True)
class Sold:
    """One contract: to whom (by mail address), what, from which day of the demo on, and until which one."""

    number: str
    mail: str
    plan: str
    begins: int
    quantity: int = 1
    ends: int | None = None


SOLD = (
    Sold("V-2026-1", "rechnung@denkmal-verwaltung.example", "objekt", 3, quantity=3),
    Sold("V-2026-2", "buchhaltung@brandt-soehne-bau.example", "treppenhaus", 5),
    Sold("V-2026-3", "juergen.hoffmann@familie-hoffmann.example", "fassade", 8),
    Sold("V-2026-4", "s.mueller-luedenscheidt@praxis-am-see.example", "objekt", 1, ends=20),
)


def sign_contracts(settings: Settings, client: str, contacts: list[dict[str, Any]], start: datetime) -> None:
    """Make them, with customers as the accounting system knows them; `start` is the first day of the demo."""
    customers = {found.email: found for found in map(_customer, contacts)}
    with open_house(settings) as house, house.ledger.writing() as session:
        config, first = house.client(client).config, start.date()
        for sold in SOLD:
            customer = customers[sold.mail]
            clientele.announce(session, client, customer.key, customer, start)
            row = contracts.sign(session, config, _new(sold, customer, first), WORD, start)
            if sold.ends is not None:
                word = Word(WORD.by, "Auszug vereinbart")
                contracts.end(session, config, row, first, first + timedelta(days=sold.ends), word, start)


def _customer(contact: dict[str, Any]) -> Customer:
    return customer_now(Item(contact, "contact"))


def _new(sold: Sold, customer: Customer, first: date) -> NewContract:
    begins_on = first + timedelta(days=sold.begins)
    return NewContract(sold.number, customer.key, sold.plan, begins_on, Decimal(sold.quantity))
