"""Remind, hand to a person, or do nothing: a pure decision with all of its reasons.

Overdue is not default: the first reminder is a free, friendly demand (§ 286 (1) BGB) without costs or interest.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from billing.calendar import is_working_day, last_day_to_pay
from billing.money import in_german

FRESH = timedelta(seconds=60)


class Action(StrEnum):
    """What a level of the client's policy asks for."""

    REMINDER = "reminder"
    TASK = "task"


class Outcome(StrEnum):
    """What was decided."""

    NOTICE = "notice"
    TASK = "task"
    NOTHING = "nothing"


class Arrival(StrEnum):
    """What is known about a document's way to the customer."""

    SENT = "sent"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    REFUSED = "refused"


# A reminder of unknown fate is never repeated: the next level follows it in its time.
LEFT = (Arrival.SENT, Arrival.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Level:
    """One step: `days` after the last day to pay (first level) or after the notice before it, then `action`."""

    days: int
    action: Action


@dataclass(frozen=True, slots=True)
class Policy:
    """A client's dunning as data. Below the open amount `minimum` nobody is bothered; `land` gives the holidays."""

    levels: tuple[Level, ...]
    minimum: Decimal = Decimal("5.00")
    land: str = ""


@dataclass(frozen=True, slots=True)
class PastNotice:
    """A step already taken: its level counts from 1, `sent_on` is None until it has provably left."""

    level: int
    arrival: Arrival
    sent_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision rests on. `open_amount` is None when the payment state could not be read."""

    number: str
    gross: Decimal
    due_date: date
    arrival: Arrival
    open_amount: Decimal | None
    is_voided: bool
    read_at: datetime | None
    notices: tuple[PastNotice, ...] = ()
    block: str = ""
    dispute: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the reasoning: a stable code, a German sentence, and whether it speaks for acting."""

    code: str
    text: str
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, the level it concerns (None for nothing) and every reason, also of what was not done."""

    outcome: Outcome
    level: int | None
    reasons: tuple[Reason, ...]


def decide(facts: Facts, policy: Policy, today: date, now: datetime) -> Decision:
    """Decide about one invoice. Total: every combination of facts gives a decision; doubt always means nothing.

    `today` is the calendar day in Europe/Berlin, `now` the aware instant against which freshness is judged.
    """
    level = len(facts.notices) + 1
    reasons = (
        *_payment_reasons(facts, policy, now),
        *_obstacles(facts),
        *_timing_reasons(facts, policy, level, today),
    )
    if not all(reason.speaks_for for reason in reasons):
        return Decision(Outcome.NOTHING, None, reasons)
    action = policy.levels[level - 1].action
    return Decision(Outcome.NOTICE if action is Action.REMINDER else Outcome.TASK, level, reasons)


def earliest_action(facts: Facts, policy: Policy) -> date | None:
    """The first day on which the next level may act, or None when no level is left or the one before has not left."""
    taken = len(facts.notices)
    if taken >= len(policy.levels):
        return None
    days = timedelta(policy.levels[taken].days)
    if not taken:
        return first_check(facts.due_date, policy)
    previous = facts.notices[-1]
    if previous.sent_on is None or previous.arrival not in LEFT:
        return None
    return previous.sent_on + max(days, timedelta(1))


def first_check(due_date: date, policy: Policy) -> date | None:
    """The day on which an unpaid invoice is looked at for the first time; None if the client never reminds."""
    if not policy.levels:
        return None
    return last_day_to_pay(due_date, policy.land) + max(timedelta(policy.levels[0].days), timedelta(1))


def _payment_reasons(facts: Facts, policy: Policy, now: datetime) -> list[Reason]:
    if facts.is_voided:
        return [Reason("voided", "Die Rechnung ist storniert.", False)]
    if facts.open_amount is None or facts.read_at is None:
        return [Reason("unread", "Der Zahlungsstand war nicht lesbar; ohne frischen Stand keine Erinnerung.", False)]
    age = now - facts.read_at
    if not timedelta(0) <= age <= FRESH:
        return [
            Reason("stale", f"Der Zahlungsstand ist {age.total_seconds():.0f} Sekunden alt, erlaubt sind 60.", False)
        ]
    if facts.open_amount <= 0:
        return [Reason("paid", "Die Rechnung ist bezahlt.", False)]
    if facts.open_amount < policy.minimum:
        text = f"Offen sind nur {in_german(facts.open_amount)}, erinnert wird ab {in_german(policy.minimum)}."
        return [Reason("minimum", text, False)]
    return [
        Reason("open", f"Offen sind {in_german(facts.open_amount)} von {in_german(facts.gross)}, eben geprüft.", True)
    ]


def _obstacles(facts: Facts) -> list[Reason]:
    found = []
    if facts.arrival is not Arrival.SENT:
        found.append(Reason("not-arrived", "Es steht nicht fest, dass die Rechnung beim Kunden ist.", False))
    if facts.block:
        found.append(Reason("blocked", f"Mahnsperre: {facts.block}.", False))
    if facts.dispute:
        found.append(Reason("disputed", f"Die Forderung ist strittig: {facts.dispute}.", False))
    return found


def _timing_reasons(facts: Facts, policy: Policy, level: int, today: date) -> list[Reason]:
    if level > len(policy.levels):
        return [Reason("no-level", "Alle Stufen des Mandanten sind durchlaufen.", False)]
    earliest = earliest_action(facts, policy)
    if earliest is None:
        return [Reason("previous-open", f"Stufe {level - 1} hat das Haus noch nicht nachweislich verlassen.", False)]
    reasons = [_deadline(facts, policy, level, earliest, today)]
    if not is_working_day(today, policy.land):
        reasons.append(Reason("no-working-day", f"Der {_german(today)} ist kein Werktag.", False))
    return reasons


def _deadline(facts: Facts, policy: Policy, level: int, earliest: date, today: date) -> Reason:
    since = f"fällig am {_german(facts.due_date)}"
    last = last_day_to_pay(facts.due_date, policy.land)
    if last != facts.due_date:
        since += f" (kein Werktag, daher bis {_german(last)}, § 193 BGB)"
    if level > 1:
        since += f", Stufe {level - 1} am {_german(facts.notices[-1].sent_on)}"
    text = f"Stufe {level} ist ab {_german(earliest)} an der Reihe: {since}."
    return Reason("due" if today >= earliest else "not-yet", text, today >= earliest)


def _german(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "unbekannt"
