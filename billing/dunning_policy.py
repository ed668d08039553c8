"""A client's dunning as data: levels, costs and sending times, and what the law forbids in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from billing.base_rates import KNOWN, BaseRate, BaseRates
from billing.calendar import BERLIN, holidays
from billing.invoices import Channel
from billing.money import in_german
from billing.parties import CustomerKind

NONE = Decimal("0.00")
HIGHEST_CONSUMER_FEE = Decimal("2.50")
HIGHEST_FEES = Decimal("40.00")
MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)


class Action(StrEnum):
    """What a level asks for: the friendly reminder, a notice (Mahnung), a task for the office, or handing over."""

    REMINDER = "reminder"
    NOTICE = "notice"
    TASK = "task"
    HAND_OVER = "hand-over"


class Tone(StrEnum):
    """How a letter speaks; `LAST` announces what follows without threatening."""

    FRIENDLY = "friendly"
    FIRM = "firm"
    LAST = "last"


class Grouping(StrEnum):
    """What one letter is about: each invoice by itself, or all invoices of a customer that are at the same level."""

    INVOICE = "invoice"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Level:
    """One step: `days` after the last day to pay (first level) or after the notice before it, then `action`.

    `fee` in euro, `interest` and the `lump_sum` of 40 euro are demanded only from customers in default. Below
    `minimum` (None: the policy's) the level is not taken. `template` names another letter, `owner` who gets the task.
    """

    days: int
    action: Action
    tone: Tone = Tone.FRIENDLY
    fee: Decimal = NONE
    interest: bool = False
    lump_sum: bool = False
    channel: Channel = Channel.MAIL
    registered: bool = False
    minimum: Decimal | None = None
    template: str = ""
    owner: str = ""

    @property
    def reaches_customer(self) -> bool:
        """Whether the customer gets a letter."""
        return self.action in (Action.REMINDER, Action.NOTICE)

    @property
    def costs_something(self) -> bool:
        """Whether more than the open amount may be demanded."""
        return self.fee > 0 or self.interest or self.lump_sum


@dataclass(frozen=True, slots=True)
class Policy:
    """A client's dunning. Below the open amount `minimum` nobody is bothered; `land` gives the holidays.

    `groups` replaces the levels for some kinds of customers. Letters leave on `weekdays` (Monday is 0) that are no
    holidays, from the first to before the second of `hours` (Europe/Berlin), and set `pay_within_days`; `grouping` says
    whether a customer gets one for all his invoices. `further_rates` are base rates announced since this program was
    written. `origin` names in German for whom it is made, such as "Kunde 10307"; empty: for all of the client's.
    """

    levels: tuple[Level, ...]
    minimum: Decimal = Decimal("5.00")
    land: str = ""
    groups: dict[CustomerKind, tuple[Level, ...]] = field(default_factory=dict)
    weekdays: tuple[int, ...] = MONDAY_TO_FRIDAY
    hours: tuple[int, int] = (0, 24)
    pay_within_days: int = 7
    grouping: Grouping = Grouping.CUSTOMER
    further_rates: tuple[BaseRate, ...] = ()
    origin: str = ""

    @property
    def base_rates(self) -> BaseRates:
        """The base rates that interest is reckoned by."""
        return KNOWN.extended(*self.further_rates) if self.further_rates else KNOWN

    def levels_for(self, kind: CustomerKind) -> tuple[Level, ...]:
        """The levels that hold for a kind of customer."""
        return self.groups.get(kind, self.levels)

    def sends_on(self, day: date) -> bool:
        """Whether letters leave on that day."""
        return day.weekday() in self.weekdays and day not in holidays(day.year, self.land)

    def sends_at(self, now: datetime) -> bool:
        """Whether letters leave at that hour of any day."""
        return self.hours[0] <= now.astimezone(BERLIN).hour < self.hours[1]


@dataclass(frozen=True, slots=True)
class Policies:
    """All of a client's dunning: the usual policy, and by customer number those of whom something else is said."""

    usual: Policy
    special: Mapping[str, Policy] = field(default_factory=dict)

    def of(self, customer_number: str) -> Policy:
        """The policy that holds for a customer."""
        return self.special.get(customer_number, self.usual)

    def any_sends_at(self, now: datetime) -> bool:
        """Whether a letter to anybody may leave at that hour of a day."""
        return any(policy.sends_at(now) for policy in (self.usual, *self.special.values()))

    def with_rates(self, further: tuple[BaseRate, ...]) -> "Policies":
        """The same with base rates announced since this program was written."""
        special = {number: replace(policy, further_rates=further) for number, policy in self.special.items()}
        return Policies(replace(self.usual, further_rates=further), special)


def without_fees(policy: Policy) -> Policy:
    """The policy for invoices that ride in the letter of another one: the letter costs its fee only once."""
    groups = {kind: _free(levels) for kind, levels in policy.groups.items()}
    return replace(policy, levels=_free(policy.levels), groups=groups)


def _free(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(replace(level, fee=NONE) for level in levels)


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a policy would break the law: kind of customer, level (from 0), German sentence with paragraph, cure."""

    kind: CustomerKind
    level: int
    text: str
    cure: str


FREE_LEVELS = (
    Level(7, Action.REMINDER),
    Level(10, Action.NOTICE, Tone.FIRM),
    Level(10, Action.NOTICE, Tone.LAST),
    Level(14, Action.TASK),
)
"""The lawful default: costs nobody anything."""

BUSINESS_LEVELS = (
    Level(7, Action.REMINDER),
    Level(10, Action.NOTICE, Tone.FIRM, interest=True, lump_sum=True),
    Level(10, Action.NOTICE, Tone.LAST, interest=True, lump_sum=True),
    Level(14, Action.TASK),
)
"""The default for businesses and public customers: interest and lump sum from the first letter after default on."""

DEFAULT_GROUPS: dict[CustomerKind, tuple[Level, ...]] = {
    CustomerKind.BUSINESS: BUSINESS_LEVELS,
    CustomerKind.PUBLIC: BUSINESS_LEVELS,
}


def title(levels: tuple[Level, ...], place: int) -> str:
    """What the step at `place` (from 0) is called: "Zahlungserinnerung", "1. Mahnung", "Letzte Mahnung"."""
    step = levels[place]
    if step.action is Action.NOTICE and step.tone is Tone.LAST:
        return "Letzte Mahnung"
    if step.action is Action.NOTICE:
        return f"{sum(each.action is Action.NOTICE for each in levels[: place + 1])}. Mahnung"
    names = {Action.REMINDER: "Zahlungserinnerung", Action.TASK: "Aufgabe", Action.HAND_OVER: "Abgabe"}
    return names[step.action]


def first_days(policy: Policy) -> timedelta | None:
    """The shortest time to any first level; None if nobody is ever reminded."""
    firsts = [levels[0].days for levels in (policy.levels, *policy.groups.values()) if levels]
    return timedelta(max(min(firsts), 1)) if firsts else None


def breaches(policy: Policy, kinds: Iterable[CustomerKind] = CustomerKind) -> list[Breach]:
    """Everything in a policy that could make a letter unlawful, for every kind of customer it can meet."""
    return [breach for kind in kinds for breach in _breaches_for(kind, policy.levels_for(kind))]


def _breaches_for(kind: CustomerKind, levels: tuple[Level, ...]) -> Iterator[Breach]:
    letters = [place for place, level in enumerate(levels) if level.reaches_customer]
    if letters:
        yield from _before_default(kind, letters[0], levels[letters[0]])
    for place in letters:
        level = levels[place]
        if level.action is Action.REMINDER and level.costs_something and place != letters[0]:
            text = "Eine Zahlungserinnerung kostet nichts; Kosten gehören in eine Mahnung."
            yield Breach(kind, place, text, "action: notice  oder die Kosten streichen.")
        if kind is CustomerKind.CONSUMER:
            yield from _against_consumers(place, level)
    if kind is not CustomerKind.CONSUMER:
        yield from _twice(kind, letters, levels)


def _before_default(kind: CustomerKind, place: int, level: Level) -> Iterator[Breach]:
    if level.fee > 0:
        text = "Die erste Mahnung begründet den Verzug erst; ihre Kosten muss niemand tragen (§ 286 Abs. 1, § 280 BGB)."
        yield Breach(kind, place, text, "fee: 0  in der ersten Stufe.")
    if level.interest:
        text = "Vor Verzug gibt es keine Verzugszinsen; die erste Mahnung begründet ihn erst (§§ 286, 288 Abs. 1 BGB)."
        yield Breach(kind, place, text, "interest: false  in der ersten Stufe.")
    if level.lump_sum and kind is not CustomerKind.CONSUMER:
        text = "Die Pauschale von 40 EUR entsteht erst mit dem Verzug (§ 288 Abs. 5 BGB)."
        yield Breach(kind, place, text, "lump_sum: false  in der ersten Stufe.")


def _against_consumers(place: int, level: Level) -> Iterator[Breach]:
    if level.lump_sum:
        text = "Verbraucher schulden die Pauschale von 40 EUR nie (§ 288 Abs. 5 Satz 1 BGB)."
        cure = "lump_sum nur unter  business  und  public  setzen, nicht unter den  levels  für alle."
        yield Breach(CustomerKind.CONSUMER, place, text, cure)
    if level.fee > HIGHEST_CONSUMER_FEE:
        text = (
            f"Von Verbrauchern sind höchstens {in_german(HIGHEST_CONSUMER_FEE)} durchsetzbar: nur Druck, Umschlag und"
            " Porto (§§ 280, 286, § 309 Nr. 5 BGB; BGH VIII ZR 95/18)."
        )
        yield Breach(CustomerKind.CONSUMER, place, text, "fee: 0  oder die nachgewiesenen Briefkosten eintragen.")
    elif level.fee > 0 and level.channel is Channel.MAIL:
        text = "Eine E-Mail verursacht keine Kosten, die ein Verbraucher ersetzen müsste (§ 280 BGB, § 309 Nr. 5 BGB)."
        yield Breach(CustomerKind.CONSUMER, place, text, "fee: 0  oder  channel: post  (Brief).")


def _twice(kind: CustomerKind, letters: list[int], levels: tuple[Level, ...]) -> Iterator[Breach]:
    fees = [place for place in letters if levels[place].fee > 0]
    if fees and any(levels[place].lump_sum for place in letters):
        text = "Mahngebühr und Pauschale ersetzen dasselbe; beides zusammen geht nicht (§ 288 Abs. 5 Satz 3 BGB)."
        yield Breach(kind, fees[0], text, "Entweder  fee  oder  lump_sum.")
    if sum(levels[place].fee for place in fees) > HIGHEST_FEES:
        text = f"Mehr als {in_german(HIGHEST_FEES)} je Rechnung wäre nachzuweisen (§ 288 Abs. 5, § 309 Nr. 5 BGB)."
        yield Breach(kind, fees[-1], text, "Gebühren senken oder  lump_sum: true.")
