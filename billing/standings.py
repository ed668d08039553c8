"""Where a claim stands, with the day and the fact that made it so; computed from the facts, never stored."""

from dataclasses import dataclass
from datetime import date, timedelta

from billing.calendar import last_day_to_pay
from billing.dunning_costs import default_of
from billing.dunning_facts import NONE, Facts
from billing.money import in_german
from billing.payments import Standing

YEARS = 3
WARNING = (10, 1)


@dataclass(frozen=True, slots=True)
class Stand:
    """The status word, since when (None: the day is not known), and the German sentence that made it."""

    word: Standing
    since: date | None
    fact: str


def stand_of(facts: Facts, today: date, land: str = "") -> Stand:
    """The stand of an issued invoice. What ends a claim comes first, then what stops it, then time."""
    open_amount = facts.gross if facts.open_amount is None else facts.open_amount
    last = max((receipt.received_on for receipt in facts.receipts), default=None)
    if facts.is_voided:
        return Stand(Standing.VOIDED, None, "Die Rechnung ist storniert.")
    if open_amount - facts.credits <= 0:
        return Stand(Standing.PAID, last, "Es ist nichts mehr offen.")
    if facts.written_off:
        return Stand(Standing.UNCOLLECTIBLE, None, f"Ausgebucht: {facts.written_off}.")
    if facts.dispute:
        part = in_german(facts.disputed_amount) if facts.disputed_amount else "Der ganze Betrag"
        return Stand(Standing.DISPUTED, None, f"{part} ist strittig: {facts.dispute}.")
    if facts.extended_until and today <= last_day_to_pay(facts.extended_until, land):
        return Stand(Standing.DEFERRED, None, f"Gestundet bis {facts.extended_until:%d.%m.%Y}.")
    return _by_time(facts, open_amount < facts.gross, last, today, land)


def expires_on(due_date: date) -> date:
    """The last day before a claim expires: three years from the end of the year it became due in (§§ 195, 199 BGB).

    If it is no working day the next one suffices; part payments and acknowledgements, which start it anew (§ 212 BGB),
    are left out: the warning comes rather too early.
    """
    return date(due_date.year + YEARS, 12, 31)


def warns_of_expiry(facts: Facts, today: date) -> bool:
    """Whether an open claim expires at the end of this year, from 1 October on, or has expired."""
    end = expires_on(facts.due_date)
    return (facts.open_amount or NONE) > 0 and not facts.is_voided and today >= date(end.year, *WARNING)


def _by_time(facts: Facts, is_partly_paid: bool, last: date | None, today: date, land: str) -> Stand:
    start = default_of(facts, land)
    if start.is_in_default(today):
        return Stand(Standing.IN_DEFAULT, start.in_default_since, start.reasons[0])
    due = last_day_to_pay(facts.payable_until, land)
    if today > due:
        return Stand(Standing.OVERDUE, due + timedelta(1), f"Zu zahlen war bis {due:%d.%m.%Y}.")
    if is_partly_paid:
        return Stand(Standing.PARTLY_PAID, last, f"Offen sind noch {in_german(facts.open_amount or NONE)}.")
    return Stand(Standing.OPEN, None, f"Zu zahlen bis {due:%d.%m.%Y}.")
