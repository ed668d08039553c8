"""Lexware Office's orders, delivery notes, quotations and contacts as our jobs: pure, every surprise a typed error."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.jobs import Discount, EarlyPayment, Job, Line, PriceMode, References, TaxCase, Terms
from billing.parties import Address, Customer, CustomerKind
from connectors.errors import CannotExpress
from connectors.fields import Item
from connectors.protocols import Signal

SOURCE = "lexoffice"
MAIL_PREFERENCE = ("business", "office", "private", "other")
TAX_CASES: Mapping[str, tuple[PriceMode, TaxCase]] = {
    "net": (PriceMode.NET, TaxCase.STANDARD),
    "gross": (PriceMode.GROSS, TaxCase.STANDARD),
    "vatfree": (PriceMode.NET, TaxCase.EXEMPT),
    "intraCommunitySupply": (PriceMode.NET, TaxCase.INTRA_COMMUNITY),
    "constructionService13b": (PriceMode.NET, TaxCase.REVERSE_CHARGE),
    "externalService13b": (PriceMode.NET, TaxCase.REVERSE_CHARGE),
    "thirdPartyCountryDelivery": (PriceMode.NET, TaxCase.EXPORT),
}
UNSUPPORTED_TAX_TYPES = frozenset({"thirdPartyCountryService", "photovoltaicEquipment"})


@dataclass(frozen=True, slots=True)
class SignalKind:
    """A document that says "done": where to read it and in which status; `filters` go into the list request."""

    word: str
    resource: str
    voucher_type: str
    status: str
    filters: tuple[tuple[str, str], ...]

    def is_shown_by(self, document: Item) -> bool:
        """Whether a document of this kind gives the signal, as the list's filters would say."""
        if self.filters == ARCHIVED:
            return document.flag("archived")
        return document.text("voucherStatus") == self.status


OPEN = (("voucherStatus", "open"),)
ARCHIVED = (("voucherStatus", "any"), ("archived", "true"))
ACCEPTED = (("voucherStatus", "accepted"),)

DELIVERY_NOTE = SignalKind("Lieferschein", "delivery-notes", "deliverynote", "open", OPEN)
ORDER = SignalKind("Auftragsbestätigung", "order-confirmations", "orderconfirmation", "open", OPEN)
SIGNALS = {
    "delivery_note": DELIVERY_NOTE,
    "order_confirmation": ORDER,
    "order_archived": replace(ORDER, filters=ARCHIVED),
    "quotation_accepted": SignalKind("Angebot", "quotations", "quotation", "accepted", ACCEPTED),
}


def signal_from(row: Item) -> Signal:
    """A row of the voucher list as a sign that a job is done."""
    return Signal(row.text("id"), row.stamp("updatedDate"), row.day("updatedDate"))


def job_from(source: Item, order: Item, contact: Item | None, *, order_id: str, is_small_business: bool) -> Job:
    """A job out of the document that gave the signal, the one it is billed by, and the contact.

    `order` holds lines, prices, discount and terms; it is the order confirmation behind a delivery note, else the
    same document; `order_id` is empty where there is none. The day of performance is the signal's. Introduction and
    remark belong to the order ("wir bestätigen …") and are not carried on. Raises `CannotExpress` with the cure.
    """
    mode, case = tax_case_from(order.part("taxConditions"), is_small_business=is_small_business)
    customer = customer_from(order, contact)
    if case is TaxCase.REVERSE_CHARGE and customer is not None:
        _right_reverse_charge(order, customer)
    performed_from, performed_until = performed_in(source)
    return Job(
        source=SOURCE,
        external_id=source.text("id"),
        version=source.stamp("updatedDate"),
        number=order.text("voucherNumber"),
        customer=customer,
        lines=tuple(line_from(line, mode) for line in order.parts("lineItems")),
        performed_from=performed_from,
        performed_until=performed_until,
        price_mode=mode,
        tax_case=case,
        discount=discount_from(order.part_or_empty("totalPrice")),
        terms=terms_from(order.part_or_empty("paymentConditions")),
        order_id=order_id,
        order_number=order.text("voucherNumber") if order_id else "",
        invoiced_as=_invoice_numbers(source, order),
        currency=order.part_or_empty("totalPrice").text_or("currency", "EUR"),
        references=References(delivery_note="" if order is source else source.text_or("voucherNumber")),
    )


def tax_case_from(conditions: Item, *, is_small_business: bool) -> tuple[PriceMode, TaxCase]:
    """How prices are meant and why VAT is charged or not (`taxType`)."""
    tax_type = conditions.text("taxType")
    if tax_type in UNSUPPORTED_TAX_TYPES or conditions.has("taxSubType"):
        raise CannotExpress(
            f"Die Besteuerung „{tax_type}“ des Auftrags wird nicht unterstützt. Bitte von Hand abrechnen."
        )
    if tax_type not in TAX_CASES:
        raise conditions.unexpected("taxType", "hat einen unbekannten Wert")
    mode, case = TAX_CASES[tax_type]
    return mode, TaxCase.SMALL_BUSINESS if case is TaxCase.EXEMPT and is_small_business else case


def customer_from(document: Item, contact: Item | None) -> Customer | None:
    """The recipient: the contact as it is now, else the document's one-time address, else nobody."""
    address = document.part_or_empty("address")
    language = document.text_or("language", "de")
    if contact is not None:
        return _contact(contact, address, language)
    if not address.text_or("name"):
        return None
    return Customer("", address.text("name"), address_from(address), language=language)


def customer_now(contact: Item) -> Customer:
    """A contact by itself, without a document that names him."""
    return _contact(contact, Item({}, contact.place), "de")


def address_from(address: Item) -> Address:
    """A postal address; what is missing is left empty, the rules decide whether that will do."""
    return Address(
        street=address.text_or("street"),
        postcode=address.text_or("zip"),
        city=address.text_or("city"),
        country_code=address.text_or("countryCode", "DE"),
        supplement=address.text_or("supplement"),
    )


def line_from(line: Item, mode: PriceMode) -> Line:
    """One line. Articles become plain lines with their text and price, as the order agreed them."""
    name, description = line.text_or("name"), line.text_or("description")
    if line.text("type") == "text":
        return Line(name=name, description=description, is_text=True)
    if line.flag("alternative") or line.flag("optional") or line.parts("subItems"):
        raise CannotExpress(
            f"Position „{name}“ ist eine Alternative oder wahlweise. Bitte einen Auftrag ohne Auswahl anlegen."
        )
    if not line.has("unitPrice"):
        raise CannotExpress(f"Position „{name}“ hat keinen Preis. Bitte eine Auftragsbestätigung mit Preisen anlegen.")
    price = line.part("unitPrice")
    return Line(
        name=line.text("name"),
        quantity=line.amount("quantity"),
        unit=line.text_or("unitName"),
        unit_price=price.amount("netAmount" if mode is PriceMode.NET else "grossAmount"),
        vat_rate=price.amount("taxRatePercentage"),
        discount_percent=line.amount_or("discountPercentage", Decimal(0)),
        description=description,
    )


def discount_from(total: Item) -> Discount:
    """The reduction of the whole document."""
    return Discount(
        percent=total.amount_or("totalDiscountPercentage", Decimal(0)),
        amount=total.amount_or("totalDiscountAbsolute", Decimal(0)),
    )


def terms_from(conditions: Item) -> Terms | None:
    """Payment terms with Skonto; None where the document leaves them to the default."""
    if not conditions.has("paymentTermDuration"):
        return None
    early = conditions.part_or_empty("paymentDiscountConditions")
    percent = early.amount_or("discountPercentage", Decimal(0))
    offer = EarlyPayment(percent, early.count("discountRange")) if percent else None
    return Terms(conditions.count("paymentTermDuration"), offer)


def performed_in(document: Item) -> tuple[date, date]:
    """First and last day of performance: shipping date or period; without one the document's own day.

    An accepted quotation plans nothing, so it counts as performed on the day of its last change.
    """
    shipping = document.part_or_empty("shippingConditions")
    if not shipping.has("shippingDate"):
        is_quotation = document.has("expirationDate")
        day = document.day("updatedDate" if is_quotation else "voucherDate")
        return day, day
    first = shipping.day("shippingDate")
    return first, shipping.day("shippingEndDate") if shipping.has("shippingEndDate") else first


def _invoice_numbers(source: Item, order: Item) -> tuple[str, ...]:
    """Invoices that Lexware already relates to the job; final invoices after down payments exist only in the app."""
    related = [*source.parts("relatedVouchers"), *order.parts("relatedVouchers")]
    if any(voucher.text("voucherType") == "downpaymentinvoice" for voucher in related):
        number = order.text("voucherNumber")
        raise CannotExpress(f"Zu Auftrag {number} gibt es Anzahlungen. Bitte die Schlussrechnung von Hand schreiben.")
    invoices = [voucher for voucher in related if voucher.text("voucherType") == "invoice"]
    return tuple(dict.fromkeys(voucher.text_or("voucherNumber") or voucher.text("id") for voucher in invoices))


def _right_reverse_charge(order: Item, customer: Customer) -> None:
    """§ 13b UStG: construction work for a customer in Germany, other services for one abroad."""
    abroad = customer.address.country_code != "DE"
    if abroad != (order.part("taxConditions").text("taxType") == "externalService13b"):
        raise CannotExpress(
            f"Die Steuerart (§ 13b UStG) von Auftrag {order.text('voucherNumber')} passt nicht zum Land des Kunden"
            f" ({customer.address.country_code}). Bitte prüfen."
        )


def _contact(contact: Item, address: Item, language: str) -> Customer:
    company, person = contact.part_or_empty("company"), contact.part_or_empty("person")
    names = [person.text_or("firstName"), person.text_or("lastName")]
    billing = contact.part_or_empty("addresses").parts("billing")
    reference = contact.part_or_empty("xRechnung").text_or("buyerReference")
    return Customer(
        external_id=contact.text("id"),
        name=company.text_or("name") or " ".join(filter(None, names)) or address.text("name"),
        address=address_from(billing[0] if billing else address),
        kind=_customer_kind(contact, reference),
        email=_mail_address(contact.part_or_empty("emailAddresses")),
        number=contact.part_or_empty("roles").part_or_empty("customer").text_or("number"),
        vat_id=company.text_or("vatRegistrationId"),
        buyer_reference=reference,
        language=language,
    )


def _customer_kind(contact: Item, buyer_reference: str) -> CustomerKind:
    if buyer_reference:
        return CustomerKind.PUBLIC
    return CustomerKind.BUSINESS if contact.has("company") else CustomerKind.CONSUMER


def _mail_address(addresses: Item) -> str:
    found = (text for kind in MAIL_PREFERENCE for text in addresses.texts(kind))
    return next(filter(None, found), "")
