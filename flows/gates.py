"""The gates: whether an effect may leave at present. Asked when work is listed, and again in the very claim."""

import sys
from datetime import timedelta

from config.client import Limits
from flows.work import Work
from ledger import effects, notices, stops
from ledger.database import Transaction
from ledger.effects import Kind, State
from ledger.overrides import LETTERS, MAILS
from ledger.stops import Cause

DAY = timedelta(days=1)
COUNTED = (State.DONE, State.IN_FLIGHT, State.UNKNOWN)
"""What counts against a daily cap: also what may have left."""

NAMES = {MAILS: ("Mails", "mails"), LETTERS: ("Briefe", "letters")}
"""What a daily cap counts: for people, and in the key of the task that tells of it."""


def waits(work: Work, kind: Kind) -> bool:
    """Whether nothing of a kind is even to be prepared; a rehearsal prepares everything."""
    if work.config.limits.stopped:
        return True
    with work.ledger.reading() as session:
        found = stops.barrier(session, work.client, kind)
    return found is not None and found.cause != Cause.REHEARSAL


def closed(work: Work, session: Transaction, kind: Kind) -> str:
    """Why an effect of this kind must not leave now, in German; nothing when it may."""
    if work.config.limits.stopped:
        return "Der Mandant ist angehalten (limits: stopped)."
    found = stops.barrier(session, work.client, kind)
    if found:
        return found.reason
    if room(work, session, kind) <= 0:
        return "Für heute ist die Grenze des Mandanten erreicht; der Rest wartet."
    return ""


def room(work: Work, session: Transaction, kind: Kind) -> int:
    """How many more effects of this kind may leave within a day; copies that go nowhere else are not counted."""
    if kind is Kind.FILE_DOCUMENT:
        return sys.maxsize
    kinds, cap = _cap(work.config.limits, kind)
    return cap - effects.number_since(session, work.client, kinds, COUNTED, work.clock.now() - DAY)


def tell_cap(work: Work, kind: Kind, waiting: int) -> None:
    """One word to the operator on a day on which more waits than may leave."""
    today, now = work.clock.today(), work.clock.now()
    kinds, cap = _cap(work.config.limits, kind)
    what, key = NAMES.get(kinds, ("Rechnungen", "invoices"))
    title = f"Tagesgrenze erreicht: {waiting} {what} warten"
    body = f"Am Tag gehen höchstens {cap} {what} hinaus (limits). Ist das so gewollt? Der Rest folgt von selbst."
    with work.ledger.writing() as session:
        owner = work.config.dunning.task_owner
        task = notices.ask(session, work.client, f"cap/{key}/{today}", title, body, owner, today, now)
        # A run that goes chunk by chunk meets the cap before it knows how many will wait.
        task.title = title


def _cap(limits: Limits, kind: Kind) -> tuple[tuple[Kind, ...], int]:
    if kind in MAILS:
        return MAILS, limits.mails_per_day
    if kind in LETTERS:
        return LETTERS, limits.letters_per_day
    return (kind,), limits.invoices_per_day
