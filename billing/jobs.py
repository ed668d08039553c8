"""A finished job as a source reports it: what was done for whom, before any invoice exists."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.parties import Customer


class PriceMode(StrEnum):
    """Whether the unit prices of a document are net or contain VAT."""

    NET = "net"
    GROSS = "gross"


class TaxCase(StrEnum):
    """Why VAT is charged or not; decides the EN 16931 category (BT-118) and the note on the invoice."""

    STANDARD = "standard"
    SMALL_BUSINESS = "small_business"
    REVERSE_CHARGE = "reverse_charge"
    INTRA_COMMUNITY = "intra_community"
    EXPORT = "export"
    EXEMPT = "exempt"


class Site(StrEnum):
    """Where the work was done; each member includes what the law ties to the one before.

    PROPERTY: in connection with land or a building (§ 14 (2) no. 3 UStG), planning and gardens included.
    CONSTRUCTION: work on the substance of a building or cleaning of one (§ 13b (2) no. 4 and 8 UStG, § 48 EStG).
    """

    ELSEWHERE = "elsewhere"
    PROPERTY = "property"
    CONSTRUCTION = "construction"


@dataclass(frozen=True, slots=True)
class Line:
    """One line (BG-25). `quantity` is in `unit`; `unit_price` is net or gross as the document's price mode says.

    `vat_rate`, `discount_percent` and `surcharge_percent` are percentages, 19 means 19 %; both percentages are of
    quantity times price. A text line has no quantity and no price. `is_labour` counts for § 35a EStG: work, machine
    and travel cost.
    """

    name: str
    quantity: Decimal = Decimal(0)
    unit: str = ""
    unit_price: Decimal = Decimal(0)
    vat_rate: Decimal = Decimal(0)
    discount_percent: Decimal = Decimal(0)
    description: str = ""
    is_text: bool = False
    surcharge_percent: Decimal = Decimal(0)
    surcharge_reason: str = ""
    is_labour: bool = False


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction of the whole document (BG-20): a percentage of the sum or an amount in the price mode's sense."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """An addition to the whole document (BG-21) such as freight: a percentage of the lines' sum, an amount, or both.

    It shares the VAT rates of the lines in proportion, as ancillary services do (Abschn. 3.10 (5) UStAE).
    """

    reason: str
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class References:
    """What the customer wants to find on the invoice: BT-10 (else the customer's own), BT-11, BT-12, BT-13, BT-16."""

    buyer: str = ""
    project: str = ""
    contract: str = ""
    purchase_order: str = ""
    delivery_note: str = ""


@dataclass(frozen=True, slots=True)
class EarlyPayment:
    """Skonto: `percent` off if paid within `days` of the invoice date (§ 14 (4) no. 7 UStG)."""

    percent: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Terms:
    """When the money is due: days after the invoice date, and what is off for paying early."""

    days_until_due: int
    early_payment: EarlyPayment | None = None


@dataclass(frozen=True, slots=True)
class TimesheetRow:
    """One row of the timesheet (Leistungsnachweis, BG-24) behind an invoice: who did what on a day, and how much of it.

    `quantity` is what was billed, in `unit`: hours for work, pieces or a flat for anything else.
    """

    day: date
    person: str
    ticket: str
    text: str
    quantity: Decimal
    unit: str
    is_time: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """A job that its source calls done.

    `external_id` is the id of the document that gave the signal and `version` changes whenever the source changed it.
    `order_id` and `order_number` (BT-14) name the order behind it. `terms` is None when the source leaves them open.
    `invoiced_as` names invoices that the source already knows for this job, made by hand for instance.
    `exemption` says why the tax case EXEMPT is exempt (BT-120). `is_collective`: it gathers the work of a period, with
    the `timesheet` behind it.
    """

    source: str
    external_id: str
    version: str
    number: str
    customer: Customer | None
    lines: tuple[Line, ...]
    performed_from: date
    performed_until: date
    price_mode: PriceMode = PriceMode.NET
    tax_case: TaxCase = TaxCase.STANDARD
    discount: Discount = field(default_factory=Discount)
    terms: Terms | None = None
    order_id: str = ""
    order_number: str = ""
    invoiced_as: tuple[str, ...] = ()
    title: str = ""
    introduction: str = ""
    remark: str = ""
    currency: str = "EUR"
    charges: tuple[Charge, ...] = ()
    references: References = field(default_factory=References)
    site: Site = Site.ELSEWHERE
    exemption: str = ""
    is_collective: bool = False
    timesheet: tuple[TimesheetRow, ...] = ()
