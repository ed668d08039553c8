"""Drafts and invoices: what will be, and what has been, put in front of a customer."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.jobs import Charge, Discount, Line, PriceMode, References, Site, TaxCase, Terms, TimesheetRow
from billing.parties import Customer
from billing.vat import Totals, VatGroup


class Channel(StrEnum):
    """How documents reach the customer.

    `POST`: a letter service prints and posts them. `NONE`: made and archived, a person hands them over.
    """

    MAIL = "mail"
    POST = "post"
    NONE = "none"


class Kind(StrEnum):
    """What an invoice is. `code` is BT-3.

    FINAL and FINAL_CONSTRUCTION deduct part payments, PARTIAL_FINAL_CONSTRUCTION those on a part of the work that has
    been accepted on its own (§ 16 (4) VOB/B). CORRECTION and CANCELLATION change an earlier invoice by
    differences, mostly negative; a CREDIT_NOTE has positive amounts that mean money back.
    """

    INVOICE = "invoice"
    COLLECTIVE = "collective"
    PARTIAL = "partial"
    PREPAYMENT = "prepayment"
    PARTIAL_CONSTRUCTION = "partial_construction"
    PARTIAL_FINAL_CONSTRUCTION = "partial_final_construction"
    FINAL_CONSTRUCTION = "final_construction"
    FINAL = "final"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"
    CREDIT_NOTE = "credit_note"

    @property
    def code(self) -> str:
        """The document type (BT-3, UNTDID 1001)."""
        return _CODES[self]

    @property
    def changes_another(self) -> bool:
        """Whether it corrects an earlier invoice, which it has to name (§ 31 (5) UStDV, BG-3)."""
        return self in _CHANGES

    @property
    def is_part_payment(self) -> bool:
        """Whether it asks for a part before everything is done (§ 14 (5) UStG)."""
        return self in _PARTS


_CODES = {
    Kind.INVOICE: "380",
    Kind.COLLECTIVE: "380",
    Kind.PARTIAL: "326",
    Kind.PREPAYMENT: "386",
    Kind.PARTIAL_CONSTRUCTION: "875",
    Kind.PARTIAL_FINAL_CONSTRUCTION: "876",
    Kind.FINAL_CONSTRUCTION: "877",
    Kind.FINAL: "380",
    Kind.CORRECTION: "384",
    Kind.CANCELLATION: "384",
    Kind.CREDIT_NOTE: "381",
}
_CHANGES = frozenset({Kind.CORRECTION, Kind.CANCELLATION, Kind.CREDIT_NOTE})
_PARTS = frozenset({Kind.PARTIAL, Kind.PREPAYMENT, Kind.PARTIAL_CONSTRUCTION})


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier invoice (BG-3) by number (BT-25) and issue date (BT-26)."""

    number: str
    issue_date: date


@dataclass(frozen=True, slots=True)
class PartPayment:
    """A received part payment with its VAT per rate, to be deducted from a final invoice (§ 14 (5) s. 2 UStG)."""

    number: str
    issue_date: date
    received_on: date
    groups: tuple[VatGroup, ...]

    @property
    def net(self) -> Decimal:
        """The net amounts of all rates."""
        return sum((group.net for group in self.groups), Decimal("0.00"))

    @property
    def vat(self) -> Decimal:
        """The VAT of all rates."""
        return sum((group.vat for group in self.groups), Decimal("0.00"))

    @property
    def gross(self) -> Decimal:
        """What was received."""
        return self.net + self.vat


class PaymentMeans(StrEnum):
    """How the money is to come (BT-81). SETTLED: nothing is asked for any more, paid by card or in cash."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Payment:
    """How an invoice is paid. `paid_amount` came in without an invoice of its own and is part of BT-113.

    A direct debit names the mandate (BT-89) and the account that is debited (BT-91).
    """

    means: PaymentMeans = PaymentMeans.TRANSFER
    mandate: str = ""
    debited_iban: str = ""
    paid_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice before it has a number: everything but what the accounting system decides.

    `marker` is our key inside the document; `order_number` BT-14; `performed_*` BT-72 to BT-74; `issue_date` BT-2.
    `preceding` are the invoices it changes or, in a final invoice, has had before (BG-3); `deductions` the received
    part payments. `exemption` is BT-120 of the tax case EXEMPT. `timesheet` is printed behind a collective invoice.
    """

    marker: str
    customer: Customer
    lines: tuple[Line, ...]
    totals: Totals
    terms: Terms
    issue_date: date
    performed_from: date
    performed_until: date
    channel: Channel = Channel.MAIL
    price_mode: PriceMode = PriceMode.NET
    tax_case: TaxCase = TaxCase.STANDARD
    discount: Discount = field(default_factory=Discount)
    source_id: str = ""
    order_id: str = ""
    order_number: str = ""
    title: str = ""
    introduction: str = ""
    remark: str = ""
    currency: str = "EUR"
    kind: Kind = Kind.INVOICE
    preceding: tuple[Reference, ...] = ()
    deductions: tuple[PartPayment, ...] = ()
    charges: tuple[Charge, ...] = ()
    references: References = field(default_factory=References)
    payment: Payment = field(default_factory=Payment)
    site: Site = Site.ELSEWHERE
    exemption: str = ""
    timesheet: tuple[TimesheetRow, ...] = ()

    @property
    def buyer_reference(self) -> str:
        """BT-10: the one given with the order, else the customer's usual one."""
        return self.references.buyer or self.customer.buyer_reference

    @property
    def on_building(self) -> bool:
        """Whether the work is in connection with land or a building (§ 14 (2) s. 2 no. 3 UStG)."""
        return self.site is not Site.ELSEWHERE

    @property
    def signed_net(self) -> Decimal:
        """The net amount as turnover counts it: a credit note takes its own away."""
        return -self.totals.net if self.kind is Kind.CREDIT_NOTE else self.totals.net

    @property
    def is_payable(self) -> bool:
        """Whether the customer is asked to transfer money: only then a GiroCode may be printed."""
        return self.payment.means is PaymentMeans.TRANSFER and self.kind is not Kind.CREDIT_NOTE and self.totals.due > 0


@dataclass(frozen=True, slots=True)
class Invoice:
    """An issued invoice: the draft with the number (BT-1) and due date (BT-9) it was given."""

    number: str
    due_date: date
    draft: Draft
