"""What the invoice template sees: finished strings, so that no template has to reckon, format or decide about money."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing.invoices import Draft, Invoice, Kind, PaymentMeans
from billing.jobs import Charge, PriceMode
from billing.legal_notes import TAX_NOTES, LegalNote, NoteKind, legal_notes
from billing.leitweg import is_leitweg_id
from billing.parties import Seller
from billing.terms import early_offer
from billing.vat import charge_amount
from documents.deductions import Deductions, deductions_of
from documents.german import clean, iban_groups, one_line
from documents.languages import GERMAN, Language
from documents.letter import Giro, SellerView, address_lines, giro_view, paragraphs, seller_view
from documents.rows import Row, groups_of, rows_of
from documents.timesheet import Timesheet, timesheet_of


class Demand(StrEnum):
    """What becomes of the amount due: the customer transfers it, it is debited, given back, or nothing is to be done.

    SETTLED was paid in cash or by card, NOTHING is a document over nothing.
    """

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    SETTLED = "settled"
    REFUND = "refund"
    NOTHING = "nothing"


# Notes that stand after the payment data; the tax note and that of § 286 (3) BGB have their own places.
FURTHER_NOTES = (NoteKind.KEEP_TWO_YEARS, NoteKind.LABOUR_SHARE, NoteKind.WITHHOLDING_EXEMPTION)
ON_TAX = (*TAX_NOTES.values(), NoteKind.ZERO_RATE)


@dataclass(frozen=True, slots=True)
class VatRow:
    """Net, rate and VAT of one rate (BG-23)."""

    rate: str
    net: str
    vat: str


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """An addition to the whole document (BG-21); `percent` is empty for a fixed amount."""

    reason: str
    percent: str
    amount: str


@dataclass(frozen=True, slots=True)
class ReferencesView:
    """What the customer wants to find on the invoice (BT-11 to BT-13, BT-16)."""

    project: str
    contract: str
    purchase_order: str
    delivery_note: str


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """An earlier invoice."""

    number: str
    issue_date: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note that the law wants: its kind chooses the words, the rest stands in them."""

    kind: str
    text: str
    day: str
    amount: str


@dataclass(frozen=True, slots=True)
class Early:
    """Skonto in words: pay `amount`, which is `saving` less, until `until`."""

    percent: str
    until: str
    saving: str
    amount: str


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """Everything on an invoice as text. Optional parts are empty; the flags choose columns and notes."""

    kind: str
    number: str
    issue_date: str
    due_date: str
    performed_from: str
    performed_until: str
    customer_name: str
    customer_number: str
    customer_vat_id: str
    buyer_reference: str
    references: ReferencesView
    preceding: tuple[ReferenceView, ...]
    recipient: tuple[str, ...]
    order_number: str
    marker: str
    title: str
    introduction: tuple[str, ...]
    remark: tuple[str, ...]
    rows: tuple[Row, ...]
    subtotal: str
    discount: str
    discount_percent: str
    discount_reason: str
    charges: tuple[ChargeRow, ...]
    net: str
    vat_rows: tuple[VatRow, ...]
    gross: str
    deductions: Deductions | None
    paid: str
    due: str
    demand: str
    mandate: str
    debited_iban: str
    creditor_id: str
    early: Early | None
    giro: Giro | None
    tax_note: NoteView | None
    payment_note: NoteView | None
    notes: tuple[NoteView, ...]
    seller: SellerView
    closing: tuple[str, ...]
    footer: tuple[str, ...]
    is_gross: bool
    has_surcharges: bool
    timesheet: Timesheet | None

    @property
    def has_leitweg_id(self) -> bool:
        """Whether the customer's reference is one of a public customer."""
        return is_leitweg_id(self.buyer_reference)

    @property
    def has_period(self) -> bool:
        """Whether the work took more than a day."""
        return self.performed_from != self.performed_until

    @property
    def has_discounts(self) -> bool:
        """Whether a line has a discount or surcharge."""
        return any(row.change for row in self.rows)

    @property
    def has_vat_column(self) -> bool:
        """Whether the lines have to say their rate, since there are several."""
        return len(self.vat_rows) > 1

    @property
    def shows_vat(self) -> bool:
        """Whether VAT may be shown at all (§ 14c UStG)."""
        return self.tax_note is None or self.tax_note.kind == NoteKind.ZERO_RATE

    @property
    def label_span(self) -> int:
        """Over how many columns the label of a sum reaches."""
        return 3 + self.has_discounts + self.has_vat_column

    @property
    def groups(self) -> tuple[tuple[Row, ...], ...]:
        """The rows in groups that stay on one page."""
        return groups_of(self.rows)


def invoice_view(
    invoice: Invoice,
    seller: Seller,
    footer: tuple[str, ...] = (),
    closing: tuple[str, ...] = (),
    language: Language = GERMAN,
) -> InvoiceView:
    """The invoice as the template sees it."""
    draft, totals, currency = invoice.draft, invoice.draft.totals, invoice.draft.currency
    notes = {note.kind: _note(note, draft, language) for note in legal_notes(draft, seller)}
    demand = demand_of(draft)
    return InvoiceView(
        kind=draft.kind.value,
        number=one_line(invoice.number),
        issue_date=language.day(draft.issue_date),
        due_date=language.day(invoice.due_date),
        performed_from=language.day(draft.performed_from),
        performed_until=language.day(draft.performed_until),
        customer_name=one_line(draft.customer.name),
        customer_number=one_line(draft.customer.number),
        customer_vat_id=one_line(draft.customer.vat_id),
        buyer_reference=one_line(draft.buyer_reference),
        references=_references(draft),
        preceding=tuple(ReferenceView(one_line(it.number), language.day(it.issue_date)) for it in draft.preceding),
        recipient=address_lines(draft.customer),
        order_number=one_line(draft.order_number),
        marker=draft.marker,
        title=one_line(draft.title),
        introduction=paragraphs(draft.introduction),
        remark=paragraphs(draft.remark),
        rows=rows_of(draft, language),
        subtotal=language.amount(totals.line_total, currency),
        discount=_amount(-totals.discount, currency, language),
        discount_percent=_percent(draft.discount.percent, language),
        discount_reason=one_line(draft.discount.reason),
        charges=tuple(_charge(each, draft, language) for each in draft.charges),
        net=language.amount(totals.net, currency),
        vat_rows=_vat_rows(draft, language),
        gross=language.amount(totals.gross, currency),
        deductions=deductions_of(draft, language),
        paid=_amount(-draft.payment.paid_amount, currency, language),
        due=language.amount(abs(totals.due), currency),
        demand=demand.value,
        mandate=one_line(draft.payment.mandate),
        debited_iban=_masked(draft.payment.debited_iban),
        creditor_id=one_line(seller.creditor_id),
        early=early_view(invoice, language) if demand is Demand.TRANSFER else None,
        giro=giro_view(seller, totals.due, invoice.number) if draft.is_payable else None,
        tax_note=next((notes[kind] for kind in ON_TAX if kind in notes), None),
        payment_note=notes.get(NoteKind.DEFAULT_AFTER_30_DAYS) if demand is Demand.TRANSFER else None,
        notes=tuple(notes[kind] for kind in FURTHER_NOTES if kind in notes),
        seller=seller_view(seller),
        closing=tuple(clean(text) for text in closing),
        footer=tuple(one_line(text) for text in footer),
        is_gross=draft.price_mode is PriceMode.GROSS,
        has_surcharges=any(line.surcharge_percent for line in draft.lines),
        timesheet=timesheet_of(draft, language),
    )


def demand_of(draft: Draft) -> Demand:
    """What becomes of the amount due."""
    if draft.totals.due == 0:
        return Demand.SETTLED if draft.totals.gross > 0 else Demand.NOTHING
    if draft.kind is Kind.CREDIT_NOTE or draft.totals.due < 0:
        return Demand.REFUND
    return {
        PaymentMeans.TRANSFER: Demand.TRANSFER,
        PaymentMeans.DIRECT_DEBIT: Demand.DIRECT_DEBIT,
        PaymentMeans.SETTLED: Demand.SETTLED,
    }[draft.payment.means]


def early_view(invoice: Invoice, language: Language = GERMAN) -> Early | None:
    """What paying early is worth, if it was agreed."""
    draft = invoice.draft
    if draft.terms.early_payment is None:
        return None
    offer = early_offer(draft.issue_date, draft.totals.due, draft.terms.early_payment)
    return Early(
        language.percent(offer.percent),
        language.day(offer.until),
        language.amount(offer.saving, draft.currency),
        language.amount(offer.amount, draft.currency),
    )


def _note(note: LegalNote, draft: Draft, language: Language) -> NoteView:
    return NoteView(
        note.kind.value,
        one_line(note.text).rstrip("."),
        language.day(note.day) if note.day else "",
        language.amount(note.amount, draft.currency) if note.amount is not None else "",
    )


def _masked(iban: str) -> str:
    """The customer's account as far as he needs it to know it again."""
    plain = iban_groups(iban).replace(" ", "")
    return f"{plain[:4]} … {plain[-4:]}" if plain else ""


def _amount(value: Decimal, currency: str, language: Language) -> str:
    """An amount, empty for none."""
    return language.amount(value, currency) if value else ""


def _references(draft: Draft) -> ReferencesView:
    asked = draft.references
    return ReferencesView(*map(one_line, (asked.project, asked.contract, asked.purchase_order, asked.delivery_note)))


def _charge(charge: Charge, draft: Draft, language: Language) -> ChargeRow:
    amount = charge_amount(draft.totals.line_total, charge)
    return ChargeRow(
        one_line(charge.reason), _percent(charge.percent, language), language.amount(amount, draft.currency)
    )


def _vat_rows(draft: Draft, language: Language) -> tuple[VatRow, ...]:
    return tuple(
        VatRow(
            language.percent(group.rate),
            language.amount(group.net, draft.currency),
            language.amount(group.vat, draft.currency),
        )
        for group in draft.totals.groups
    )


def _percent(value: Decimal, language: Language) -> str:
    return language.percent(value) if value else ""
