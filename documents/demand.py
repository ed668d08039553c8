"""What a reminder or dunning notice demands: open invoices with payments, interest and costs; and what is unlawful."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.interest import InterestStatement
from billing.parties import Customer, CustomerKind
from documents.errors import NothingToDemand
from documents.german import one_line
from documents.languages import GERMAN

LEVELS = range(1, 5)
"""1 friendly reminder, 2 first, 3 second, 4 last dunning notice."""
MAX_INVOICES = 100
# For each letter to a consumer, the upper figure of the courts; the lump sum of § 288 (5) BGB for all others.
MAX_CONSUMER_COST, MAX_BUSINESS_COST = Decimal("2.50"), Decimal("40.00")
_MAX_REMITTANCE = 140


class CostKind(StrEnum):
    """LUMP_SUM: 40 euro of § 288 (5) BGB. POSTAGE: what the letter itself cost, printing and envelope included."""

    LUMP_SUM = "lump_sum"
    POSTAGE = "postage"


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount demanded beside the claim; it bears neither VAT nor interest."""

    kind: CostKind
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Received:
    """What has been paid on an invoice; `day` is None where only the sum is known.

    `amount` went on the claim, `on_costs` of the same payment on costs and interest before it (§ 367 BGB).
    """

    amount: Decimal
    day: date | None = None
    on_costs: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """One invoice in the statement of account. `interest` is reckoned by `billing.interest` up to the notice's day.

    Of it `interest_paid` has been paid already.
    """

    number: str
    issue_date: date
    due_date: date
    gross: Decimal
    received: tuple[Received, ...] = ()
    interest: InterestStatement | None = None
    costs: tuple[Cost, ...] = ()
    title: str = ""
    interest_paid: Decimal = Decimal("0.00")

    @property
    def paid(self) -> Decimal:
        """All that has been paid on the claim."""
        return sum((each.amount for each in self.received), Decimal("0.00"))

    @property
    def paid_on_costs(self) -> Decimal:
        """All that has been paid on costs and interest."""
        return sum((each.on_costs for each in self.received), Decimal("0.00"))

    @property
    def open(self) -> Decimal:
        """What is left of the claim, without interest and costs."""
        return self.gross - self.paid

    @property
    def extras(self) -> Decimal:
        """Interest and costs that are still to be paid."""
        interest = self.interest.total.amount - self.interest_paid if self.interest else Decimal("0.00")
        return interest + sum((cost.amount for cost in self.costs), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Notice:
    """A demand for payment of one customer's invoices, on the day `issue_date`, payable until `pay_until`.

    `level` is one of `LEVELS`; higher ones count as the last. `earlier` are the days of the notices before this one.
    """

    level: int
    issue_date: date
    pay_until: date
    customer: Customer
    invoices: tuple[OpenInvoice, ...]
    earlier: tuple[date, ...] = ()
    currency: str = "EUR"

    @property
    def open(self) -> Decimal:
        """What is left of all claims."""
        return sum((each.open for each in self.invoices), Decimal("0.00"))

    @property
    def total(self) -> Decimal:
        """All that is demanded: claims, interest and costs."""
        return self.open + sum((each.extras for each in self.invoices), Decimal("0.00"))

    @property
    def remittance(self) -> str:
        """What the customer is to write into the transfer: the invoice numbers, else his own."""
        numbers = ", ".join(one_line(each.number) for each in self.invoices)
        return numbers if len(numbers) <= _MAX_REMITTANCE else one_line(self.customer.number)


def check_demand(notice: Notice) -> None:
    """Raise `NothingToDemand` for a notice that asks for nothing, for too much, or for payment in the past."""
    if not 0 < len(notice.invoices) <= MAX_INVOICES or notice.level < LEVELS[0]:
        raise NothingToDemand(f"Eine Mahnung nennt 1 bis {MAX_INVOICES} Rechnungen und eine Stufe ab 1.")
    if notice.pay_until <= notice.issue_date:
        raise NothingToDemand(f"Die Zahlungsfrist {GERMAN.day(notice.pay_until)} liegt nicht nach der Mahnung.")
    for each in notice.invoices:
        if not 0 < each.open <= each.gross:
            raise NothingToDemand(f"Von Rechnung {each.number} sind {each.open} offen; das ist nichts zum Erinnern.")
        if notice.level == LEVELS[0] and each.extras:
            raise NothingToDemand("Die erste Erinnerung ist kostenlos; sie begründet den Verzug erst.")
        for cost in each.costs:
            _check_cost(cost, notice)


def _check_cost(cost: Cost, notice: Notice) -> None:
    """The lump sum is for businesses only; consumers pay what the letters really cost (BGH VIII ZR 95/18)."""
    is_consumer = notice.customer.kind is CustomerKind.CONSUMER
    if cost.kind is CostKind.LUMP_SUM and is_consumer:
        raise NothingToDemand("Die Verzugspauschale gilt nicht gegenüber Verbrauchern (§ 288 Abs. 5 BGB).")
    limit = MAX_CONSUMER_COST * (len(notice.earlier) + 1) if is_consumer else MAX_BUSINESS_COST
    if not 0 < cost.amount <= limit:
        raise NothingToDemand(f"Mahnkosten von {cost.amount} sind nicht zulässig, höchstens {limit} EUR.")
