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
FURTHER_NOTES = (NoteKind.LABOUR_SHARE, NoteKind.KEEP_TWO_YEARS, NoteKind.WITHHOLDING_EXEMPTION)


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
    has_leitweg_id: bool
    project: str
    contract: str
    purchase_order: str
    delivery_note: str
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
    has_period: bool
    has_discounts: bool
    has_surcharges: bool
    has_vat_column: bool
    shows_vat: bool
    label_span: int

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
    draft, totals = invoice.draft, invoice.draft.totals
    has_discounts = any(line.discount_percent for line in draft.lines)
    has_surcharges = any(line.surcharge_percent for line in draft.lines)
    notes = legal_notes(draft, seller)
    shown = {note.kind: _note(note, draft, language) for note in notes}
    tax_notes = [shown[kind] for kind in (*TAX_NOTES.values(), NoteKind.ZERO_RATE) if kind in shown]
    has_vat_column = len(totals.groups) > 1
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
        has_leitweg_id=is_leitweg_id(draft.buyer_reference),
        project=one_line(draft.references.project),
        contract=one_line(draft.references.contract),
        purchase_order=one_line(draft.references.purchase_order),
        delivery_note=one_line(draft.references.delivery_note),
        preceding=tuple(ReferenceView(one_line(it.number), language.day(it.issue_date)) for it in draft.preceding),
        recipient=address_lines(draft.customer),
        order_number=one_line(draft.order_number),
        marker=draft.marker,
        title=one_line(draft.title),
        introduction=paragraphs(draft.introduction),
        remark=paragraphs(draft.remark),
        rows=rows_of(draft, language),
        subtotal=language.amount(totals.line_total, draft.currency),
        discount=language.amount(-totals.discount, draft.currency) if totals.discount else "",
        discount_percent=_percent(draft.discount.percent, language),
        discount_reason=one_line(draft.discount.reason),
        charges=tuple(_charge(each, draft, language) for each in draft.charges),
        net=language.amount(totals.net, draft.currency),
        vat_rows=_vat_rows(draft, language),
        gross=language.amount(totals.gross, draft.currency),
        deductions=deductions_of(draft, language),
        paid=_paid(draft, language),
        due=language.amount(abs(totals.due), draft.currency),
        demand=demand.value,
        mandate=one_line(draft.payment.mandate),
        debited_iban=_masked(draft.payment.debited_iban),
        creditor_id=one_line(seller.creditor_id),
        early=early_view(invoice, language) if demand is Demand.TRANSFER else None,
        giro=giro_view(seller, totals.due, invoice.number) if draft.is_payable else None,
        tax_note=tax_notes[0] if tax_notes else None,
        payment_note=shown.get(NoteKind.DEFAULT_AFTER_30_DAYS) if demand is Demand.TRANSFER else None,
        notes=tuple(shown[note.kind] for note in notes if note.kind in FURTHER_NOTES),
        seller=seller_view(seller),
        closing=tuple(clean(text) for text in closing),
        footer=tuple(one_line(text) for text in footer),
        is_gross=draft.price_mode is PriceMode.GROSS,
        has_period=draft.performed_from != draft.performed_until,
        has_discounts=has_discounts or has_surcharges,
        has_surcharges=has_surcharges,
        has_vat_column=has_vat_column,
        shows_vat=not any(kind in shown for kind in TAX_NOTES.values()),
        label_span=3 + (has_discounts or has_surcharges) + has_vat_column,
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


def _paid(draft: Draft, language: Language) -> str:
    paid = draft.payment.paid_amount
    return language.amount(-paid, draft.currency) if paid else ""


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
