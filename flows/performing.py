"""Carrying out an effect: claim it, act, and write down how it ended, whatever happens."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import structlog

from connectors.errors import (
    ChannelDown,
    ConnectorError,
    NeedsPerson,
    NotAuthorised,
    TryLater,
    Unavailable,
    UnexpectedAnswer,
)
from connectors.protocols import Reach
from flows import gates
from flows.report import Channel, Entry, Result
from flows.work import Work
from ledger import effects, spool
from ledger.database import Clash, DatabaseError, Transaction
from ledger.effects import CLAIMED, Flight, Kind, LeaseLost, Settlement, State
from ledger.tables import EffectRow, Json
from ledger.witness import sight_of

log = structlog.get_logger()

Item = TypeVar("Item")

MOST_SILENT = 3
"""After so many items in a row without an answer the rest of a batch is left for the next run."""

RESULTS = {
    State.DONE: Result.DONE,
    State.FAILED: Result.WAITING,
    State.REFUSED: Result.REFUSED,
    State.UNKNOWN: Result.UNKNOWN,
}


def each(items: Iterable[Item], do: Callable[[Item], Entry | None]) -> list[Entry]:
    """One item after the other. A poisoned one stops nobody else; a channel that is down ends the batch early."""
    entries: list[Entry] = []
    silent = 0
    for item in items:
        try:
            entry = do(item)
        except Clash as clash:
            log.info("another worker was faster", item=item, clash=str(clash))
            continue
        except DatabaseError as error:
            log.exception("ledger failed", item=item)
            entry = Entry(Result.WAITING, f"Nr. {item}", f"Das Hauptbuch antwortet nicht ({type(error).__name__}).")
        except Exception as error:
            log.exception("item failed", item=item)
            entry = Entry(Result.BROKEN, f"Nr. {item}", f"Programmfehler: {type(error).__name__}. Bitte melden.")
        if entry is None:
            continue
        entries.append(entry)
        silent = silent + 1 if entry.is_channel_down else 0
        if silent >= MOST_SILENT:
            break
    return entries


def perform(
    work: Work,
    effect: EffectRow,
    subject: str,
    act: Callable[[Flight, Reach], Json],
    done: Callable[[Transaction, Flight, Json], None],
) -> Entry | None:
    """Carry out one effect if it is ours to take; None when it is not.

    `act` does it and returns what is worth keeping; `done` runs in the transaction that records success.
    """
    with work.ledger.writing() as session:
        barred = gates.closed(work, session, Kind(effect.kind))
        flight = None if barred else effects.take(session, effect.id, work.owner, work.clock.now(), work.lease)
        sight = sight_of(session)
    if flight is None:
        return Entry(Result.STILL, subject, barred) if barred else None
    work.witness.note(sight)
    work.spool.prepare()
    phases = _Phases(work, flight)
    try:
        result = act(flight, phases.reach)
    except LeaseLost:
        return Entry(Result.NOTHING, subject, "Ein anderer Lauf hat übernommen.")
    except ConnectorError as error:
        return _failed(work, flight, subject, error, phases.latest)
    except Exception as error:
        _failed(work, flight, subject, UnexpectedAnswer("Programmfehler.", type(error).__name__), phases.latest)
        raise
    work.spool.note(flight, result)
    _settle_done(work, flight, result, done)
    work.spool.clear(flight)
    return Entry(Result.DONE, subject)


def channel_after(error: ConnectorError) -> Channel:
    """Whether the way to the foreign system is broken, rather than this one item."""
    if isinstance(error, NotAuthorised):
        return Channel.SHUT
    return Channel.DOWN if isinstance(error, Unavailable) else Channel.OPEN


class _Phases:
    """Commits each phase before it begins and remembers the latest."""

    def __init__(self, work: Work, flight: Flight) -> None:
        self._work = work
        self._flight = flight
        self.latest = CLAIMED

    def reach(self, phase: str) -> None:
        """The effect comes to `phase` next. Raises `LeaseLost` when it is not ours any more."""
        with self._work.ledger.moving() as session:
            effects.reach(session, self._flight, phase, self._work.clock.now())
        self.latest = phase


def _settle_done(work: Work, flight: Flight, result: Json, done: Callable[[Transaction, Flight, Json], None]) -> None:
    """Record success; also when this worker was so slow that others call the outcome unknown: it knows better."""
    now = work.clock.now()
    try:
        with work.ledger.writing() as session:
            effects.settle(session, flight, Settlement(State.DONE, result=result), now)
            done(session, flight, result)
    except LeaseLost:
        line = {"effect": flight.effect_id, "attempt": flight.attempt, "result": result}
        with work.ledger.writing() as session:
            if spool.replay(session, line, now):
                done(session, flight, result)


def _failed(work: Work, flight: Flight, subject: str, error: ConnectorError, phase: str) -> Entry:
    settlement = _settlement(work, flight, error, phase)
    with work.ledger.writing() as session:
        effects.settle(session, flight, settlement, work.clock.now())
    log.warning(f"{flight.kind} {settlement.state}", subject=subject, attempt=flight.attempt, evidence=error.evidence)
    return Entry(RESULTS[settlement.state], subject, error.message, channel_after(error))


def _settlement(work: Work, flight: Flight, error: ConnectorError, phase: str) -> Settlement:
    """What an error means for the effect: the phase that was reached decides first, then who must act."""
    now = work.clock.now()
    told = Settlement(State.REFUSED, error.message, error.evidence, now)
    if isinstance(error, ChannelDown | NotAuthorised):
        # The fault is not this item's: it keeps its place, and the next run tries as soon as the channel is mended.
        return replace(told, state=State.FAILED)
    if isinstance(error, TryLater) and now - flight.planned_at >= timedelta(hours=work.settings.give_up_after_hours):
        patience = f"Seit {work.settings.give_up_after_hours} Stunden vergeblich versucht, jetzt aufgegeben."
        return replace(told, error=f"{error.message} {patience}")
    if isinstance(error, TryLater):
        return replace(told, state=State.FAILED, not_before=now + _pause(work, flight, error))
    if isinstance(error, NeedsPerson) and not (isinstance(error, UnexpectedAnswer) and phase != CLAIMED):
        return told
    return replace(told, state=State.UNKNOWN, not_before=now + work.quiet)


def _pause(work: Work, flight: Flight, error: TryLater) -> timedelta:
    settings = work.settings
    pause = effects.back_off(
        flight.attempt,
        timedelta(seconds=settings.backoff_first_seconds),
        settings.backoff_factor,
        timedelta(seconds=settings.backoff_cap_seconds),
        random.uniform,
    )
    return max(pause, timedelta(seconds=error.retry_after or 0))
