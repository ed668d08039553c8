"""Reading lists that change under us."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.errors import Unavailable, UnexpectedAnswer
from connectors.fields import Item
from connectors.paging import Page, read_backwards, read_list, read_since, settled, translate_each

Change = Callable[[list[dict[str, Any]], int], None]


class ShiftingList:
    """A list of two rows a page that a colleague changes after the nth page was read."""

    def __init__(self, ids: str, change: Change = lambda rows, reads: None) -> None:
        self.rows: list[dict[str, Any]] = [{"id": letter, "version": 1} for letter in ids]
        self.reads = 0
        self._change = change

    def page(self, number: int) -> Page:
        """One page as it is now."""
        shown = self.rows[number * 2 : number * 2 + 2]
        page = Page([Item(row, "row") for row in shown], -(-len(self.rows) // 2))
        self.reads += 1
        self._change(self.rows, self.reads)
        return page


def ids(rows: list[Item]) -> str:
    """The ids of rows in alphabetical order."""
    return "".join(sorted(row.text("id") for row in rows))


def move_first_to_end(rows: list[dict[str, Any]], reads: int) -> None:
    """What an update does to a list sorted by its time: the row moves, the rest shifts forward."""
    if reads == 1:
        rows.append(rows.pop(0) | {"version": 2})


def test_one_page_takes_one_request() -> None:
    """A list of one page is read once."""
    source = ShiftingList("ab")
    assert ids(settled(read_list(source.page))) == "ab"
    assert source.reads == 1


def test_empty_list_takes_one_request() -> None:
    """A list without rows is read once."""
    source = ShiftingList("")
    assert settled(read_list(source.page)) == []
    assert source.reads == 1


def test_shift_between_pages_loses_nothing() -> None:
    """A row that slips over the page border while we read is found by the next pass."""
    source = ShiftingList("abcde", move_first_to_end)
    assert ids(settled(read_list(source.page))) == "abcde"


def test_row_seen_twice_counts_once_in_its_last_state() -> None:
    """A row that moves behind us comes once, as it was last seen."""
    rows = settled(read_list(ShiftingList("abcde", move_first_to_end).page))
    assert [row.count("version") for row in rows if row.text("id") == "a"] == [2]


def test_restless_list_is_complete_but_not_settled() -> None:
    """A list that changes at every read ends after three passes, with all rows ever seen, marked as not settled."""

    def grow(rows: list[dict[str, Any]], reads: int) -> None:
        rows.append({"id": f"x{reads}", "version": 1})

    reading = read_list(ShiftingList("abcde", grow).page)
    assert {"a", "b", "c", "d", "e"} <= {row.text("id") for row in reading.rows}
    with pytest.raises(Unavailable):
        settled(reading)


def test_backwards_a_list_takes_one_request_more_than_it_has_pages() -> None:
    """A quiet list of three pages is read with four requests, in its own order, and one of one page with one."""
    source = ShiftingList("abcde")
    assert "".join(row.text("id") for row in read_backwards(source.page).rows) == "abcde"
    assert source.reads == 4
    assert ids(read_backwards(ShiftingList("ab").page).rows) == "ab"


@pytest.mark.parametrize("moment", range(1, 6))
@pytest.mark.parametrize("moving", range(1, 4))
def test_backwards_no_resting_row_is_lost(moment: int, moving: int) -> None:
    """Whenever rows change while we read, every row that did not change is seen, in whatever page it now is."""

    def move(rows: list[dict[str, Any]], reads: int) -> None:
        if reads == moment:
            rows.extend(row | {"version": 2} for row in rows[:moving])
            del rows[:moving]

    rows = read_backwards(ShiftingList("abcdefgh", move).page).rows
    assert set("abcdefgh"[moving:]) <= {row.text("id") for row in rows}
    assert len(rows) == len({row.text("id") for row in rows})


def test_more_rows_than_the_system_shows_are_read_by_date() -> None:
    """Behind the last page shown, reading goes on from the last day seen, and no row is lost or doubled."""
    start = date(2026, 11, 1)
    days = {f"r{number:02}": start + timedelta(number // 3) for number in range(20)}

    def fetch(since: date, number: int) -> Page:
        rows = [Item({"id": name, "day": day.isoformat()}, "row") for name, day in days.items() if day >= since]
        pages = -(-len(rows) // 2)
        return Page(rows[number * 2 : number * 2 + 2], min(pages, 3), more=pages > 3)

    reading = read_since(fetch, start, lambda row: date.fromisoformat(row.text("day")))
    assert [row.text("id") for row in settled(reading)] == list(days)


def test_a_day_too_full_to_show_is_an_error() -> None:
    """When a single day holds more than can be shown, nothing is silently left out."""
    today = date(2026, 11, 1)
    page = Page([Item({"id": "a"}, "row")], 1, more=True)
    with pytest.raises(UnexpectedAnswer, match="01.11.2026"):
        read_since(lambda since, number: page, today, lambda row: today)


def test_unreadable_row_holds_up_no_other() -> None:
    """Readable rows come first, the error for the others at the end."""
    rows = [Item(data, f"row[{number}]") for number, data in enumerate([{"id": "a"}, {}, {"id": "c"}])]
    results = translate_each(rows, lambda row: row.text("id"))
    assert [next(results), next(results)] == ["a", "c"]
    with pytest.raises(UnexpectedAnswer, match=r"row\[1\]\.id fehlt"):
        next(results)
