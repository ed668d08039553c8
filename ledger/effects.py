"""Effects: the one way in which anything leaves the house. Plan, take, reach, settle; `reliability.md` §1.

An effect is first `planned`. A worker takes it by one conditional update and it is `in_flight`, committed before the
first byte. It ends `done`; or `failed` (provably not done, again at `not_before`); or `refused` (a person must change
something); or `unknown` (to be looked up, never repeated); or `cancelled` (no longer wanted, and provably not done).
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, and_, func, or_, select, update
from sqlalchemy.orm import Session

from ledger.journal import record
from ledger.owners import is_dead
from ledger.tables import AttemptRow, EffectRow, Json, PauseRow


class Kind(StrEnum):
    """What is done outside."""

    CREATE_INVOICE = "create-invoice"
    ISSUE_INVOICE = "issue-invoice"
    SEND_INVOICE = "send-invoice"
    SEND_REMINDER = "send-reminder"
    SEND_COPY = "send-copy"
    SEND_ELSEWHERE = "send-elsewhere"
    """The same documents to another address of the customer, after the first one turned out to be dead."""
    SEND_DUPLICATE = "send-duplicate"
    """A second copy for a customer who says that the first one never came; it says of itself that it is one."""
    POST_INVOICE = "post-invoice"
    """An invoice by letter: a service prints and posts it, and can be asked for it by our key."""
    POST_REMINDER = "post-reminder"
    POST_CANCELLATION = "post-cancellation"
    CANCEL_INVOICE = "cancel-invoice"
    SEND_CANCELLATION = "send-cancellation"
    FILE_DOCUMENT = "file-document"
    """A copy for people. Doing it twice is like doing it once, so it never reaches a point of no return."""


REMINDERS = (Kind.SEND_REMINDER, Kind.POST_REMINDER)
"""What demands money, perhaps for several invoices at once."""


class State(StrEnum):
    """Where an effect stands."""

    PLANNED = "planned"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


CLAIMED = "claimed"
"""The first phase of an attempt: nothing has left the house yet."""

DOUBLED = "doubled"
"""The phase of an effect that a look-up found more than once: refused, but not undone."""

TAKEABLE = (State.PLANNED, State.FAILED)


class LeaseLost(Exception):
    """Somebody else has taken over or settled the effect: stop without doing anything outside."""


@dataclass(frozen=True, slots=True)
class Flight:
    """One attempt in progress; `token` proves the right to go on, `planned_at` is when the intent was written."""

    effect_id: int
    token: str
    attempt: int
    client: str
    kind: Kind
    key: str
    invoice_id: int
    payload: Json
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt ended. `not_before` says when a failed one may be tried again or an unknown one looked up."""

    state: State
    error: str = ""
    evidence: str = ""
    not_before: datetime | None = None
    result: Json | None = None


def plan(
    session: Session, client: str, kind: Kind, key: str, invoice_id: int, payload: Json, now: datetime
) -> EffectRow:
    """Write down the intent. The same business key gives the effect that is there already, unchanged."""
    with session.no_autoflush:  # effects are flushed below as they are planned: all that waits now goes with this one
        existing = session.scalar(
            select(EffectRow).where(EffectRow.client == client, EffectRow.kind == kind, EffectRow.key == key)
        )
    return existing or begin(session, client, kind, key, invoice_id, payload, now)


def begin(
    session: Session, client: str, kind: Kind, key: str, invoice_id: int, payload: Json, now: datetime
) -> EffectRow:
    """Write down an intent that nobody can have had before, such as the first of a new invoice."""
    effect = EffectRow(
        client=client,
        kind=kind,
        key=key,
        invoice_id=invoice_id,
        state=State.PLANNED,
        phase=CLAIMED,
        owner="",
        token="",
        lease_until=None,
        attempts=0,
        not_before=now,
        payload=payload,
        result={},
        error="",
        evidence="",
        lookups=0,
        looked_at=None,
        created_at=now,
        changed_at=now,
    )
    session.add(effect)
    record(session, now, client, f"{kind} planned", invoice_id, key=key)
    session.flush()
    return effect


def due(session: Session, client: str, kind: Kind, now: datetime) -> list[int]:
    """Ids of the effects that may be taken now, oldest first."""
    query = (
        select(EffectRow.id)
        .where(
            EffectRow.client == client,
            EffectRow.kind == kind,
            EffectRow.state.in_(TAKEABLE),
            EffectRow.not_before <= now,
        )
        .order_by(EffectRow.id)
    )
    return list(session.scalars(query))


def get(session: Session, effect_id: int) -> EffectRow:
    """One effect; `LookupError` if there is none."""
    effect = session.get(EffectRow, effect_id)
    if effect is None:
        raise LookupError(f"no effect {effect_id}")
    return effect


def number_since(
    session: Session, client: str, kinds: Sequence[Kind], states: Sequence[State], instant: datetime
) -> int:
    """How many effects of these kinds came into one of the states after the instant: what a daily cap counts."""
    query = select(func.count()).where(
        EffectRow.client == client,
        EffectRow.kind.in_(kinds),
        EffectRow.state.in_(states),
        EffectRow.changed_at > instant,
    )
    return session.scalar(query) or 0


def take(session: Session, effect_id: int, owner: str, now: datetime, lease: timedelta) -> Flight | None:
    """Claim an effect: one conditional update, which gives the row if it took it. None when another worker was faster.

    None, too, while its client is paused: nothing new leaves, also in runs that began before.
    """
    effect = session.scalar(
        update(EffectRow)
        .where(
            EffectRow.id == effect_id,
            EffectRow.state.in_(TAKEABLE),
            EffectRow.not_before <= now,
            EffectRow.client.not_in(select(PauseRow.client)),
        )
        .values(
            state=State.IN_FLIGHT,
            phase=CLAIMED,
            owner=owner,
            token=secrets.token_hex(16),
            lease_until=now + lease,
            attempts=EffectRow.attempts + 1,
            changed_at=now,
        )
        .returning(EffectRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if effect is None:
        return None
    session.add(
        AttemptRow(
            effect_id=effect_id,
            number=effect.attempts,
            owner=owner,
            started_at=now,
            ended_at=None,
            phase=CLAIMED,
            outcome=State.IN_FLIGHT,
            error="",
            evidence="",
        )
    )
    return flight_of(effect)


def flight_of(effect: EffectRow) -> Flight:
    """The attempt that the row speaks of."""
    return Flight(
        effect.id,
        effect.token,
        effect.attempts,
        effect.client,
        Kind(effect.kind),
        effect.key,
        effect.invoice_id,
        effect.payload,
        effect.created_at,
    )


def reach(session: Session, flight: Flight, phase: str, now: datetime) -> None:
    """Note that the attempt comes to `phase` next. Raises `LeaseLost` when the right to go on is gone."""
    moved = session.execute(
        update(EffectRow).where(_owns(flight), EffectRow.lease_until > now).values(phase=phase, changed_at=now)
    )
    if _count(moved) != 1:
        raise LeaseLost(flight.key)


def settle(session: Session, flight: Flight, settlement: Settlement, now: datetime) -> None:
    """Write down how the attempt ended. Raises `LeaseLost` when somebody else has decided meanwhile.

    A lease that ran out is no obstacle as long as nobody has acted on it: the fact is worth more than the clock.
    """
    changed = session.execute(
        update(EffectRow)
        .where(_owns(flight))
        .values(
            state=settlement.state,
            error=settlement.error,
            evidence=settlement.evidence,
            not_before=settlement.not_before or now,
            result=settlement.result or {},
            lookups=0,
            looked_at=now if settlement.state is State.UNKNOWN else None,
            lease_until=None,
            changed_at=now,
        )
    )
    if _count(changed) != 1:
        raise LeaseLost(flight.key)
    _end_attempt(session, flight.effect_id, flight.attempt, settlement, now)
    record(
        session,
        now,
        flight.client,
        f"{flight.kind} {settlement.state}",
        flight.invoice_id,
        key=flight.key,
        attempt=flight.attempt,
        **({"error": settlement.error} if settlement.error else {}),
    )


def recover(session: Session, client: str, now: datetime, quiet: timedelta) -> list[EffectRow]:
    """Put right what dead or frozen workers left in flight; the effects that were changed.

    Nothing is restarted because a lease ran out: what provably had not begun goes back to `failed`, everything else
    becomes `unknown`.
    """
    changed = []
    query = select(EffectRow).where(EffectRow.client == client, EffectRow.state == State.IN_FLIGHT)
    for effect in session.scalars(query).all():
        if effect.lease_until and effect.lease_until > now and not is_dead(effect.owner):
            continue
        if _give_back(session, effect, now, quiet):
            session.refresh(effect)
            changed.append(effect)
    return changed


def cancel(session: Session, effect_id: int, reason: str, now: datetime) -> bool:
    """Drop an effect that has provably not happened; False when it is under way, done or unknown."""
    effect = session.get_one(EffectRow, effect_id)
    dropped = session.execute(
        update(EffectRow)
        .where(
            EffectRow.id == effect_id,
            EffectRow.state.in_((*TAKEABLE, State.REFUSED)),
            EffectRow.phase != DOUBLED,
        )
        .values(state=State.CANCELLED, error=reason, changed_at=now)
    )
    if _count(dropped) != 1:
        return False
    record(session, now, effect.client, f"{effect.kind} cancelled", effect.invoice_id, key=effect.key, reason=reason)
    return True


def plan_again(session: Session, effect: EffectRow, now: datetime) -> bool:
    """Give a refused effect, which provably did not happen, a new start. False when it is refused no more."""
    changed = session.execute(
        update(EffectRow)
        .where(EffectRow.id == effect.id, EffectRow.state == State.REFUSED, EffectRow.phase != DOUBLED)
        .values(state=State.PLANNED, error="", evidence="", not_before=now, changed_at=now)
    )
    return _count(changed) == 1


def hurry(session: Session, client: str, kinds: Sequence[Kind], now: datetime) -> int:
    """A person wants what failed tried again at once instead of at its time; how many effects that is."""
    hurried = session.execute(
        update(EffectRow)
        .where(
            EffectRow.client == client,
            EffectRow.kind.in_(kinds),
            EffectRow.state == State.FAILED,
            EffectRow.not_before > now,
        )
        .values(not_before=now, changed_at=now)
    )
    number = _count(hurried)
    if number:
        record(session, now, client, "decided: once more", kinds=list(kinds), number=number)
    return number


def move(session: Session, effect: EffectRow, state: State, now: datetime) -> bool:
    """Carry out a person's word: leave exactly the state that the person saw. False when it has changed meanwhile."""
    changed = session.execute(
        update(EffectRow)
        .where(EffectRow.id == effect.id, EffectRow.state == effect.state, EffectRow.attempts == effect.attempts)
        .values(state=state, phase=CLAIMED, not_before=now, lookups=0, looked_at=None, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    return _count(changed) == 1


def unknown(session: Session, client: str, kind: Kind, now: datetime) -> list[EffectRow]:
    """Effects whose outcome is unknown and whose quiet period is over, oldest first."""
    query = (
        select(EffectRow)
        .where(
            EffectRow.client == client,
            EffectRow.kind == kind,
            EffectRow.state == State.UNKNOWN,
            EffectRow.not_before <= now,
        )
        .order_by(EffectRow.id)
    )
    return list(session.scalars(query))


def in_state(session: Session, client: str, kind: Kind, state: State) -> list[EffectRow]:
    """All effects of a kind in a state, oldest first."""
    query = (
        select(EffectRow)
        .where(EffectRow.client == client, EffectRow.kind == kind, EffectRow.state == state)
        .order_by(EffectRow.id)
    )
    return list(session.scalars(query))


def adopt(session: Session, effect: EffectRow, result: Json, now: datetime) -> bool:
    """A look-up found the effect done after all. False when somebody else settled it first."""
    return _leave_unknown(session, effect, now, "found", state=State.DONE, result=result, error="", evidence="")


def refuse(session: Session, effect: EffectRow, error: str, evidence: str, now: datetime) -> bool:
    """A look-up found what only a person can sort out, such as two documents with one marker.

    It did happen, so it can neither be planned again nor cancelled.
    """
    values = {"state": State.REFUSED, "phase": DOUBLED, "error": error, "evidence": evidence}
    return _leave_unknown(session, effect, now, "ambiguous", **values)


def searched_in_vain(session: Session, effect: EffectRow, needed: int, quiet: timedelta, now: datetime) -> bool:
    """Count a complete search that found nothing; True when enough of them, a quiet period apart, allow a new attempt.

    Conditional on the last look: two workers searching at the same moment count once.
    """
    enough = effect.lookups + 1 >= needed
    values: dict[str, Any] = {"lookups": effect.lookups + 1, "looked_at": now, "not_before": now + quiet}
    if enough:
        values |= {"state": State.FAILED, "not_before": now, "phase": CLAIMED}
    counted = session.execute(
        update(EffectRow)
        .where(
            EffectRow.id == effect.id,
            EffectRow.state == State.UNKNOWN,
            EffectRow.lookups == effect.lookups,
            or_(EffectRow.looked_at.is_(None), EffectRow.looked_at <= now - quiet),
        )
        .values(changed_at=now, **values)
    )
    if _count(counted) != 1:
        return False
    facts = {"key": effect.key, "searches": effect.lookups + 1}
    record(session, now, effect.client, f"{effect.kind} not found", effect.invoice_id, **facts)
    return enough


def back_off(
    attempt: int, first: timedelta, factor: float, cap: timedelta, jitter: Callable[[float, float], float]
) -> timedelta:
    """How long to wait after the given attempt (from 1): full jitter above half of an exponential with a cap."""
    longest = min(cap.total_seconds(), first.total_seconds() * factor ** min(attempt - 1, 32))
    return timedelta(seconds=longest * jitter(0.5, 1.0))


def _owns(flight: Flight) -> Any:
    return and_(EffectRow.id == flight.effect_id, EffectRow.state == State.IN_FLIGHT, EffectRow.token == flight.token)


def _give_back(session: Session, effect: EffectRow, now: datetime, quiet: timedelta) -> bool:
    if effect.phase != CLAIMED:
        text = "Der Vorgang wurde unterbrochen; ob er geschah, ist unbekannt."
        settlement = Settlement(State.UNKNOWN, text, f"Phase {effect.phase}, {effect.owner}", now + quiet)
    else:
        settlement = Settlement(State.FAILED, "Der Vorgang wurde unterbrochen, bevor er begann.", effect.owner, now)
    try:
        settle(session, flight_of(effect), settlement, now)
    except LeaseLost:
        return False
    return True


def _end_attempt(session: Session, effect_id: int, number: int, settlement: Settlement, now: datetime) -> None:
    # While it runs, how far it has come stands in its effect alone.
    phase = select(EffectRow.phase).where(EffectRow.id == effect_id).scalar_subquery()
    ended = {"ended_at": now, "outcome": settlement.state, "phase": phase}
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.effect_id == effect_id, AttemptRow.number == number)
        .values(error=settlement.error, evidence=settlement.evidence, **ended)
    )


def _leave_unknown(session: Session, effect: EffectRow, now: datetime, how: str, **values: Any) -> bool:
    changed = session.execute(
        update(EffectRow)
        .where(EffectRow.id == effect.id, EffectRow.state == State.UNKNOWN)
        .values(changed_at=now, **values)
    )
    if _count(changed) != 1:
        return False
    record(session, now, effect.client, f"{effect.kind} {how}", effect.invoice_id, key=effect.key)
    return True


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def counts(session: Session, client: str) -> dict[str, dict[str, int]]:
    """Effects per kind and state."""
    query = (
        select(EffectRow.kind, EffectRow.state, func.count())
        .where(EffectRow.client == client)
        .group_by(EffectRow.kind, EffectRow.state)
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, number in session.execute(query):
        found.setdefault(kind, {})[state] = number
    return found
