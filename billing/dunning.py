"""Remind, dun, hand to a person, or do nothing: a pure decision with all of its reasons.

Overdue is not default: the first reminder is a free, friendly demand (§ 286 (1) BGB) without costs or interest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from billing.calendar import BERLIN, is_working_day, last_day_to_pay, working_day_before
from billing.default import DefaultStart, surely_late_on
from billing.dunning_costs import Costs, costs_of, default_of
from billing.dunning_facts import LEFT, NONE, Arrival, Facts, Promise
from billing.dunning_policy import Level, Policy, first_days, title
from billing.invoices import Channel
from billing.money import in_german

FRESH = timedelta(seconds=60)
DAY = timedelta(1)


class Outcome(StrEnum):
    """What was decided."""

    NOTICE = "notice"
    TASK = "task"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the reasoning: a stable code, a German sentence, and whether it speaks for acting."""

    code: str
    text: str
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, the level it concerns (None for nothing) and every reason, also of what was not done.

    A letter demands `demanded` (the claim without costs) and `costs` and is to be paid by `pay_until`.
    """

    outcome: Outcome
    level: int | None
    reasons: tuple[Reason, ...]
    title: str = ""
    demanded: Decimal = NONE
    costs: Costs = Costs()
    pay_until: date | None = None

    @property
    def obstacles(self) -> tuple[Reason, ...]:
        """What speaks against acting."""
        return tuple(reason for reason in self.reasons if not reason.speaks_for)


PAYMENT_CODES = frozenset({"unread", "stale"})
"""Obstacles that reading the payment state removes."""


def decide(facts: Facts, policy: Policy, today: date, now: datetime) -> Decision:
    """Decide about one invoice. Total: every combination of facts gives a decision; doubt always means nothing.

    `today` is the calendar day in Europe/Berlin, `now` the aware instant against which freshness is judged.
    """
    levels = policy.levels_for(facts.kind)
    place = len(facts.notices)
    start = default_of(facts, policy.land)
    reasons = (
        *_payment_reasons(facts, policy, now),
        *_source_reasons(facts, policy, today),
        *_obstacles(facts, today, policy),
        *_timing_reasons(facts, policy, today, now),
        _default_reason(facts, start, today),
        *_collection_reasons(facts),
        *_rule_reasons(policy),
    )
    if not all(reason.speaks_for for reason in reasons):
        return Decision(Outcome.NOTHING, None, reasons)
    step = levels[place]
    if _needs_person(facts, step):
        return Decision(Outcome.TASK, place + 1, reasons, title(levels, place), facts.demandable)
    costs = costs_of(facts, step, start, today, policy.base_rates)
    pay_until = last_day_to_pay(today + timedelta(policy.pay_within_days), policy.land)
    reasons = (*reasons, *_cost_reasons(costs))
    return Decision(Outcome.NOTICE, place + 1, reasons, title(levels, place), facts.demandable, costs, pay_until)


def _needs_person(facts: Facts, step: Level) -> bool:
    """A part in dispute, a debit that did not come, or a letter that a person brings: ours demand all of it."""
    doubtful = facts.dispute or facts.credits or facts.is_collected
    return not step.reaches_customer or bool(doubtful) or step.channel is Channel.NONE


def earliest_action(facts: Facts, policy: Policy) -> date | None:
    """The first day on which the next level may act, or None when no level is left or the one before has not left."""
    levels = policy.levels_for(facts.kind)
    taken = len(facts.notices)
    if taken >= len(levels):
        return None
    floor = _floor(facts, policy, levels[taken])
    if floor is None:
        return None
    begin = facts.notices[-1].sent_on if taken else last_day_to_pay(facts.payable_until, policy.land)
    day = max((begin or floor) + timedelta(levels[taken].days), floor)
    ended = [_promised_until(promise, policy) + DAY for promise in facts.broken_promises]
    if begin and taken:
        ended = [each for each in ended if each > begin]
    # A promise broken since the last letter ends the waiting: the next one comes at once, but never before the
    # period of the last has ended.
    return max(floor, min(day, max(ended))) if ended else day


def next_look(facts: Facts, policy: Policy, today: date) -> date | None:
    """The day on which the invoice is to be looked at again; None when no level is left."""
    if len(facts.notices) >= len(policy.levels_for(facts.kind)):
        return None
    days = [today + DAY, earliest_action(facts, policy) or today]
    if facts.blocked_until:
        days.append(facts.blocked_until + DAY)
    days += [_promised_until(promise, policy) + DAY for promise in _running_promises(facts, policy, today)]
    return max(days)


def first_check(due_date: date, policy: Policy) -> date | None:
    """The day on which an unpaid invoice is looked at for the first time; None if the client never reminds."""
    days = first_days(policy)
    return None if days is None else last_day_to_pay(due_date, policy.land) + days


def _floor(facts: Facts, policy: Policy, step: Level) -> date | None:
    """The day before which the next level would be unfair whatever the policy says; None while the last is open."""
    last = last_day_to_pay(facts.payable_until, policy.land)
    floor = last + DAY
    if step.reaches_customer:
        floor = surely_late_on(facts.kind, last, (policy.land,) if policy.land else ())
    if not facts.notices:
        return floor
    previous = facts.notices[-1]
    if previous.sent_on is None or previous.arrival not in LEFT:
        return None
    floor = max(floor, previous.sent_on + DAY)
    if step.reaches_customer and previous.pay_until:
        floor = max(floor, last_day_to_pay(previous.pay_until, policy.land) + DAY)
    return floor


def _payment_reasons(facts: Facts, policy: Policy, now: datetime) -> list[Reason]:
    if facts.is_voided:
        return [Reason("voided", "Die Rechnung ist storniert.", False)]
    if facts.open_amount is None or facts.read_at is None:
        return [Reason("unread", "Der Zahlungsstand war nicht lesbar; ohne frischen Stand keine Erinnerung.", False)]
    if facts.open_amount - facts.credits <= 0:
        return [Reason("paid", "Die Rechnung ist bezahlt.", False)]
    if not timedelta(0) <= now - facts.read_at <= FRESH:
        seen = facts.read_at.astimezone(BERLIN)
        text = f"Der Zahlungsstand ist vom {seen:%d.%m.%Y, %H:%M} Uhr; erinnert wird nur auf einen eben gelesenen."
        return [Reason("stale", text, False)]
    demanded, minimum = facts.demandable, _minimum(facts, policy)
    if demanded < minimum and (not facts.dispute or facts.disputed_amount is not None):
        text = f"Offen sind nur {in_german(demanded)}, erinnert wird ab {in_german(minimum)}."
        return [Reason("minimum", text, False)]
    return [Reason("open", _open_text(facts), True)]


def _collection_reasons(facts: Facts) -> Iterator[Reason]:
    if facts.is_collected:
        yield Reason("collected", "Der Betrag wird per Lastschrift eingezogen: bitte klären, warum er fehlt.", True)


def _rule_reasons(policy: Policy) -> Iterator[Reason]:
    """Named only where it is not the usual policy: what was decided before there were others can be made again."""
    if policy.origin:
        yield Reason("own-policy", f"Es gelten eigene Mahnregeln: {policy.origin}.", True)


def _open_text(facts: Facts) -> str:
    text = f"Offen sind {in_german(facts.open_amount or NONE)} von {in_german(facts.gross)}, eben geprüft"
    if facts.credits:
        text += f"; gutgeschrieben sind {in_german(facts.credits)}"
    return f"{text}."


def _minimum(facts: Facts, policy: Policy) -> Decimal:
    levels = policy.levels_for(facts.kind)
    own = levels[len(facts.notices)].minimum if len(facts.notices) < len(levels) else None
    return max(policy.minimum if own is None else own, Decimal("0.01"))


def _source_reasons(facts: Facts, policy: Policy, today: date) -> Iterator[Reason]:
    wanted = working_day_before(today, policy.land)
    for source in facts.sources:
        if source.complete_until and source.complete_until >= wanted:
            text = f"{source.name}: vollständig bis {_german(source.complete_until)}."
            yield Reason("bank-fresh", text, True)
            continue
        known = f"reichen nur bis {_german(source.complete_until)}" if source.complete_until else "fehlen noch"
        text = f"{source.name}: Die Umsätze {known}, gebraucht werden sie bis {_german(wanted)}."
        yield Reason("bank-stale", text, False)


def _obstacles(facts: Facts, today: date, policy: Policy) -> Iterator[Reason]:
    if facts.arrival is Arrival.BOUNCED:
        yield Reason("bounced", "Die Mail mit der Rechnung kam zurück; der Kunde hat sie nicht.", False)
    elif facts.arrival is not Arrival.SENT:
        yield Reason("not-arrived", "Es steht nicht fest, dass die Rechnung beim Kunden ist.", False)
    yield from _unclear_payments(facts)
    if facts.written_off:
        yield Reason("written-off", f"Die Forderung ist als uneinbringlich ausgebucht: {facts.written_off}.", False)
    if facts.block:
        until = f" (bis {_german(facts.blocked_until)})" if facts.blocked_until else ""
        yield Reason("blocked", f"Mahnsperre: {facts.block}{until}.", False)
    if facts.dispute and facts.disputed_amount is None:
        yield Reason("disputed", f"Die Forderung ist strittig: {facts.dispute}.", False)
    elif facts.dispute:
        part = in_german(facts.disputed_amount or NONE)
        text = f"Davon sind {part} strittig ({facts.dispute}); verlangt werden nur {in_german(facts.demandable)}."
        yield Reason("partly-disputed", text, True)
    if facts.extended_until and today <= last_day_to_pay(facts.extended_until, policy.land):
        yield Reason("extended", f"Die Zahlung ist bis {_german(facts.extended_until)} gestundet.", False)
    yield from _promise_reasons(facts, policy, today)


def _unclear_payments(facts: Facts) -> Iterator[Reason]:
    """Money about which somebody has to be asked first."""
    if facts.contradiction:
        yield Reason("contradiction", f"Die Quellen widersprechen sich: {facts.contradiction}.", False)
    if facts.unconfirmed:
        yield Reason("unconfirmed", f"Ein Zahlungseingang ist noch zu bestätigen: {facts.unconfirmed}.", False)
    if facts.is_tax_withheld:
        text = "Offen sind genau 15 %: vermutlich Bauabzugsteuer (§ 48 EStG). Erst nachfragen, nicht mahnen."
        yield Reason("withheld", text, False)


def _promise_reasons(facts: Facts, policy: Policy, today: date) -> Iterator[Reason]:
    running = _running_promises(facts, policy, today)
    for promise in facts.broken_promises:
        words = f"{in_german(promise.amount)} zum {_german(promise.due_on)}"
        if promise in running:
            yield Reason("promised", f"Zugesagt sind {words}; so lange wird gewartet.", False)
        else:
            yield Reason("promise-broken", f"Zugesagt waren {words}; das Geld kam nicht.", True)


def _running_promises(facts: Facts, policy: Policy, today: date) -> tuple[Promise, ...]:
    return tuple(each for each in facts.broken_promises if today <= _promised_until(each, policy))


def _promised_until(promise: Promise, policy: Policy) -> date:
    """The last day on which the promise can be kept (§ 193 BGB)."""
    return last_day_to_pay(promise.due_on, policy.land)


def _timing_reasons(facts: Facts, policy: Policy, today: date, now: datetime) -> list[Reason]:
    levels, level = policy.levels_for(facts.kind), len(facts.notices) + 1
    if level > len(levels):
        return [Reason("no-level", "Alle Stufen des Mandanten sind durchlaufen.", False)]
    earliest = earliest_action(facts, policy)
    if earliest is None:
        return [Reason("previous-open", f"Stufe {level - 1} hat das Haus noch nicht nachweislich verlassen.", False)]
    reasons = [_deadline(facts, policy, level, earliest, today)]
    if not is_working_day(today, policy.land):
        reasons.append(Reason("no-working-day", f"Der {_german(today)} ist kein Werktag.", False))
    elif not policy.sends_on(today):
        reasons.append(Reason("no-sending-day", f"Am {_german(today)} versendet der Mandant keine Mahnungen.", False))
    if levels[level - 1].reaches_customer and not policy.sends_at(now):
        text = f"Mahnungen gehen nur von {policy.hours[0]} bis {policy.hours[1]} Uhr hinaus."
        reasons.append(Reason("no-sending-hour", text, False))
    return reasons


def _deadline(facts: Facts, policy: Policy, level: int, earliest: date, today: date) -> Reason:
    due = facts.payable_until
    since = f"fällig am {_german(facts.due_date)}"
    if due != facts.due_date:
        since += f", gestundet bis {_german(due)}"
    last = last_day_to_pay(due, policy.land)
    if last != due:
        since += f" (kein Werktag, daher bis {_german(last)}, § 193 BGB)"
    if level > 1:
        since += f", Stufe {level - 1} am {_german(facts.notices[-1].sent_on)}"
    text = f"Stufe {level} ist ab {_german(earliest)} an der Reihe: {since}."
    return Reason("due" if today >= earliest else "not-yet", text, today >= earliest)


def _default_reason(facts: Facts, start: DefaultStart, today: date) -> Reason:
    if start.is_in_default(today):
        since = f"In Verzug seit {_german(start.in_default_since)}"
        return Reason("default", f"{since}: {' '.join(start.reasons[:-1])}", True)
    if start.last_day is None:
        return Reason("no-default", " ".join(start.reasons), True)
    return Reason("no-default", f"Noch kein Verzug: Er beginnt nach dem {_german(start.last_day)}.", True)


def _cost_reasons(costs: Costs) -> Iterator[Reason]:
    items = (
        ("Mahnkosten", costs.fee + costs.earlier_fees),
        ("Verzugszinsen", costs.interest),
        ("Pauschale nach § 288 Abs. 5 BGB", costs.lump_sum),
    )
    named = [f"{name} {in_german(amount)}" for name, amount in items if amount]
    text = f"Dazu kommen: {', '.join(named)}." if named else "Das Schreiben kostet den Kunden nichts."
    yield Reason("costs", text, True)
    if costs.problem:
        yield Reason("no-interest", f"Ohne Zinsen: {costs.problem}", True)


def _german(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "unbekannt"
