"""Invoices of every kind, form and way of paying, for the tests of the electronic invoice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing.corrections import cancellation, correction, credit_note
from billing.einvoice_duty import Form
from billing.invoices import Draft, Invoice, Kind, Payment, PaymentMeans, Reference
from billing.jobs import Charge, Discount, EarlyPayment, Line, PriceMode, References, Site, TaxCase, Terms
from billing.part_payments import final, received, rest
from billing.parties import Address, Certificate, Customer, CustomerKind, ElectronicAddress, Seller
from billing.vat import totals
from documents.einvoice import invoice_xml
from documents.samples import SELLER, invoice

DEBITOR = replace(SELLER, creditor_id="DE98ZZZ09999999999")
BUILDING_SELLER = replace(SELLER, withholding_exemption=Certificate("217573300420", date(2027, 12, 31)))
CITY = Customer(
    external_id="c-9",
    name="Stadt Köln, Amt für Schulentwicklung",
    address=Address("Stadthaus Deutz, Willy-Brandt-Platz 2", "50679", "Köln"),
    kind=CustomerKind.PUBLIC,
    email="rechnung@stadt.example",
    number="10200",
    vat_id="DE122790045",
    buyer_reference="04011000-1234512345-06",
)
SWISS = Customer(
    external_id="c-10",
    name="Seeblick Hotel AG",
    address=Address("Seestrasse 9", "8002", "Zürich", country_code="CH"),
    kind=CustomerKind.BUSINESS,
    email="einkauf@seeblick.example",
)
PAINT = Line("Klassenräume streichen", Decimal(240), "m²", Decimal("7.45"), Decimal(19), is_labour=True)
SCAFFOLD = Line("Gerüst", Decimal(1), "Pauschale", Decimal("1450.00"), Decimal(19), Decimal(10))
LATER = date(2026, 11, 20)
REFERENCES = References(project="P-7", contract="V-2026-3", purchase_order="B-4711", delivery_note="LS-12")


def kinds() -> dict[str, tuple[Invoice, Seller]]:
    """One invoice of every kind to a public customer, and some ways of paying, by name."""
    usual = made("RE-1", terms=Terms(30, EarlyPayment(Decimal(2), 10)))
    return {
        "rechnung": (usual, BUILDING_SELLER),
        "sammelrechnung": (collective(), SELLER),
        "abschlag": (of_kind("AR-1", Kind.PARTIAL), SELLER),
        "anzahlung": (of_kind("AR-2", Kind.PREPAYMENT), SELLER),
        "abschlag-bau": (of_kind("AR-3", Kind.PARTIAL_CONSTRUCTION), SELLER),
        "schluss": (final_invoice(Kind.FINAL), SELLER),
        "rest": (rest_invoice(), SELLER),
        "schluss-bau": (final_invoice(Kind.FINAL_CONSTRUCTION), SELLER),
        "teilschluss-bau": (final_invoice(Kind.PARTIAL_FINAL_CONSTRUCTION), SELLER),
        "korrektur": (
            changing("KR-1", correction(usual, (replace(PAINT, quantity=Decimal(-40)),), LATER, "RB-K")),
            SELLER,
        ),
        "storno": (changing("ST-1", cancellation(usual, LATER, "RB-S", "Falscher Empfänger.")), SELLER),
        "gutschrift": (changing("GS-1", credit_note(usual, (SCAFFOLD,), LATER, "RB-G")), SELLER),
        "lastschrift": (paid_by(PaymentMeans.DIRECT_DEBIT), DEBITOR),
        "bezahlt": (paid_by(PaymentMeans.SETTLED), SELLER),
        "zuschlaege": (surcharged(), SELLER),
        "befreit": (untaxed(TaxCase.EXEMPT, CITY), SELLER),
        "ausfuhr": (untaxed(TaxCase.EXPORT, SWISS), SELLER),
    }


def made(number: str, *lines: Line, **options: object) -> Invoice:
    """An invoice to the public customer with all references."""
    usual = invoice(number, CITY, lines or (PAINT, SCAFFOLD), **options)  # type: ignore[arg-type]
    return replace(usual, draft=replace(usual.draft, references=REFERENCES, site=Site.CONSTRUCTION))


def of_kind(number: str, kind: Kind) -> Invoice:
    """A usual invoice of that kind."""
    usual = made(number)
    return replace(usual, draft=replace(usual.draft, kind=kind))


def collective() -> Invoice:
    """Two jobs of a month, each under its heading."""
    headings = [Line(f"Auftrag AB-{number} vom {number}.10.2026", is_text=True) for number in (11, 12)]
    usual = made("RE-2", headings[0], PAINT, headings[1], Line("Ortstermin", is_text=True), SCAFFOLD)
    return replace(usual, draft=replace(usual.draft, kind=Kind.COLLECTIVE))


def final_invoice(kind: Kind) -> Invoice:
    """Everything, less one paid and one partly paid part invoice; a third is open."""
    whole = made("SR-1", PAINT, SCAFFOLD, replace(PAINT, name="Pläne", vat_rate=Decimal(7)))
    paid = received(of_kind("AR-1", Kind.PARTIAL), date(2026, 9, 14), Decimal("595.00"))
    more = received(of_kind("AR-2", Kind.PARTIAL), date(2026, 10, 2))
    open_one = Reference("AR-3", date(2026, 10, 20))
    return replace(
        whole, draft=final(replace(whole.draft, kind=kind), [paid, replace(more, number="AR-2")], [open_one])
    )


def rest_invoice() -> Invoice:
    """What is left after a part payment, with gross prices."""
    whole = made("RR-1", mode=PriceMode.GROSS)
    paid = received(of_kind("AR-1", Kind.PARTIAL), date(2026, 9, 14), Decimal("595.00"))
    return replace(whole, draft=rest(whole.draft, [paid]))


def changing(number: str, draft: Draft) -> Invoice:
    """A document that changes another."""
    return Invoice(number, draft.issue_date, draft)


def paid_by(means: PaymentMeans) -> Invoice:
    """An invoice that is debited or has been paid."""
    usual = made("RE-3")
    if means is PaymentMeans.SETTLED:
        gross = usual.draft.totals.gross
        sums = replace(usual.draft.totals, paid=gross)
        return replace(usual, draft=replace(usual.draft, payment=Payment(means, paid_amount=gross), totals=sums))
    payment = Payment(means, mandate="M-2026-8", debited_iban="DE75512108001245126199")
    return replace(usual, draft=replace(usual.draft, payment=payment))


def surcharged() -> Invoice:
    """Surcharges on a line and on the document, beside discounts, at two rates and with gross prices."""
    night = replace(PAINT, surcharge_percent=Decimal(25), surcharge_reason="Nachtzuschlag", discount_percent=Decimal(3))
    lines = (night, replace(SCAFFOLD, vat_rate=Decimal(7)))
    charges = (Charge("Fracht", amount=Decimal("59.90")), Charge("Mindermenge", percent=Decimal("1.5")))
    discount = Discount(percent=Decimal(2), reason="Treuerabatt")
    usual = made("RE-4", *lines, mode=PriceMode.GROSS, discount=discount)
    sums = totals(lines, PriceMode.GROSS, discount, charges)
    return replace(usual, draft=replace(usual.draft, charges=charges, totals=sums))


def untaxed(case: TaxCase, customer: Customer) -> Invoice:
    """An invoice without VAT in that case."""
    usual = made("RE-5", replace(PAINT, vat_rate=Decimal(0)), case=case)
    address = ElectronicAddress("0204:991-1", "0204") if customer is SWISS else None
    named = replace(customer, electronic_address=address, buyer_reference="04011000-1234512345-06")
    return replace(usual, draft=replace(usual.draft, customer=named, exemption="Umsatzsteuerfrei nach § 4 Nr. 21 UStG"))


def xml_of(name: str, form: Form) -> bytes:
    """The XML of a case in a form."""
    return invoice_xml(*kinds()[name], form)


def fits(name: str, form: Form) -> bool:
    """Whether a form can express the case: XRechnung in CII has room for one reference only."""
    return form is not Form.XRECHNUNG_CII or "schluss" not in name


CASES = [(name, form) for name in kinds() for form in Form if fits(name, form)]
