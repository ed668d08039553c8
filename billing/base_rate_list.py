"""Reading a list of base rates, as the Bundesbank's download gives it, and comparing it with what is known."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.base_rates import BaseRate, BaseRates

MOST_LINES = 5000
HIGHEST = Decimal(20)
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?|(\d{1,2})\.(\d{1,2})\.(\d{4})")
_PERCENT = re.compile(r"[+-]?\d{1,2}(?:[.,]\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a list says beyond what is known: half-years that follow, and pairs (known, said) that contradict."""

    new: tuple[BaseRate, ...]
    changed: tuple[tuple[BaseRate, BaseRate], ...]


def read_rates(text: str, source: str) -> tuple[BaseRate, ...]:
    """The half-years of a list with a day and a rate in each line; headings and remarks are left out.

    Columns are parted by semicolon, tab or (with a decimal point) comma; days are 2027-01-01, 2027-01 or 01.01.2027.
    A list by months may repeat a rate within its half-year. Raises `ValueError` with a German sentence for a list
    without rates, one that changes within a half-year, or one with a half-year missing.
    """
    found: dict[date, Decimal] = {}
    for line in text.splitlines()[:MOST_LINES]:
        if (entry := _entry(line)) is None:
            continue
        day, percent = entry
        start = date(day.year, 1 if day.month < 7 else 7, 1)
        if found.setdefault(start, percent) != percent:
            raise ValueError(f"Die Liste nennt für das Halbjahr ab {start:%d.%m.%Y} zwei Sätze.")
    if not found:
        raise ValueError("In der Liste steht kein Basiszinssatz: erwartet werden Zeilen mit Tag und Satz.")
    return BaseRates(tuple(BaseRate(day, found[day], source) for day in sorted(found))).rates


def difference(known: BaseRates, said: tuple[BaseRate, ...]) -> Difference:
    """What a list adds and where it contradicts. Raises `ValueError` if it leaves a gap after what is known."""
    by_day = {rate.valid_from: rate for rate in known.rates}
    new = tuple(rate for rate in said if rate.valid_from > known.last_day)
    changed = tuple(
        (by_day[rate.valid_from], rate)
        for rate in said
        if rate.valid_from in by_day and by_day[rate.valid_from].percent != rate.percent
    )
    known.extended(*new)
    return Difference(new, changed)


def _entry(line: str) -> tuple[date, Decimal] | None:
    separator = next((each for each in (";", "\t", ",") if each in line), ";")
    cells = [cell.strip().strip('"') for cell in line.split(separator)]
    written = _DAY.fullmatch(cells[0])
    if not written or len(cells) < 2 or not _PERCENT.fullmatch(cells[1]):
        return None
    percent = Decimal(cells[1].replace(",", "."))
    if abs(percent) > HIGHEST:
        raise ValueError(f"{percent} % ist kein Basiszinssatz.")
    return _day(written), percent


def _day(written: re.Match[str]) -> date:
    year, month, day, german_day, german_month, german_year = written.groups()
    try:
        if year:
            return date(int(year), int(month), int(day or 1))
        return date(int(german_year), int(german_month), int(german_day))
    except ValueError:
        raise ValueError(f"{written[0]} ist kein Tag.") from None
