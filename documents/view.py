"""What the invoice template sees: finished strings, so that no template has to reckon, format or decide about money."""

from dataclasses import dataclass
from decimal import Decimal

from billing.invoices import Draft, Invoice
from billing.jobs import Line, PriceMode
from billing.parties import Customer, CustomerKind, Seller
from billing.terms import early_offer
from billing.vat import line_amount
from documents import german
from documents.german import clean, one_line
from documents.girocode import payload, svg_path
from documents.taxes import note


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; a text line has neither `position` nor `amount`. `description` is split at line feeds."""

    position: str
    name: str
    description: tuple[str, ...]
    quantity: str
    unit: str
    unit_price: str
    discount: str
    vat_rate: str
    amount: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class VatRow:
    """Net, rate and VAT of one rate (BG-23)."""

    rate: str
    net: str
    vat: str


@dataclass(frozen=True, slots=True)
class Early:
    """Skonto in words: pay `amount`, which is `saving` less, until `until`."""

    percent: str
    until: str
    saving: str
    amount: str


@dataclass(frozen=True, slots=True)
class Giro:
    """The GiroCode as SVG path; `edge` is the side of the square in modules."""

    path: str
    edge: int


@dataclass(frozen=True, slots=True)
class SellerView:
    """The seller's data, cleaned. `return_line` goes above the recipient, `register` is empty without an entry."""

    name: str
    return_line: str
    street: str
    place: str
    contact_name: str
    phone: str
    email: str
    website: str
    account_holder: str
    bank_name: str
    iban: str
    bic: str
    tax_number: str
    vat_id: str
    seat: str
    register: str
    directors: str


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """Everything on an invoice as text. Optional parts are empty; the flags choose columns and notes."""

    number: str
    issue_date: str
    due_date: str
    performed_from: str
    performed_until: str
    customer_name: str
    customer_number: str
    customer_vat_id: str
    buyer_reference: str
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
    net: str
    vat_rows: tuple[VatRow, ...]
    gross: str
    early: Early | None
    giro: Giro | None
    tax_note: str
    seller: SellerView
    closing: tuple[str, ...]
    footer: tuple[str, ...]
    is_gross: bool
    is_consumer: bool
    has_period: bool
    has_discounts: bool
    has_vat_column: bool
    shows_vat: bool
    label_span: int

    @property
    def groups(self) -> tuple[tuple[Row, ...], ...]:
        """The rows in groups that stay on one page: headings with the line below, closing texts with the last line."""
        groups: list[tuple[Row, ...]] = []
        waiting: tuple[Row, ...] = ()
        for row in self.rows:
            waiting = (*waiting, row)
            if not row.is_text:
                groups.append(waiting)
                waiting = ()
        return (*groups[:-1], (*groups[-1], *waiting)) if groups else (waiting,)


def invoice_view(invoice: Invoice, seller: Seller, footer: tuple[str, ...], closing: tuple[str, ...]) -> InvoiceView:
    """The invoice as the template sees it."""
    draft, totals = invoice.draft, invoice.draft.totals
    has_discounts = any(line.discount_percent for line in draft.lines)
    tax_note = note(draft.tax_case, small_business=seller.small_business)
    has_vat_column = len(totals.groups) > 1
    return InvoiceView(
        number=one_line(invoice.number),
        issue_date=german.day(draft.issue_date),
        due_date=german.day(invoice.due_date),
        performed_from=german.day(draft.performed_from),
        performed_until=german.day(draft.performed_until),
        customer_name=one_line(draft.customer.name),
        customer_number=one_line(draft.customer.number),
        customer_vat_id=one_line(draft.customer.vat_id),
        buyer_reference=one_line(draft.customer.buyer_reference),
        recipient=address_lines(draft.customer),
        order_number=one_line(draft.order_number),
        marker=draft.marker,
        title=one_line(draft.title),
        introduction=paragraphs(draft.introduction),
        remark=paragraphs(draft.remark),
        rows=_rows(draft),
        subtotal=german.amount(totals.line_total, draft.currency),
        discount=german.amount(-totals.discount, draft.currency) if totals.discount else "",
        discount_percent=_percent(draft.discount.percent),
        net=german.amount(totals.net, draft.currency),
        vat_rows=_vat_rows(draft),
        gross=german.amount(totals.gross, draft.currency),
        early=early_view(invoice),
        giro=giro_view(seller, totals.gross, invoice.number),
        tax_note=tax_note,
        seller=seller_view(seller),
        closing=tuple(clean(text) for text in closing),
        footer=tuple(one_line(text) for text in footer),
        is_gross=draft.price_mode is PriceMode.GROSS,
        is_consumer=draft.customer.kind is CustomerKind.CONSUMER,
        has_period=draft.performed_from != draft.performed_until,
        has_discounts=has_discounts,
        has_vat_column=has_vat_column,
        shows_vat=not tax_note,
        label_span=3 + has_discounts + has_vat_column,
    )


def seller_view(seller: Seller) -> SellerView:
    """The seller's data for letterhead, footer and mails."""
    name, street = one_line(seller.name), one_line(seller.address.street)
    place = one_line(f"{seller.address.postcode} {seller.address.city}")
    return SellerView(
        name=name,
        return_line=" · ".join((name, street, place)),
        street=street,
        place=place,
        contact_name=one_line(seller.contact_name),
        phone=one_line(seller.phone),
        email=one_line(seller.email),
        website=one_line(seller.website),
        account_holder=one_line(seller.account_holder or seller.name),
        bank_name=one_line(seller.bank_name),
        iban=german.iban_groups(seller.iban),
        bic=one_line(seller.bic),
        tax_number=one_line(seller.tax_number),
        vat_id=one_line(seller.vat_id),
        seat=one_line(seller.address.city),
        register=one_line(f"{seller.register_court} {seller.register_number}"),
        directors=one_line(", ".join(seller.managing_directors)),
    )


def address_lines(customer: Customer) -> tuple[str, ...]:
    """The recipient as DIN 5008 wants it: at most six lines, no blank ones, the country last and only abroad."""
    address = customer.address
    names = [one_line(part) for part in clean(customer.name).split("\n")]
    rest = [one_line(address.supplement), one_line(address.street), one_line(f"{address.postcode} {address.city}")]
    rest.append(german.country(address.country_code))
    below = [line for line in rest if line]
    return (*[name for name in names if name][: 6 - len(below)], *below)


def early_view(invoice: Invoice) -> Early | None:
    """What paying early is worth, if it was agreed."""
    draft = invoice.draft
    if draft.terms.early_payment is None:
        return None
    offer = early_offer(draft.issue_date, draft.totals.gross, draft.terms.early_payment)
    return Early(
        german.percent(offer.percent),
        german.day(offer.until),
        german.amount(offer.saving, draft.currency),
        german.amount(offer.amount, draft.currency),
    )


def giro_view(seller: Seller, amount: Decimal, reference: str) -> Giro | None:
    """The GiroCode for `amount`, or None when there is nothing to transfer."""
    text = payload(seller, amount, reference)
    return Giro(*svg_path(text)) if text else None


def paragraphs(text: str) -> tuple[str, ...]:
    """Cleaned text as paragraphs, split at line feeds."""
    return tuple(line for part in clean(text).split("\n") if (line := part.strip()))


def _rows(draft: Draft) -> tuple[Row, ...]:
    rows, position = [], 0
    for line in draft.lines:
        position += not line.is_text
        rows.append(_text_row(line) if line.is_text else _row(line, str(position), draft.currency))
    return tuple(rows)


def _row(line: Line, position: str, currency: str) -> Row:
    return Row(
        position=position,
        name=one_line(line.name),
        description=paragraphs(line.description),
        quantity=german.quantity(line.quantity),
        unit=one_line(line.unit),
        unit_price=german.price(line.unit_price, currency),
        discount=_percent(line.discount_percent),
        vat_rate=german.percent(line.vat_rate),
        amount=german.amount(line_amount(line), currency),
        is_text=False,
    )


def _text_row(line: Line) -> Row:
    return Row("", one_line(line.name), paragraphs(line.description), "", "", "", "", "", "", is_text=True)


def _vat_rows(draft: Draft) -> tuple[VatRow, ...]:
    return tuple(
        VatRow(
            german.percent(group.rate),
            german.amount(group.net, draft.currency),
            german.amount(group.vat, draft.currency),
        )
        for group in draft.totals.groups
    )


def _percent(value: Decimal) -> str:
    return german.percent(value) if value else ""
