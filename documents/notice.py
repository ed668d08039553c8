"""Payment reminders and dunning notices: the letter with its statement of account, and the words' view of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.interest import InterestStatement, Period
from billing.parties import Customer, CustomerKind, Seller
from documents.agreement import printed_text
from documents.errors import DeviatingPaper, NothingToDemand
from documents.fonts import check_glyphs
from documents.german import one_line
from documents.invoice import Paper, Sheet, plain_file_name
from documents.languages import GERMAN, LANGUAGES, Language
from documents.letter import Giro, SellerView, address_lines, giro_view, is_crowded, seller_view
from documents.limits import check_pdf
from documents.look import Look, look_for
from documents.pdf import logo_address
from documents.templates import templates
from documents.workshop import printed, write

LEVELS = range(1, 5)
"""1 friendly reminder, 2 first, 3 second, 4 last dunning notice."""
MAX_INVOICES = 100
# For each letter to a consumer, the upper figure of the courts; the lump sum of § 288 (5) BGB for all others.
MAX_CONSUMER_COST, MAX_BUSINESS_COST = Decimal("2.50"), Decimal("40.00")
_FILE_WORDS = {"de": ("Zahlungserinnerung", "Mahnung"), "en": ("Payment-reminder", "Dunning-notice")}
_MAX_REMITTANCE = 140
_INTEREST_PLACES = 4


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
    """What has been paid on an invoice; `day` is None where only the sum is known."""

    amount: Decimal
    day: date | None = None


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """One invoice in the statement of account. `interest` is reckoned by `billing.interest` up to the notice's day."""

    number: str
    issue_date: date
    due_date: date
    gross: Decimal
    received: tuple[Received, ...] = ()
    interest: InterestStatement | None = None
    costs: tuple[Cost, ...] = ()
    title: str = ""

    @property
    def paid(self) -> Decimal:
        """All that has been paid."""
        return sum((each.amount for each in self.received), Decimal("0.00"))

    @property
    def open(self) -> Decimal:
        """What is left of the claim, without interest and costs."""
        return self.gross - self.paid

    @property
    def extras(self) -> Decimal:
        """Interest and costs."""
        interest = self.interest.total.amount if self.interest else Decimal("0.00")
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


@dataclass(frozen=True, slots=True)
class ReceivedView:
    """A payment; `day` is empty where only the sum is known."""

    day: str
    amount: str


@dataclass(frozen=True, slots=True)
class OpenView:
    """One invoice of the statement; `paid` is empty when nothing was paid."""

    number: str
    title: str
    issue_date: str
    due_date: str
    gross: str
    received: tuple[ReceivedView, ...]
    paid: str
    open_amount: str


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
    """Everything on a notice as text; `interest_total` is empty without interest."""

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


def notice_paper(notice: Notice, seller: Seller, look: Look) -> Paper:
    """Print a notice as letter (DIN 5008 form B, PDF/A-3b). The same arguments and files give the same bytes.

    Raises a `DocumentError`, `NothingToDemand` if a claim is not open or the date to pay has passed.
    """
    look = look_for(look, notice.customer)
    sheet = notice_sheet(notice, seller, look)
    pdf = printed(look, sheet.page, sheet.xml, notice.issue_date, sheet.giro)
    check_pdf(pdf)
    word = _FILE_WORDS[look.language][notice.level > 1]
    return Paper(pdf, b"", templates(look).version, plain_file_name(word, notice.invoices[0].number))


def notice_sheet(notice: Notice, seller: Seller, look: Look) -> Sheet:
    """The notice before layout, checked; a letter has no electronic form."""
    view = notice_view(notice, seller, look.footer, LANGUAGES[look.language])
    check_glyphs(view)
    page = write(
        look,
        "notice.html.j2",
        notice=view,
        seller=view.seller,
        recipient=view.recipient,
        is_crowded=is_crowded(view.recipient),
        footer=view.footer,
        logo=logo_address(look),
        language=look.language,
        created=notice.issue_date.isoformat(),
    )
    _check_facts(view, page)
    return Sheet(b"", page, view.giro)


def notice_view(
    notice: Notice, seller: Seller, footer: tuple[str, ...] = (), language: Language = GERMAN
) -> NoticeView:
    """The notice as its templates see it. Raises `NothingToDemand`."""
    check_demand(notice)
    interest = sum((each.interest.total.amount for each in notice.invoices if each.interest), Decimal("0.00"))
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
    )


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


def _check_facts(view: NoticeView, page: str) -> None:
    """A demand needs number, dates and amounts of every claim, the sum, the date to pay and the account (§ 286 BGB)."""
    shown = printed_text(page)
    facts = [(each.number, each.issue_date, each.due_date, each.gross, each.open_amount) for each in view.invoices]
    for fact in (*(fact for each in facts for fact in each), view.total, view.pay_until, view.seller.iban):
        if one_line(fact) not in shown:
            raise DeviatingPaper("Angabe", fact)


def _open_view(each: OpenInvoice, currency: str, language: Language) -> OpenView:
    return OpenView(
        one_line(each.number),
        one_line(each.title),
        language.day(each.issue_date),
        language.day(each.due_date),
        language.amount(each.gross, currency),
        tuple(
            ReceivedView(language.day(paid.day) if paid.day else "", language.amount(-paid.amount, currency))
            for paid in each.received
        ),
        language.amount(each.paid, currency) if each.paid else "",
        language.amount(each.open, currency),
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
