"""What an hour costs: by entry, activity or person, else by the client's price, which may fall with the hours.

| tiers | 12 hours at 95 EUR, above 10 hours 85 EUR |
| graduated | the first 10 at 95 EUR, the next 2 at 85 EUR |
| volume | all 12 at 85 EUR, the price of the tier that was reached |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from billing.work_entries import Rounding, WorkEntry

FREE = Decimal("0.00")


class Mode(StrEnum):
    """Whether a tier's price holds for the hours above it only, or for all hours once it is reached."""

    GRADUATED = "graduated"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Tier:
    """From the minute after `above_minutes` on an hour costs `rate` euro net."""

    above_minutes: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """One customer's prices, in euro net an hour; `included_minutes` of a month are paid for already.

    An entry's own rate goes before that of its activity, this before that of its person. Only hours that have none of
    them count for the included ones and for the tiers.
    """

    hourly: Decimal
    activities: Mapping[str, Decimal] = field(default_factory=dict)
    persons: Mapping[str, Decimal] = field(default_factory=dict)
    tiers: tuple[Tier, ...] = ()
    mode: Mode = Mode.GRADUATED
    included_minutes: int = 0

    def own_rate(self, entry: WorkEntry) -> Decimal | None:
        """The fixed rate of an entry, None for one that the hourly price and its tiers are for."""
        found = (entry.rate, self.activities.get(entry.activity), self.persons.get(entry.person))
        return next((rate for rate in found if rate is not None), None)


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of an entry that has one price; `minutes` are rounded already. `is_included` costs nothing."""

    entry: WorkEntry
    minutes: int
    rate: Decimal
    is_included: bool = False


def portions(entries: Iterable[WorkEntry], prices: Prices, rounding: Rounding) -> list[Portion]:
    """Every worked entry with its price, split where a tier begins within it. Items have no hours and are left out.

    The order of the entries does not matter: tiers are filled day by day.
    """
    worked = sorted((each for each in entries if each.item is None), key=lambda each: each.place)
    found: list[Portion] = []
    tiered: list[tuple[WorkEntry, int]] = []
    for entry in worked:
        rate, minutes = prices.own_rate(entry), rounding.billed(entry.minutes)
        if rate is None:
            tiered.append((entry, minutes))
        else:
            found.append(Portion(entry, minutes, rate))
    total = sum(minutes for _, minutes in tiered)
    return sorted([*found, *_filled(tiered, _bands(prices, total))], key=lambda each: each.entry.place)


@dataclass(frozen=True, slots=True)
class _Band:
    """So many minutes at one price; None is without end."""

    minutes: int | None
    rate: Decimal
    is_included: bool = False


def _bands(prices: Prices, total: int) -> Sequence[_Band]:
    """The prices one after the other, the included hours first."""
    included = [_Band(prices.included_minutes, FREE, is_included=True)] if prices.included_minutes else []
    tiers = sorted(prices.tiers, key=lambda tier: tier.above_minutes)
    if prices.mode is Mode.VOLUME:
        paid = max(0, total - prices.included_minutes)
        reached = [tier.rate for tier in tiers if paid > tier.above_minutes]
        return [*included, _Band(None, reached[-1] if reached else prices.hourly)]
    starts = [Tier(0, prices.hourly), *tiers]
    ends: list[int | None] = [tier.above_minutes for tier in tiers]
    bands = [
        _Band(None if end is None else end - start.above_minutes, start.rate)
        for start, end in zip(starts, [*ends, None], strict=True)
    ]
    return [*included, *bands]


def _filled(tiered: Sequence[tuple[WorkEntry, int]], bands: Sequence[_Band]) -> Iterator[Portion]:
    """The entries poured into the bands, one after the other."""
    waiting = list(bands)
    room = waiting[0].minutes
    for entry, minutes in tiered:
        rest = minutes
        while rest:
            if room == 0:
                waiting.pop(0)
                room = waiting[0].minutes
                continue
            taken = rest if room is None else min(rest, room)
            yield Portion(entry, taken, waiting[0].rate, waiting[0].is_included)
            rest -= taken
            room = None if room is None else room - taken
