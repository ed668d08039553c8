"""What sevDesk can say in an invoice and what not, its tax rules, and the words that go with them."""

from collections.abc import Iterator, Mapping

from stdnum.eu.vat import MEMBER_STATES

from billing.invoices import Draft
from billing.jobs import Line, TaxCase
from connectors.limits import beyond_a_plain_invoice, decimals, odd_numbers

MARKER_LINES = {"de": "Vorgang {}", "en": "Reference {}"}
TAX_RULES: Mapping[str, str] = {
    "1": "default",
    "2": "default",
    "3": "eu",
    "4": "default",
    "5": "default",
    "11": "ss",
    "21": "default",
}
"""Each rule of update 2.0 that we use, and the `taxType` that the specification still demands beside it."""

CASE_RULES: Mapping[TaxCase, str] = {
    TaxCase.STANDARD: "1",
    TaxCase.EXPORT: "2",
    TaxCase.INTRA_COMMUNITY: "3",
    TaxCase.EXEMPT: "4",
    TaxCase.SMALL_BUSINESS: "11",
}
TAX_TEXTS: Mapping[TaxCase, str] = {
    TaxCase.STANDARD: "Umsatzsteuer",
    TaxCase.EXPORT: "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a UStG)",
    TaxCase.INTRA_COMMUNITY: "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b UStG)",
    TaxCase.EXEMPT: "Steuerfrei nach § 4 UStG",
    TaxCase.SMALL_BUSINESS: "Steuer nicht erhoben nach § 19 UStG",
    TaxCase.REVERSE_CHARGE: "Steuerschuldnerschaft des Leistungsempfängers",
}


def rule_for(draft: Draft) -> str:
    """The tax rule: § 13b UStG in Germany is rule 5, services to a business elsewhere in the EU (§ 18b) rule 21."""
    if draft.tax_case is TaxCase.REVERSE_CHARGE:
        return "5" if draft.customer.address.country_code == "DE" else "21"
    return CASE_RULES[draft.tax_case]


def inexpressible(draft: Draft, unit_ids: Mapping[str, str], *, dates_in_text: bool) -> Iterator[str]:
    """Every reason why sevDesk cannot make exactly this invoice, as German sentences with the cure."""
    yield from beyond_a_plain_invoice(draft, "sevDesk")
    yield from _in_customer(draft)
    yield from _in_head(draft)
    if draft.performed_until > draft.issue_date and not dates_in_text:
        yield (
            "Die Leistung endet nach dem Rechnungsdatum; das nimmt sevDesk nicht an."
            " Bitte später abrechnen oder delivery_date: text einstellen."
        )
    for number, line in enumerate(draft.lines, start=1):
        yield from (f"Position {number}: {problem}" for problem in _in_line(line, unit_ids))


def _in_customer(draft: Draft) -> Iterator[str]:
    customer = draft.customer
    if not customer.external_id.isdigit():
        yield f"{customer.name} ist kein Kontakt in sevDesk. Bitte dort anlegen und verknüpfen."
    country = customer.address.country_code
    if draft.tax_case is TaxCase.REVERSE_CHARGE and country.lower() not in MEMBER_STATES:
        yield f"Für Leistungen nach {country} hat sevDesk keine passende Steuerregel. Bitte von Hand abrechnen."


def _in_head(draft: Draft) -> Iterator[str]:
    if draft.currency != "EUR":
        yield f"Abgerechnet wird nur in EUR, nicht in {draft.currency}."
    if draft.customer.language not in MARKER_LINES:
        yield f"Rechnungen gibt es auf Deutsch oder Englisch, nicht „{draft.customer.language}“."
    if draft.discount.percent and draft.discount.amount:
        yield "Der Rabatt muss entweder in Prozent oder als Betrag angegeben sein."
    early = draft.terms.early_payment
    if early and early.percent != early.percent.to_integral_value():
        yield "sevDesk nimmt beim Skonto nur ganze Prozente. Bitte die Zahlungsbedingungen ändern."
    if max(decimals(draft.discount.percent), decimals(draft.discount.amount)) > 2:
        yield "Der Rabatt hat mehr als zwei Nachkommastellen."


def _in_line(line: Line, unit_ids: Mapping[str, str]) -> Iterator[str]:
    if line.is_text:
        yield "sevDesk kennt keine Position ohne Preis. Bitte den Text in eine Beschreibung schreiben."
        return
    if not line.name:
        yield "Die Bezeichnung fehlt."
    if line.unit not in unit_ids:
        known = ", ".join(sorted(unit_ids)[:12])
        yield f"Die Einheit „{line.unit}“ gibt es in sevDesk nicht. Bekannt sind: {known}."
    yield from odd_numbers(line)
