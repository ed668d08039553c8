"""Lists: filters that are silently ignored when unknown or unreadable, offset paging, countAll and embed."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Reply
from sandbox.sevdesk.errors import Json, bad_request
from sandbox.sevdesk.records import Record, Ref, midnight, shown

LARGEST_LIMIT, DEFAULT_LIMIT = 1000, 100
Keep = Callable[[Record], bool]
Filter = Callable[[str], Keep]
"""From a parameter's text to a predicate; ValueError for text it cannot read."""
_TAG = re.compile(r"tags\[(\w+)\]\[id\]")


def listed(account: Account, rows: Iterable[Record], filters: Mapping[str, Filter], call: Call) -> Reply:
    """A page of the rows that pass all filters understood, in the order given."""
    kept = list(rows)
    for keep in predicates(account, filters, call.query):
        kept = [row for row in kept if keep(row)]
    return paged(account, kept, call)


def paged(account: Account, rows: list[Record], call: Call) -> Reply:
    """One page of rows; 400 for a limit outside 1..1000."""
    limit, offset = _whole(call, "limit", DEFAULT_LIMIT), _whole(call, "offset", 0)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise bad_request("Invalid 'limit' parameter")
    if offset < 0:
        raise bad_request("Invalid 'offset' parameter")
    shown_rows = [embedded(account, row, call) for row in rows[offset : offset + limit]]
    return Reply(shown_rows, total=len(rows) if call.says("countAll") else None)


def single(account: Account, name: str, call: Call) -> Reply:
    """GET by id: an array of one."""
    return Reply([embedded(account, account.get(name, call.id, stale=call.stale), call)])


def embedded(account: Account, record: Record, call: Call) -> Json:
    """A record as shown, with the references named in `embed=a,a.b` put in whole."""
    return _expanded(account, record, [path.split(".") for path in call.query.get("embed", "").split(",") if path])


def _expanded(account: Account, record: Record, paths: list[list[str]]) -> Json:
    answer = answer_of(record)
    for name in dict.fromkeys(path[0] for path in paths):
        ref = record[name]
        found = account.find(ref) if isinstance(ref, Ref) else None
        if found is not None:
            answer[name] = _expanded(account, found, [path[1:] for path in paths if path[0] == name and path[1:]])
    return answer


def predicates(account: Account, filters: Mapping[str, Filter], query: Mapping[str, str]) -> Iterable[Keep]:
    """What each parameter keeps; an unknown name or an unreadable value keeps everything."""
    for name, text in query.items():
        if name in account.settings.ignored_filters:
            continue
        wanted = _tagged(account, query) if _TAG.fullmatch(name) else filters.get(name)
        try:
            if wanted is not None:
                yield wanted(text)
        except (ValueError, InvalidOperation, OverflowError):
            continue
    yield from _references(account, filters, query)


def refers(name: str) -> dict[str, Filter]:
    """A filter name[id] that only counts together with name[objectName]."""
    return {f"{name}[objectName]": lambda _: _everything}


def equal(field: str) -> Filter:
    """The field as shown equals the text."""
    return lambda text: lambda record: shown(record[field]) == text


def like(*fields: str) -> Filter:
    """One of the fields contains the text."""
    return lambda text: lambda record: any(text.lower() in str(record[field] or "").lower() for field in fields)


def number_above(field: str) -> Filter:
    """The text field is greater, as texts go."""
    return _compared(str, _field(field), operator.gt)


def number_below(field: str) -> Filter:
    """The text field is smaller, as texts go."""
    return _compared(str, _field(field), operator.lt)


def day_from(field: str) -> Filter:
    """The day starts (Europe/Berlin) at or after the Unix second; so UTC midnight shifts rows by a day."""
    return _compared(_instant, _start_of(field), operator.ge)


def day_to(field: str) -> Filter:
    """The day starts (Europe/Berlin) at or before the Unix second."""
    return _compared(_instant, _start_of(field), operator.le)


def amount_from(field: str) -> Filter:
    """The sum is at least the amount."""
    return _compared(Decimal, _field(field), operator.ge)


def amount_to(field: str) -> Filter:
    """The sum is at most the amount."""
    return _compared(Decimal, _field(field), operator.le)


def flag(keep: Keep) -> Filter:
    """A switch: `true` keeps what the predicate keeps."""
    return lambda text: keep if text == "true" else _everything


def _everything(record: Record) -> bool:
    return True


def _compared(read: Callable[[str], Any], get: Callable[[Record], Any], holds: Callable[[Any, Any], bool]) -> Filter:
    """A filter by a bound; records without the value never pass."""

    def wanted(text: str) -> Keep:
        bound = read(text)
        return lambda record: get(record) is not None and holds(get(record), bound)

    return wanted


def _instant(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def _field(name: str) -> Callable[[Record], Any]:
    return lambda record: record[name]


def _start_of(field: str) -> Callable[[Record], datetime | None]:
    return lambda record: None if record[field] is None else midnight(record[field])


STAMPS: dict[str, Filter] = {
    "createAfter": _compared(_instant, operator.attrgetter("created"), operator.gt),
    "createBefore": _compared(_instant, operator.attrgetter("created"), operator.lt),
    "updateAfter": _compared(_instant, operator.attrgetter("updated"), operator.gt),
    "updateBefore": _compared(_instant, operator.attrgetter("updated"), operator.lt),
}
"""By Unix second; the same second does not count."""


def _references(account: Account, filters: Mapping[str, Filter], query: Mapping[str, str]) -> Iterable[Keep]:
    for name in (name.removesuffix("[objectName]") for name in filters if name.endswith("[objectName]")):
        id_, object_name = query.get(f"{name}[id]", ""), query.get(f"{name}[objectName]")
        if id_.isdigit() and object_name and f"{name}[id]" not in account.settings.ignored_filters:
            yield _same_ref(name, Ref(int(id_), object_name))


def _same_ref(field: str, ref: Ref) -> Keep:
    return lambda record: record[field] == ref


def _tagged(account: Account, query: Mapping[str, str]) -> Filter:
    """Rows that carry the tag; without tags[x][objectName]=Tag the parameter is not understood."""
    named = {name for name, value in query.items() if name.endswith("[objectName]") and value == "Tag"}
    known = {query[name] for name in query if _TAG.fullmatch(name) and name[:-4] + "[objectName]" in named}
    relations = {(r["tag"].id, r["object"]) for r in account.rows("TagRelation")}

    def wanted(text: str) -> Keep:
        tag_id = int(text)
        if text not in known:
            raise ValueError(text)
        return lambda record: (tag_id, record.ref) in relations

    return wanted


def _whole(call: Call, name: str, default: int) -> int:
    try:
        return int(call.query.get(name, default))
    except ValueError:
        raise bad_request(f"Invalid '{name}' parameter") from None


def newest_first(rows: list[Record]) -> list[Record]:
    """The order of lists without a wish: a new row shifts all pages."""
    return rows[::-1]


def ordered(rows: list[Record], query: Mapping[str, str], parameter: str, field: str) -> list[Record]:
    """In the order of a text field when `parameter` says ASC or DESC, else newest first."""
    wish = query.get(parameter, "").upper()
    if wish not in ("ASC", "DESC"):
        return newest_first(rows)
    return sorted(rows, key=lambda record: str(record[field] or ""), reverse=wish == "DESC")
