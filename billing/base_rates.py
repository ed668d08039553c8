"""The base rate of § 247 BGB as it was announced, in percent a year; nothing is extrapolated beyond what is known."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

ANNOUNCED = "Bekanntgabe der Deutschen Bundesbank, § 247 Abs. 2 BGB"
PRESS = "Pressemitteilung der Deutschen Bundesbank"
QUOTED = "Pressemitteilung der Deutschen Bundesbank zum 1. Juli 2026, nach übereinstimmenden Zweitquellen"


class UnknownBaseRate(Exception):
    """There is no base rate for a day; the message is a German sentence with the cure."""


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The base rate `percent` from `valid_from` (1 January or 1 July) to the end of that half-year; may be negative."""

    valid_from: date
    percent: Decimal
    source: str

    def __post_init__(self) -> None:
        if (self.valid_from.month, self.valid_from.day) not in {(1, 1), (7, 1)}:
            raise ValueError("Der Basiszinssatz ändert sich nur am 1. Januar und am 1. Juli (§ 247 Abs. 1 BGB).")

    @property
    def valid_until(self) -> date:
        """The last day of the half-year."""
        return _next_half_year(self.valid_from) - timedelta(1)


@dataclass(frozen=True, slots=True)
class BaseRates:
    """A history without gaps, oldest first. Raises `ValueError` if a half-year is missing, doubled or out of order."""

    rates: tuple[BaseRate, ...]

    def __post_init__(self) -> None:
        if not self.rates:
            raise ValueError("Es ist kein Basiszinssatz angegeben.")
        for before, after in zip(self.rates, self.rates[1:], strict=False):
            if after.valid_from != _next_half_year(before.valid_from):
                raise ValueError(f"Nach dem {_german(before.valid_from)} folgt nicht der {_german(after.valid_from)}.")

    @property
    def first_day(self) -> date:
        """The first day with a known rate."""
        return self.rates[0].valid_from

    @property
    def last_day(self) -> date:
        """The last day with a known rate."""
        return self.rates[-1].valid_until

    def on(self, day: date) -> BaseRate:
        """The rate in force on a day. Raises `UnknownBaseRate` before the first and after the last known half-year."""
        if day < self.first_day:
            raise UnknownBaseRate(
                f"Für den {_german(day)} ist kein Basiszinssatz hinterlegt, die Liste beginnt am "
                f"{_german(self.first_day)}. Bitte die Zinsen für so alte Forderungen von Hand berechnen."
            )
        if day > self.last_day:
            raise UnknownBaseRate(
                f"Für den {_german(day)} ist noch kein Basiszinssatz hinterlegt, bekannt ist er bis zum "
                f"{_german(self.last_day)}. Bitte den von der Bundesbank bekannt gegebenen Satz nachtragen:"
                " rechnungsbote base-rates read DATEI"
            )
        place = (day.year - self.first_day.year) * 2 + (day.month > 6) - (self.first_day.month > 6)
        return self.rates[place]

    def extended(self, *rates: BaseRate) -> "BaseRates":
        """The history with half-years that follow it, or replace one of it. Raises `ValueError` if one is missing."""
        merged = {rate.valid_from: rate for rate in (*self.rates, *rates)}
        return BaseRates(tuple(merged[day] for day in sorted(merged)))


def base_rate(day: date, known: "BaseRates | None" = None) -> Decimal:
    """The base rate on a day in percent a year, by default from our own history. Raises `UnknownBaseRate`."""
    return (known or KNOWN).on(day).percent


def _next_half_year(start: date) -> date:
    return date(start.year, 7, 1) if start.month == 1 else date(start.year + 1, 1, 1)


def _german(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _half_years(*years: tuple[int, str, str]) -> tuple[BaseRate, ...]:
    return tuple(
        BaseRate(date(year, month, 1), Decimal(percent), _source(year, month))
        for year, *halves in years
        for month, percent in zip((1, 7), halves, strict=True)
    )


def _source(year: int, month: int) -> str:
    press = {(2019, 7): PRESS, (2020, 7): PRESS, (2021, 1): PRESS, (2026, 7): QUOTED}
    return press.get((year, month), ANNOUNCED)


KNOWN = BaseRates(
    _half_years(
        (2013, "-0.13", "-0.38"),
        (2014, "-0.63", "-0.73"),
        (2015, "-0.83", "-0.83"),
        (2016, "-0.83", "-0.88"),
        (2017, "-0.88", "-0.88"),
        (2018, "-0.88", "-0.88"),
        (2019, "-0.88", "-0.88"),
        (2020, "-0.88", "-0.88"),
        (2021, "-0.88", "-0.88"),
        (2022, "-0.88", "-0.88"),
        (2023, "1.62", "3.12"),
        (2024, "3.62", "3.37"),
        (2025, "2.27", "1.27"),
        (2026, "1.27", "1.52"),
    )
)
