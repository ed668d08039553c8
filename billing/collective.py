"""The collective invoice: a month's approved work of one customer as lines and a timesheet (BG-25, BG-24)."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from billing.hourly_prices import Portion, Prices, portions
from billing.jobs import Line, TimesheetRow
from billing.work_entries import Item, Rounding, WorkEntry, in_hours

MOST_TEXTS = 4
"""So many different texts stand below a line; the timesheet has them all."""
LONGEST_TEXT = 120
NEAR_THE_END = timedelta(days=2)
LONGEST_NAME = 200
_WORDS = {
    "de": {
        "ticket": "Ticket", "no_ticket": "Ohne Ticket", "no_project": "Ohne Projekt", "hour": "Stunde",
        "included": "im Kontingent enthalten", "late": "Nachtrag", "more": "und {} weitere Tätigkeiten",
    },
    "en": {
        "ticket": "Ticket", "no_ticket": "Without ticket", "no_project": "Without project", "hour": "Stunde",
        "included": "included in your allowance", "late": "Late entry", "more": "and {} further activities",
    },
}  # fmt: skip
_DAYS = {"de": "%d.%m.%Y", "en": "%d/%m/%Y"}


class Grouping(StrEnum):
    """What becomes one line: the work on a ticket, of a day, or for a project."""

    TICKET = "ticket"
    DAY = "day"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def named(cls, text: str) -> "Month":
        """The month written as `2026-10`. Raises `ValueError`."""
        return cls.of(date.fromisoformat(f"{text}-01"))

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def before(self) -> "Month":
        """The month before."""
        return Month.of(self.first - timedelta(1))

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Rules:
    """How one customer's work is billed; `vat_rate` in percent."""

    prices: Prices
    rounding: Rounding = field(default_factory=Rounding)
    grouping: Grouping = Grouping.TICKET
    vat_rate: Decimal = Decimal(19)
    has_timesheet: bool = True
    language: str = "de"

    def word(self, name: str) -> str:
        """A word of the invoice in the customer's language."""
        return _WORDS.get(self.language, _WORDS["de"])[name]

    def day(self, day: date) -> str:
        """A day as the customer reads it."""
        return day.strftime(_DAYS.get(self.language, _DAYS["de"]))


@dataclass(frozen=True, slots=True)
class Collected:
    """What is on the invoice: its lines, the timesheet and the period of the work (BT-73, BT-74).

    `minutes` are those that are billed, included ones among them.
    """

    lines: tuple[Line, ...]
    timesheet: tuple[TimesheetRow, ...]
    performed_from: date
    performed_until: date
    minutes: int


def closed_month(today: date, billing_day: int) -> Month:
    """The newest month that may be billed: last month from the billing day on, before it the one before."""
    last = Month.of(today).before
    return last if today.day >= billing_day else last.before


def approvable_until(today: date) -> date:
    """Up to which day work should be approved by now: in the last three days of a month it, before them the last one.

    Whoever approves on the last days has the invoice go out on the billing day.
    """
    month = Month.of(today)
    return month.last if today >= month.last - NEAR_THE_END else month.before.last


def collected(entries: Sequence[WorkEntry], month: Month, rules: Rules) -> Collected:
    """The work of one customer up to the end of a month. The order of the entries does not matter.

    Every entry stands on exactly one line, or on several where a tier begins within it. What is older than the month
    came late: it has lines of its own that name its day. Raises `ValueError` without entries.
    """
    if not entries:
        raise ValueError("nothing was worked")
    worked = portions(entries, rules.prices, rules.rounding)
    items = sorted((each for each in entries if each.item is not None), key=lambda each: each.place)
    parts = [*(_Part.of_portion(each) for each in worked), *(_Part.of_item(each) for each in items)]
    return Collected(
        lines=_lines(parts, month, rules),
        timesheet=_timesheet(entries, rules) if rules.has_timesheet else (),
        performed_from=min(month.first, *(entry.day for entry in entries)),
        performed_until=month.last,
        minutes=sum(portion.minutes for portion in worked),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Something with one price: minutes of work, or an item."""

    entry: WorkEntry
    minutes: int
    rate: Decimal
    is_included: bool = False
    item: Item | None = None

    @classmethod
    def of_portion(cls, portion: Portion) -> "_Part":
        return cls(portion.entry, portion.minutes, portion.rate, portion.is_included)

    @classmethod
    def of_item(cls, entry: WorkEntry) -> "_Part":
        assert entry.item is not None
        return cls(entry, 0, entry.item.unit_price, item=entry.item)


def _lines(parts: Iterable[_Part], month: Month, rules: Rules) -> tuple[Line, ...]:
    grouped: dict[tuple[object, ...], list[_Part]] = {}
    for part in parts:
        grouped.setdefault(_key(part, month, rules), []).append(part)
    # By the group's own first day, so that the invoice reads like the month went; items follow the work.
    order = sorted(grouped.items(), key=lambda pair: (pair[1][0].item is not None, pair[1][0].entry.place))
    return tuple(_line(found, month, rules) for _, found in order)


def _key(part: _Part, month: Month, rules: Rules) -> tuple[object, ...]:
    entry = part.entry
    late = entry.day if entry.day < month.first else None
    group = _GROUPS[rules.grouping](entry, rules)
    unit, text = (part.item.unit, entry.text) if part.item else ("", "")
    return late, group, entry.activity, part.rate, part.is_included, unit, text


def _line(parts: list[_Part], month: Month, rules: Rules) -> Line:
    first = parts[0]
    item = first.item
    quantity = in_hours(sum(part.minutes for part in parts))
    if item is not None:
        quantity = sum((part.item.quantity for part in parts if part.item), Decimal(0))
    return Line(
        name=_name(first, month, rules),
        quantity=quantity,
        unit=item.unit if item else rules.word("hour"),
        unit_price=first.rate,
        vat_rate=rules.vat_rate,
        description=_description([part.entry for part in parts], rules, is_item=item is not None),
    )


def _name(part: _Part, month: Month, rules: Rules) -> str:
    entry = part.entry
    words = [_GROUPS[rules.grouping](entry, rules), entry.activity or (entry.text if part.item else "")]
    name = _cut(": ".join(word for word in words if word), LONGEST_NAME)
    late = f"{rules.word('late')} {rules.day(entry.day)}, " if entry.day < month.first else ""
    return f"{late}{name}" + (f" ({rules.word('included')})" if part.is_included else "")


def _description(entries: Sequence[WorkEntry], rules: Rules, *, is_item: bool) -> str:
    """The tickets of a line that is not about one, and its first few texts."""
    told = [] if is_item and not entries[0].activity else list(dict.fromkeys(_told(entry, rules) for entry in entries))
    texts = [text for text in told if text]
    more = [rules.word("more").format(len(texts) - MOST_TEXTS)] if len(texts) > MOST_TEXTS else []
    return "\n".join([*texts[:MOST_TEXTS], *more])


def _told(entry: WorkEntry, rules: Rules) -> str:
    ticket = entry.ticket if rules.grouping is not Grouping.TICKET else ""
    return _cut(": ".join(word for word in (ticket, entry.text) if word), LONGEST_TEXT)


def _timesheet(entries: Iterable[WorkEntry], rules: Rules) -> tuple[TimesheetRow, ...]:
    return tuple(_row(entry, rules) for entry in sorted(entries, key=lambda each: each.place))


def _row(entry: WorkEntry, rules: Rules) -> TimesheetRow:
    is_time = entry.item is None
    quantity = in_hours(rules.rounding.billed(entry.minutes)) if entry.item is None else entry.item.quantity
    unit = rules.word("hour") if entry.item is None else entry.item.unit
    text = ": ".join(word for word in (entry.activity, entry.text) if word)
    return TimesheetRow(entry.day, entry.person, entry.ticket, text, quantity, unit, is_time)


def _cut(text: str, longest: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 2]} …"


def _by_ticket(entry: WorkEntry, rules: Rules) -> str:
    return f"{rules.word('ticket')} {entry.ticket}" if entry.ticket else entry.project or rules.word("no_ticket")


def _by_day(entry: WorkEntry, rules: Rules) -> str:
    return rules.day(entry.day)


def _by_project(entry: WorkEntry, rules: Rules) -> str:
    return entry.project or rules.word("no_project")


_GROUPS: dict[Grouping, Callable[[WorkEntry, Rules], str]] = {
    Grouping.TICKET: _by_ticket,
    Grouping.DAY: _by_day,
    Grouping.PROJECT: _by_project,
}
