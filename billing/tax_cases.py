"""Whether the tax case of an invoice is lawful for these parties, this work and this day (§§ 4, 12, 13b, 19 UStG)."""

from collections.abc import Callable

from billing.drafting import VAT_RATES, Problem
from billing.invoices import Draft
from billing.jobs import Site, TaxCase
from billing.parties import CustomerKind, Seller

EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
# Greek VAT ids begin with EL, the country code is GR; Northern Ireland (XI) counts as EU for goods.
VAT_COUNTRY = {"EL": "GR", "XI": "GB"}


def tax_problems(draft: Draft, seller: Seller) -> tuple[Problem, ...]:
    """Everything that forbids this tax case here, as German sentences; none means it is lawful."""
    found = [*_vat_shown(draft, seller), *_rates(draft)]
    if not seller.small_business:
        found += CASES[draft.tax_case](draft, seller)
    return tuple(found)


def owes_tax(draft: Draft) -> bool:
    """Whether the customer owes the VAT on construction work: his certificate USt 1 TG held when it was done."""
    certificate = draft.customer.reverse_charge
    done = draft.performed_until
    return draft.site is Site.CONSTRUCTION and certificate is not None and certificate.covers(done)


def _vat_shown(draft: Draft, seller: Seller) -> list[Problem]:
    if not draft.totals.vat and not any(group.vat for group in draft.totals.groups):
        return []
    if seller.small_business:
        text = "Kleinunternehmer dürfen keine Umsatzsteuer ausweisen; sie wäre geschuldet (§§ 19, 14c Abs. 2 UStG)."
        return [Problem("small-business-vat", f"{text} Bitte die Steuersätze der Positionen auf 0 % setzen.")]
    if draft.tax_case is not TaxCase.STANDARD:
        text = "Diese Rechnung ist ohne Umsatzsteuer, weist aber welche aus (§ 14c UStG)."
        return [Problem("vat-shown", f"{text} Bitte die Steuersätze der Positionen prüfen.")]
    return []


def _rates(draft: Draft) -> list[Problem]:
    wrong = sorted({group.rate for group in draft.totals.groups} - VAT_RATES)
    return [
        Problem("vat-rate", f"Der Steuersatz {rate} % ist nicht zulässig; es gibt 0, 7 und 19 % (§ 12 UStG).")
        for rate in wrong
    ]


def _standard(draft: Draft, _seller: Seller) -> list[Problem]:
    if not owes_tax(draft) or not draft.totals.vat:
        return []
    certificate = draft.customer.reverse_charge
    number = certificate.number if certificate else ""
    text = f"{draft.customer.name} schuldet die Umsatzsteuer selbst (Nachweis USt 1 TG {number}, § 13b Abs. 5 UStG)."
    return [Problem("reverse-charge-due", f"{text} Bitte ohne Umsatzsteuer berechnen.")]


def _reverse_charge(draft: Draft, seller: Seller) -> list[Problem]:
    customer, found = draft.customer, []
    if customer.kind is CustomerKind.CONSUMER:
        text = f"{customer.name} ist als Verbraucher geführt; § 13b UStG gilt nur für Unternehmer."
        found.append(Problem("reverse-charge-consumer", f"{text} Bitte die Kundenart prüfen."))
    certificate = customer.reverse_charge
    is_domestic = customer.address.country_code in ("", "DE")
    if is_domestic and certificate is not None and not owes_tax(draft) and draft.site is Site.CONSTRUCTION:
        text = f"Der Nachweis USt 1 TG von {customer.name} gilt am Tag der Leistung nicht (§ 13b Abs. 5 UStG)."
        found.append(Problem("reverse-charge-certificate", f"{text} Bitte mit Umsatzsteuer berechnen."))
    if not (customer.vat_id or customer.register_number):
        text = f"Die USt-IdNr. von {customer.name} fehlt (§ 14a UStG, BR-AE-02)."
        found.append(Problem("customer-vat-id", f"{text} Bitte beim Kunden ergänzen."))
    return found + ([] if is_domestic else _seller_vat_id(seller))


def _intra_community(draft: Draft, seller: Seller) -> list[Problem]:
    customer, found = draft.customer, _seller_vat_id(seller)
    country = customer.address.country_code
    if country not in EU or country == "DE":
        text = f"{customer.name} sitzt nicht im übrigen Gebiet der EU; das ist keine innergemeinschaftliche Lieferung"
        found.append(Problem("not-eu", f"{text} (§ 6a UStG). Bitte prüfen."))
    letters = customer.vat_id.strip().upper()[:2]
    if VAT_COUNTRY.get(letters, letters) not in EU - {"DE"} and letters != "XI":
        text = f"{customer.name} braucht eine USt-IdNr. eines anderen EU-Staats (§ 6a Abs. 1 Nr. 4 UStG)."
        found.append(Problem("customer-vat-id", f"{text} Bitte beim Kunden ergänzen."))
    return found


def _export(draft: Draft, seller: Seller) -> list[Problem]:
    found = _seller_vat_id(seller)
    if draft.customer.address.country_code in EU | {""}:
        text = f"{draft.customer.name} sitzt in der EU; das ist keine Ausfuhr (§ 6 UStG)."
        found.append(Problem("not-export", f"{text} Bitte prüfen."))
    return found


def _exempt(draft: Draft, _seller: Seller) -> list[Problem]:
    if draft.exemption.strip():
        return []
    text = "Es fehlt, warum die Leistung steuerfrei ist (§ 14 Abs. 4 Nr. 8 UStG)."
    return [Problem("exemption", f"{text} Bitte die Vorschrift angeben, etwa § 4 Nr. 21 UStG.")]


def _small_business(draft: Draft, _seller: Seller) -> list[Problem]:
    text = "Der Auftrag nennt § 19 UStG, der Mandant ist aber kein Kleinunternehmer."
    return [Problem("not-small-business", f"{text} Bitte den Auftrag oder die Mandantendatei berichtigen.")]


def _seller_vat_id(seller: Seller) -> list[Problem]:
    if seller.vat_id.strip():
        return []
    text = "Für diesen Steuerfall braucht der Rechnungssteller eine USt-IdNr. (§ 14a UStG)."
    return [Problem("seller-vat-id", f"{text} Bitte in der Mandantendatei ergänzen.")]


CASES: dict[TaxCase, Callable[[Draft, Seller], list[Problem]]] = {
    TaxCase.STANDARD: _standard,
    TaxCase.SMALL_BUSINESS: _small_business,
    TaxCase.REVERSE_CHARGE: _reverse_charge,
    TaxCase.INTRA_COMMUNITY: _intra_community,
    TaxCase.EXPORT: _export,
    TaxCase.EXEMPT: _exempt,
}
