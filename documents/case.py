"""One case of the gallery: a document with made-up data, and the parts that cases are made of."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from billing.einvoice_duty import Form
from billing.invoices import Invoice
from billing.jobs import Line
from billing.parties import Address, Certificate, Customer, CustomerKind, Seller
from billing.vat import totals
from documents.demand import Notice
from documents.invoice import Paper, invoice_paper
from documents.look import Look
from documents.notice import notice_paper
from documents.samples import SELLER

CITY = Customer(
    external_id="c-5",
    name="Stadt Köln\nAmt für Gebäudewirtschaft",
    address=Address("Willy-Brandt-Platz 2", "50679", "Köln"),
    kind=CustomerKind.PUBLIC,
    email="rechnung@stadt-koeln.example",
    number="10200",
    buyer_reference="04011000-1234512345-06",
)
ENGLISH = Customer(
    external_id="c-6",
    name="Harbour Lights Trading Ltd",
    address=Address("14 Quayside", "D02 X285", "Dublin", country_code="IE"),
    kind=CustomerKind.BUSINESS,
    email="accounts@harbourlights.example",
    number="10300",
    vat_id="IE6388047V",
    language="en",
)
SWISS = Customer(
    external_id="c-7",
    name="Bergbahn Säntis AG",
    address=Address("Dorfstrasse 1", "9107", "Urnäsch", country_code="CH"),
    kind=CustomerKind.BUSINESS,
    email="einkauf@bergbahn.example",
    number="10400",
)
CERTIFIED = replace(SELLER, withholding_exemption=Certificate("2175733004201", date(2027, 12, 31)))
DEBITING = replace(SELLER, creditor_id="DE98ZZZ09999999999")
NINETEEN, ZERO = Decimal(19), Decimal(0)


@dataclass(frozen=True, slots=True)
class Case:
    """One document: an invoice or a notice of a seller. `title` and `about` are German, for the gallery."""

    name: str
    title: str
    about: str
    subject: Invoice | Notice
    seller: Seller = SELLER
    form: Form = Form.ZUGFERD
    look: Look = field(default_factory=Look)

    def paper(self) -> Paper:
        """The printed document."""
        return print_subject(self.subject, self.seller, self.look, self.form)


def print_subject(subject: Invoice | Notice, seller: Seller, look: Look, form: Form = Form.ZUGFERD) -> Paper:
    """The invoice or notice on paper."""
    if isinstance(subject, Notice):
        return notice_paper(subject, seller, look)
    return invoice_paper(subject, seller, look, form)


def line(
    name: str, quantity: str, unit: str, price: str, rate: Decimal = NINETEEN, *, text: str = "", labour: bool = False
) -> Line:
    """A priced line."""
    return Line(name, Decimal(quantity), unit, Decimal(price), rate, description=text, is_labour=labour)


def heading(name: str, text: str = "") -> Line:
    """A text line."""
    return Line(name, description=text, is_text=True)


def changed(made: Invoice, **changes: object) -> Invoice:
    """The invoice with another draft, its totals reckoned anew."""
    draft = replace(made.draft, **changes)  # type: ignore[arg-type]
    sums = totals(draft.lines, draft.price_mode, draft.discount, draft.charges, draft.totals.paid)
    return replace(made, draft=replace(draft, totals=sums))
