"""What the templates of notices see: the statement of account as finished strings."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from billing.interest import Period
from billing.parties import CustomerKind, Seller
from documents.demand import LEVELS, Notice, OpenInvoice, Received, check_demand
from documents.german import one_line
from documents.languages import GERMAN, Language
from documents.letter import Giro, SellerView, address_lines, giro_view, seller_view

_INTEREST_PLACES = 4


@dataclass(frozen=True, slots=True)
class ReceivedView:
    """A payment; `day` is empty where only the sum is known.

    `amount` is what the claim lost by it; of its `whole` sum `on_costs` went on costs and interest (empty: nothing).
    """

    day: str
    amount: str
    whole: str = ""
    on_costs: str = ""


@dataclass(frozen=True, slots=True)
class OpenView:
    """One invoice of the statement; `paid` is empty when nothing was paid, `on_costs` when all went on the claim."""

    number: str
    title: str
    issue_date: str
    due_date: str
    gross: str
    received: tuple[ReceivedView, ...]
    paid: str
    open_amount: str
    on_costs: str = ""


@dataclass(frozen=True, slots=True)
class InterestView:
    """Days at one rate on one principal; `amount` has four places, since only the sum is rounded."""

    number: str
    first: str
    last: str
    days: str
    rate: str
    principal: str
    amount: str


@dataclass(frozen=True, slots=True)
class CostView:
    """A cost; the same cost of several invoices stands once, as `count` times `each` (else empty)."""

    kind: str
    count: str
    each: str
    amount: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Everything on a notice as text; `interest_total` is empty without interest, `interest_paid` if none was paid."""

    level: int
    number: str
    count: int
    issue_date: str
    pay_until: str
    customer_name: str
    customer_number: str
    recipient: tuple[str, ...]
    earlier: tuple[str, ...]
    invoices: tuple[OpenView, ...]
    open_total: str
    interest: tuple[InterestView, ...]
    interest_total: str
    costs: tuple[CostView, ...]
    total: str
    remittance: str
    giro: Giro | None
    seller: SellerView
    footer: tuple[str, ...]
    is_consumer: bool
    has_payments: bool
    interest_paid: str = ""


def notice_view(
    notice: Notice, seller: Seller, footer: tuple[str, ...] = (), language: Language = GERMAN
) -> NoticeView:
    """The notice as its templates see it. Raises `NothingToDemand`."""
    check_demand(notice)
    interest = sum((each.interest.total.amount for each in notice.invoices if each.interest), Decimal("0.00"))
    paid = sum((each.interest_paid for each in notice.invoices if each.interest), Decimal("0.00"))
    return NoticeView(
        level=min(notice.level, LEVELS[-1]),
        number=one_line(notice.invoices[0].number),
        count=len(notice.invoices),
        issue_date=language.day(notice.issue_date),
        pay_until=language.day(notice.pay_until),
        customer_name=one_line(notice.customer.name),
        customer_number=one_line(notice.customer.number),
        recipient=address_lines(notice.customer),
        earlier=tuple(language.day(day) for day in notice.earlier),
        invoices=tuple(_open_view(each, notice.currency, language) for each in notice.invoices),
        open_total=language.amount(notice.open, notice.currency),
        interest=_interest(notice, language),
        interest_total=language.amount(interest, notice.currency) if interest else "",
        costs=_costs(notice, language),
        total=language.amount(notice.total, notice.currency),
        remittance=notice.remittance,
        giro=giro_view(seller, notice.total, notice.remittance),
        seller=seller_view(seller),
        footer=tuple(one_line(text) for text in footer),
        is_consumer=notice.customer.kind is CustomerKind.CONSUMER,
        has_payments=any(each.received for each in notice.invoices),
        interest_paid=language.amount(-paid, notice.currency) if paid else "",
    )


def _open_view(each: OpenInvoice, currency: str, language: Language) -> OpenView:
    return OpenView(
        one_line(each.number),
        one_line(each.title),
        language.day(each.issue_date),
        language.day(each.due_date),
        language.amount(each.gross, currency),
        tuple(_received_view(paid, currency, language) for paid in each.received),
        language.amount(each.paid + each.paid_on_costs, currency) if each.paid else "",
        language.amount(each.open, currency),
        language.amount(each.paid_on_costs, currency) if each.paid_on_costs else "",
    )


def _received_view(paid: Received, currency: str, language: Language) -> ReceivedView:
    return ReceivedView(
        language.day(paid.day) if paid.day else "",
        language.amount(-paid.amount, currency),
        language.amount(paid.amount + paid.on_costs, currency),
        language.amount(paid.on_costs, currency) if paid.on_costs else "",
    )


def _interest(notice: Notice, language: Language) -> tuple[InterestView, ...]:
    return tuple(
        _interest_view(one_line(each.number), period, notice.currency, language)
        for each in notice.invoices
        if each.interest
        for period in each.interest.periods
    )


def _interest_view(number: str, period: Period, currency: str, language: Language) -> InterestView:
    return InterestView(
        number,
        language.day(period.first),
        language.day(period.last),
        str(period.days),
        language.percent(period.rate),
        language.amount(period.principal.amount, currency),
        language.grouped(period.amount, _INTEREST_PLACES),
    )


def _costs(notice: Notice, language: Language) -> tuple[CostView, ...]:
    counted = Counter(cost for each in notice.invoices for cost in each.costs)
    return tuple(
        CostView(
            cost.kind.value,
            str(count),
            language.amount(cost.amount, notice.currency) if count > 1 else "",
            language.amount(cost.amount * count, notice.currency),
        )
        for cost, count in counted.items()
    )
