"""What the board can be asked for, as conditions: words and marks, customer, age, search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, func, or_, select, union_all

from billing.dunning_facts import NONE
from billing.payments import Standing
from billing.standings import Stand
from ledger.effects import State
from ledger.invoices import DRAFTED, ISSUED
from ledger.tables import EffectRow, HoldRow, InvoiceRow, NoticeRow

IN_WORK = "in Arbeit"
HELD = "gehalten"
FAILED = "fehlgeschlagen"
STATES: tuple[str, ...] = (
    Standing.OPEN,
    Standing.PARTLY_PAID,
    Standing.OVERDUE,
    Standing.IN_DEFAULT,
    Standing.DISPUTED,
    Standing.DEFERRED,
    Standing.UNCOLLECTIBLE,
    Standing.PAID,
    Standing.VOIDED,
    IN_WORK,
)
MARKS = (HELD, FAILED)
"""What stands beside the word: something is stopped, or did not work."""

AGES: dict[str, tuple[int | None, int | None]] = {
    "0": (None, 0),
    "1-30": (1, 30),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "91": (91, None),
}
"""Days since the due date, from and to."""

NEWEST, OLDEST_DUE, LARGEST = "neueste", "fällig", "betrag"
SORTS = (NEWEST, OLDEST_DUE, LARGEST)
WRONG = (State.FAILED, State.REFUSED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `clients` are those the person may see; an empty text filters nothing."""

    clients: tuple[str, ...]
    state: str = ""
    customer: str = ""
    age: str = ""
    search: str = ""
    sort: str = NEWEST


def filters_of(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    """What every line must fulfil, the state left out."""
    found: list[ColumnElement[bool]] = [InvoiceRow.client.in_(wanted.clients)]
    if wanted.customer:
        found.append(or_(InvoiceRow.customer_name == wanted.customer, InvoiceRow.customer_key == wanted.customer))
    if wanted.search:
        text = wanted.search.strip().lower()
        folded = [func.lower(name) for name in (InvoiceRow.number, InvoiceRow.customer_name)]
        is_named = (name.contains(text, autoescape=True) for name in folded)
        found.append(or_(InvoiceRow.marker == text.upper(), *is_named))
    if wanted.age in AGES:
        first, last = AGES[wanted.age]
        found.append(unsettled())
        found += [InvoiceRow.due_date <= today - timedelta(first)] if first is not None else []
        found += [InvoiceRow.due_date >= today - timedelta(last)] if last is not None else []
    return found


def of_state(wanted: Wanted, stands: Mapping[int, Stand], today: date) -> list[ColumnElement[bool]]:
    """What a line of the wanted word or mark must fulfil; `stands` are the words of the open claims."""
    by_sql: dict[str, ColumnElement[bool]] = {
        IN_WORK: InvoiceRow.number.is_(None),
        HELD: held(wanted.clients, today),
        FAILED: failed(wanted.clients),
        Standing.VOIDED: and_(issued(), InvoiceRow.is_voided),
    }
    state = wanted.state
    if not state:
        return []
    if state in by_sql:
        return [by_sql[state]]
    ids = [identity for identity, stand in stands.items() if stand.word == state]
    computed = _any_of(ids)
    return [or_(and_(issued(), paid()), computed) if state == Standing.PAID else computed]


def _any_of(ids: list[int]) -> ColumnElement[bool]:
    # Written into the statement: a database takes only so many parameters.
    return InvoiceRow.id.in_(bindparam("ids", ids, expanding=True, literal_execute=True))


def unsettled() -> ColumnElement[bool]:
    """Issued, and something is open."""
    return and_(issued(), InvoiceRow.open_amount > NONE, InvoiceRow.is_voided.is_(False))


def paid() -> ColumnElement[bool]:
    """Nothing is open, and it is not cancelled."""
    return and_(InvoiceRow.open_amount <= NONE, InvoiceRow.is_voided.is_(False))


def issued() -> ColumnElement[bool]:
    """It has a number."""
    return InvoiceRow.number.is_not(None)


def held(clients: Sequence[str], today: date) -> ColumnElement[bool]:
    """A person or a rule has stopped it."""
    by_hand = select(HoldRow.invoice_id).where(
        HoldRow.lifted_at.is_(None), or_(HoldRow.until.is_(None), HoldRow.until >= today)
    )
    by_rule = select(InvoiceRow.id).where(
        InvoiceRow.client.in_(clients),
        InvoiceRow.stage.in_((DRAFTED, ISSUED)),
        cast(InvoiceRow.problems, String) != "[]",
    )
    return InvoiceRow.id.in_(union_all(by_hand, by_rule))


def failed(clients: Sequence[str]) -> ColumnElement[bool]:
    """Something about it is refused, unknown or failed."""
    wrong = select(EffectRow.invoice_id).where(EffectRow.client.in_(clients), EffectRow.state.in_(WRONG))
    demanded = (
        select(NoticeRow.invoice_id)
        .join(EffectRow, EffectRow.id == NoticeRow.effect_id)
        .where(EffectRow.client.in_(clients), EffectRow.state.in_(WRONG), NoticeRow.withdrawn_at.is_(None))
    )
    return InvoiceRow.id.in_(union_all(wrong, demanded))
