"""Working days and public holidays in Germany, and the rule of § 193 BGB. Days are calendar days in Europe/Berlin."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

EPIPHANY = frozenset({"BW", "BY", "ST"})
CORPUS_CHRISTI = frozenset({"BW", "BY", "HE", "NW", "RP", "SL"})
REFORMATION = frozenset({"BB", "HB", "HH", "MV", "NI", "SN", "ST", "SH", "TH"})
ALL_SAINTS = frozenset({"BW", "BY", "NW", "RP", "SL"})
LAENDER = frozenset(["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"])


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def holidays(year: int, land: str = "") -> frozenset[date]:
    """Public holidays of a year: the nationwide ones and those of `land` (ISO 3166-2 letters such as "BY")."""
    sunday = easter(year)
    days = {date(year, *day) for day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))}
    days |= {sunday + timedelta(offset) for offset in (-2, 1, 39, 50)}
    days |= _of_land(year, land, sunday)
    return frozenset(days)


def _of_land(year: int, land: str, sunday: date) -> set[date]:
    fixed = (
        ((1, 6), EPIPHANY),
        ((8, 15), {"SL"}),
        ((9, 20), {"TH"}),
        ((10, 31), REFORMATION),
        ((11, 1), ALL_SAINTS),
    )
    days = {date(year, *day) for day, laender in fixed if land in laender}
    # International Women's Day is a holiday in Berlin since 2019 and in Mecklenburg-Vorpommern since 2023.
    if (land == "BE" and year >= 2019) or (land == "MV" and year >= 2023):
        days.add(date(year, 3, 8))
    if land in CORPUS_CHRISTI:
        days.add(sunday + timedelta(60))
    if land == "SN":
        days.add(_day_of_prayer(year))
    return days


def _day_of_prayer(year: int) -> date:
    """Buß- und Bettag: the Wednesday before 23 November."""
    last = date(year, 11, 22)
    return last - timedelta((last.weekday() - 2) % 7)


def berlin_day(instant: datetime) -> date:
    """The calendar day in Germany at an aware instant. Raises `ValueError` on a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(BERLIN).date()


def is_working_day(day: date, land: str = "") -> bool:
    """Neither Saturday, Sunday nor public holiday."""
    return day.weekday() < 5 and day not in holidays(day.year, land)


def working_day_before(day: date, land: str = "") -> date:
    """The last working day before a day."""
    day -= timedelta(1)
    while not is_working_day(day, land):
        day -= timedelta(1)
    return day


def last_day_to_pay(day: date, land: str = "") -> date:
    """The next working day when a period ends on a Saturday, Sunday or holiday (§ 193 BGB)."""
    while not is_working_day(day, land):
        day += timedelta(1)
    return day
