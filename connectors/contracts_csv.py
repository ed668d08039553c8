"""Contracts as CSV, one row per contract: how those that run already come into the ledger.

| heading | meaning |
| --- | --- |
| Vertrag, Kunde, Tarif, Beginn | its number, for whom (customer number or name), which plan, from which day on |
| Menge, Preis, Berechnet bis, Ende | optional: how many, an own price, the last day billed elsewhere, the last day |
| Name, Straße, PLZ, Ort, Mail, Art | optional: the customer, if nobody knows him; Art: Firma, Verbraucher or Behörde |
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.drafting import is_plain_mail_address
from billing.parties import Address, Customer, CustomerKind
from connectors.csv_rows import Bad, Columns, Fault, Row, day, price, rows_of

HEADINGS = {
    "vertrag": "number", "kunde": "customer", "kundennummer": "customer", "tarif": "plan", "beginn": "begins_on",
    "menge": "quantity", "preis": "price", "berechnet bis": "billed_until", "ende": "ends_on", "name": "name",
    "straße": "street", "strasse": "street", "plz": "postcode", "ort": "city", "mail": "email", "art": "kind",
}  # fmt: skip
COLUMNS = Columns(
    HEADINGS, needed={"number": "Vertrag", "customer": "Kunde", "plan": "Tarif", "begins_on": "Beginn"}
)  # fmt: skip
KINDS = {"firma": CustomerKind.BUSINESS, "verbraucher": CustomerKind.CONSUMER, "behörde": CustomerKind.PUBLIC}
ADDRESS = {"street": "Straße", "postcode": "PLZ", "city": "Ort"}


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One contract of a file. `recipient` is None where the file does not say who the customer is."""

    number: str
    customer: str
    plan: str
    begins_on: date
    quantity: Decimal
    price: Decimal | None
    billed_until: date | None
    ends_on: date | None
    recipient: Customer | None


def contracts_of(content: bytes) -> tuple[list[ContractLine], list[Fault]]:
    """The contracts of a CSV file, and what is wrong with its other rows."""
    return rows_of(content, COLUMNS, _line)


def _line(row: Row) -> ContractLine:
    quantity = price("Menge", row["quantity"]) if row.get("quantity") else Decimal(1)
    if quantity <= 0:
        raise Bad("Menge", row["quantity"], "Die Menge ist null.")
    return ContractLine(
        number=row["number"],
        customer=row["customer"],
        plan=row["plan"],
        begins_on=day("Beginn", row["begins_on"]),
        quantity=quantity,
        price=price("Preis", row["price"]) if row.get("price") else None,
        billed_until=day("Berechnet bis", row["billed_until"]) if row.get("billed_until") else None,
        ends_on=day("Ende", row["ends_on"]) if row.get("ends_on") else None,
        recipient=_recipient(row) if row.get("name") else None,
    )


def _recipient(row: Row) -> Customer:
    for name, heading in ADDRESS.items():
        if not row.get(name):
            raise Bad(heading, "", "Zum Namen gehört die ganze Anschrift: Straße, PLZ und Ort.")
    email = row.get("email", "")
    if email and not is_plain_mail_address(email):
        raise Bad("Mail", email, "Erwartet wird eine einzelne Mailadresse ohne Umlaute.")
    kind = row.get("kind", "").casefold()
    if kind and kind not in KINDS:
        raise Bad("Art", row["kind"], "Erwartet wird Firma, Verbraucher oder Behörde.")
    return Customer(
        external_id="",
        name=row["name"],
        address=Address(row["street"], row["postcode"], row["city"]),
        kind=KINDS.get(kind, CustomerKind.CONSUMER),
        email=email,
        number=row["customer"],
    )
