"""What other programs may hand in: checked for form here, for sense by the rules."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from billing.drafting import is_plain_mail_address
from billing.jobs import Discount, Job, Line, PriceMode, References, Site, TaxCase, Terms
from billing.parties import Address, Customer, CustomerKind
from ledger.clientele import PUSHED


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("Der Text enthält Zeilenumbrüche oder unsichtbare Zeichen.")
    return text.strip()


def _lines(text: str) -> str:
    if not all(letter == "\n" or letter.isprintable() for letter in text):
        raise ValueError("Der Text enthält unsichtbare Zeichen.")
    return text.strip()


def _mail(text: str) -> str:
    if text and not is_plain_mail_address(text):
        raise ValueError("Erwartet wird eine einzelne Mailadresse ohne Umlaute.")
    return text


def _filled(text: str) -> str:
    if not text:
        raise ValueError("Der Text ist leer.")
    return text


Short = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
Filled = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line), AfterValidator(_filled)]
Long = Annotated[str, Field(max_length=2000), AfterValidator(_lines)]
Identity = Annotated[
    str, Field(min_length=1, max_length=150, pattern=r"^[A-Za-z0-9._:@-]+$", description="Kennung im eigenen Programm")
]
Number = Annotated[Decimal, Field(ge=-10_000_000, le=10_000_000, max_digits=14, decimal_places=4)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
Euro = Annotated[Decimal, Field(gt=0, le=10_000_000, decimal_places=2, description="Betrag in Euro")]
Reason = Annotated[
    str,
    Field(min_length=1, max_length=500, description="Warum; steht mit dem Namen des Programms im Journal"),
    AfterValidator(_one_line),
    AfterValidator(_filled),
]


class Form(BaseModel):
    """Something handed in: unknown names are mistakes."""

    model_config = ConfigDict(extra="forbid")


class AddressIn(Form):
    """A postal address."""

    street: Filled
    postcode: Filled
    city: Filled
    country_code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "DE"
    supplement: Short = ""


class CustomerIn(Form):
    """A customer as the other program knows him."""

    external_id: Identity
    name: Filled
    address: AddressIn
    kind: CustomerKind = Field(CustomerKind.CONSUMER, description="consumer, business oder public")
    number: Short = Field("", description="Kundennummer")
    email: Annotated[Short, AfterValidator(_mail)] = Field("", description="Rechnungsadresse")
    vat_id: Short = ""
    buyer_reference: Short = Field("", description="Leitweg-ID oder Referenz des Käufers (BT-10)")
    language: Annotated[str, Field(pattern=r"^(de|en)$")] = "de"
    accounting_id: Short = Field(
        "", description="Id des Kontakts in der Buchhaltung; ohne sie schreibt Lexware an eine einmalige Anschrift"
    )

    def customer(self) -> Customer:
        """The customer as the rules know him."""
        return Customer(
            external_id=self.accounting_id,
            name=self.name,
            address=Address(**self.address.model_dump()),
            kind=self.kind,
            email=self.email,
            number=self.number,
            vat_id=self.vat_id,
            buyer_reference=self.buyer_reference,
            language=self.language,
        )


class LineIn(Form):
    """One line; a text line has neither quantity nor price."""

    name: Filled
    quantity: Number = Decimal(0)
    unit: Short = Field("", description="etwa Stunde oder Stück")
    unit_price: Number = Field(Decimal(0), description="netto oder brutto, wie price_mode sagt")
    vat_rate: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] = Field(Decimal(19), description="Prozent")
    discount_percent: Percent = Decimal(0)
    description: Long = ""
    is_text: bool = False
    is_labour: bool = Field(False, description="Arbeitskosten nach § 35a EStG")

    def line(self) -> Line:
        """The line as the rules know it."""
        found = Line(**self.model_dump())
        return replace(found, vat_rate=Decimal(0)) if self.is_text else found


class JobIn(Form):
    """A finished job; it is billed by the next run like one that was collected."""

    external_id: Identity
    number: Filled = Field(description="Wie Menschen den Auftrag nennen")
    customer: CustomerIn | None = Field(None, description="Der Kunde, oder …")
    customer_id: Identity | None = Field(None, description="… die external_id eines schon gemeldeten Kunden")
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=300)]
    performed_from: date
    performed_until: date
    price_mode: PriceMode = PriceMode.NET
    tax_case: TaxCase = TaxCase.STANDARD
    discount_percent: Percent = Field(Decimal(0), description="Rabatt auf alles")
    site: Site = Field(Site.ELSEWHERE, description="property, construction oder elsewhere")
    days_until_due: Annotated[int, Field(ge=0, le=120)] | None = Field(None, description="sonst das des Mandanten")
    title: Annotated[Short, Field(max_length=25)] = ""
    introduction: Long = ""
    remark: Annotated[Long, Field(max_length=1500)] = ""
    order_number: Short = ""
    purchase_order: Short = Field("", description="Bestellnummer des Kunden (BT-13)")
    project: Short = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.customer is None) == (self.customer_id is None):
            raise ValueError("Erwartet wird customer oder customer_id, genau eines von beiden.")
        if self.performed_until < self.performed_from:
            raise ValueError("performed_until liegt vor performed_from.")
        if self.performed_until.year - self.performed_from.year > 10 or self.performed_from.year < 2000:
            raise ValueError("Der Leistungszeitraum ist unglaubwürdig.")
        return self

    def job(self, customer: Customer, version: str) -> Job:
        """The job as the rules know it.

        Its id begins with a word of ours: some accounting systems would take a bare one for a document of their own.
        """
        return Job(
            source=PUSHED,
            external_id=f"{PUSHED}{self.external_id}",
            version=version,
            number=self.number,
            customer=customer,
            lines=tuple(line.line() for line in self.lines),
            performed_from=self.performed_from,
            performed_until=self.performed_until,
            price_mode=self.price_mode,
            tax_case=self.tax_case,
            discount=Discount(percent=self.discount_percent),
            terms=None if self.days_until_due is None else Terms(self.days_until_due),
            order_number=self.order_number,
            title=self.title,
            introduction=self.introduction,
            remark=self.remark,
            references=References(project=self.project, purchase_order=self.purchase_order),
            site=self.site,
        )


class Act(StrEnum):
    """What may be done about an invoice."""

    APPROVE = "approve"
    DECLINE = "decline"
    ARRIVED = "arrived"
    RESEND = "resend"
    RETRY = "retry"
    GIVE_UP = "give-up"
    HOLD = "hold"
    RELEASE = "release"
    PAYMENT = "payment"
    PROMISE = "promise"
    END_PROMISE = "end-promise"
    DISPUTE = "dispute"
    END_DISPUTE = "end-dispute"
    EXTEND = "extend"
    END_EXTENSION = "end-extension"
    BLOCK = "block"
    UNBLOCK = "unblock"
    WRITE_OFF = "write-off"
    END_WRITE_OFF = "end-write-off"
    CANCEL = "cancel"
    DUPLICATE = "duplicate"
    LETTER_RETURNED = "letter-returned"
    TAKE_PAYMENT_BACK = "take-payment-back"


class ActIn(Form):
    """Why, and what the act needs besides: `payment` a day and an amount, `promise` a day, `extend` a last day."""

    reason: Reason
    on: date | None = Field(None, description="Tag des Eingangs oder der Zusage")
    until: date | None = Field(None, description="Letzter Tag von hold, extend oder block")
    amount: Euro | None = None


class ConfirmIn(Form):
    """Book a payment as proposed, or all of it on the invoice named."""

    invoice: Short = Field("", description="Rechnungsnummer, wenn nicht der Vorschlag gilt")


class RejectIn(Form):
    """Drop the proposal of a payment."""

    reason: Reason
    is_foreign: bool = Field(False, description="gehört zu gar keiner Rechnung: abhaken")


class BlockIn(Form):
    """Dun none of a customer's invoices."""

    customer: Filled = Field(description="Kundennummer, ohne Nummer der Name")
    reason: Reason
    until: date | None = None


class LiftIn(Form):
    """End a customer's block."""

    customer: Filled
    reason: Reason
