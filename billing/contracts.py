"""Contracts: which periods of a recurring service are to be billed by a day, and what each of them comes to.

Periods begin on the first day after the trial and follow each other without gap: the 31st of January is followed by the
28th of February and the 31st of March. What holds for a part of a period only costs its share of the days.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from billing.jobs import Line
from billing.money import to_cent
from billing.vat import line_amount

DAY = timedelta(days=1)
FLAT = "Pauschale"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
MOST = Decimal(1_000_000)
"""Most that there may be of a plan, and the highest price of a piece."""
_WORDS = {
    "de": {
        "share": "anteilig {days} von {of} Tagen", "change": "Wechsel auf {title}", "instead": "statt {title}",
        "introduction": "Nach unserem Vertrag {number} berechnen wir:",
    },
    "en": {
        "share": "{days} of {of} days", "change": "Change to {title}", "instead": "instead of {title}",
        "introduction": "According to our contract {number} we invoice:",
    },
}  # fmt: skip
_DAYS = {"de": "%d.%m.%Y", "en": "%d/%m/%Y"}


class NotPossible(Exception):
    """The contract does not allow this; the message is German and says what is possible."""


class Phase(StrEnum):
    """Where a contract stands on a day. TRIAL: it has begun and costs nothing yet; ENDING: it has a last day ahead."""

    AHEAD = "ahead"
    TRIAL = "trial"
    RUNNING = "running"
    ENDING = "ending"
    ENDED = "ended"


class When(StrEnum):
    """Whether a period is billed before or after the service."""

    ADVANCE = "advance"
    ARREARS = "arrears"


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be contracted: `prices` are net per cycle and piece, each from a day on; the first one is for all time.

    `cycle_months` is the length of a period, `unit` of what there may be several, `vat_rate` in percent.
    """

    name: str
    title: str
    cycle_months: int
    prices: tuple[tuple[date, Decimal], ...]
    unit: str = FLAT
    description: str = ""
    vat_rate: Decimal = Decimal(19)
    setup_title: str = ""

    def price_on(self, day: date) -> Decimal:
        """What a piece costs in periods that begin on that day."""
        return max((each for each in self.prices if each[0] <= day), default=self.prices[0])[1]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed when the contract was made; a plan that changes later does not touch it.

    Without `term_months` it may be ended at any time with notice; with `renewal_months` 0 so may it after its term.
    """

    when: When = When.ADVANCE
    is_calendar: bool = False
    trial_days: int = 0
    setup_fee: Decimal = Decimal("0.00")
    term_months: int = 0
    renewal_months: int = 0
    notice_months: int = 0
    notice_days: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """From `since` on the customer has so many of a plan; `price` is his own, None leaves it to the plan."""

    since: date
    plan: str
    cycle_months: int
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A recurring service; `stages` are in the order of their days and the first one begins with the contract."""

    number: str
    stages: tuple[Stage, ...]
    agreed: Agreed
    ends_on: date | None = None

    @property
    def begins_on(self) -> date:
        """The first day of the contract."""
        return self.stages[0].since

    @property
    def paid_from(self) -> date:
        """The first day that costs money."""
        return self.begins_on + timedelta(days=self.agreed.trial_days)


@dataclass(frozen=True, slots=True)
class Period:
    """A full period, whether or not the contract covers all of it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Its length in days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Part:
    """Days within a period, first and last included, on which the same stage holds."""

    period: Period
    stage: Stage
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def price(self, plan: Plan) -> Decimal:
        """What a piece costs in the whole period: its price at the period's begin, or the customer's own."""
        return plan.price_on(self.period.first) if self.stage.price is None else self.stage.price

    def net(self, plan: Plan) -> Decimal:
        """What all pieces cost on these days: the share of the days in the whole period, rounded once."""
        return to_cent(self.price(plan) * self.stage.quantity * self.days / self.period.days)


@dataclass(frozen=True, slots=True)
class Bill:
    """What is billed at once: the days from `first` to `last`, without a gap."""

    first: date
    last: date
    lines: tuple[Line, ...]

    @property
    def net(self) -> Decimal:
        """The sum of the lines, in euro."""
        return sum((line_amount(line) for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Billed:
    """How far a contract is billed: `until` a day, None for not at all; `owes_setup` while the set-up fee is open."""

    until: date | None = None
    owes_setup: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """How a client bills contracts: nothing that began before `since`, so many days before a period begins."""

    plans: Mapping[str, Plan]
    since: date
    days_before: int = 0
    language: str = "de"


def stage_on(contract: Contract, day: date) -> Stage:
    """What holds on a day; before the contract begins its first stage."""
    return next((stage for stage in reversed(contract.stages) if stage.since <= day), contract.stages[0])


def phase(contract: Contract, today: date) -> Phase:
    """Where the contract stands."""
    if contract.ends_on and contract.ends_on < today:
        return Phase.ENDED
    if contract.ends_on:
        return Phase.ENDING
    if today < contract.begins_on:
        return Phase.AHEAD
    return Phase.TRIAL if today < contract.paid_from else Phase.RUNNING


def must_be_sound(stage: Stage) -> None:
    """Refuse days, quantities and prices that only a slip can mean. Raises `NotPossible`."""
    if not FIRST_DAY <= stage.since <= LAST_DAY:
        raise NotPossible(f"Ein Vertrag gilt ab einem Tag von {FIRST_DAY.year} bis {LAST_DAY.year}.")
    if not (0 < stage.quantity <= MOST and stage.quantity == to_cent(stage.quantity)):
        raise NotPossible(
            "Die Menge muss größer als 0 sein und höchstens eine Million, mit höchstens zwei Nachkommastellen."
        )
    if stage.price is not None and not (0 <= stage.price <= MOST and stage.price == to_cent(stage.price)):
        raise NotPossible("Der eigene Preis ist ein Betrag ab 0 mit höchstens zwei Nachkommastellen.")


def later(day: date, months: int) -> date:
    """The same day so many months later, in a shorter month its last one (as § 188 (3) BGB has it)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def periods(contract: Contract) -> Iterator[Period]:
    """All periods from the first paid day on, without end. A stage of another cycle begins a row of its own."""
    anchor, current = _anchor(contract), stage_on(contract, contract.paid_from)
    count = 0
    while True:
        first = later(anchor, count * current.cycle_months)
        # The first calendar period may begin in the trial, in which a plan may still give way to another one.
        stage = stage_on(contract, max(first, contract.paid_from))
        if stage.cycle_months != current.cycle_months:
            anchor, count, current = first, 0, stage
        yield Period(first, later(anchor, (count + 1) * current.cycle_months) - DAY)
        count += 1


def parts(contract: Contract, period: Period) -> list[Part]:
    """What of a period is to be paid: the contract's days in it, one part per stage; none outside of the contract."""
    first, last = _start(contract, period), _last(contract, period)
    cuts = [first, *(stage.since for stage in contract.stages if first < stage.since <= last), last + DAY]
    return [Part(period, stage_on(contract, begin), begin, end - DAY) for begin, end in pairwise(cuts) if begin < end]


def due(contract: Contract, billed: Billed, terms: Terms, today: date) -> Bill | None:
    """Everything that is to be billed by today and is not yet, as one bill; None if there is nothing."""
    periods_due = list(_open(contract, billed, terms, today))
    if not periods_due:
        return None
    # A notice that was taken back leaves a period of which the first days are billed already.
    first = billed.until + DAY if billed.until else periods_due[0].first
    found = parts_between(contract, max(first, periods_due[0].first), periods_due[-1].last)
    return bill(contract, found, terms, with_setup=billed.owes_setup) if found else None


def bill(contract: Contract, found: Sequence[Part], terms: Terms, *, with_setup: bool) -> Bill:
    """These parts as lines, the set-up fee before them."""
    lines = [_line(part, terms) for part in found]
    if with_setup and contract.agreed.setup_fee:
        lines.insert(0, _setup(contract, terms))
    return Bill(found[0].first, found[-1].last, tuple(lines))


def parts_between(contract: Contract, first: date, last: date) -> list[Part]:
    """The parts of a bill that was made for these days."""
    found: list[Part] = []
    for period in periods(contract):
        if period.first > last:
            return found
        found += [
            replace(part, first=max(part.first, first), last=min(part.last, last))
            for part in parts(contract, period)
            if part.first <= last and part.last >= first
        ]
    return found


def next_on(contract: Contract, billed: Billed, terms: Terms) -> date | None:
    """On which day something is to be billed next; None if nothing ever is again."""
    for period in periods(contract):
        if contract.ends_on and period.first > contract.ends_on:
            return None
        if not _is_settled(contract, period, billed, terms):
            return _due_on(contract, period, terms)
    return None


def changed(contract: Contract, stage: Stage, billed: Billed, terms: Terms) -> tuple[Contract, Bill | None]:
    """The contract with another plan, quantity or price from a day on, and what is to be paid more for billed days.

    Raises `NotPossible`: for a day outside of the contract or before an earlier change, for another cycle within a
    period, and for paying less on days that are billed.
    """
    must_be_sound(stage)
    _must_fit(contract, stage, billed)
    known = stage.since == contract.stages[-1].since
    after = replace(contract, stages=(*(contract.stages[:-1] if known else contract.stages), stage))
    if billed.until is None or stage.since > billed.until:
        return after, None
    before, then = (parts_between(one, stage.since, billed.until) for one in (contract, after))
    more = amount_of(then, terms) - amount_of(before, terms)
    refused = "weniger zu zahlen" if more < 0 else ""
    if len({terms.plans[part.stage.plan].vat_rate for part in (*before, *then)}) > 1:
        refused = "ein anderer Steuersatz"
    if refused:
        free = (billed.until + DAY).strftime("%d.%m.%Y")
        raise NotPossible(f"Bis {billed.until:%d.%m.%Y} ist schon berechnet; {refused} ist ab dem {free} möglich.")
    return after, _supplement(contract, stage, billed.until, more, terms) if more else None


def amount_of(found: Sequence[Part], terms: Terms) -> Decimal:
    """What these parts come to, net."""
    return sum((part.net(terms.plans[part.stage.plan]) for part in found), Decimal("0.00"))


def introduction(number: str, terms: Terms) -> str:
    """The sentence before the lines of a contract's invoice."""
    return _word("introduction", terms).format(number=number)


def monthly_value(contract: Contract, terms: Terms, today: date) -> Decimal:
    """What the contract brings in a month on average, net (MRR); 0 before it is paid for and after its end."""
    if today < contract.paid_from or (contract.ends_on and today > contract.ends_on):
        return Decimal("0.00")
    stage = stage_on(contract, today)
    price = terms.plans[stage.plan].price_on(today) if stage.price is None else stage.price
    return to_cent(price * stage.quantity / stage.cycle_months)


def _anchor(contract: Contract) -> date:
    return contract.paid_from.replace(day=1) if contract.agreed.is_calendar else contract.paid_from


def _start(contract: Contract, period: Period) -> date:
    return max(period.first, contract.paid_from)


def _last(contract: Contract, period: Period) -> date:
    return min(period.last, contract.ends_on) if contract.ends_on else period.last


def _is_settled(contract: Contract, period: Period, billed: Billed, terms: Terms) -> bool:
    """Whether a period is billed, or was before this program came: the one that runs then is billed in arrears only."""
    last = _last(contract, period)
    if billed.until is not None:
        return last <= billed.until
    decisive = last if contract.agreed.when is When.ARREARS else _start(contract, period)
    return decisive < terms.since or last < contract.paid_from


def _due_on(contract: Contract, period: Period, terms: Terms) -> date:
    if contract.agreed.when is When.ARREARS:
        return _last(contract, period) + DAY
    start = _start(contract, period)
    # During the trial the customer may still leave.
    is_trial_before = contract.agreed.trial_days > 0 and start == contract.paid_from
    return start if is_trial_before else start - timedelta(days=terms.days_before)


def _open(contract: Contract, billed: Billed, terms: Terms, today: date) -> Iterator[Period]:
    for period in periods(contract):
        if _due_on(contract, period, terms) > today or (contract.ends_on and period.first > contract.ends_on):
            return
        if not _is_settled(contract, period, billed, terms):
            yield period


def _line(part: Part, terms: Terms) -> Line:
    plan, quantity = terms.plans[part.stage.plan], part.stage.quantity
    told = [_span(part.first, part.last, terms)]
    name, unit, price = plan.title, plan.unit, part.price(plan)
    if part.days < part.period.days:
        told.append(_word("share", terms).format(days=part.days, of=part.period.days))
        # A share per piece would be rounded before it is multiplied: a thousand pieces would cost euros too much.
        name, unit = (name, unit) if quantity == 1 else (_several(part.stage, plan, terms), FLAT)
        quantity, price = Decimal(1), part.net(plan)
    description = "\n".join(text for text in (plan.description, ", ".join(told)) if text)
    return Line(name, quantity, unit, price, plan.vat_rate, description=description)


def _setup(contract: Contract, terms: Terms) -> Line:
    plan = terms.plans[contract.stages[0].plan]
    return Line(
        name=plan.setup_title,
        quantity=Decimal(1),
        unit=FLAT,
        unit_price=contract.agreed.setup_fee,
        vat_rate=plan.vat_rate,
        description=plan.title,
    )


def _supplement(contract: Contract, stage: Stage, until: date, more: Decimal, terms: Terms) -> Bill:
    plan, old = terms.plans[stage.plan], terms.plans[stage_on(contract, stage.since).plan]
    told = [_span(stage.since, until, terms)]
    if plan.name != old.name:
        told.append(_word("instead", terms).format(title=old.title))
    name = _word("change", terms).format(title=_several(stage, plan, terms))
    line = Line(name, Decimal(1), FLAT, more, plan.vat_rate, description=", ".join(told))
    return Bill(stage.since, until, (line,))


def _several(stage: Stage, plan: Plan, terms: Terms) -> str:
    pieces = f"{stage.quantity.normalize():f}"
    return f"{pieces if terms.language == 'en' else pieces.replace('.', ',')} × {plan.title}"


def _must_fit(contract: Contract, stage: Stage, billed: Billed) -> None:
    newest = contract.stages[-1].since
    if contract.ends_on and contract.ends_on < newest:
        ends = f"{contract.ends_on:%d.%m.%Y}"
        raise NotPossible(f"Der Vertrag endet am {ends}, vor seiner Änderung am {newest:%d.%m.%Y}.")
    if stage.since < newest or (contract.ends_on and stage.since > contract.ends_on):
        until = f" bis {contract.ends_on:%d.%m.%Y}" if contract.ends_on else ""
        planned = " Was für später geplant ist, lässt sich zuerst zurücknehmen." if len(contract.stages) > 1 else ""
        raise NotPossible(f"Möglich ist ein Tag ab dem {newest:%d.%m.%Y}{until}.{planned}")
    if replace(stage, since=newest) == contract.stages[-1]:
        raise NotPossible(f"Das gilt schon ab dem {newest:%d.%m.%Y}: Tarif, Menge und Preis wären dieselben.")
    if stage.cycle_months == stage_on(contract, stage.since).cycle_months:
        return
    if billed.until and stage.since <= billed.until:
        _refuse_cycle(billed.until + DAY)
    running = next(period for period in periods(contract) if period.last >= stage.since)
    if stage.since > _start(contract, running):
        _refuse_cycle(running.last + DAY)


def _refuse_cycle(free: date) -> None:
    raise NotPossible(f"Ein anderer Abrechnungszeitraum beginnt mit einem neuen, frühestens am {free:%d.%m.%Y}.")


def _span(first: date, last: date, terms: Terms) -> str:
    form = _DAYS.get(terms.language, _DAYS["de"])
    return f"{first.strftime(form)} – {last.strftime(form)}"


def _word(name: str, terms: Terms) -> str:
    return _WORDS.get(terms.language, _WORDS["de"])[name]
