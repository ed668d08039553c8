"""The board: claims by status word with counts and sums, filtered, searched and leafed through, however many there are.

Status words are computed and never stored. What is paid, cancelled or not issued yet, SQL can tell; the word of the few
that are open is computed from their facts and remembered until the journal goes on or the day ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from billing.dunning_facts import NONE
from billing.payments import Standing
from billing.standings import Stand
from ledger.board_filters import (
    FAILED,
    HELD,
    IN_WORK,
    LARGEST,
    MARKS,
    OLDEST_DUE,
    STATES,
    Wanted,
    failed,
    filters_of,
    held,
    of_state,
    unsettled,
)
from ledger.tables import InvoiceRow, NoticeRow

CHUNK = 500
PAGE = 50
CUSTOMERS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice on the board; `since` and `fact` say what made its word, `level` is its last dunning step."""

    id: int
    client: str
    marker: str
    number: str | None
    customer: str
    issue_date: date
    due_date: date | None
    gross: Decimal
    open_amount: Decimal
    is_voided: bool
    word: str
    since: date | None
    fact: str
    marks: tuple[str, ...]
    level: int


@dataclass(frozen=True, slots=True)
class Sum:
    """How many invoices a word or mark has, and how much is open on them (paid and cancelled ones: their total)."""

    state: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Page:
    """One page of lines, and from where the next goes on (empty at the end)."""

    lines: tuple[Line, ...]
    after: str


def sums(session: Session, wanted: Wanted, stands: Mapping[int, Stand], today: date) -> list[Sum]:
    """Every word and mark with count and sum, of what the filters other than the state leave."""
    filters = filters_of(wanted, today)
    found: dict[str, list[Any]] = {state: [0, NONE] for state in (*STATES, *MARKS)}
    open_ones = select(InvoiceRow.id, InvoiceRow.open_amount).where(*filters, unsettled())
    for identity, amount in session.execute(open_ones):
        _add(found, stands[identity].word if identity in stands else Standing.OPEN, 1, amount)
    for state, count, amount in session.execute(_others(filters)):
        _add(found, state, count, Decimal(amount))
    for mark, those in ((HELD, held(wanted.clients, today)), (FAILED, failed(wanted.clients))):
        query = select(func.count(), func.coalesce(func.sum(InvoiceRow.open_amount), 0)).where(*filters, those)
        count, amount = session.execute(query).one()
        _add(found, mark, count, Decimal(amount))
    return [Sum(state, count, amount) for state, (count, amount) in found.items()]


def page(
    session: Session, wanted: Wanted, stands: Mapping[int, Stand], today: date, after: str = "", size: int = PAGE
) -> Page:
    """The page behind `after`, which an earlier page gave; a wrong one begins at the start."""
    keys = _key_columns(wanted.sort)
    query = select(InvoiceRow.id, *keys).where(*filters_of(wanted, today), *of_state(wanted, stands, today))
    query = _ordered(query, wanted.sort)
    place = _place(after)
    if place:
        query = query.where(_behind(keys, place, is_rising=wanted.sort == OLDEST_DUE))
    found = session.execute(query.limit(size + 1)).all()
    lines = tuple(_lines(session, [row[0] for row in found[:size]], stands, today))
    is_more = len(found) > size
    return Page(lines, _token(found[size - 1]) if is_more else "")


def every(session: Session, wanted: Wanted, stands: Mapping[int, Stand], today: date) -> Iterator[Line]:
    """All lines, page by page: for an export."""
    after, is_first = "", True
    while after or is_first:
        found = page(session, wanted, stands, today, after, CHUNK)
        yield from found.lines
        after, is_first = found.after, False


def line(session: Session, invoice_id: int, stands: Mapping[int, Stand], today: date) -> Line:
    """The line of one invoice."""
    (found,) = _lines(session, [invoice_id], stands, today)
    return found


def customers(session: Session, clients: Sequence[str]) -> list[str]:
    """The names of some customers with an invoice, for choosing one; whoever has more will type."""
    query = select(InvoiceRow.customer_name).where(InvoiceRow.client.in_(clients)).distinct().limit(CUSTOMERS)
    return sorted(session.scalars(query))


def _others(filters: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """What is not open: not issued, cancelled, paid, with count and sum."""
    word = case(
        (InvoiceRow.number.is_(None), IN_WORK),
        (InvoiceRow.is_voided, Standing.VOIDED.value),
        else_=Standing.PAID.value,
    )
    rest = or_(InvoiceRow.number.is_(None), InvoiceRow.is_voided, InvoiceRow.open_amount <= NONE)
    return select(word, func.count(), func.sum(InvoiceRow.gross)).where(*filters, rest).group_by(word)


def _add(found: dict[str, list[Any]], state: str, count: int, amount: Decimal) -> None:
    found[state][0] += count
    found[state][1] += amount


def _key_columns(sort: str) -> tuple[Any, ...]:
    due = func.coalesce(InvoiceRow.due_date, InvoiceRow.issue_date, type_=InvoiceRow.issue_date.type)
    return ({OLDEST_DUE: due, LARGEST: InvoiceRow.open_amount}.get(sort, InvoiceRow.issue_date),)


def _ordered(query: Select[Any], sort: str) -> Select[Any]:
    (key,) = _key_columns(sort)
    return (
        query.order_by(key, InvoiceRow.id) if sort == OLDEST_DUE else query.order_by(key.desc(), InvoiceRow.id.desc())
    )


def _behind(keys: tuple[Any, ...], place: tuple[Any, int], *, is_rising: bool) -> ColumnElement[bool]:
    here = tuple_(*keys, InvoiceRow.id)
    return here > place if is_rising else here < place


def _token(row: Row[Any]) -> str:
    return f"{row[1]}~{row[0]}"


def _place(after: str) -> tuple[Any, int] | None:
    key, _, identity = after.partition("~")
    if not identity.isdigit():
        return None
    try:
        return (date.fromisoformat(key) if key.count("-") == 2 else Decimal(key)), int(identity)
    except (ValueError, ArithmeticError):
        return None


def _lines(session: Session, ids: Sequence[int], stands: Mapping[int, Stand], today: date) -> Iterator[Line]:
    rows = {row.id: row for row in session.execute(_line_columns().where(InvoiceRow.id.in_(ids)))}
    clients = {row.client for row in rows.values()}
    stopped = _which(session, ids, held(list(clients), today))
    wrong = _which(session, ids, failed(list(clients)))
    levels = _levels(session, ids)
    for identity in ids:
        row = rows[identity]
        stand = stands.get(identity) or _settled(row)
        marks = tuple(mark for mark, those in ((HELD, stopped), (FAILED, wrong)) if identity in those)
        cells = [*row, stand.word, stand.since, stand.fact, marks, levels.get(identity, 0)]
        yield Line(*cells)


def _line_columns() -> Select[Any]:
    return select(
        InvoiceRow.id,
        InvoiceRow.client,
        InvoiceRow.marker,
        InvoiceRow.number,
        InvoiceRow.customer_name,
        InvoiceRow.issue_date,
        InvoiceRow.due_date,
        InvoiceRow.gross,
        InvoiceRow.open_amount,
        InvoiceRow.is_voided,
    )


def _settled(row: Row[Any]) -> "Stand | _Told":
    if row.number is None:
        return _Told(IN_WORK, None, "Die Rechnung hat noch keine Nummer.")
    if row.is_voided:
        return Stand(Standing.VOIDED, None, "Die Rechnung ist storniert.")
    if row.open_amount > NONE:
        return Stand(Standing.OPEN, None, "")
    return Stand(Standing.PAID, None, "Es ist nichts mehr offen.")


@dataclass(frozen=True, slots=True)
class _Told:
    word: str
    since: date | None
    fact: str


def _which(session: Session, ids: Sequence[int], condition: ColumnElement[bool]) -> set[int]:
    return set(session.scalars(select(InvoiceRow.id).where(InvoiceRow.id.in_(ids), condition)))


def _levels(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(NoticeRow.invoice_id, func.max(NoticeRow.level))
        .where(NoticeRow.invoice_id.in_(ids), NoticeRow.withdrawn_at.is_(None))
        .group_by(NoticeRow.invoice_id)
    )
    return {identity: level for identity, level in session.execute(query)}  # noqa: C416 mypy cannot see dict(rows)
