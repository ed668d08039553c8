"""Recorded work for tests, and strategies for more of it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from billing.hourly_prices import Mode, Prices, Tier
from billing.work_entries import Direction, Item, Rounding, WorkEntry

OCTOBER = date(2026, 10, 1)


def entry(number: int = 1, day: int = 5, minutes: int = 60, **changes: Any) -> WorkEntry:
    """An hour of work in October 2026."""
    facts: dict[str, Any] = {
        "source": "mite",
        "external_id": f"{number:04}",
        "version": "1",
        "customer": "10307",
        "day": OCTOBER + timedelta(day - 1),
        "minutes": minutes,
        "person": "Jana Sommer",
        "activity": "Entwicklung",
        "ticket": "T-1",
        "text": f"Arbeit {number}",
    }
    return WorkEntry(**(facts | changes))


def travel(number: int, day: int = 5, quantity: str = "1", price: str = "45.00") -> WorkEntry:
    """A flat for travel."""
    return entry(number, day, 0, activity="", text="Anfahrt", item=Item(Decimal(quantity), "Pauschale", Decimal(price)))


def euros() -> st.SearchStrategy[Decimal]:
    """An hourly price with cents."""
    return st.decimals(Decimal(1), Decimal(300), places=2)


@st.composite
def works(draw: st.DrawFn) -> list[WorkEntry]:
    """Up to 25 entries of a month and the weeks before it."""
    found = []
    for number in range(draw(st.integers(1, 25))):
        day = draw(st.integers(-20, 31))
        if draw(st.integers(0, 9)) == 0:
            found.append(travel(number, day, str(draw(st.integers(1, 4)))))
            continue
        rate = draw(st.none() | st.none() | euros())
        activity, ticket = (
            draw(st.sampled_from(["", "Entwicklung", "Beratung"])),
            draw(st.sampled_from(["", "T-1", "T-2"])),
        )
        found.append(
            entry(number, day, draw(st.integers(1, 600)), rate=rate, activity=activity, ticket=ticket, project="Shop")
        )
    return found


@st.composite
def prices(draw: st.DrawFn, mode: Mode | None = None) -> Prices:
    """Prices that fall from tier to tier."""
    steps = sorted(draw(st.sets(st.integers(1, 40), max_size=3)))
    rates = sorted((draw(euros()) for _ in range(len(steps) + 1)), reverse=True)
    tiers = tuple(Tier(60 * step, rate) for step, rate in zip(steps, rates[1:], strict=True))
    activities = {"Beratung": draw(euros())} if draw(st.booleans()) else {}
    included = draw(st.sampled_from([0, 0, 60, 600]))
    return Prices(rates[0], activities, {}, tiers, mode or draw(st.sampled_from(Mode)), included)


def roundings() -> st.SearchStrategy[Rounding]:
    """Every rounding that may be configured."""
    return st.builds(Rounding, st.sampled_from([1, 3, 5, 6, 10, 15, 30, 60]), st.sampled_from(Direction))
