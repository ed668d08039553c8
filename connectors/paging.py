"""Reading a foreign list to its end, although it changes while we read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from connectors.errors import Unavailable, UnexpectedAnswer
from connectors.fields import Item

PASSES = 3
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, how many pages the system lets us read, and whether it has `more` that no page shows."""

    rows: list[Item]
    pages: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows of all passes, each id once in its last state; `is_settled` when two passes in a row saw the same."""

    rows: list[Item]
    is_settled: bool
    more: bool = False


def read_list(fetch: Callable[[int], Page], passes: int = PASSES) -> Reading:
    """Read pages 0 to the last. A list of several pages can shift under us, so it is read until two passes agree."""
    first = fetch(0)
    if first.pages <= 1:
        return Reading(list(_by_id(first.rows).values()), is_settled=True, more=first.more)
    before = _one_pass(fetch, first)
    rows = dict(before)
    for _ in range(passes - 1):
        now = _one_pass(fetch, fetch(0))
        rows |= now
        if _states(now) == _states(before):
            return Reading(list(rows.values()), is_settled=True, more=first.more)
        before = now
    return Reading(list(rows.values()), is_settled=False, more=first.more)


def read_backwards(fetch: Callable[[int], Page]) -> Reading:
    """Read a list in the order of last changes once, its last page first: one request more than it has pages.

    A row that changes meanwhile moves to the end and the others shift forward; what slips over a page border comes
    on the page that is read next. The changed row itself is for the next reading, in whose window it lies.
    """
    first = fetch(0)
    rows = _by_id(first.rows)
    if first.pages <= 1:
        return Reading(list(rows.values()), is_settled=True, more=first.more)
    for number in range(first.pages - 1, -1, -1):
        page = _by_id(fetch(number).rows)
        rows = page | rows | page
    return Reading(list(rows.values()), is_settled=False, more=first.more)


def read_since(
    fetch: Callable[[date, int], Page],
    since: date,
    day_of: Callable[[Item], date],
    read: Callable[[Callable[[int], Page]], Reading] = read_list,
) -> Reading:
    """Read all rows on or after `since`, oldest first, also more than the system shows in one list.

    Where it shows no further pages, reading goes on from the last day seen; rows seen twice count once. Raises
    `UnexpectedAnswer` when a single day holds more rows than can be shown.
    """
    rows: dict[str, Item] = {}
    is_settled = True
    while True:
        start = since
        reading = read(partial(fetch, start))
        rows |= _by_id(reading.rows)
        is_settled = is_settled and reading.is_settled
        if not reading.more:
            return Reading(list(rows.values()), is_settled)
        since = max(day_of(row) for row in reading.rows)
        if since <= start:
            raise UnexpectedAnswer(f"Am {since:%d.%m.%Y} gibt es mehr Belege, als das System zeigen kann.")


def settled(reading: Reading) -> list[Item]:
    """The rows of a reading that must be complete. Raises `Unavailable` when the list did not come to rest."""
    if not reading.is_settled:
        raise Unavailable("Die Liste hat sich beim Lesen laufend geändert. Es wird später erneut gelesen.")
    return reading.rows


def translate_each(rows: Iterable[Item], translate: Callable[[Item], Result | None]) -> Iterator[Result]:
    """Translate row by row; None leaves a row out. An unreadable row holds up no other: its error comes at the end."""
    errors: list[UnexpectedAnswer] = []
    for row in rows:
        try:
            result = translate(row)
        except UnexpectedAnswer as error:
            errors.append(error)
            continue
        if result is not None:
            yield result
    if errors:
        message = f"Nicht lesbare Einträge in der Liste: {len(errors)}. Der erste: {errors[0].message}"
        raise UnexpectedAnswer(message, errors[0].evidence)


def _one_pass(fetch: Callable[[int], Page], first: Page) -> dict[str, Item]:
    rows = _by_id(first.rows)
    number, pages = 1, first.pages
    while number < pages:
        page = fetch(number)
        rows |= _by_id(page.rows)
        number, pages = number + 1, page.pages
    return rows


def _by_id(rows: Iterable[Item]) -> dict[str, Item]:
    return {str(row.data.get("id", row.place)): row for row in rows}


def _states(rows: dict[str, Item]) -> dict[str, object]:
    return {row_id: dict(row.data) for row_id, row in rows.items()}
