"""What we wanted against what the accounting system made of it, to the cent."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.invoices import Draft
from billing.terms import due_date

STILL_A_DRAFT = "Die Rechnung ist in der Buchhaltung noch ein Entwurf."


@dataclass(frozen=True, slots=True)
class Booked:
    """An invoice as the accounting system holds it, read back after creation.

    `vat_by_rate` maps the rate in percent to the VAT amount (BT-119 to BT-117); `due_date` is None while it is a draft.
    """

    external_id: str
    number: str
    version: str
    is_issued: bool
    is_voided: bool
    issue_date: date
    due_date: date | None
    customer_id: str
    customer_name: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    vat_by_rate: dict[Decimal, Decimal]
    line_count: int
    text: str
    currency: str = "EUR"


def differences(draft: Draft, booked: Booked) -> list[str]:
    """Every way in which the booked invoice is not the drafted one, as German sentences; none means it may be sent."""
    pairs: list[tuple[str, object, object]] = [
        ("Nettosumme", draft.totals.net, booked.net),
        ("Umsatzsteuer", draft.totals.vat, booked.vat),
        ("Bruttosumme", draft.totals.gross, booked.gross),
        ("Währung", draft.currency, booked.currency),
        ("Zahl der Positionen", len(draft.lines), booked.line_count),
        ("Rechnungsdatum", draft.issue_date, booked.issue_date),
        ("Fälligkeit", due_date(draft.issue_date, draft.terms), booked.due_date),
        ("Kunde", draft.customer.external_id or draft.customer.name, booked.customer_id or booked.customer_name),
        ("Umsatzsteuer je Satz", _vat_by_rate(draft), {rate: vat for rate, vat in booked.vat_by_rate.items() if vat}),
    ]
    found = [f"{what}: erwartet {ours}, gebucht {theirs}." for what, ours, theirs in pairs if ours != theirs]
    if draft.marker not in booked.text:
        found.append(f"Unser Zeichen {draft.marker} fehlt im Beleg.")
    if booked.is_voided:
        found.append("Die Rechnung ist in der Buchhaltung storniert.")
    elif not booked.is_issued:
        found.append(STILL_A_DRAFT)
    return found


def _vat_by_rate(draft: Draft) -> dict[Decimal, Decimal]:
    return {group.rate: group.vat for group in draft.totals.groups if group.vat}
