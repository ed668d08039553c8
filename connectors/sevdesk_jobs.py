"""sevDesk's orders, delivery notes and contacts as our jobs: pure, every surprise a typed error."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.jobs import Discount, EarlyPayment, Job, Line, PriceMode, References, TaxCase, Terms
from billing.money import CENT, in_german
from billing.parties import Address, Customer, CustomerKind
from billing.vat import totals
from connectors.errors import CannotExpress
from connectors.fields import Item
from connectors.protocols import Signal
from connectors.sevdesk_answers import day, reference, stamp, yes
from connectors.sevdesk_records import ContactFile

SOURCE = "sevdesk"
DRAFT, SENT, REJECTED, ACCEPTED, PARTLY_INVOICED, INVOICED = "100", "200", "300", "500", "750", "1000"
STATUS_WORDS = {
    DRAFT: "Entwurf",
    SENT: "versendet",
    REJECTED: "abgelehnt",
    ACCEPTED: "angenommen",
    PARTLY_INVOICED: "teilweise berechnet",
    INVOICED: "berechnet",
}
TAX_CASES: Mapping[str, TaxCase] = {
    "1": TaxCase.STANDARD,
    "2": TaxCase.EXPORT,
    "3": TaxCase.INTRA_COMMUNITY,
    "4": TaxCase.EXEMPT,
    "5": TaxCase.REVERSE_CHARGE,
    "11": TaxCase.SMALL_BUSINESS,
    "21": TaxCase.REVERSE_CHARGE,
}
OLD_TAX_TYPES: Mapping[str, str] = {"default": "1", "eu": "3", "ss": "11", "noteu": "17"}
HOME_REVERSE_CHARGE, EU_REVERSE_CHARGE = "5", "21"
MAIL_PREFERENCE = ("8", "2", "1")
"""Keys of communication ways: invoicing, work, private; then any other."""


@dataclass(frozen=True, slots=True)
class Names:
    """What sevDesk's ids of units and countries mean: names, and codes of ISO 3166."""

    units: Mapping[str, str]
    countries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrderFile:
    """An order and what sevDesk keeps about it elsewhere: positions, discounts and invoices made of it."""

    order: Item
    positions: list[Item]
    discounts: list[Item]
    invoices: list[Item]


def signal_from(row: Item) -> Signal:
    """A row of the order list as a sign that a job is done."""
    return Signal(row.text("id"), stamp(row, "update"), day(row, "update"))


def job_from(source: Item, file: OrderFile, contact: ContactFile | None, names: Names, performed: date) -> Job:
    """A job out of the document that gave the signal, the order it is billed by, and the contact.

    `file.order` holds lines, prices and tax; it is the order confirmation behind a delivery note, else the same
    document. Raises `CannotExpress` with the cure.
    """
    order = file.order
    customer = customer_from(contact, names, order.text_or("address")) if contact else None
    number = order.text("orderNumber")
    mode = PriceMode.NET if yes(order, "showNet") else PriceMode.GROSS
    is_order = order.text("orderType") == "AB"
    job = Job(
        source=SOURCE,
        external_id=source.text("id"),
        version=stamp(source, "update"),
        number=number,
        customer=customer,
        lines=tuple(line_from(position, names) for position in _in_order(file.positions)),
        performed_from=performed,
        performed_until=performed,
        price_mode=mode,
        tax_case=tax_case_from(order, customer),
        discount=discount_from(file.discounts, mode),
        terms=terms_from(contact.contact) if contact else None,
        order_id=order.text("id") if is_order else "",
        order_number=number if is_order else "",
        invoiced_as=_invoice_numbers(source, file),
        currency=order.text_or("currency", "EUR"),
        references=References(
            purchase_order=" ".join(order.text_or("customerInternalNote").split()),
            delivery_note="" if order is source else source.text_or("orderNumber"),
        ),
    )
    _compare_sums(job, order)
    return job


def tax_case_from(order: Item, customer: Customer | None) -> TaxCase:
    """Why VAT is charged or not: `taxRule` of update 2.0, else the older `taxType`."""
    rule = reference(order, "taxRule") or OLD_TAX_TYPES.get(order.text("taxType"), "")
    if rule not in TAX_CASES:
        number = order.text("orderNumber")
        raise CannotExpress(
            f"Die Steuerregel {rule or order.text('taxType')} von Auftrag {number} wird nicht unterstützt."
            " Bitte von Hand abrechnen."
        )
    abroad = customer is not None and customer.address.country_code != "DE"
    if TAX_CASES[rule] is TaxCase.REVERSE_CHARGE and customer and abroad != (rule == EU_REVERSE_CHARGE):
        raise CannotExpress(
            f"Die Steuerregel (§ 13b oder § 18b UStG) von Auftrag {order.text('orderNumber')} passt nicht zum Land des"
            f" Kunden ({customer.address.country_code}). Bitte prüfen."
        )
    return TAX_CASES[rule]


def line_from(position: Item, names: Names) -> Line:
    """One line, with the text and price the order agreed. A discount of a position is a percentage."""
    name = plain(position.text_or("name"))
    description = plain(position.text_or("text"))
    if yes(position, "optional"):
        raise CannotExpress(f"Position „{name}“ ist wahlweise. Bitte einen Auftrag ohne Auswahl anlegen.")
    if not position.has("price"):
        raise CannotExpress(f"Position „{name}“ hat keinen Preis. Bitte eine Auftragsbestätigung mit Preisen anlegen.")
    return Line(
        name=name or description.partition("\n")[0],
        quantity=position.amount("quantity"),
        unit=names.units.get(reference(position, "unity"), ""),
        unit_price=position.amount("price"),
        vat_rate=position.amount("taxRate"),
        discount_percent=number_or_zero(position, "discount"),
        description=description,
    )


def discount_from(discounts: list[Item], mode: PriceMode) -> Discount:
    """The reduction of the whole order. Raises `CannotExpress` where several do not add up to one."""
    percent = [number_or_zero(row, "value") for row in discounts if yes(row, "percentage")]
    fixed = [row for row in discounts if not yes(row, "percentage")]
    if len(percent) > 1 or any(row.has("isNet") and yes(row, "isNet") != (mode is PriceMode.NET) for row in fixed):
        raise CannotExpress("Der Auftrag hat Rabatte, die sich nicht zusammenfassen lassen. Bitte von Hand abrechnen.")
    return Discount(sum(percent, Decimal(0)), sum((number_or_zero(row, "value") for row in fixed), Decimal(0)))


def customer_from(file: ContactFile, names: Names, written: str) -> Customer:
    """The contact as it is now. Of several addresses the one for invoices counts, else the one `written` on the order.

    A person has no `name`; `surename` holds the first name, as sevDesk admits.
    """
    contact = file.contact
    company = contact.text_or("name")
    person = (contact.text_or("surename"), contact.text_or("familyname"))
    return Customer(
        external_id=contact.text("id"),
        name=company or " ".join(filter(None, person)),
        address=_address(file.addresses, names, written),
        kind=_kind(contact),
        email=_mail_address(file.ways),
        number=contact.text_or("customerNumber"),
        vat_id=contact.text_or("vatNumber").replace(" ", ""),
        buyer_reference=contact.text_or("buyerReference"),
    )


def terms_from(contact: Item) -> Terms | None:
    """The contact's own payment terms with Skonto; None where it has none."""
    if not contact.text_or("defaultTimeToPay").isdigit():
        return None
    percent = number_or_zero(contact, "defaultCashbackPercent")
    days = contact.text_or("defaultCashbackTime")
    offer = EarlyPayment(percent, int(days)) if percent and days.isdigit() else None
    return Terms(int(contact.text("defaultTimeToPay")), offer)


def plain(text: str) -> str:
    """A text without the HTML that sevDesk allows in it."""
    broken = re.sub(r"<(?:br\s*/?|/p|/li|/div)>", "\n", text, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", broken)).strip()


def number_or_zero(row: Item, name: str) -> Decimal:
    """A number that may be null or empty."""
    return row.amount(name) if row.data.get(name) not in (None, "") else Decimal(0)


def _in_order(positions: list[Item]) -> list[Item]:
    return sorted(positions, key=lambda position: number_or_zero(position, "positionNumber"))


def _compare_sums(job: Job, order: Item) -> None:
    """Our reading of discounts must give the order's own sums; a cent per line is sevDesk's way of rounding."""
    ours = totals(job.lines, job.price_mode, job.discount)
    for name, amount in (("sumNet", ours.net), ("sumGross", ours.gross)):
        theirs = number_or_zero(order, name)
        if theirs and abs(theirs - amount) > CENT * len(job.lines):
            raise CannotExpress(
                f"Auftrag {job.number} nennt {in_german(theirs)}, seine Positionen ergeben {in_german(amount)}."
                " Bitte Rabatte und Preise prüfen oder von Hand abrechnen."
            )


def _invoice_numbers(source: Item, file: OrderFile) -> tuple[str, ...]:
    """Invoices that sevDesk already knows for the job; its status alone is enough to stop a second one."""
    made = [row.text_or("invoiceNumber") or f"Entwurf {row.text('id')}" for row in file.invoices]
    statuses = {source.text("status"), file.order.text("status")} & {PARTLY_INVOICED, INVOICED}
    told = [f"(in sevDesk als {STATUS_WORDS[status]} geführt)" for status in sorted(statuses)]
    return tuple(dict.fromkeys(made or told))


def _kind(contact: Item) -> CustomerKind:
    if yes(contact, "governmentAgency"):
        return CustomerKind.PUBLIC
    return CustomerKind.BUSINESS if contact.text_or("name") else CustomerKind.CONSUMER


def _mail_address(ways: list[Item]) -> str:
    """The address for invoices, then work, then private, then any; the main one first among equals."""
    mails = [way for way in ways if way.text_or("type") == "EMAIL" and way.text_or("value")]
    ranked = sorted(mails, key=lambda way: (_rank(reference(way, "key")), not yes(way, "main")))
    return ranked[0].text("value") if ranked else ""


def _rank(key: str) -> int:
    return MAIL_PREFERENCE.index(key) if key in MAIL_PREFERENCE else len(MAIL_PREFERENCE)


def _address(addresses: list[Item], names: Names, written: str) -> Address:
    if not addresses:
        return Address()
    address = min(addresses, key=lambda row: (_is_no_invoice_address(row), row.text_or("street") not in written))
    return Address(
        street=address.text_or("street"),
        postcode=address.text_or("zip"),
        city=address.text_or("city"),
        country_code=names.countries.get(reference(address, "country"), ""),
        supplement=address.text_or("name2"),
    )


def _is_no_invoice_address(address: Item) -> bool:
    return "rechnung" not in address.part_or_empty("category").text_or("name").lower()
