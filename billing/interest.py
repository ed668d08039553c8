"""Default interest and the 40 euro lump sum (§ 288 BGB), reckoned day by day and rounded once.

Convention, stated in the letter: each day counts as 1/365 of a year, in leap years as 1/366; the first day is the
first day of default, the last day that of payment or of reckoning.
"""

from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from billing.base_rates import KNOWN, BaseRates
from billing.money import Money, euro, to_cent
from billing.parties import CustomerKind

CONSUMER_MARGIN = Decimal(5)
BUSINESS_MARGIN = Decimal(9)
LUMP_SUM = euro(40)
DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class PartPayment:
    """What a payment took off the principal. The day of receipt still bears interest on the old principal."""

    received_on: date
    principal: Money


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first` to `last` (both counted) with one principal and one rate; `rate` in percent a year."""

    first: date
    last: date
    principal: Money
    base_rate: Decimal
    rate: Decimal

    @property
    def days(self) -> int:
        """Number of interest days."""
        return (self.last - self.first).days + 1

    @property
    def days_of_year(self) -> int:
        """365, in leap years 366: the divisor of this period."""
        return 366 if isleap(self.first.year) else 365

    @property
    def exact(self) -> Fraction:
        """Interest as an exact fraction of the currency unit."""
        return Fraction(self.principal.amount) * Fraction(self.rate) * self.days / 100 / self.days_of_year

    @property
    def amount(self) -> Decimal:
        """Interest before rounding to the cent, for print."""
        return _decimal(self.exact)


@dataclass(frozen=True, slots=True)
class InterestStatement:
    """The reckoning as it stands in the letter: its periods, and their sum rounded once (half up) to the cent."""

    periods: tuple[Period, ...]
    currency: str = "EUR"

    @property
    def days(self) -> int:
        """Number of interest days."""
        return sum(period.days for period in self.periods)

    @property
    def exact(self) -> Fraction:
        """The sum before rounding."""
        return sum((period.exact for period in self.periods), Fraction(0))

    @property
    def total(self) -> Money:
        """The interest owed, to the cent."""
        return Money(to_cent(_decimal(self.exact)), self.currency)


def margin(kind: CustomerKind) -> Decimal:
    """Points above the base rate: 5 for consumers, 9 for all others (§ 288 (1), (2) BGB; contracts since 29.7.2014)."""
    return CONSUMER_MARGIN if kind is CustomerKind.CONSUMER else BUSINESS_MARGIN


def default_interest(
    principal: Money,
    kind: CustomerKind,
    since: date,
    until: date,
    paid: Sequence[PartPayment] = (),
    known: BaseRates = KNOWN,
) -> InterestStatement:
    """Interest from the first day of default `since` to `until`, both counted; none if `until` lies before it.

    `principal` is the open gross claim before the part payments in `paid`; costs and interest bear none (§ 289 BGB).
    Raises `UnknownBaseRate` for days outside the history, `ValueError` if more was paid off than was owed.
    """
    if principal.amount < 0 or _owed(principal, paid, date.max).amount < 0:
        raise ValueError("Auf die Hauptforderung wurde mehr angerechnet, als offen war.")
    points = margin(kind)
    periods = []
    for first, last in _stretches(since, until, paid):
        owed = _owed(principal, paid, first)
        if owed:
            base = known.on(first).percent
            periods.append(Period(first, last, owed, base, base + points))
    return InterestStatement(tuple(periods), principal.currency)


def recovery_compensation(
    kind: CustomerKind, in_default_since: date | None, today: date, fees_charged: Money | None = None
) -> Money:
    """The lump sum for one late invoice or instalment (§ 288 (5) BGB); zero for consumers and before default.

    Reminder fees already charged for the invoice are set off, so that nobody pays for the same trouble twice.
    """
    if kind is CustomerKind.CONSUMER or in_default_since is None or today < in_default_since:
        return euro(0)
    rest = LUMP_SUM - (fees_charged or euro(0))
    return max(rest, euro(0))


def _stretches(since: date, until: date, paid: Sequence[PartPayment]) -> Iterator[tuple[date, date]]:
    """Cut the days where rate, length of the year or principal may change."""
    cuts = {payment.received_on + DAY for payment in paid}
    cuts |= {date(year, month, 1) for year in range(since.year, until.year + 1) for month in (1, 7)}
    starts = sorted({since} | {cut for cut in cuts if since < cut <= until})
    ends = [start - DAY for start in starts[1:]] + [until]
    return ((first, last) for first, last in zip(starts, ends, strict=True) if first <= last)


def _owed(principal: Money, paid: Sequence[PartPayment], day: date) -> Money:
    for payment in paid:
        if payment.received_on < day:
            principal -= payment.principal
    return principal


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
