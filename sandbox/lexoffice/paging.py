"""Query parameters and the paging envelope shared by all lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.lexoffice.errors import ApiError, Json

WINDOW = 10_000


@dataclass(frozen=True)
class Page:
    """The wanted page (0-based) and its size."""

    number: int
    size: int


@dataclass(frozen=True)
class Sort:
    """The wanted order."""

    name: str
    ascending: bool

    def as_json(self) -> Json:
        """The `sort` entry of the envelope."""
        return {
            "property": self.name,
            "direction": "ASC" if self.ascending else "DESC",
            "ignoreCase": False,
            "nullHandling": "NATIVE",
            "ascending": self.ascending,
        }


def page_of(query: Mapping[str, str], most: int) -> Page:
    """`page` and `size`; 400 outside 0.. and 1..most, 500 beyond the window of 10,000 hits."""
    number, size = _whole(query, "page", 0), _whole(query, "size", 25)
    if number < 0 or not 1 <= size <= most:
        raise ApiError(400, f"page must be 0 or more, size between 1 and {most}.")
    # A third party measured status 500 here, not 400.
    if (number + 1) * size > WINDOW:
        raise ApiError(500, "Maximum search window size exceeded")
    return Page(number, size)


def sort_of(query: Mapping[str, str], allowed: set[str], default: Sort) -> Sort:
    """`sort=property,ASC|DESC`; 400 for another property or direction."""
    if "sort" not in query:
        return default
    name, _, direction = query["sort"].partition(",")
    if name not in allowed or direction.upper() not in ("", "ASC", "DESC"):
        raise ApiError(400, f"Invalid sort parameter {query['sort']}.")
    return Sort(name, direction.upper() != "DESC")


def truth_of(query: Mapping[str, str], name: str) -> bool | None:
    """A boolean parameter; None when absent, 400 when neither true nor false."""
    if name not in query:
        return None
    if query[name] not in ("true", "false"):
        raise ApiError(400, f"{name} must be true or false.")
    return query[name] == "true"


def day_of_query(query: Mapping[str, str], name: str) -> date | None:
    """A day parameter `yyyy-MM-dd`; None when absent, 400 in another form."""
    if name not in query:
        return None
    try:
        if len(query[name]) == 10:
            return date.fromisoformat(query[name])
    except ValueError:
        pass
    raise ApiError(400, f"{name} must have the form yyyy-MM-dd.")


def envelope(rows: Sequence[Any], page: Page, sort: Sort, shown: Callable[[Any], Json]) -> Json:
    """One page of `rows` in the paging envelope."""
    start = page.number * page.size
    content = [shown(row) for row in rows[start : start + page.size]]
    pages = -(-len(rows) // page.size)
    return {
        "content": content,
        "first": page.number == 0,
        "last": page.number >= pages - 1,
        "totalPages": pages,
        "totalElements": len(rows),
        "numberOfElements": len(content),
        "size": page.size,
        "number": page.number,
        "sort": [sort.as_json()],
    }


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(query.get(name, default))
    except ValueError:
        raise ApiError(400, f"{name} must be a number.") from None
