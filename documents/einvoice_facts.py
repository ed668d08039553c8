"""What an electronic invoice says, before it is put into the words of CII or UBL."""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal

from billing.einvoice_duty import Form
from billing.invoices import Draft, Invoice, Kind, PaymentMeans, Reference
from billing.legal_notes import NoteKind, legal_notes
from billing.parties import Customer, ElectronicAddress, Seller
from billing.terms import early_offer
from documents import german
from documents.legal_words import sentence
from documents.net_prices import NetLine, Reduction, net_lines, reductions
from documents.taxes import Category, category

PLAIN = "urn:cen.eu:en16931:2017"
XRECHNUNG = f"{PLAIN}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
# UNTDID 4461: SEPA transfer, SEPA direct debit, not defined.
MEANS = {PaymentMeans.TRANSFER: "58", PaymentMeans.DIRECT_DEBIT: "59"}
NO_MEANS = "1"
DISCOUNT_CODE = "95"  # UNTDID 5189
UNITS = {
    "stunde": "HUR", "stunden": "HUR", "std": "HUR", "h": "HUR", "minute": "MIN", "minuten": "MIN", "min": "MIN",
    "tag": "DAY", "tage": "DAY", "monat": "MON", "monate": "MON",
    "m": "MTR", "meter": "MTR", "lfm": "MTR", "lfdm": "MTR", "m²": "MTK", "qm": "MTK", "m2": "MTK",
    "m³": "MTQ", "cbm": "MTQ", "m3": "MTQ", "km": "KMT", "cm": "CMT", "mm": "MMT",
    "kg": "KGM", "g": "GRM", "t": "TNE", "tonne": "TNE", "l": "LTR", "liter": "LTR",
    "stück": "H87", "stk": "H87", "st": "H87", "set": "SET",
    "pauschal": "LS", "pauschale": "LS", "psch": "LS",
}  # fmt: skip
ANY_UNIT = "C62"
# BT-120 says these already.
_IN_BREAKDOWN = frozenset(
    {NoteKind.SMALL_BUSINESS, NoteKind.REVERSE_CHARGE, NoteKind.INTRA_COMMUNITY, NoteKind.EXPORT, NoteKind.EXEMPT}
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A supporting document inside the XML (BG-24): `title` BT-123, `content` BT-125 with type and file name."""

    name: str
    media_type: str
    title: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """One VAT group (BG-23) with its category."""

    category: Category
    rate: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """An invoice with everything that both syntaxes have to derive from it, derived once."""

    invoice: Invoice
    seller: Seller
    form: Form
    lines: tuple[NetLine, ...]
    reductions: tuple[Reduction, ...]
    attachments: tuple[Attachment, ...]

    @property
    def draft(self) -> Draft:
        """The invoice's draft."""
        return self.invoice.draft

    @property
    def profile(self) -> str:
        """BT-24."""
        return PLAIN if self.form is Form.ZUGFERD else XRECHNUNG

    @property
    def process(self) -> str:
        """BT-23; plain EN 16931 needs none."""
        return "" if self.form is Form.ZUGFERD else PROCESS

    @property
    def line_total(self) -> Decimal:
        """BT-106."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    @property
    def allowances(self) -> Decimal:
        """BT-107."""
        return sum((part.amount for part in self.reductions if part.amount > 0), Decimal("0.00"))

    @property
    def charges(self) -> Decimal:
        """BT-108."""
        return -sum((part.amount for part in self.reductions if part.amount < 0), Decimal("0.00"))

    def category(self, rate: Decimal) -> Category:
        """The VAT category of amounts at that rate."""
        draft = self.draft
        return category(draft.tax_case, rate, small_business=self.seller.small_business, exemption=draft.exemption)


def facts_of(invoice: Invoice, seller: Seller, form: Form) -> Facts:
    """Everything the writers need."""
    draft = invoice.draft
    attachments = (part_payments_table(draft),) if draft.deductions else ()
    return Facts(invoice, seller, form, net_lines(draft), reductions(draft), attachments)


def unit_code(unit: str) -> str:
    """The UN/ECE code (BT-130) of a German unit; `C62` (one) for what has none."""
    return UNITS.get(unit.strip().rstrip(".").lower(), ANY_UNIT)


def breakdown(facts: Facts) -> tuple[TaxGroup, ...]:
    """The VAT groups (BG-23)."""
    return tuple(
        TaxGroup(facts.category(group.rate), group.rate, group.net, group.vat) for group in facts.draft.totals.groups
    )


def notes(facts: Facts) -> tuple[str, ...]:
    """The document's notes (BT-22): its texts, what the law wants said, and our marker."""
    draft = facts.draft
    legal = (sentence(note) for note in legal_notes(draft, facts.seller) if note.kind not in _IN_BREAKDOWN)
    texts = (draft.title, draft.introduction, draft.remark, *legal, f"Vorgang {draft.marker}")
    return tuple(text for text in texts if german.clean(text))


def preceding(draft: Draft) -> tuple[Reference, ...]:
    """The invoices it changes or deducts (BG-3), each once."""
    deducted = (Reference(part.number, part.issue_date) for part in draft.deductions)
    return tuple(dict.fromkeys((*draft.preceding, *deducted)))


def means_code(draft: Draft) -> str:
    """BT-81; "not defined" where nothing is to be paid, so that no bank details invite to pay."""
    return MEANS.get(draft.payment.means, NO_MEANS) if asks_for_money(draft) else NO_MEANS


def asks_for_money(draft: Draft) -> bool:
    """Whether the customer is to pay in any way."""
    is_open = draft.payment.means is not PaymentMeans.SETTLED and draft.totals.due > 0
    return is_open and draft.kind is not Kind.CREDIT_NOTE


def payment_terms(invoice: Invoice) -> str:
    """BT-20: the Skonto step in the XRechnung form (BR-DE-18) on a line of its own, then the words."""
    draft, day = invoice.draft, german.day(invoice.due_date)
    if not asks_for_money(draft):
        settled = draft.payment.means is PaymentMeans.SETTLED or draft.totals.due == 0
        return "Der Betrag ist bereits bezahlt." if settled else "Der Betrag wird verrechnet oder erstattet."
    if draft.payment.means is PaymentMeans.DIRECT_DEBIT:
        until = f"Der Betrag wird zum {day} per SEPA-Lastschrift eingezogen (Mandat {draft.payment.mandate})."
    else:
        until = f"Zahlbar bis {day} ohne Abzug."
    early = draft.terms.early_payment
    if early is None:
        return until
    offer = early_offer(draft.issue_date, draft.totals.due, early)
    return (
        f"#SKONTO#TAGE={early.days}#PROZENT={early.percent:.2f}#\n"
        f"Bei Zahlung bis {german.day(offer.until)} {german.quantity(early.percent)} % Skonto"
        f" ({german.grouped(offer.saving, 2)} EUR). {until}"
    )


def seller_address(seller: Seller) -> ElectronicAddress | None:
    """BT-34."""
    return seller.electronic_address or (ElectronicAddress(seller.email) if seller.email else None)


def buyer_address(customer: Customer) -> ElectronicAddress | None:
    """BT-49."""
    return customer.electronic_address or (ElectronicAddress(customer.email) if customer.email else None)


def part_payments_table(draft: Draft) -> Attachment:
    """The list of part payments that § 14 (5) s. 2 UStG wants, as CSV inside the XML (BMF 15.10.2024 Rn. 48)."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(["Rechnung", "vom", "erhalten am", "Steuersatz %", "netto EUR", "Umsatzsteuer EUR", "brutto EUR"])
    for part in draft.deductions:
        for group in part.groups:
            amounts = (german.grouped(value, 2) for value in (group.net, group.vat, group.net + group.vat))
            days = (german.day(part.issue_date), german.day(part.received_on))
            rows.writerow([german.one_line(part.number), *days, german.quantity(group.rate), *amounts])
    title = "Abgesetzte Abschlagszahlungen (§ 14 Abs. 5 Satz 2 UStG)"
    return Attachment("abschlagszahlungen.csv", "text/csv", title, text.getvalue().encode("utf-8-sig"))
